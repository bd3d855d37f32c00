/*
 * shoot - films: from a motion prompt and pictures to H.264
 *
 * The file is never on a disk: ffmpeg, a child process, writes into memory
 * that is ours (memfd_create(2)), under the name it has in /proc. When this
 * process dies, the pipe breaks, the child ends, and nothing is left.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vips/vips.h>

#include "render/camera.h"
#include "render/render.h"
#include "render/shoot.h"

/* More than a frame's pixels, so that a pixel is never a mere average. */
#define OVER		1.2f
#define NICE	5		/* what answers requests goes first */
#define PIPE	(1 << 20)

static const char comment[] =
    "comment=Made by the Mina sandbox; not the output "
    "of a video model";

/* ffmpeg; frames are NV12. */
struct encoder {
	pid_t	 pid;
	int	 in;		/* frames go here */
	int	 out, log;	/* the film, and what ffmpeg says */
};

/* A picture to film, ready. */
struct subject {
	struct film_frame	 frame;
	struct depth_map	 depth;
};

struct shooting {
	struct motion		 motion;
	struct subject		 from, to;
	struct film_frame	 frame, other;
	struct watermark	 mark;
	int			 seconds;
	bool			 ends;		/* on another picture */
};

void
film_size(int w, int h, int side, int *fw, int *fh)
{
	double	 ratio = (double)w / h, area = (double)side * side * 9 / 16;
	double	 fit;

	ratio = fmin(fmax(ratio, 0.4), 2.5);
	fit = sqrt(area * ratio);
	if (fit > side)
		fit = side;
	if (fit / ratio > side)
		fit = side * ratio;
	*fw = (int)lrint(fit / 2) * 2;
	*fh = (int)lrint(fit / ratio / 2) * 2;
}

/* --- the encoder */

static void
shut(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static int
encoder_start(struct encoder *r, int w, int h, char *err,
    size_t errlen)
{
	char		 size[32], rate[8];
	const char	*argv[] = {
		"ffmpeg", "-hide_banner", "-loglevel", "error", "-nostdin",
		"-f", "rawvideo", "-pix_fmt", "nv12", "-s", size, "-r", rate,
		"-i", "pipe:0", "-c:v", "libx264", "-preset", "ultrafast",
		"-crf", "20", "-threads", "1", "-g", "48",
		"-x264-params", "no-deblock=0",
		"-color_range", "tv", "-colorspace", "bt709",
		"-color_primaries", "bt709", "-color_trc", "bt709",
		"-metadata", comment, "-movflags", "+faststart",
		"-f", "mp4", "-y", "/proc/self/fd/1", NULL
	};
	GError		*bad = NULL;
	gboolean	 ok = FALSE;

	snprintf(size, sizeof size, "%dx%d", w, h);
	snprintf(rate, sizeof rate, "%d", FILM_RATE);
	r->in = -1;
	r->out = memfd_create("film", MFD_CLOEXEC);
	r->log = memfd_create("log", MFD_CLOEXEC);
	/* It closes all other descriptors, or sockets would stay open. */
	if (r->out >= 0 && r->log >= 0)
		ok = g_spawn_async_with_pipes_and_fds(NULL, argv, NULL,
		    G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD |
		    G_SPAWN_CLOEXEC_PIPES, NULL, NULL, -1, r->out, r->log,
		    NULL, NULL, 0, &r->pid, &r->in, NULL, NULL, &bad);
	if (!ok) {
		snprintf(err, errlen, "ffmpeg cannot be started: %s",
		    bad != NULL ? bad->message : strerror(errno));
		g_clear_error(&bad);
		shut(&r->out);
		shut(&r->log);
		return -1;
	}
	(void)fcntl(r->in, F_SETPIPE_SZ, PIPE);
	(void)setpriority(PRIO_PROCESS, (id_t)r->pid, NICE);
	return 0;
}

/* -1: ffmpeg is gone; encoder_end() says why. */
static int
encoder_add(struct encoder *r, const void *data, size_t len)
{
	const char	*p = data;
	ssize_t		 n;

	for (; len > 0; p += n, len -= (size_t)n)
		if ((n = write(r->in, p, len)) < 0) {
			if (errno != EINTR)
				return -1;
			n = 0;
		}
	return 0;
}

static int
take(int fd, struct film *f)
{
	off_t	 size = lseek(fd, 0, SEEK_END);

	if (size <= 0 || (f->data = malloc((size_t)size)) == NULL)
		return -1;
	f->len = (size_t)size;
	if (pread(fd, f->data, f->len, 0) == size)
		return 0;
	free(f->data);
	f->data = NULL;
	return -1;
}

/* Waits for it. keep: the film is wanted. */
static int
encoder_end(struct encoder *r, bool keep, struct film *f, char *err,
    size_t errlen)
{
	char	 line[160];
	ssize_t	 n;
	int	 status = -1, rc = -1;

	shut(&r->in);
	if (!keep)
		kill(r->pid, SIGKILL);
	while (waitpid(r->pid, &status, 0) == -1 && errno == EINTR)
		;
	if (keep && status != 0) {
		/* Its first line is the reason; the others follow from it. */
		n = pread(r->log, line, sizeof line - 1, 0);
		line[n > 0 ? n : 0] = '\0';
		line[strcspn(line, "\n")] = '\0';
		snprintf(err, errlen, "ffmpeg: %s (%d)", *line != '\0' ?
		    line : "ended without a word", status);
	} else if (keep && (rc = take(r->out, f)) == -1)
		snprintf(err, errlen, "the film is empty");
	shut(&r->out);
	shut(&r->log);
	return rc;
}

/* --- the pictures */

/*
 * Decodes to about the pixels that a frame of w x h needs. A still of ours is
 * rid of its watermark, or the camera would carry it through the film.
 */
static int
load(const void *data, size_t len, int w, int h, struct picture *pic,
    char *err, size_t errlen)
{
	struct watermark	 wm;
	float			 k;

	if (picture_head(data, len, pic, err, errlen) == -1)
		return -1;
	k = OVER * maxf((float)w / (float)pic->fullw,
	    (float)h / (float)pic->fullh);
	w = (int)ceilf(k * (float)pic->fullw);
	h = (int)ceilf(k * (float)pic->fullh);
	if (!pic->ours || pic->fullw > RENDER_SIDE ||
	    pic->fullh > RENDER_SIDE)
		return picture_load(data, len, MAX(w, h), false, pic,
		    err, errlen);
	if (picture_load(data, len, RENDER_SIDE, false, pic, err,
	    errlen) == -1 || watermark_make(pic->w, pic->h, &wm, err,
	    errlen) == -1)
		return -1;
	watermark_remove(&wm, pic);
	watermark_free(&wm);
	return k < 1 ? picture_scale(pic, w, h, err, errlen) : 0;
}

static int
prepare(const void *data, size_t len, int w, int h, struct subject *s,
    char *err, size_t errlen)
{
	struct picture	 pic;
	int		 rc;

	if ((rc = load(data, len, w, h, &pic, err, errlen)) == 0 &&
	    (rc = depth_map_make(&pic, &s->depth, err, errlen)) == 0 &&
	    (rc = film_frame_load(&pic, w, h, &s->frame)) == -1)
		snprintf(err, errlen, "out of memory");
	picture_free(&pic);
	return rc;
}

/* --- the frames */

static int
draw(struct shooting *s, float t)
{
	struct pose	 a, b;
	float		 share = 0;

	if (s->ends)
		share = motion_dissolve(&s->motion, &s->from.depth,
		    &s->to.depth, t, &a, &b);
	else
		motion_pose(&s->motion, t, s->seconds, &a);
	if (share < 1 && film_frame_warp(&s->from.frame, &s->from.depth, &a,
	    &s->frame) == -1)
		return -1;
	if (share > 0 && film_frame_warp(&s->to.frame, &s->to.depth, &b,
	    share < 1 ? &s->other : &s->frame) == -1)
		return -1;
	if (share > 0 && share < 1)
		film_frame_mix(&s->frame, &s->other, share);
	film_frame_mark(&s->frame, &s->mark);
	return 0;
}

static int
shoot(struct shooting *s, bool (*stop)(void), struct film *out, char *err,
    size_t errlen)
{
	struct encoder	 enc;
	const char		*why = NULL;
	int			 i, n = s->seconds * FILM_RATE;

	if (encoder_start(&enc, s->frame.w, s->frame.h, err,
	    errlen) == -1)
		return -1;
	for (i = 0; i < n; i++) {
		if (stop != NULL && stop())
			why = "called off";
		else if (draw(s, (float)i / (float)(n - 1)) == -1)
			why = "out of memory";
		if (why != NULL || encoder_add(&enc, s->frame.y,
		    s->frame.len) == -1)
			break;
	}
	if (why != NULL)
		snprintf(err, errlen, "%s", why);
	return encoder_end(&enc, why == NULL, out, err, errlen);
}

static int
set_up(const struct film_order *o, struct shooting *s, char *err,
    size_t errlen)
{
	struct picture	 head;
	int		 w, h;

	if (picture_head(o->start, o->startlen, &head, err, errlen) == -1)
		return -1;
	film_size(head.fullw, head.fullh, o->side, &w, &h);
	s->ends = o->end != NULL;
	if (film_frame_make(w, h, &s->frame) == -1 ||
	    (s->ends && film_frame_make(w, h, &s->other) == -1)) {
		snprintf(err, errlen, "out of memory");
		return -1;
	}
	if (prepare(o->start, o->startlen, w, h, &s->from, err,
	    errlen) == -1 || (s->ends && prepare(o->end, o->endlen, w, h,
	    &s->to, err, errlen) == -1))
		return -1;
	return watermark_make(w, h, &s->mark, err, errlen);
}

int
render_film(const struct film_order *o, struct film *out, char *err,
    size_t errlen)
{
	struct shooting	 s = { .seconds = o->seconds };
	int		 rc = -1;

	memset(out, 0, sizeof *out);
	motion_read(o->prompt, o->negative, &s.motion);
	if (o->seconds < 1 || o->seconds > 15)
		snprintf(err, errlen, "%d seconds are not within 1 to 15",
		    o->seconds);
	else if (o->side < 64 || o->side > RENDER_SIDE)
		snprintf(err, errlen, "a side of %d is not within 64 to %d",
		    o->side, RENDER_SIDE);
	else if (picture_init(err, errlen) == 0 &&
	    set_up(o, &s, err, errlen) == 0)
		rc = shoot(&s, o->stop, out, err, errlen);
	out->w = s.frame.w;
	out->h = s.frame.h;
	film_frame_free(&s.from.frame);
	film_frame_free(&s.to.frame);
	depth_map_free(&s.from.depth);
	depth_map_free(&s.to.depth);
	film_frame_free(&s.frame);
	film_frame_free(&s.other);
	watermark_free(&s.mark);
	vips_thread_shutdown();
	return rc;
}
