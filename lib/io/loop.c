/*
 * loop - the event loop on libuv: coroutines, waits, callbacks, threads
 *
 * The only file that includes uv.h.
 */
#include "config.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <uv.h>

#include "base/co.h"
#include "base/cx.h"
#include "base/inspect.h"
#include "base/postmortem.h"
#include "io/loop.h"

#define HOOKS	8

struct starter {
	struct starter	*next;
	coroutine_fn void (*fn)(void *);
	void		*arg;
	const char	*name, *from;
};

struct loop_fd {
	uv_poll_t	 poll;
	void		(*fn)(void *, int);
	void		*arg;
	const char	*name;
	int		 events;
};

struct loop_timer {
	uv_timer_t	 timer;
	void		(*fn)(void *);
	void		*arg;
	const char	*name;
};

struct on_signal {
	uv_signal_t	 handle;
	void		(*fn)(int);
	const char	*name;
	struct on_signal *next;
};

static const char *const wait_names[] = {
#define WAIT(name, text, what)	[name] = text,
#include "io/wait.def"
#undef WAIT
};

static uv_loop_t	*loop;
static uv_prepare_t	 turn;
static struct {
	void		(*fn)(void);
	const char	*name;
} hooks[HOOKS];
static int		 nhooks;
static struct wait	*woken, **woken_tail = &woken;
static struct starter	*starting, **starting_tail = &starting;
static uv_timer_t	*idle_timers[64];
static int		 nidle_timers;
static struct on_signal	*signals;

/* What is timed begins now, or when the last one ended. */
static void
begin(void)
{
	inspect_begin((int64_t)uv_now(loop));
}

static void
resume(struct co *co)
{
	const struct co_info *ci = co_info(co);
	const char *wait = ci->wait, *at = ci->at;
	bool ended = !co_enter(co);

	inspect_resumed(ci, wait, at, ended);
}

static void
run_ready(void)
{
	struct starter *s;
	struct wait *w;
	struct co *co;

	begin();
	while (woken != NULL || starting != NULL) {
		if ((w = woken) != NULL) {
			if ((woken = w->next) == NULL)
				woken_tail = &woken;
			co = w->co;
			w->co = NULL;
			resume(co);
			continue;
		}
		s = starting;
		if ((starting = s->next) == NULL)
			starting_tail = &starting;
		co = co_make(s->fn, s->arg, s->name, s->from);
		co_info(co)->born = loop_now();
		free(s);
		resume(co);
	}
}

static void
end_of_turn(uv_prepare_t *handle)
{
	(void)handle;
	run_ready();
	/* A hook may wake one (a flush that failed): go round again. */
	for (int i = 0; i < nhooks; i++) {
		hooks[i].fn();
		inspect_called("hook", hooks[i].name);
		if (woken != NULL || starting != NULL) {
			run_ready();
			i = -1;
		}
	}
}

void
loop_init(void)
{
	AZ(loop);
	signal(SIGPIPE, SIG_IGN);
	XXXAN(loop = malloc(sizeof *loop));
	AZ(uv_loop_init(loop));
	mina_post_mortem.loop = loop;
	AZ(uv_prepare_init(loop, &turn));
	AZ(uv_prepare_start(&turn, end_of_turn));
}

void
loop_run(void)
{
	uv_run(loop, UV_RUN_DEFAULT);
}

void
loop_stop(void)
{
	uv_stop(loop);
}

static void
free_idle(uv_handle_t *h)
{
	free(h);
}

static void
close_any(uv_handle_t *h, void *arg)
{
	(void)arg;
	if (!uv_is_closing(h))
		uv_close(h, NULL);
}

void
loop_close(void)
{
	while (nidle_timers > 0)
		uv_close((uv_handle_t *)idle_timers[--nidle_timers],
		    free_idle);
	for (; signals != NULL; signals = signals->next)
		uv_close((uv_handle_t *)&signals->handle, free_idle);
	uv_walk(loop, close_any, NULL);
	uv_run(loop, UV_RUN_DEFAULT);
	uv_loop_close(loop);
	free(loop);
	mina_post_mortem.loop = loop = NULL;
	nhooks = 0;
	co_drain();
}

int64_t
loop_now(void)
{
	return (int64_t)uv_now(loop);
}

int64_t
loop_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t
loop_deadline(const struct cx *cx, int64_t ms)
{
	int64_t t = loop_now() + ms;

	return cx->deadline != 0 && cx->deadline < t ? cx->deadline : t;
}

void
loop_go_at(coroutine_fn void (*fn)(void *), void *arg, const char *name,
    const char *from)
{
	struct starter *s;

	XXXAN(s = malloc(sizeof *s));
	s->fn = fn;
	s->arg = arg;
	s->name = name;
	s->from = from;
	s->next = NULL;
	*starting_tail = s;
	starting_tail = &s->next;
}

void
loop_each_turn_at(void (*fn)(void), const char *name)
{
	AN(nhooks < HOOKS);
	hooks[nhooks].fn = fn;
	hooks[nhooks++].name = name;
}

static void
signal_came(uv_signal_t *h, int sig)
{
	struct on_signal *s = (struct on_signal *)h;

	begin();
	s->fn(sig);
	inspect_called("signal handler", s->name);
}

void
loop_on_signal_at(int sig, void (*fn)(int), const char *name)
{
	struct on_signal *s;

	XXXAN(s = calloc(1, sizeof *s));
	s->fn = fn;
	s->name = name;
	s->next = signals;
	signals = s;
	AZ(uv_signal_init(loop, &s->handle));
	AZ(uv_signal_start(&s->handle, signal_came, sig));
	uv_unref((uv_handle_t *)&s->handle);
}

/* --- waiting */

void
wait_wake(struct wait *w, enum err er)
{
	if (w->woken)
		return;
	w->woken = true;
	w->er = er;
	w->next = NULL;
	if (w->co == NULL)		/* not waiting yet */
		return;
	*woken_tail = w;
	woken_tail = &w->next;
}

static void
deadline_came(uv_timer_t *t)
{
	wait_wake(t->data, E_TIMEOUT);
}

/*
 * uv timers die asynchronously, so they cannot live on the waiter's stack;
 * a few idle ones are kept instead of being allocated for each wait.
 */
static uv_timer_t *
timer_get(void)
{
	uv_timer_t *t;

	if (nidle_timers > 0)
		return idle_timers[--nidle_timers];
	XXXAN(t = malloc(sizeof *t));
	AZ(uv_timer_init(loop, t));
	return t;
}

static void
timer_put(uv_timer_t *t)
{
	uv_timer_stop(t);
	if (nidle_timers < (int)(sizeof idle_timers / sizeof *idle_timers))
		idle_timers[nidle_timers++] = t;
	else
		uv_close((uv_handle_t *)t, free_idle);
}

coroutine_fn enum err
wait_for(struct wait *w, int64_t deadline)
{
	uv_timer_t *t = NULL;
	struct co_info *ci;
	int64_t left;

	AN(co_self() != NULL);
	AN(w->at != NULL);		/* WAIT_INIT was forgotten */
	if (w->woken)
		return w->er;
	w->co = co_self();
	ci = co_info(w->co);
	ci->wait = wait_names[w->name];
	ci->at = w->at;
	ci->since = loop_now();
	if (deadline != 0) {
		left = deadline - loop_now();
		t = timer_get();
		t->data = w;
		uv_timer_start(t, deadline_came, left > 0 ?
		    (uint64_t)left : 0, 0);
	}
	co_yield();
	if (t != NULL)
		timer_put(t);
	return w->er;
}

coroutine_fn enum err
loop_sleep_at(struct cx *cx, int64_t ms, const char *at)
{
	struct wait w = WAIT_INIT_AT(W_SLEEP, at);
	int64_t until = loop_now() + ms;

	if (cx != NULL && cx->deadline != 0 && cx->deadline < until) {
		wait_for(&w, cx->deadline);
		return err_set(cx, E_TIMEOUT, "deadline passed while asleep");
	}
	wait_for(&w, until);
	return E_OK;
}

/* --- descriptors */

static void fd_ready(uv_poll_t *, int, int);

static void
fd_arm(struct loop_fd *f)
{
	int ev = 0;

	if (f->events & LOOP_READ)
		ev |= UV_READABLE;
	if (f->events & LOOP_WRITE)
		ev |= UV_WRITABLE;
	if (f->events & LOOP_HUP)
		ev |= UV_DISCONNECT;
	if (ev == 0)
		uv_poll_stop(&f->poll);
	else
		uv_poll_start(&f->poll, ev, fd_ready);
}

static void
fd_ready(uv_poll_t *h, int status, int events)
{
	struct loop_fd *f = (struct loop_fd *)h;
	int ev = 0;

	if (status < 0) {
		/*
		 * The socket has an error, perhaps with data before it:
		 * the next read will see one or the other.  libuv has
		 * stopped watching, which would hide what comes after.
		 */
		ev = f->events;
		fd_arm(f);
	} else {
		if (events & UV_READABLE)
			ev |= LOOP_READ;
		if (events & UV_WRITABLE)
			ev |= LOOP_WRITE;
		if (events & UV_DISCONNECT)
			ev |= LOOP_HUP;
	}
	if (ev == 0)
		return;
	begin();
	f->fn(f->arg, ev);
	/* f may be freed now, but not before the turn ends. */
	inspect_called("descriptor callback", f->name);
}

struct loop_fd *
loop_fd_new_at(int fd, void (*fn)(void *, int), void *arg, const char *name)
{
	struct loop_fd *f;

	XXXAN(f = calloc(1, sizeof *f));
	f->fn = fn;
	f->arg = arg;
	f->name = name;
	if (uv_poll_init(loop, &f->poll, fd) != 0) {
		free(f);
		return NULL;
	}
	return f;
}

void
loop_fd_watch(struct loop_fd *f, int events)
{
	if (f->events == events)
		return;
	f->events = events;
	fd_arm(f);
}

void
loop_fd_free(struct loop_fd *f)
{
	if (f == NULL)
		return;
	uv_poll_stop(&f->poll);
	uv_close((uv_handle_t *)&f->poll, free_idle);
}

static void
fd_wake(void *arg, int events)
{
	(void)events;
	wait_wake(arg, E_OK);
}

coroutine_fn enum err
loop_fd_wait_at(enum wait_name name, int fd, int events, int64_t deadline,
    const char *at)
{
	struct wait w = WAIT_INIT_AT(name, at);
	struct loop_fd *f;
	enum err er;

	if ((f = loop_fd_new(fd, fd_wake, &w)) == NULL)
		return E_BUG;
	loop_fd_watch(f, events);
	er = wait_for(&w, deadline);
	loop_fd_free(f);
	return er;
}

/* --- timers */

static void
timer_fired(uv_timer_t *h)
{
	struct loop_timer *t = (struct loop_timer *)h;

	begin();
	t->fn(t->arg);
	inspect_called("timer", t->name);
}

struct loop_timer *
loop_timer_new_at(void (*fn)(void *), void *arg, const char *name)
{
	struct loop_timer *t;

	XXXAN(t = calloc(1, sizeof *t));
	t->fn = fn;
	t->arg = arg;
	t->name = name;
	AZ(uv_timer_init(loop, &t->timer));
	return t;
}

void
loop_timer_set(struct loop_timer *t, int64_t ms)
{
	if (ms < 0)
		uv_timer_stop(&t->timer);
	else
		uv_timer_start(&t->timer, timer_fired, (uint64_t)ms, 0);
}

void
loop_timer_free(struct loop_timer *t)
{
	if (t == NULL)
		return;
	uv_timer_stop(&t->timer);
	uv_close((uv_handle_t *)&t->timer, free_idle);
}

/* --- threads */

struct job {
	uv_work_t	 req;
	void		(*fn)(void *);
	void		*arg;
	struct wait	 done;
};

static void
job_run(uv_work_t *req)
{
	struct job *j = (struct job *)req;

	j->fn(j->arg);
}

static void
job_done(uv_work_t *req, int status)
{
	struct job *j = (struct job *)req;

	(void)status;
	wait_wake(&j->done, E_OK);
}

coroutine_fn void
loop_work_at(void (*fn)(void *), void *arg, const char *at)
{
	struct job j = { .fn = fn, .arg = arg,
	    .done = WAIT_INIT_AT(W_THREAD, at) };

	AZ(uv_queue_work(loop, &j.req, job_run, job_done));
	wait_for(&j.done, 0);
}

/* --- side by side */

struct crew {
	struct wait	 done;
	size_t		 left;
	const struct co_info *as;	/* the caller's labels */
};

struct member {
	struct crew	*crew;
	coroutine_fn void (*fn)(void *);
	void		*arg;
};

static coroutine_fn void
member_run(void *arg)
{
	struct member *m = arg;

	co_label(m->crew->as->id, m->crew->as->work);
	m->fn(m->arg);
	if (--m->crew->left == 0)
		wait_wake(&m->crew->done, E_OK);
}

coroutine_fn void
loop_all_at(coroutine_fn void (*fn)(void *), void *args, size_t size,
    size_t n, const char *name, const char *at)
{
	struct crew crew = { .done = WAIT_INIT_AT(W_TOGETHER, at), .left = n };
	struct member *m;

	if (n == 0)
		return;
	AN(co_self() != NULL);
	crew.as = co_info(co_self());
	XXXAN(m = calloc(n, sizeof *m));
	for (size_t i = 0; i < n; i++) {
		m[i].crew = &crew;
		m[i].fn = fn;
		m[i].arg = (char *)args + i * size;
		loop_go_at(member_run, &m[i], name, at);
	}
	wait_for(&crew.done, 0);
	free(m);
}

/* --- a gate */

struct gate_wait {
	struct wait	  w;
	struct gate_wait *next;
	struct gate_place *place;	/* NULL: without names */
	int		  n;
};

void
gate_init(struct gate *g, enum wait_name name, int total)
{
	memset(g, 0, sizeof *g);
	g->name = name;
	/* It may be a setting, and no gate is shut for ever. */
	g->free = g->total = total > 0 ? total : 1;
	g->tail = &g->head;
}

/* Would n more be over the share of one of its names? */
static bool
over_share(const struct gate *g, const struct gate_place *me, int n)
{
	const struct gate_place *p;
	int held;

	for (int i = 0; me != NULL && i < GATE_NAMES; i++) {
		if (me->name[i] == NULL || g->share[i] == 0)
			continue;
		held = 0;
		for (p = g->held; p != NULL; p = p->next)
			if (p->name[i] != NULL &&
			    strcmp(p->name[i], me->name[i]) == 0)
				held += p->n;
		if (held > 0 && held + n > g->share[i])
			return true;
	}
	return false;
}

static void
hold(struct gate *g, struct gate_place *me, int n)
{
	g->free -= n;
	if (me == NULL)
		return;
	me->n = n;
	if ((me->next = g->held) != NULL)
		me->next->prev = &me->next;
	me->prev = &g->held;
	g->held = me;
}

static void
unqueue(struct gate *g, struct gate_wait **p)
{
	if ((*p = (*p)->next) == NULL)
		g->tail = p;
}

/*
 * Gives places to the first in the queue, as long as there are enough.  Those
 * whose share is used up are passed over.
 */
static void
admit(struct gate *g)
{
	struct gate_wait **p = &g->head, *w;

	while ((w = *p) != NULL) {
		if (w->w.woken) {
			/* It timed out in this very turn, and needs none. */
			unqueue(g, p);
			continue;
		}
		if (over_share(g, w->place, w->n)) {
			p = &w->next;
			continue;
		}
		if (w->n > g->free)
			break;
		unqueue(g, p);
		hold(g, w->place, w->n);
		wait_wake(&w->w, E_OK);
	}
}

static coroutine_fn enum err
enter(struct gate *g, struct gate_place *place, int n, int64_t deadline,
    const char *at)
{
	struct gate_wait me = { .w = WAIT_INIT_AT(g->name, at),
	    .place = place, .n = n < g->total ? n : g->total }, **p;
	enum err er;

	AN(g->total);		/* gate_init() was not called */
	*g->tail = &me;
	g->tail = &me.next;
	admit(g);
	/* It does not wait if that gave it a place. */
	if ((er = wait_for(&me.w, deadline)) == E_OK)
		return E_OK;
	/* Too late: leave the queue, unless the place was given just now. */
	for (p = &g->head; *p != NULL; p = &(*p)->next)
		if (*p == &me) {
			unqueue(g, p);
			break;
		}
	/* Those behind may need less. */
	admit(g);
	return er;
}

coroutine_fn enum err
gate_enter_at(struct gate *g, int n, int64_t deadline, const char *at)
{
	return enter(g, NULL, n, deadline, at);
}

coroutine_fn enum err
gate_take_at(struct gate *g, struct gate_place *place, int n,
    int64_t deadline, const char *at)
{
	return enter(g, place, n, deadline, at);
}

void
gate_leave_n(struct gate *g, int n)
{
	g->free += n < g->total ? n : g->total;
	admit(g);
}

void
gate_give(struct gate *g, struct gate_place *me)
{
	if ((*me->prev = me->next) != NULL)
		me->next->prev = me->prev;
	g->free += me->n;
	admit(g);
}
