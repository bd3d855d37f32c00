/*
 * co - coroutines
 *
 * A coroutine is a function with a stack of its own that can stop in the
 * middle (co_yield) and be taken up there again (co_enter).  The style, and
 * the trick of switching with _setjmp and _longjmp after a first entry by
 * ucontext (so that no switch costs a system call), are QEMU's; see
 * "Stackful coroutines" in its util/coroutine-ucontext.c.
 *
 * Rules: one thread; enter only a coroutine that is not running; a stack is
 * CO_STACK bytes of address space, of which only touched pages cost memory,
 * with a guard page below it.  Do not put big arrays on it.
 *
 * The loop (loop.h) is the only caller of co_enter() and co_yield(); other
 * code says what it waits for there.
 */
#ifndef MINA_CO_H
#define MINA_CO_H

#include <stddef.h>

struct co;

/* Ready to run fn(arg); freed (its stack pooled) when fn returns. */
struct co *co_new(void (*fn)(void *), void *arg);
void	 co_enter(struct co *);		/* returns when it yields or ends */
void	 co_yield(void);		/* back to whoever entered */
struct co *co_self(void);		/* NULL outside any coroutine */
size_t	 co_count(void);		/* living coroutines */
/* Give pooled stacks back; for the end of a program. */
void	 co_drain(void);

#endif
