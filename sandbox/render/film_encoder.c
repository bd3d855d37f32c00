/*
 * film_encoder - frames into a file, by ffmpeg as a child process
 */
#include "config.h"

#include "render/film_encoder.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define NICE	5		/* what answers requests goes first */
#define PIPE	(1 << 20)

static const char comment[] =
    "comment=Made by the Mina sandbox; not the output "
    "of a video model";

static void
shut(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

int
film_encoder_start(struct film_encoder *r, int w, int h, char *err,
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

int
film_encoder_add(struct film_encoder *r, const void *data, size_t len)
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

int
film_encoder_end(struct film_encoder *r, bool keep, struct film *f, char *err,
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
