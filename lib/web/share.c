/*
 * share - the list of places held
 *
 * The total is some thousands at most, and a place is taken for seconds: to
 * count is to walk the list.
 */
#include "config.h"

#include "base/conf.h"
#include "base/cx.h"
#include "base/str.h"
#include "web/req.h"
#include "web/share.h"

struct share_place {
	struct share	*share;
	struct share_place *next, **prev;
	const char	*pass;
	const char	*address;	/* NULL: not counted */
};

void
share_init(struct share *s, int per_pass, int per_address, int total)
{
	*s = (struct share){ .per_pass = per_pass, .per_address = per_address,
	    .total = total };
}

static void
leave(void *arg)
{
	struct share_place *me = arg;

	if ((*me->prev = me->next) != NULL)
		me->next->prev = me->prev;
	me->share->n--;
}

bool
share_take(struct cx *cx, struct share *s, struct req *rq)
{
	const char *address = req_address(cx, rq);
	int pass = 0, near = 0;
	struct share_place *me;

	if (s->n >= s->total)
		return false;
	for (me = s->head; me != NULL; me = me->next) {
		pass += str_eq(me->pass, req_pass(rq));
		near += address != NULL && str_eq(me->address, address);
	}
	if (pass >= s->per_pass || near >= s->per_address)
		return false;
	XXXAN(me = cx_alloc(cx, sizeof *me));
	me->share = s;
	me->pass = req_pass(rq);
	me->address = address;
	if ((me->next = s->head) != NULL)
		me->next->prev = &me->next;
	me->prev = &s->head;
	s->head = me;
	s->n++;
	arena_defer(cx->mem, leave, me);
	return true;
}

bool
share_wait(struct cx *cx, struct req *rq)
{
	static struct share waits;

	if (waits.total == 0)
		share_init(&waits, (int)conf_int(C_WAITS_PASS),
		    (int)conf_int(C_WAITS_ADDRESS),
		    (int)conf_int(C_MAX_CONN) / 2);
	return share_take(cx, &waits, rq);
}
