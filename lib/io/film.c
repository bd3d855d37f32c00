/*
 * film - runs ffprobe and ffmpeg under limits and reads their output
 */
#include "config.h"

#include <sys/mman.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cx.h"
#include "base/json.h"
#include "base/str.h"
#include "io/film.h"
#include "io/film_sample.h"
#include "io/turn.h"

#define PROBE_MAX	(64 << 10)
#define FRAME_MAX	(32 << 20)
#define CHILD_MS	20000
/*
 * Decoding 15 seconds of 1080p takes a slow processor about 15 s; a good film
 * that is found too slow would be bought twice.
 */
#define DECODE_MS	90000

/* What the frames are shrunk to, to be looked at: 20 minutes fit. */
#define SMALL		"16"
#define SMALL_BYTES	256
#define DECODED_MAX	(30000 * SMALL_BYTES)
#define FRAMES_LEAST	95	/* per cent of what the index has */

/* The film in the child; -protocol_whitelist allows files only. */
#define FILE_FD		3
#define FILE_NAME	"/proc/self/fd/3"

/* util-linux' prlimit, because posix_spawn() cannot set limits. */
#define LIMITS(cpu)	"prlimit", "--cpu=" cpu, "--as=2147483648", \
			"--nofile=32", "--core=0", "--"

extern char **environ;

struct child {
	const char	*const *argv;
	const void	*film;
	size_t		 filmlen;
	int		 file;		/* -1: film is written to one first */
	char		*out;		/* malloc'ed: not the arena's thread */
	size_t		 len, max;
	int64_t		 ms;
	int		 status;	/* of waitpid(); -1: did not start */
	bool		 late;		/* stopped after ms */
};

static int64_t
millis(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static pid_t
start(struct child *c, int to)
{
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t at;
	char *argv[32];
	size_t n = 0;
	sigset_t none;
	pid_t pid = -1;

	for (; c->argv[n] != NULL && n < 31; n++)
		argv[n] = strdup(c->argv[n]);
	argv[n] = NULL;
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_addopen(&fa, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&fa, to, 1);
	posix_spawn_file_actions_addopen(&fa, 2, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_adddup2(&fa, c->file, FILE_FD);
	posix_spawnattr_init(&at);
	sigemptyset(&none);
	posix_spawnattr_setsigmask(&at, &none);
	posix_spawnattr_setflags(&at, POSIX_SPAWN_SETSIGMASK);
	if (posix_spawnp(&pid, argv[0], &fa, &at, argv, environ) != 0)
		pid = -1;
	posix_spawnattr_destroy(&at);
	posix_spawn_file_actions_destroy(&fa);
	while (n > 0)
		free(argv[--n]);
	return pid;
}

/* False at the end of output, past its limit, or when time is up. */
static bool
read_output(struct child *c, int fd, int64_t until)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int64_t left = until - millis();
	ssize_t n;

	if (left <= 0 || c->len == c->max || poll(&p, 1, (int)left) <= 0)
		return false;
	n = read(fd, c->out + c->len, c->max - c->len);
	if (n < 0)
		return errno == EINTR;
	c->len += (size_t)n;
	return n > 0;
}

/* A film of a hundred megabytes takes too long for the loop. */
static int
copy_film(const char *p, size_t n)
{
	int fd = memfd_create("film", MFD_CLOEXEC);
	ssize_t put = 1;

	for (; fd >= 0 && n > 0; p += put, n -= (size_t)put)
		if ((put = write(fd, p, n)) <= 0) {
			close(fd);
			return -1;
		}
	return fd;
}

static void
run(void *arg)
{
	struct child *c = arg;
	int64_t until;
	int fd[2];
	pid_t pid;

	c->status = -1;
	if (c->file < 0 && (c->file = copy_film(c->film, c->filmlen)) < 0)
		return;
	until = millis() + c->ms;
	if ((c->out = malloc(c->max)) == NULL || pipe2(fd, O_CLOEXEC) != 0)
		return;
	pid = start(c, fd[1]);
	close(fd[1]);
	while (pid > 0 && read_output(c, fd[0], until))
		;
	close(fd[0]);
	if (pid <= 0)
		return;
	/* It has closed its output, unless it was stopped by a limit. */
	c->late = millis() >= until;
	if (c->late || c->len == c->max)
		kill(pid, SIGKILL);
	while (waitpid(pid, &c->status, 0) < 0 && errno == EINTR)
		;
}

/*
 * Its limits of time and processor stopped it, or the system did for want of
 * memory: that says nothing about the film.
 */
static bool
was_stopped(const struct child *c)
{
	int sig = WIFSIGNALED(c->status) ? WTERMSIG(c->status) : 0;

	return c->late || sig == SIGXCPU || (sig == SIGKILL && c->len < c->max);
}

/* Output of the child; it lives as long as cx. */
static coroutine_fn enum err
run_child(struct cx *cx, struct child *c, const char *const *argv, size_t max,
    int64_t ms)
{
	c->argv = argv;
	c->ms = ms;
	c->max = max;
	c->len = 0;
	c->out = NULL;
	c->late = false;
	turn_work(cx, run, c);
	arena_defer(cx->mem, free, c->out);
	if (c->file < 0)
		return err_set(cx, E_NOMEM, "no memory for the film's file");
	/* 126 and 127 are prlimit's, when it cannot start the program. */
	if (c->status == -1 || (WIFEXITED(c->status) &&
	    WEXITSTATUS(c->status) >= 126))
		return err_set(cx, E_NOMEM, "%s did not start",
		    c->status == -1 ? argv[0] : argv[6]);
	if (was_stopped(c))
		return err_set(cx, E_NOMEM, "%s was stopped after %zu bytes: "
		    "over its time, or out of memory", argv[6], c->len);
	if (c->status != 0 || c->len == 0 || c->len == max)
		return err_say(cx, E_IMAGE, "The film cannot be read.");
	return arena_charge(cx->mem, c->len) ? E_OK :
	    err_set(cx, E_NOMEM, "film");
}

/* [{"codec_name":..,"width":..}], {"duration":"5.0"} */
static enum err
read_probe(struct cx *cx, const void *p, size_t n, struct film_info *out)
{
	const struct cJSON *v;
	const char *s;
	struct cJSON *tree;
	double d;
	enum err er;

	if ((er = json_parse(cx, p, n, &tree)) != E_OK)
		return er;
	v = json_pointer(tree, "/streams/0");
	out->width = json_int_or(json_get(v, "width"), 0);
	out->height = json_int_or(json_get(v, "height"), 0);
	out->codec = json_text(json_get(v, "codec_name"));
	out->format = json_text(json_get(v, "pix_fmt"));
	if (out->codec == NULL)
		out->codec = "unknown";
	if (out->format == NULL)
		out->format = "unknown";
	s = json_text(json_pointer(tree, "/format/duration"));
	d = s != NULL ? strtod(s, NULL) : 0;
	if (out->width < 16 || out->height < 16 || out->width > 8192 ||
	    out->height > 8192 || !(d > 0) || d > 3600)
		return err_say(cx, E_IMAGE, "The film cannot be read.");
	out->duration_ms = (int64_t)(d * 1000 + 0.5);
	return E_OK;
}

/* How many frames the file says it has; 0 when it does not. */
static int64_t
promised(struct cx *cx, const struct child *c)
{
	const char *s;
	struct cJSON *tree;
	int64_t n = 0;

	if (json_parse(cx, c->out, c->len, &tree) != E_OK)
		return 0;
	s = json_text(json_pointer(tree, "/streams/0/nb_frames"));
	return s != NULL && str_int(s, 0, INT32_MAX, &n) ? n : 0;
}

/*
 * Every frame, small and grey.  A decoder makes up for what is missing at the
 * end of a file, or leaves it out, so the frames are counted as well.
 */
static coroutine_fn enum err
decode(struct cx *cx, struct child *c, int64_t expected,
    struct film_info *out)
{
	static const char *const argv[] = { LIMITS("60"), "ffmpeg", "-v",
	    "error", "-xerror", "-nostdin", "-threads", "1",
	    "-protocol_whitelist", "file,pipe", "-f", "mov", "-i", FILE_NAME,
	    "-map", "0:v:0", "-fps_mode", "passthrough", "-vf",
	    "scale=" SMALL ":" SMALL ":flags=fast_bilinear,format=gray", "-f",
	    "rawvideo", "pipe:1", NULL };
	unsigned char least = 255, most = 0;
	enum err er;

	if ((er = run_child(cx, c, argv, DECODED_MAX, DECODE_MS)) != E_OK)
		return er;
	out->frames = (int64_t)c->len / SMALL_BYTES;
	/* An edit list may leave out some frames. */
	if (out->frames * 100 < expected * FRAMES_LEAST)
		return err_say(cx, E_IMAGE, "The film cannot be read.");
	for (size_t i = 0; i < c->len; i++) {
		unsigned char v = (unsigned char)c->out[i];

		least = v < least ? v : least;
		most = v > most ? v : most;
	}
	out->spread = most - least;
	return E_OK;
}

static coroutine_fn enum err
probe_film(struct cx *cx, struct child *c, struct film_info *out)
{
	static const char *const probe[] = { LIMITS("15"), "ffprobe", "-v",
	    "error",
	    "-protocol_whitelist", "file", "-f", "mov", "-select_streams",
	    "v:0", "-show_entries", ("stream=codec_name,pix_fmt,width,height,"
	    "nb_frames:format=duration"),
	    "-of", "json", FILE_NAME, NULL };
	static const char *const frame[] = { LIMITS("15"), "ffmpeg", "-v",
	    "error",
	    "-nostdin", "-threads", "1", "-protocol_whitelist", "file,pipe",
	    "-f", "mov", "-i", FILE_NAME, "-frames:v", "1", "-f",
	    "image2pipe", "-c:v", "png", "pipe:1", NULL };
	int64_t frames;
	enum err er;

	if ((er = run_child(cx, c, probe, PROBE_MAX, CHILD_MS)) != E_OK ||
	    (er = read_probe(cx, c->out, c->len, out)) != E_OK)
		return er;
	frames = promised(cx, c);
	if ((er = decode(cx, c, frames, out)) != E_OK ||
	    (er = run_child(cx, c, frame, FRAME_MAX, CHILD_MS)) != E_OK)
		return er;
	out->poster = c->out;
	out->posterlen = c->len;
	return E_OK;
}

coroutine_fn enum err
film_look(struct cx *cx, const void *p, size_t n, struct film_info *out)
{
	struct child c = { .film = p, .filmlen = n, .file = -1 };
	enum err er;

	memset(out, 0, sizeof *out);
	er = probe_film(cx, &c, out);
	if (c.file >= 0)
		close(c.file);
	return er;
}

coroutine_fn enum err
film_try(struct cx *cx, struct film_info *out)
{
	return film_look(cx, film_sample, sizeof film_sample, out);
}
