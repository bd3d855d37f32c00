/*
 * shophook - see shophook.h
 */
#include "config.h"

#include "core/sandbox.h"
#include "core/settings.h"
#include "io/loop.h"
#include "shopify/order.h"
#include "shopify/rest.h"
#include "shopify/subscription.h"
#include "shopify/webhook_delivery.h"
#include "shopify/webhook_queue.h"

#define SHUFFLE_MS	300

/* --- a delivery from its first attempt to its last */

static void
nap(int64_t ms)
{
	struct cx cx;

	app_cx(&cx, 65536);
	(void)loop_sleep(&cx, ms);
	cx_release(&cx);
}

static enum shop_state
carry_on(struct cx *cx, struct shop_delivery *d)
{
	const struct shop_sub *s;
	bool well;

	nap(d->delay);
	for (;;) {
		/* It may have gone while we slept. */
		if ((s = shop_sub_find(d->sub)) == NULL)
			return SHOP_FAILED;
		well = shop_attempt(d, shop_sub_uri(cx, s));
		if (!d->forged)
			shop_sub_told(cx, d->sub, well);
		if (well)
			return SHOP_DELIVERED;
		if (d->forged || d->nattempt == SHOP_ATTEMPTS)
			return SHOP_FAILED;
		if (shop_sub_find(d->sub) == NULL)
			return SHOP_FAILED;
		nap(settings.shop_retry_ms << (d->nattempt - 1));
	}
}

static void
carry(void *arg)
{
	struct shop_delivery *d = arg;
	struct cx cx;

	app_cx(&cx, 1 << 20);
	d->state = carry_on(&cx, d);
	if (d->state == SHOP_DELIVERED && !d->forged &&
	    str_eq(d->topic->name, "orders/paid"))
		shop_order_told(&cx, d->order);
	shop_journal_done(&cx, d);
	cx_release(&cx);
}

/* --- making them */

static bool
chosen(const struct shop_way *w, const char *topic)
{
	return w->topic[0] == NULL || str_in(topic, w->topic);
}

static struct shop_delivery *
make(const struct shop_sub *s, const struct shop_order *o,
    const struct shop_refund *r, const struct shop_way *w)
{
	struct shop_delivery *d;

	XXXAN(d = calloc(1, sizeof *d));
	d->id = shop_id();
	d->sub = s->id;
	d->topic = s->topic;
	d->order = o->id;
	d->refund = r != NULL ? r->id : 0;
	d->delay = w->delay_ms;
	d->tampered = w->tamper;
	d->old_secret = w->old_secret;
	d->shop = keep(w->shop);
	d->forged = w->tamper || w->shop != NULL;
	d->state = w->drop ? SHOP_DROPPED : SHOP_WAITING;
	return d;
}

/* Nanoseconds, as Shopify's are. */
static void
trigger_time(char out[CLOCK_LEN + 8])
{
	char t[CLOCK_LEN];
	uint32_t r;

	crypto_random(&r, sizeof r);
	clock_rfc3339(clock_now(), t);
	snprintf(out, CLOCK_LEN + 8, "%.23s%06uZ", t, r % 1000000);
}

struct batch {
	struct shop_delivery	*d[64];
	size_t		 n;
};

static void
shuffle(struct batch *b)
{
	struct shop_delivery *swap;
	uint32_t r;

	for (size_t i = b->n; i > 0; i--) {
		crypto_random(&r, sizeof r);
		swap = b->d[i - 1];
		b->d[i - 1] = b->d[r % i];
		b->d[r % i] = swap;
		b->d[i - 1]->delay += r / 64 % SHUFFLE_MS;
	}
}

void
shop_hook_send(struct cx *cx, const struct shop_order *o,
    const struct shop_refund *r, const char *const *topics,
    const struct shop_way *w)
{
	char event[UUID_LEN], webhook[UUID_LEN], when[CLOCK_LEN + 8];
	struct batch b = { .n = 0 };
	struct shop_delivery *d;
	const char *body;

	crypto_uuid(event);
	trigger_time(when);
	for (struct shop_sub *s = shop_sub_first(); s != NULL; s = s->next) {
		if (!str_in(s->topic->name, topics) ||
		    !chosen(w, s->topic->name))
			continue;
		/* orders/updated goes with a refund, and gives the order. */
		body = r != NULL && str_eq(s->topic->name, "refunds/create") ?
		    shop_rest_refund(cx, o, r)->data :
		    shop_rest_order(cx, o)->data;
		crypto_uuid(webhook);
		for (int64_t i = 0; i < (w->copies > 0 ? w->copies : 1) &&
		    b.n < sizeof b.d / sizeof *b.d; i++) {
			d = b.d[b.n++] = make(s, o, r, w);
			memcpy(d->webhook, webhook, sizeof webhook);
			memcpy(d->event, event, sizeof event);
			memcpy(d->triggered, when, sizeof when);
			d->body = keep(body);
		}
	}
	if (w->shuffle)
		shuffle(&b);
	for (size_t i = 0; i < b.n; i++) {
		shop_journal_add(b.d[i]);
		if (b.d[i]->state == SHOP_DROPPED)
			continue;
		if (!b.d[i]->forged)
			shop_journal_save(cx, b.d[i]);
		loop_go(carry, b.d[i]);
	}
}

static void
again(struct shop_delivery *d)
{
	loop_go(carry, d);
}

void
shop_hook_load(void)
{
	shop_journal_load(again);
}
