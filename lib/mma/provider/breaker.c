/*
 * cool - leaving a provider alone that fails; see provider.h
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
	int64_t		 failures, since, until;	/* loop_now() */
};

static struct breaker *breakers;

static struct breaker *
breaker(const char *key, bool make)
{
	struct breaker *c;

	for (c = breakers; c != NULL; c = c->next)
		if (strncmp(c->key, key, sizeof c->key - 1) == 0)
			return c;
	if (!make)
		return NULL;
	XXXAN(c = calloc(1, sizeof *c));
	snprintf(c->key, sizeof c->key, "%s", key);
	c->next = breakers;
	return breakers = c;
}

void
breaker_note(const struct provider *p, bool failed)
{
	const struct cJSON *def = json_get(p->def, "cooldown");
	int64_t most = json_int_or(json_get(def, "failures"), 0);
	int64_t window = json_int_or(json_get(def, "window_ms"), 60000);
	int64_t now = loop_now();
	struct breaker *c = breaker(p->key, failed && most > 0);

	if (c == NULL)
		return;
	if (!failed || now - c->since > window)
		c->failures = 0;
	if (!failed)
		return;
	if (c->failures++ == 0)
		c->since = now;
	if (most <= 0 || c->failures < most)
		return;
	c->failures = 0;
	c->until = now + json_int_or(json_get(def, "ms"), 60000);
	log_warn(NULL, "%s failed %lld times in a row and is left alone for "
	    "%lld ms", p->key, (long long)most, (long long)(c->until - now));
}

bool
breaker_open(const struct provider *p)
{
	const struct breaker *c = breaker(p->key, false);

	return c != NULL && loop_now() < c->until;
}
