/*
 * refresh - one fetch at a time, in a coroutine of its own, for all requests
 *
 * The request that starts a fetch may end before it does, and requests that
 * come meanwhile wait for the same one.  What was fetched, and when it is
 * fetched again, is the caller's.
 *
 *	if (refresh_begin(&r))
 *		loop_go(fetch, arg);	(which ends with refresh_end(&r))
 *	refresh_wait(cx, &r, ms);	(if the result is needed now)
 */
#ifndef MINA_REFRESH_H
#define MINA_REFRESH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct cx;
struct refresh_waiter;

/* Zeroed at the beginning. */
struct refresh {
	bool		 running;
	struct refresh_waiter *waiting;
};

/* False: one is running already. */
bool	 refresh_begin(struct refresh *);
/* Wakes all that wait. */
void	 refresh_end(struct refresh *);
/* Until refresh_end(), at most ms. */
coroutine_fn void refresh_wait(struct cx *, struct refresh *, int64_t ms);

#endif
