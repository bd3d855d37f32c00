/*
 * room - counts the bytes of outputs, in all, by host and by customer
 *
 * Some tens are under way at most: to count is to walk the list.
 */
#include "config.h"

#include <string.h>

#include "base/conf.h"
#include "io/loop.h"
#include "mma/room.h"

#define HOSTS		2	/* one has 1/2 of the room */
#define CUSTOMERS	3
#define LOOK_MS		500

static struct room_use	*uses;
static struct gate	 alone;
static size_t		 room;

void
room_init(void)
{
	room = (size_t)conf_int(C_STORE_MB) << 20;
	gate_init(&alone, W_STORE_ROOM, 1);
}

void
room_begin(struct room_use *me)
{
	me->bytes = me->wanted = 0;
	me->alone = false;
	if ((me->next = uses) != NULL)
		me->next->prev = &me->next;
	me->prev = &uses;
	uses = me;
}

static bool
fits(const struct room_use *me, size_t n)
{
	size_t all = n, host = n, pass = n;

	for (const struct room_use *u = uses; u != NULL; u = u->next) {
		if (u->alone)
			continue;
		all += u->bytes;
		host += strcmp(u->host, me->host) == 0 ? u->bytes : 0;
		pass += strcmp(u->pass, me->pass) == 0 ? u->bytes : 0;
	}
	return all <= room && host <= room / HOSTS && pass <= room / CUSTOMERS;
}

bool
room_more(void *arg, size_t n)
{
	struct room_use *me = arg;

	if (!me->alone && !fits(me, n)) {
		me->wanted = me->bytes + n;
		return false;
	}
	me->bytes += n;
	return true;
}

coroutine_fn enum err
room_wait(struct room_use *me, int64_t deadline)
{
	int64_t look;

	me->bytes = 0;
	while ((look = loop_now()) < deadline) {
		if (fits(me, me->wanted))
			return E_OK;
		look += LOOK_MS;
		if (gate_enter(&alone, look < deadline ? look : deadline) ==
		    E_OK) {
			me->alone = true;
			return E_OK;
		}
	}
	return E_TIMEOUT;
}

void
room_end(struct room_use *me)
{
	if ((*me->prev = me->next) != NULL)
		me->next->prev = me->prev;
	if (me->alone)
		gate_leave(&alone);
}
