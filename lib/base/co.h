/*
 * co - coroutines
 *
 * A coroutine is a function with a stack of its own that can stop in the
 * middle (co_yield) and go on from there later (co_enter).  The style, and
 * the trick of switching with _setjmp and _longjmp after a first entry by
 * ucontext (so that no switch costs a system call), are QEMU's; see
 * "Stackful coroutines" in its util/coroutine-ucontext.c.
 *
 * Rules: one thread; enter only a coroutine that is not running; a stack is
 * CO_STACK bytes of address space, of which only touched pages cost memory,
 * with a guard page below it.  Do not put big arrays on it.
 *
 * The loop (loop.h) is the only caller of co_enter() and co_yield(); other
 * code waits with the calls there.
 *
 * Each coroutine also keeps what a person wants to know about it (struct
 * co_info).  Keeping it costs a few stores: the texts are constants, and
 * only co_label() copies.
 */
#ifndef MINA_CO_H
#define MINA_CO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct co;

/* Where this stands, as a constant: "lib/pg/pgconn.c:579". */
#define CO_HERE		__FILE__ ":" CO_TEXT(__LINE__)
#define CO_TEXT(x)	CO_TEXT_(x)
#define CO_TEXT_(x)	#x

struct co_info {
	const char	*fn;	/* the function it was started with.. */
	const char	*from;	/* ..and the place that started it */
	const char	*work;	/* what it serves: a route; NULL: not told */
	char		 id[64];	/* request or generation id, or "" */
	const char	*wait;	/* what it waits, or last waited, for.. */
	const char	*at;	/* ..and where; both NULL: it never has */
	int64_t		 born;	/* the owner's clock, as is.. */
	int64_t		 since;	/* ..when that wait began */
};

/* Ready to run fn(arg); freed (its stack pooled) when fn returns. */
#define co_new(fn, arg)	co_make((fn), (arg), #fn, CO_HERE)
struct co *co_make(coroutine_fn void (*fn)(void *), void *arg,
    const char *name, const char *from);
bool	 co_enter(struct co *);		/* it yielded; false: it has ended */
coroutine_fn void co_yield(void);	/* back to the one who entered */
struct co *co_self(void);		/* NULL outside any coroutine */
size_t	 co_count(void);		/* living coroutines */
/* Give pooled stacks back; for the end of a program. */
void	 co_drain(void);

/*
 * Also of one that has ended, until the next co_make() or co_drain().  born
 * and since are for the caller to fill.
 */
struct co_info *co_info(struct co *);
/*
 * What the running coroutine works on: id is copied and cut, work is a
 * constant or NULL.  Nothing happens outside a coroutine.
 */
void	 co_label(const char *id, const char *work);
/* Calls fn for each living one, oldest first; fn must start and end none. */
void	 co_each(void (*fn)(void *, struct co *), void *arg);

#endif
