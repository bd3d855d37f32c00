/*
 * loop - the event loop, and what a coroutine may wait for on it
 *
 * One loop per process, one thread; libuv underneath.  Code that runs in a
 * coroutine (everything started by loop_go) waits with the calls below, and
 * only that coroutine stops; the loop goes on with the others.
 *
 * The core is struct wait: one coroutine waits on it, anybody wakes it.
 *
 *	struct wait w = WAIT_INIT;
 *	register(&w);				somebody will wait_wake(&w, ..)
 *	er = wait_for(&w, deadline);		E_TIMEOUT when nobody did
 *
 * A wake that comes before the wait is kept.  The struct lives on the
 * waiter's stack, so whoever may still wake it must be told to forget it
 * before the waiter returns.
 *
 * Woken coroutines run at the end of the loop's turn, all together; after
 * them the turn hooks (flush queries, write the log), then the loop polls.
 *
 * Deadlines are loop_now() milliseconds; 0 means none.
 */
#ifndef MINA_LOOP_H
#define MINA_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct co;
struct cx;

void	 loop_init(void);		/* blocks SIGPIPE, makes the loop */
void	 loop_run(void);		/* until loop_stop() */
void	 loop_stop(void);
void	 loop_close(void);		/* frees what loop_init() made */

int64_t	 loop_now(void);		/* milliseconds, monotonic, cached */
int64_t	 loop_us(void);			/* microseconds, read anew */
int64_t	 loop_deadline(const struct cx *, int64_t ms);	/* the earlier */

/* Start fn(arg) as a coroutine, at the end of this turn. */
void	 loop_go(void (*fn)(void *), void *arg);
/* fn runs once a turn, before polling. At most 8, never removed. */
void	 loop_each_turn(void (*fn)(void));
/* fn runs on each of these signals, on the loop, outside coroutines. */
void	 loop_on_signal(int sig, void (*fn)(int sig));

struct wait {
	struct co	*co;
	struct wait	*next;		/* in the list of the woken */
	enum err	 er;
	bool		 woken;
};
#define WAIT_INIT	{ .er = E_OK }

enum err wait_for(struct wait *, int64_t deadline);
void	 wait_wake(struct wait *, enum err);

/* Sleeps ms; E_TIMEOUT when cx's deadline comes first. */
enum err loop_sleep(struct cx *, int64_t ms);

/* A descriptor that is watched.  It must stay open until loop_fd_free(). */
struct loop_fd;
enum { LOOP_READ = 1, LOOP_WRITE = 2, LOOP_HUP = 4 };
struct loop_fd *loop_fd_new(int fd, void (*fn)(void *arg, int events),
    void *arg);
void	 loop_fd_watch(struct loop_fd *, int events);	/* 0: nothing */
void	 loop_fd_free(struct loop_fd *);
/* One wait for one of events, from a coroutine. */
enum err loop_fd_wait(int fd, int events, int64_t deadline);

/* A timer that calls fn on the loop, outside coroutines. */
struct loop_timer;
struct loop_timer *loop_timer_new(void (*fn)(void *), void *arg);
void	 loop_timer_set(struct loop_timer *, int64_t ms);	/* -1: off */
void	 loop_timer_free(struct loop_timer *);

/*
 * Run fn(arg) on a thread of the pool and wait for it, however long it
 * takes: it uses the caller's memory.  fn must not touch the loop, the
 * arena or the log.
 */
void	 loop_work(void (*fn)(void *), void *arg);

/*
 * Side by side: n coroutines run fn(args + i * size); returns when all have.
 */
void	 loop_all(void (*fn)(void *), void *args, size_t size, size_t n);

/* At most `free' holders at once; others wait in order. */
struct gate {
	int		 free;
	struct gate_wait *head, **tail;
};
void	 gate_init(struct gate *, int n);
enum err gate_enter(struct gate *, int64_t deadline) MUSTCHECK;
void	 gate_leave(struct gate *);

#endif
