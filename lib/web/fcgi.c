/*
 * fcgi - FastCGI server: libfcgi on the loop
 *
 * libfcgi blocks, and the loop must not.  It reads and writes its connections
 * by four functions of its own (fcgios.h).  The definitions below replace
 * them, because the dynamic linker prefers symbols of the program: sockets
 * are non-blocking, and where libfcgi would block, the coroutine waits.  A
 * client that is slow, or stops in the middle of a record, delays no other.
 * t/stack/fcgi.sh fails if the functions are not replaced.
 *
 * The socket of a running request stays watched: nginx sends nothing after a
 * request, so when it becomes readable the client has disconnected.
 *
 * ipcFd and the stream pointers are marked private in fcgiapp.h, but have not
 * changed since 1996.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fcgiapp.h>
#include <fcgios.h>

#include "base/conf.h"
#include "base/log.h"
#include "io/loop.h"
#include "web/transport.h"

#define LISTEN_FD	0
#define ACCEPT_BURST	16
#define WRITE_PIECE	8192
#define STALL_MS	30000		/* limit without progress on a socket */

struct conn {
	struct transport transport;	/* first: cast from it */
	FCGX_Request	 rq;
	int		 sock;
	struct loop_fd	*fd;
	struct wait	*hup;
	struct wait	*reading, *writing;	/* libfcgi, in a coroutine */
	bool		 busy;		/* a coroutine is serving */
	bool		 closed;	/* by the client */
	bool		 paused;	/* reading, until data is wanted */
	struct conn	*next, **prev;	/* in conns */
};

static coroutine_fn void (*serve)(struct transport *);
static struct loop_fd	*listening;
static struct loop_timer *accept_timer, *stop_timer;
static struct conn	*conns;
static struct conn	**of_fd;	/* index: descriptor */
static int		 nof_fd;
static int		 nconn;
static bool		 stopping;

static void on_ready(void *, int);

/*
 * libfcgi declares these, so they cannot be marked.  Two are ours, and the
 * others come to them.
 *
 * coroutine_fn: OS_Read OS_Write
 * coroutine_fn: FCGX_Accept_r FCGX_GetChar FCGX_GetStr FCGX_PutStr
 * coroutine_fn: FCGX_FFlush FCGX_Finish_r
 */

/* --- connections */

static void
set_of_fd(struct conn *c)
{
	int n = nof_fd;

	if (c->sock >= n) {
		n = c->sock * 2 + 64;
		XXXAN(of_fd = realloc(of_fd, (size_t)n * sizeof *of_fd));
		memset(of_fd + nof_fd, 0,
		    (size_t)(n - nof_fd) * sizeof *of_fd);
		nof_fd = n;
	}
	of_fd[c->sock] = c;
}

/* Closes sock itself when it fails. */
static struct conn *
conn_new(const struct transport_ops *ops, int sock)
{
	struct conn *c;

	XXXAN(c = calloc(1, sizeof *c));
	if ((c->fd = loop_fd_new(sock, on_ready, c)) == NULL) {
		close(sock);
		free(c);
		return NULL;
	}
	c->transport.ops = ops;
	c->sock = sock;
	/* Without a listening socket libfcgi cannot accept by itself. */
	FCGX_InitRequest(&c->rq, LISTEN_FD, 0);
	c->rq.listen_sock = -1;
	c->rq.ipcFd = sock;
	set_of_fd(c);
	if ((c->next = conns) != NULL)
		conns->prev = &c->next;
	c->prev = &conns;
	conns = c;
	nconn++;
	return c;
}

static void
conn_free(struct conn *c)
{
	loop_fd_free(c->fd);
	FCGX_Free(&c->rq, 0);
	of_fd[c->sock] = NULL;
	close(c->sock);
	if ((*c->prev = c->next) != NULL)
		c->next->prev = c->prev;
	free(c);
	nconn--;
	if (stopping && conns == NULL)
		loop_stop();
}

static void
watch(struct conn *c)
{
	loop_fd_watch(c->fd, (c->paused || c->closed ? 0 : LOOP_READ) |
	    (c->writing != NULL ? LOOP_WRITE : 0));
}

/* Positive: data to read; 0: none yet; negative: end or error. */
static int
peek(const struct conn *c)
{
	char byte;
	ssize_t n = recv(c->sock, &byte, 1, MSG_PEEK | MSG_DONTWAIT);

	if (n > 0)
		return 1;
	return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
}

/* --- functions called by libfcgi */

/* Until the socket is ready; false after STALL_MS. */
static coroutine_fn bool
wait_ready(struct conn *c, struct wait **slot)
{
	struct wait w = WAIT_INIT(slot == &c->reading ? W_CLIENT_READ :
	    W_CLIENT_WRITE);
	enum err er;

	*slot = &w;
	c->paused = false;
	watch(c);
	er = wait_for(&w, loop_now() + STALL_MS);
	*slot = NULL;
	watch(c);
	if (er != E_OK)
		errno = ETIMEDOUT;
	return er == E_OK;
}

/* Exported for libfcgi; all other symbols of the program are hidden. */
#pragma GCC visibility push(default)

int
OS_Read(int fd, char *buf, size_t len)
{
	struct conn *c = of_fd[fd];
	ssize_t n;

	while ((n = recv(fd, buf, len, MSG_DONTWAIT)) < 0)
		if (errno != EINTR && (errno != EAGAIN ||
		    !wait_ready(c, &c->reading)))
			break;
	return (int)n;
}

int
OS_Write(int fd, char *buf, size_t len)
{
	struct conn *c = of_fd[fd];
	ssize_t n;

	while ((n = send(fd, buf, len, MSG_DONTWAIT | MSG_NOSIGNAL)) < 0)
		if (errno != EINTR && (errno != EAGAIN ||
		    !wait_ready(c, &c->writing)))
			break;
	return (int)n;
}

/*
 * libfcgi's waits until the client closes, which nginx' kept connections do
 * not.  conn_free() closes the socket, after the loop has let go of it.
 */
int
OS_IpcClose(int fd, int shut)
{
	(void)fd;
	(void)shut;
	return 0;
}

int
OS_Close(int fd, int shut)
{
	(void)fd;
	(void)shut;
	return 0;
}

#pragma GCC visibility pop

/* --- one request */

/* An unread body would be parsed as the next request. */
static coroutine_fn void
drain(struct conn *c)
{
	char junk[4096];

	while (!c->closed && FCGX_GetStr(junk, sizeof junk, c->rq.in) > 0)
		;
}

static coroutine_fn void
run(void *arg)
{
	struct conn *c = arg;

	/* Otherwise FCGX_Accept_r() would first close the connection. */
	c->rq.keepConnection = 1;
	if (FCGX_Accept_r(&c->rq) < 0) {
		conn_free(c);
		return;
	}
	serve(&c->transport);
	if (c->rq.keepConnection)
		drain(c);
	FCGX_Finish_r(&c->rq);
	c->busy = false;
	/* FCGX_Finish_r() sets ipcFd to -1 unless the connection is kept. */
	if (c->closed || c->rq.ipcFd < 0 || (stopping && peek(c) <= 0)) {
		conn_free(c);
		return;
	}
	c->paused = false;
	watch(c);
}

static void
start(struct conn *c)
{
	c->busy = true;
	loop_go(run, c);
}

static void
client_closed(struct conn *c)
{
	c->closed = true;
	if (c->hup != NULL)
		wait_wake(c->hup, E_HUP);
}

/* The socket is readable (or closed) or writable. */
static void
on_ready(void *arg, int events)
{
	struct conn *c = arg;
	int what;

	if (events & LOOP_WRITE && c->writing != NULL)
		wait_wake(c->writing, E_OK);
	if (c->reading != NULL) {
		if (events & LOOP_READ)
			wait_wake(c->reading, E_OK);
		return;
	}
	if (!(events & LOOP_READ))
		return;
	if (!c->busy) {
		/* The next request, or the end: reading it shows which. */
		start(c);
		return;
	}
	if ((what = peek(c)) == 0)
		return;
	/* More of a body that the handler has not read yet. */
	if (what > 0)
		c->paused = true;
	else
		client_closed(c);
	watch(c);
}

/* --- transport_ops */

static const char *
fcgi_param(struct transport *p, const char *name)
{
	struct conn *c = (struct conn *)p;

	return FCGX_GetParam(name, c->rq.envp);
}

static coroutine_fn ssize_t
fcgi_read(struct transport *p, void *buf, size_t n)
{
	struct conn *c = (struct conn *)p;
	FCGX_Stream *in = c->rq.in;
	size_t have;
	int ch;

	if (in->rdNext == in->stop) {
		if ((ch = FCGX_GetChar(in)) < 0)
			return FCGX_GetError(in) != 0 ? -1 : 0;
		FCGX_UnGetChar(ch, in);
	}
	/* No more than is buffered: FCGX_GetStr() waits for all of n. */
	have = (size_t)(in->stop - in->rdNext);
	return FCGX_GetStr(buf, (int)(n < have ? n : have), in);
}

static coroutine_fn enum err
fcgi_write(struct transport *p, const void *buf, size_t n)
{
	struct conn *c = (struct conn *)p;
	const char *s = buf;
	size_t piece;

	while (n > 0) {
		piece = n > WRITE_PIECE ? WRITE_PIECE : n;
		if (c->closed || FCGX_PutStr(s, (int)piece, c->rq.out) < 0)
			return E_HUP;
		s += piece;
		n -= piece;
	}
	return E_OK;
}

static coroutine_fn enum err
fcgi_flush(struct transport *p)
{
	struct conn *c = (struct conn *)p;

	if (c->closed)
		return E_HUP;
	return FCGX_FFlush(c->rq.out) < 0 ? E_HUP : E_OK;
}

static void
fcgi_on_hup(struct transport *p, struct wait *w)
{
	struct conn *c = (struct conn *)p;

	c->hup = w;
	if (w == NULL)
		return;
	if (c->closed)
		wait_wake(w, E_HUP);
	else if (stopping)
		wait_wake(w, E_STOP);
	else {
		c->paused = false;
		watch(c);
	}
}

static const struct transport_ops fcgi_ops = {
	.param = fcgi_param,
	.read = fcgi_read,
	.write = fcgi_write,
	.flush = fcgi_flush,
	.on_hup = fcgi_on_hup,
};

/* --- accepting */

static void
pause_accepting(int ms)
{
	loop_fd_watch(listening, 0);
	loop_timer_set(accept_timer, ms);
}

static void
resume_accepting(void *arg)
{
	(void)arg;
	if (listening != NULL)
		loop_fd_watch(listening, LOOP_READ);
}

static void
on_acceptable(void *arg, int events)
{
	struct conn *c;
	int sock;

	(void)arg;
	(void)events;
	for (int i = 0; i < ACCEPT_BURST; i++) {
		if (nconn >= conf_int(C_MAX_CONN)) {
			pause_accepting(50);
			return;
		}
		sock = accept4(LISTEN_FD, NULL, NULL, SOCK_CLOEXEC |
		    SOCK_NONBLOCK);
		if (sock < 0) {
			if (errno == EMFILE || errno == ENFILE ||
			    errno == ENOMEM || errno == ENOBUFS) {
				log_warn(NULL, "fcgi: out of descriptors, "
				    "pausing");
				pause_accepting(200);
			}
			return;	/* none, or another process was faster */
		}
		if ((c = conn_new(&fcgi_ops, sock)) == NULL)
			continue;
		if (peek(c) > 0)
			start(c);
		watch(c);
	}
}

/* --- stopping */

static void
stop_hard(void *arg)
{
	(void)arg;
	log_warn(NULL, "stopping with %d requests unfinished", nconn);
	loop_stop();
}

static void
stop(int sig)
{
	struct conn *c, *next;

	(void)sig;
	if (stopping) {			/* the second signal */
		stop_hard(NULL);
		return;
	}
	stopping = true;
	loop_fd_free(listening);
	listening = NULL;
	loop_timer_set(accept_timer, -1);
	loop_timer_set(stop_timer, conf_int(C_STOP_S) * 1000);
	for (c = conns; c != NULL; c = next) {
		next = c->next;
		if (c->hup != NULL)
			wait_wake(c->hup, E_STOP);
		if (!c->busy && peek(c) <= 0)
			conn_free(c);
	}
	if (conns == NULL)
		loop_stop();
}

bool
fcgi_stopping(void)
{
	return stopping;
}

bool
fcgi_socket(void)
{
	int on = 0;
	socklen_t len = sizeof on;

	return getsockopt(LISTEN_FD, SOL_SOCKET, SO_ACCEPTCONN, &on,
	    &len) == 0 && on;
}

int
fcgi_main(coroutine_fn void (*fn)(struct transport *))
{
	serve = fn;
	/* Before FCGX_Init(), which keeps handlers that are installed. */
	loop_on_signal(SIGTERM, stop);
	loop_on_signal(SIGINT, stop);
	loop_on_signal(SIGUSR1, stop);	/* sent by multiwatch */
	if (FCGX_Init() != 0)
		return 1;
	fcntl(LISTEN_FD, F_SETFD, FD_CLOEXEC);
	accept_timer = loop_timer_new(resume_accepting, NULL);
	stop_timer = loop_timer_new(stop_hard, NULL);
	if ((listening = loop_fd_new(LISTEN_FD, on_acceptable, NULL)) == NULL)
		return 1;
	loop_fd_watch(listening, LOOP_READ);
	log_info(NULL, "started");
	log_flush();
	loop_run();
	log_info(NULL, "stopped");
	log_flush();
	return 0;
}
