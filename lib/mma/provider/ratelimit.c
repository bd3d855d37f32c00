/*
 * ratelimit - spaces calls so that a provider's limits are never exceeded
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cx.h"
#include "io/loop.h"
#include "mma/provider/provider.h"

/*
 * Calls are spaced at nine tenths of the limit; after a pause the calls of six
 * seconds may go at once, which is the last tenth.  So no minute, wherever it
 * begins, has more calls than the limit.
 */
#define MINUTE_US	INT64_C(60000000)
#define BURST_US	INT64_C(6000000)

struct bucket {
	struct bucket	*next;
	char		 name[96];	/* "key/create_per_min" */
	int64_t		 next_us;	/* loop_us() of the next call */
};

static struct bucket *buckets;

static struct bucket *
bucket(const char *name)
{
	struct bucket *b;

	for (b = buckets; b != NULL; b = b->next)
		if (strcmp(b->name, name) == 0)
			return b;
	XXXAN(b = calloc(1, sizeof *b));
	snprintf(b->name, sizeof b->name, "%s", name);
	b->next = buckets;
	buckets = b;
	return b;
}

coroutine_fn enum err
ratelimit_wait(struct run *r, const struct provider *p, const char *name)
{
	int64_t per_min = json_int_or(json_get(json_get(p->def, "rate"),
	    name), 0), now = loop_us(), wait, least;
	struct bucket *b;
	char key[96];

	if (per_min <= 0)
		return run_check(r);
	snprintf(key, sizeof key, "%.60s/%s", p->key, name);
	b = bucket(key);
	least = now - BURST_US;
	if (b->next_us < least)
		b->next_us = least;
	wait = b->next_us > now ? (b->next_us - now) / 1000 : 0;
	b->next_us += MINUTE_US * 10 / (per_min * 9);
	return wait > 0 ? run_sleep(r, wait) : run_check(r);
}
