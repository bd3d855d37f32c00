/*
 * film_reel - frames into a file, by ffmpeg as a child process
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "render/film_reel.h"

#define OUT	3		/* its descriptor of the film */
#define NICE	5		/* what answers requests goes first */
#define PIPE	(1 << 20)

extern char	**environ;

static const char comment[] =
    "comment=Made by the Mina sandbox; not the output "
    "of a video model";

static int
fail(const char *what, char *err, size_t errlen)
{
	snprintf(err, errlen, "%s: %s", what, strerror(errno));
	return -1;
}

/* What it has besides these four descriptors would keep sockets open. */
static int
actions_fill(posix_spawn_file_actions_t *fa, const struct film_reel *r,
    int pipe_end)
{
	if (posix_spawn_file_actions_adddup2(fa, pipe_end, 0) != 0 ||
	    posix_spawn_file_actions_adddup2(fa, r->said, 1) != 0 ||
	    posix_spawn_file_actions_adddup2(fa, r->said, 2) != 0 ||
	    posix_spawn_file_actions_adddup2(fa, r->out, OUT) != 0 ||
	    posix_spawn_file_actions_addclosefrom_np(fa, OUT + 1) != 0)
		return -1;
	return 0;
}

static int
spawn(struct film_reel *r, int pipe_end, const char *const *argv)
{
	posix_spawn_file_actions_t	 fa;
	posix_spawnattr_t		 at;
	sigset_t			 none, dflt;
	int				 rc = ENOMEM;

	sigemptyset(&none);
	sigemptyset(&dflt);
	sigaddset(&dflt, SIGPIPE);
	if (posix_spawn_file_actions_init(&fa) != 0)
		return ENOMEM;
	if (posix_spawnattr_init(&at) == 0) {
		posix_spawnattr_setsigmask(&at, &none);
		posix_spawnattr_setsigdefault(&at, &dflt);
		posix_spawnattr_setflags(&at, POSIX_SPAWN_SETSIGMASK |
		    POSIX_SPAWN_SETSIGDEF);
		if (actions_fill(&fa, r, pipe_end) == 0)
			rc = posix_spawnp(&r->pid, argv[0], &fa, &at,
			    (char *const *)(uintptr_t)argv, environ);
		posix_spawnattr_destroy(&at);
	}
	posix_spawn_file_actions_destroy(&fa);
	return rc;
}

/* Descriptors from OUT + 1 up, or the child's would overwrite each other. */
static int
high(int fd)
{
	int	 up = fd >= 0 ? fcntl(fd, F_DUPFD_CLOEXEC, OUT + 1) : -1;

	if (fd >= 0)
		close(fd);
	return up;
}

static void
shut(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

int
film_reel_start(struct film_reel *r, int w, int h, char *err, size_t errlen)
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
		"-f", "mp4", "-y", "/proc/self/fd/3", NULL
	};
	int		 ends[2] = { -1, -1 }, rc;

	snprintf(size, sizeof size, "%dx%d", w, h);
	snprintf(rate, sizeof rate, "%d", FILM_RATE);
	r->in = -1;
	r->pid = -1;
	r->out = high(memfd_create("film", MFD_CLOEXEC));
	r->said = high(memfd_create("said", MFD_CLOEXEC));
	if (r->out < 0 || r->said < 0 || pipe2(ends, O_CLOEXEC) == -1) {
		fail("no film can be begun", err, errlen);
		shut(&r->out);
		shut(&r->said);
		return -1;
	}
	r->in = high(ends[1]);
	ends[0] = high(ends[0]);
	rc = r->in < 0 || ends[0] < 0 ? EMFILE : spawn(r, ends[0], argv);
	shut(&ends[0]);
	if (rc != 0) {
		shut(&r->in);
		shut(&r->out);
		shut(&r->said);
		errno = rc;
		return fail("ffmpeg cannot be started", err, errlen);
	}
	(void)fcntl(r->in, F_SETPIPE_SZ, PIPE);
	(void)setpriority(PRIO_PROCESS, (id_t)r->pid, NICE);
	return 0;
}

int
film_reel_add(struct film_reel *r, const void *data, size_t len)
{
	const char	*p = data;
	ssize_t		 n;

	while (len > 0) {
		if ((n = write(r->in, p, len)) < 0) {
			if (errno == EINTR)
				continue;
			return -1;
		}
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

static int
take(int fd, struct film *f)
{
	off_t	 size = lseek(fd, 0, SEEK_END);
	ssize_t	 n;
	size_t	 got = 0;

	if (size <= 0 || (f->data = malloc((size_t)size)) == NULL)
		return -1;
	f->len = (size_t)size;
	while (got < f->len) {
		n = pread(fd, (char *)f->data + got, f->len - got,
		    (off_t)got);
		if (n <= 0) {
			free(f->data);
			f->data = NULL;
			return -1;
		}
		got += (size_t)n;
	}
	return 0;
}

/* Its first line is the reason; the others follow from it. */
static void
complaint(int fd, int status, char *err, size_t errlen)
{
	char	 line[160];
	ssize_t	 n = pread(fd, line, sizeof line - 1, 0);

	line[n > 0 ? n : 0] = '\0';
	line[strcspn(line, "\n")] = '\0';
	snprintf(err, errlen, "ffmpeg: %s (%d)", *line != '\0' ? line :
	    "ended without a word", status);
}

int
film_reel_end(struct film_reel *r, bool keep, struct film *f, char *err,
    size_t errlen)
{
	int	 status = -1, rc = -1;

	shut(&r->in);
	if (!keep)
		kill(r->pid, SIGKILL);
	while (waitpid(r->pid, &status, 0) == -1 && errno == EINTR)
		;
	if (keep && status != 0)
		complaint(r->said, status, err, errlen);
	else if (keep && (rc = take(r->out, f)) == -1)
		snprintf(err, errlen, "the film is empty");
	shut(&r->out);
	shut(&r->said);
	return rc;
}
