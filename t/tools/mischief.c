/*
 * mischief - misfortunes of a worker at a chosen moment, for LD_PRELOAD
 *
 * Orders are files in the directory MISCHIEF; one that was carried out is
 * removed.
 *
 *	freeze		stops the process (SIGSTOP) when the reply to the note
 *			that a job is about to be created has come
 *	freeze-late	stops it when the create call is being written, after
 *			everything that could hold it back
 *	shift		seconds, as text, that CLOCK_REALTIME is off by; stays
 *
 * A request to the language model that has the words "end this worker" ends it
 * by SIGSEGV, always.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define NOTE	"\"submitting\""
#define CREATE	"\"sequential_image_generation\""
#define CRASH	"end this worker"

static int frozen_next;		/* the reply to the note comes next */

static void *
real(const char *name)
{
	void *fn = dlsym(RTLD_NEXT, name);

	if (fn == NULL)
		abort();
	return fn;
}

static void
path_of(const char *order, char *path, size_t size)
{
	const char *dir = getenv("MISCHIEF");

	snprintf(path, size, "%s/%s", dir != NULL ? dir : "/nonexistent",
	    order);
}

static int
ordered(const char *order)
{
	char path[300];

	path_of(order, path, sizeof path);
	return unlink(path) == 0;
}

static int
has(const void *p, size_t n, const char *what)
{
	return memmem(p, n, what, strlen(what)) != NULL;
}

ssize_t
send(int fd, const void *p, size_t n, int flags)
{
	ssize_t (*fn)(int, const void *, size_t, int) = real("send");

	if (has(p, n, NOTE) && ordered("freeze"))
		frozen_next = 1;
	return fn(fd, p, n, flags);
}

ssize_t
recv(int fd, void *p, size_t n, int flags)
{
	ssize_t (*fn)(int, void *, size_t, int) = real("recv");
	ssize_t got = fn(fd, p, n, flags);

	if (frozen_next && got > 0) {
		frozen_next = 0;
		raise(SIGSTOP);
	}
	return got;
}

struct ssl_st;
int SSL_write(struct ssl_st *, const void *, int);

int
SSL_write(struct ssl_st *ssl, const void *p, int n)
{
	int (*fn)(struct ssl_st *, const void *, int) = real("SSL_write");

	if (has(p, (size_t)n, CRASH) && !has(p, (size_t)n, CREATE))
		raise(SIGSEGV);
	if (has(p, (size_t)n, CREATE) && ordered("freeze-late"))
		raise(SIGSTOP);
	return fn(ssl, p, n);
}

int
clock_gettime(clockid_t which, struct timespec *ts)
{
	int (*fn)(clockid_t, struct timespec *) = real("clock_gettime");
	int rc = fn(which, ts), fd;
	char path[300], text[32] = "";

	if (rc != 0 || which != CLOCK_REALTIME)
		return rc;
	path_of("shift", path, sizeof path);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) >= 0) {
		if (read(fd, text, sizeof text - 1) > 0)
			ts->tv_sec += atol(text);
		close(fd);
	}
	return rc;
}
