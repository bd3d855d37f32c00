/*
 * pace - keeping below a provider's rate limits; see provider.h
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cx.h"
#include "io/loop.h"
#include "mma/provider/provider.h"

/*
 * Nine tenths of the limit, evenly, and what has gathered in six seconds at
 * once: no minute, wherever it begins, has more than the limit.
 */
#define MINUTE_US	INT64_C(60000000)
#define AT_ONCE_US	INT64_C(6000000)

struct bucket {
	struct bucket	*next;
	char		 name[96];
	int64_t		 at;		/* when the next call may go, us */
};

static struct bucket *buckets;

static struct bucket *
bucket(const char *name)
{
	struct bucket *p;

	for (p = buckets; p != NULL; p = p->next)
		if (strcmp(p->name, name) == 0)
			return p;
	XXXAN(p = calloc(1, sizeof *p));
	snprintf(p->name, sizeof p->name, "%s", name);
	p->next = buckets;
	buckets = p;
	return p;
}

enum err
ratelimit_wait(struct run *r, const struct provider *p, const char *what)
{
	int64_t per_min = json_int_or(json_get(json_get(p->def, "rate"),
	    what), 0), now = loop_us(), wait, least;
	struct bucket *pc;
	char name[96];

	if (per_min <= 0)
		return run_check(r);
	snprintf(name, sizeof name, "%.60s/%s", p->key, what);
	pc = bucket(name);
	least = now - AT_ONCE_US;
	if (pc->at < least)
		pc->at = least;
	wait = pc->at > now ? (pc->at - now) / 1000 : 0;
	pc->at += MINUTE_US * 10 / (per_min * 9);
	return wait > 0 ? run_sleep(r, wait) : run_check(r);
}
