/*
 * loop - the event loop, and what a coroutine may wait for on it
 *
 * One loop per process, one thread; libuv underneath.  Code that runs in a
 * coroutine (everything started by loop_go) waits with the calls below, and
 * only that coroutine stops; the loop goes on with the others.
 *
 * The core is struct wait: one coroutine waits on it, anything may wake it.
 *
 *	struct wait w = WAIT_INIT(W_PG_REPLY);
 *	register(&w);			something will wait_wake(&w, ..)
 *	er = wait_for(&w, deadline);	E_TIMEOUT when nothing did
 *
 * WAIT_INIT names what is waited for, a row of wait.def, and keeps the file
 * and line; lists of coroutines print both.  A wake that comes before the
 * wait is kept.  The struct lives on the waiter's stack, so every list that
 * leads to it must forget it before the waiter returns.
 *
 * Woken coroutines run at the end of the loop's turn, all together; after
 * them the turn hooks (flush queries, write the log), then the loop polls.
 * What holds the loop up is written to the log: a coroutine or a callback
 * that uses the CPU for more than 50 ms without waiting, or takes more than
 * 200 ms of time without the CPU ("starved": a busy machine, or a call that
 * blocks).
 *
 * Deadlines are loop_now() milliseconds; 0 means none.
 */
#ifndef MINA_LOOP_H
#define MINA_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/co.h"
#include "base/err.h"

struct cx;

void	 loop_init(void);		/* blocks SIGPIPE, makes the loop */
void	 loop_run(void);		/* until loop_stop() */
void	 loop_stop(void);
void	 loop_close(void);		/* frees what loop_init() made */

int64_t	 loop_now(void);		/* milliseconds, monotonic, cached */
int64_t	 loop_us(void);			/* microseconds, not cached */
int64_t	 loop_deadline(const struct cx *, int64_t ms);	/* the earlier */

/* Start fn(arg) as a coroutine, at the end of this turn. */
#define loop_go(fn, arg) loop_go_at((fn), (arg), #fn, CO_HERE)
void	 loop_go_at(coroutine_fn void (*fn)(void *), void *arg,
    const char *name, const char *from);
/* fn runs once a turn, before polling. At most 8, never removed. */
#define loop_each_turn(fn) loop_each_turn_at((fn), #fn)
void	 loop_each_turn_at(void (*fn)(void), const char *name);
/* fn runs on each of these signals, on the loop, outside coroutines. */
#define loop_on_signal(sig, fn) loop_on_signal_at((sig), (fn), #fn)
void	 loop_on_signal_at(int sig, void (*fn)(int sig), const char *name);

enum wait_name {
#define WAIT(name, text, what)	name,
#include "io/wait.def"
#undef WAIT
	W__MAX
};

struct wait {
	struct co	*co;
	struct wait	*next;		/* in the list of the woken */
	const char	*at;		/* file:line of WAIT_INIT */
	enum wait_name	 name;
	enum err	 er;
	bool		 woken;
};
#define WAIT_INIT(w)	WAIT_INIT_AT(w, CO_HERE)
#define WAIT_INIT_AT(w, where) { .at = (where), .name = (w), .er = E_OK }

coroutine_fn enum err wait_for(struct wait *, int64_t deadline);
void	 wait_wake(struct wait *, enum err);

/* Sleeps ms; E_TIMEOUT when cx's deadline comes first. */
#define loop_sleep(cx, ms) loop_sleep_at((cx), (ms), CO_HERE)
coroutine_fn enum err loop_sleep_at(struct cx *, int64_t ms, const char *at);

/* A descriptor that is watched.  It must stay open until loop_fd_free(). */
struct loop_fd;
enum { LOOP_READ = 1, LOOP_WRITE = 2, LOOP_HUP = 4 };
#define loop_fd_new(fd, fn, arg) loop_fd_new_at((fd), (fn), (arg), #fn)
struct loop_fd *loop_fd_new_at(int fd, void (*fn)(void *arg, int events),
    void *arg, const char *name);
void	 loop_fd_watch(struct loop_fd *, int events);	/* 0: nothing */
void	 loop_fd_free(struct loop_fd *);
/* One wait for one of events, from a coroutine. */
#define loop_fd_wait(w, fd, events, deadline) \
	loop_fd_wait_at((w), (fd), (events), (deadline), CO_HERE)
coroutine_fn enum err loop_fd_wait_at(enum wait_name, int fd, int events,
    int64_t deadline, const char *at);

/* A timer that calls fn on the loop, outside coroutines. */
struct loop_timer;
#define loop_timer_new(fn, arg) loop_timer_new_at((fn), (arg), #fn)
struct loop_timer *loop_timer_new_at(void (*fn)(void *), void *arg,
    const char *name);
void	 loop_timer_set(struct loop_timer *, int64_t ms);	/* -1: off */
void	 loop_timer_free(struct loop_timer *);

/*
 * Run fn(arg) on a thread of the pool and wait for it, however long it
 * takes: it uses the caller's memory.  fn must not touch the loop, the
 * arena or the log.
 */
#define loop_work(fn, arg) loop_work_at((fn), (arg), CO_HERE)
coroutine_fn void loop_work_at(void (*fn)(void *), void *arg, const char *at);

/*
 * Side by side: n coroutines run fn(args + i * size), labelled as the
 * caller is; returns when all have.  A cx that they share has one error slot,
 * so each copies its error as soon as it has it.
 */
#define loop_all(fn, args, size, n) \
	loop_all_at((fn), (args), (size), (n), #fn, CO_HERE)
coroutine_fn void loop_all_at(coroutine_fn void (*fn)(void *), void *args,
    size_t size, size_t n, const char *name, const char *at);

/*
 * At most `total' places are held at once; others wait in order.  One that
 * needs several holds that many (all there are, if it needs more), and gives
 * back as many.
 *
 * A place may have up to GATE_NAMES names, say of a customer and of a host.
 * Each name holds share[i] places at most, or those of one that needs more;
 * what is behind one whose share is used up does not wait for it.  struct
 * gate_place stays where it is, and the names live, until gate_give().
 */
#define GATE_NAMES	2
struct gate_place {
	const char	*name[GATE_NAMES];	/* NULL: none */
	int		 n;
	struct gate_place *next, **prev;
};

struct gate {
	enum wait_name	 name;
	int		 free, total;
	int		 share[GATE_NAMES];	/* 0: all */
	struct gate_wait *head, **tail;
	struct gate_place *held;		/* those with names */
};
void	 gate_init(struct gate *, enum wait_name, int total);
/* The same for one that is static: g is its own name. */
#define GATE_INIT(g, name_, n)	{ .name = (name_), .free = (n), .total = (n), \
				  .tail = &(g).head }
#define gate_enter(g, deadline) gate_enter_at((g), 1, (deadline), CO_HERE)
#define gate_enter_n(g, n, deadline) \
	gate_enter_at((g), (n), (deadline), CO_HERE)
coroutine_fn enum err gate_enter_at(struct gate *, int n, int64_t deadline,
    const char *at) MUSTCHECK;
#define gate_leave(g) gate_leave_n((g), 1)
void	 gate_leave_n(struct gate *, int n);
/* For the names in the place, n of them. */
#define gate_take(g, place, n, deadline) \
	gate_take_at((g), (place), (n), (deadline), CO_HERE)
coroutine_fn enum err gate_take_at(struct gate *, struct gate_place *, int n,
    int64_t deadline, const char *at) MUSTCHECK;
void	 gate_give(struct gate *, struct gate_place *);

#endif
