/*
 * fcgi - FastCGI on the loop; the only file that includes fcgiapp.h
 *
 * libfcgi blocks, the loop must not.  It reads and writes its connections
 * through four functions of its own (fcgios.h), and the definitions below
 * take their place, as the dynamic linker prefers the program's: a
 * connection is non-blocking, and where libfcgi would block its coroutine
 * waits.  So a peer may be as slow as it likes, or stop in the middle of a
 * record, and holds up nobody but itself.  Where those functions are not
 * taken, t/stack/fcgi.sh fails.
 *
 * While a request runs its connection stays watched: nginx sends nothing
 * then, so what becomes readable is the end, and the client has left.
 *
 * ipcFd and the stream pointers are marked private in fcgiapp.h.  They are
 * used here and nowhere else, and have not changed since 1996.
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
#include "base/cx.h"
#include "base/log.h"
#include "io/loop.h"
#include "web/transport.h"

#define LISTEN_FD	0
#define ACCEPT_BURST	16
#define WRITE_PIECE	8192
#define STALL_MS	30000		/* a peer that takes or gives nothing */

struct conn {
	struct transport	 peer;		/* first: a peer is its conn */
	FCGX_Request	 rq;
	int		 sock;
	struct loop_fd	*fd;
	struct wait	*hup;
	struct wait	*reading, *writing;	/* libfcgi, in a coroutine */
	bool		 busy;		/* a coroutine is serving */
	bool		 gone;		/* the other side closed */
	bool		 deaf;		/* came what nobody asked for */
	struct conn	*next, **prev;	/* all of them */
};

static transport_serve	*serve;
static struct loop_fd	*listening;
static struct loop_timer *accept_again, *hurry;
static struct conn	*conns;
static struct conn	**of_fd;	/* by descriptor */
static int		 nof_fd;
static int		 nconn;
static bool		 stopping;

static void ready(void *, int);

/* --- connections */

static void
remember(struct conn *c)
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

/* Takes over sock. */
static struct conn *
conn_new(const struct transport_ops *ops, int sock)
{
	struct conn *c;

	XXXAN(c = calloc(1, sizeof *c));
	if ((c->fd = loop_fd_new(sock, ready, c)) == NULL) {
		close(sock);
		free(c);
		return NULL;
	}
	c->peer.ops = ops;
	c->sock = sock;
	/* With no listening socket it cannot slip into accepting another. */
	FCGX_InitRequest(&c->rq, LISTEN_FD, 0);
	c->rq.listen_sock = -1;
	c->rq.ipcFd = sock;
	remember(c);
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
	loop_fd_watch(c->fd, (c->deaf || c->gone ? 0 : LOOP_READ) |
	    (c->writing != NULL ? LOOP_WRITE : 0));
}

/* Positive: something to read; 0: nothing yet; negative: the end. */
static int
peek(const struct conn *c)
{
	char byte;
	ssize_t n = recv(c->sock, &byte, 1, MSG_PEEK | MSG_DONTWAIT);

	if (n > 0)
		return 1;
	return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
}

/* --- what libfcgi calls */

/* Until the socket is ready again; false when the peer took too long. */
static bool
wait_ready(struct conn *c, struct wait **slot)
{
	struct wait w = WAIT_INIT(slot == &c->reading ? W_CLIENT_READ :
	    W_CLIENT_WRITE);
	enum err er;

	*slot = &w;
	c->deaf = false;
	watch(c);
	er = wait_for(&w, loop_now() + STALL_MS);
	*slot = NULL;
	watch(c);
	if (er != E_OK)
		errno = ETIMEDOUT;
	return er == E_OK;
}

/* The library must find these; all else of ours is hidden from it. */
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
 * Its own waits for the peer to close first, which an idle nginx connection
 * does not do.  Ours leaves it to conn_free(): the loop still watches it.
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

/* A body nobody wanted would be taken for the next request. */
static void
drain(struct conn *c)
{
	char junk[4096];

	while (!c->gone && FCGX_GetStr(junk, sizeof junk, c->rq.in) > 0)
		;
}

static void
run(void *arg)
{
	struct conn *c = arg;

	/* Or it would begin by closing what it takes for the last one's. */
	c->rq.keepConnection = 1;
	if (FCGX_Accept_r(&c->rq) < 0) {
		conn_free(c);
		return;
	}
	serve(&c->peer);
	if (c->rq.keepConnection)
		drain(c);
	FCGX_Finish_r(&c->rq);
	c->busy = false;
	/* Finish_r forgets the descriptor unless the connection is kept. */
	if (c->gone || c->rq.ipcFd < 0 || (stopping && peek(c) <= 0)) {
		conn_free(c);
		return;
	}
	c->deaf = false;
	watch(c);
}

static void
start(struct conn *c)
{
	c->busy = true;
	loop_go(run, c);
}

static void
left(struct conn *c)
{
	c->gone = true;
	if (c->hup != NULL)
		wait_wake(c->hup, E_HUP);
}

/* Something can be read or written, or the other side is gone. */
static void
ready(void *arg, int events)
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
		/* The next request, or the end; reading it will tell. */
		start(c);
		return;
	}
	if ((what = peek(c)) == 0)
		return;
	/* A body still coming in is not the end. */
	if (what > 0)
		c->deaf = true;
	else
		left(c);
	watch(c);
}

/* --- the peer's calls */

static const char *
fcgi_param(struct transport *p, const char *name)
{
	struct conn *c = (struct conn *)p;

	return FCGX_GetParam(name, c->rq.envp);
}

static ssize_t
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
	/* No more than is there: more would wait for all of it. */
	have = (size_t)(in->stop - in->rdNext);
	return FCGX_GetStr(buf, (int)(n < have ? n : have), in);
}

static enum err
fcgi_write(struct transport *p, const void *buf, size_t n)
{
	struct conn *c = (struct conn *)p;
	const char *s = buf;
	size_t piece;

	while (n > 0) {
		piece = n > WRITE_PIECE ? WRITE_PIECE : n;
		if (c->gone || FCGX_PutStr(s, (int)piece, c->rq.out) < 0)
			return E_HUP;
		s += piece;
		n -= piece;
	}
	return E_OK;
}

static enum err
fcgi_flush(struct transport *p)
{
	struct conn *c = (struct conn *)p;

	if (c->gone)
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
	if (c->gone)
		wait_wake(w, E_HUP);
	else if (stopping)
		wait_wake(w, E_STOP);
	else {
		c->deaf = false;
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
	loop_timer_set(accept_again, ms);
}

static void
resume_accepting(void *arg)
{
	(void)arg;
	if (listening != NULL)
		loop_fd_watch(listening, LOOP_READ);
}

static void
acceptable(void *arg, int events)
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
			return;	/* nothing there, or a sibling was faster */
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
	if (stopping) {			/* said twice: hurry */
		stop_hard(NULL);
		return;
	}
	stopping = true;
	loop_fd_free(listening);
	listening = NULL;
	loop_timer_set(accept_again, -1);
	loop_timer_set(hurry, conf_int(C_STOP_S) * 1000);
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
fcgi_main(transport_serve *fn)
{
	serve = fn;
	/* libfcgi leaves handlers alone that are there already. */
	loop_on_signal(SIGTERM, stop);
	loop_on_signal(SIGINT, stop);
	loop_on_signal(SIGUSR1, stop);	/* multiwatch says it this way */
	if (FCGX_Init() != 0)
		return 1;
	fcntl(LISTEN_FD, F_SETFD, FD_CLOEXEC);
	accept_again = loop_timer_new(resume_accepting, NULL);
	hurry = loop_timer_new(stop_hard, NULL);
	if ((listening = loop_fd_new(LISTEN_FD, acceptable, NULL)) == NULL)
		return 1;
	loop_fd_watch(listening, LOOP_READ);
	log_info(NULL, "started");
	log_flush();
	loop_run();
	log_info(NULL, "stopped");
	log_flush();
	return 0;
}
