/*
 * film_encoder - frames into a file, by ffmpeg as a child process
 */
#include "config.h"

#include "render/film_encoder.h"

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

#define OUT	3		/* its descriptor of the film */
#define NICE	5		/* what answers requests goes first */
#define PIPE	(1 << 20)

extern char	**environ;

static const char comment[] =
    "comment=Made by the Mina sandbox; not the output "
    "of a video model";

static int
spawn(struct film_encoder *r, int pipe_end, const char *const *argv)
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
		/* Any other descriptor would keep a socket open. */
		if (posix_spawn_file_actions_adddup2(&fa, pipe_end, 0) == 0 &&
		    posix_spawn_file_actions_adddup2(&fa, r->log, 1) == 0 &&
		    posix_spawn_file_actions_adddup2(&fa, r->log, 2) == 0 &&
		    posix_spawn_file_actions_adddup2(&fa, r->out, OUT) == 0 &&
		    posix_spawn_file_actions_addclosefrom_np(&fa,
		    OUT + 1) == 0)
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

static void
shut_all(struct film_encoder *r)
{
	shut(&r->in);
	shut(&r->out);
	shut(&r->log);
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
		"-f", "mp4", "-y", "/proc/self/fd/3", NULL
	};
	int		 ends[2] = { -1, -1 }, rc;

	snprintf(size, sizeof size, "%dx%d", w, h);
	snprintf(rate, sizeof rate, "%d", FILM_RATE);
	r->pid = -1;
	r->out = high(memfd_create("film", MFD_CLOEXEC));
	r->log = high(memfd_create("log", MFD_CLOEXEC));
	rc = pipe2(ends, O_CLOEXEC);
	r->in = high(ends[1]);
	ends[0] = high(ends[0]);
	rc = rc == -1 || r->out < 0 || r->log < 0 || r->in < 0 ||
	    ends[0] < 0 ? errno : spawn(r, ends[0], argv);
	shut(&ends[0]);
	if (rc != 0) {
		shut_all(r);
		snprintf(err, errlen, "ffmpeg cannot be started: %s",
		    strerror(rc));
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

	if (size <= 0 || (f->data = malloc((size_t)size)) == NULL)
		return -1;
	f->len = (size_t)size;
	if (pread(fd, f->data, f->len, 0) == size)
		return 0;
	free(f->data);
	f->data = NULL;
	return -1;
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
film_encoder_end(struct film_encoder *r, bool keep, struct film *f, char *err,
    size_t errlen)
{
	int	 status = -1, rc = -1;

	shut(&r->in);
	if (!keep)
		kill(r->pid, SIGKILL);
	while (waitpid(r->pid, &status, 0) == -1 && errno == EINTR)
		;
	if (keep && status != 0)
		complaint(r->log, status, err, errlen);
	else if (keep && (rc = take(r->out, f)) == -1)
		snprintf(err, errlen, "the film is empty");
	shut_all(r);
	return rc;
}
