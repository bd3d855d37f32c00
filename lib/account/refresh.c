/*
 * refresh - the list of waiting requests, each on its own stack
 */
#include "config.h"

#include "account/refresh.h"
#include "base/cx.h"
#include "io/loop.h"

struct refresh_waiter {
	struct refresh_waiter *next;
	struct wait	 w;
};

bool
refresh_begin(struct refresh *r)
{
	bool first = !r->running;

	r->running = true;
	return first;
}

void
refresh_end(struct refresh *r)
{
	r->running = false;
	for (struct refresh_waiter *w = r->waiting; w != NULL; w = w->next)
		wait_wake(&w->w, E_OK);
	r->waiting = NULL;
}

coroutine_fn void
refresh_wait(struct cx *cx, struct refresh *r, int64_t ms)
{
	struct refresh_waiter me = { .w = WAIT_INIT(W_KEYS) }, **p;

	me.next = r->waiting;
	r->waiting = &me;
	if (wait_for(&me.w, loop_deadline(cx, ms)) == E_OK)
		return;
	for (p = &r->waiting; *p != NULL; p = &(*p)->next)
		if (*p == &me) {
			*p = me.next;
			return;
		}
}
