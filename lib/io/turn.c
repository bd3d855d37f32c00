/*
 * turn - a gate before the thread pool
 */
#include "config.h"

#include "base/cx.h"
#include "io/loop.h"
#include "io/turn.h"

#define POOL	4		/* threads: libuv's default */

coroutine_fn void
turn_work_at(const struct cx *cx, void (*fn)(void *), void *arg,
    const char *at)
{
	static struct gate turns = GATE_INIT(turns, W_TURN, POOL / 2);
	struct gate_place place = { .name = { cx->customer != NULL ?
	    cx->customer : "" } };

	turns.share[0] = POOL / 4;
	if (gate_take_at(&turns, &place, 1, 0, at) != E_OK)
		BUG("a wait without a deadline ended without a place");
	loop_work_at(fn, arg, at);
	gate_give(&turns, &place);
}
