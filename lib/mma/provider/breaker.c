/*
 * breaker - a circuit breaker for each provider
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cx.h"
#include "base/log.h"
#include "io/loop.h"
#include "mma/provider/provider.h"

struct breaker {
	struct breaker	*next;
	char		 key[64];
	int64_t		 failures;	/* in a row */
	int64_t		 since, until;	/* loop_now(): first failure; open */
};

static struct breaker *breakers;

static struct breaker *
breaker(const char *key, bool make)
{
	struct breaker *b;

	for (b = breakers; b != NULL; b = b->next)
		if (strncmp(b->key, key, sizeof b->key - 1) == 0)
			return b;
	if (!make)
		return NULL;
	XXXAN(b = calloc(1, sizeof *b));
	snprintf(b->key, sizeof b->key, "%s", key);
	b->next = breakers;
	return breakers = b;
}

void
breaker_note(const struct provider *p, bool failed)
{
	const struct cJSON *def = json_get(p->def, "cooldown");
	int64_t most = json_int_or(json_get(def, "failures"), 0);
	int64_t window = json_int_or(json_get(def, "window_ms"), 60000);
	int64_t now = loop_now();
	struct breaker *b = breaker(p->key, failed && most > 0);

	if (b == NULL)
		return;
	if (!failed || now - b->since > window)
		b->failures = 0;
	if (!failed)
		return;
	if (b->failures++ == 0)
		b->since = now;
	if (most <= 0 || b->failures < most)
		return;
	b->failures = 0;
	b->until = now + json_int_or(json_get(def, "ms"), 60000);
	log_warn(NULL, "%s failed %lld times in a row, circuit open for "
	    "%lld ms", p->key, (long long)most, (long long)(b->until - now));
}

bool
breaker_open(const struct provider *p)
{
	const struct breaker *b = breaker(p->key, false);

	return b != NULL && loop_now() < b->until;
}
