/* webhook_journal - what the shop sent, and what is pending */
#include "config.h"

#include "core/record.h"
#include "core/service.h"
#include "shopify/shop_webhook.h"

#define KEPT		1000	/* deliveries */

static const char *const states[] = {
	[DELIVERY_WAITING] = "waiting", [DELIVERY_DELIVERED] = "delivered",
	[DELIVERY_FAILED] = "failed", [DELIVERY_DROPPED] = "dropped",
};

#define DELIVERY(key, type, member)					\
	FIELD(key, type, struct shop_delivery, member)

static const struct record_field fields[] = {
	DELIVERY("id", REC_ID, id),
	DELIVERY("sub", REC_ID, sub),
	DELIVERY("order", REC_ID, order),
	DELIVERY("refund", REC_ID, refund),
	DELIVERY("webhook", REC_CHARS, webhook),
	DELIVERY("event", REC_CHARS, event),
	DELIVERY("triggered", REC_CHARS, triggered),
	DELIVERY("topic", REC_STR, topic),
	DELIVERY("oldSecret", REC_BOOL, old_secret),
	DELIVERY("body", REC_STR, body),
	{ 0 }
};

static struct shop_delivery *first, **tail = &first;
static size_t	 ndelivery;
static void	(*resume)(struct shop_delivery *);

static void
delivery_free(struct shop_delivery *d)
{
	for (int i = 0; i < d->nattempt; i++)
		free(d->attempt[i].answer);
	record_free(fields, d);
	free(d->shop);
	free(d);
}

/* The oldest that are over make room. */
void
delivery_add(struct shop_delivery *d)
{
	struct shop_delivery **p = &first, *old;

	*tail = d;
	tail = &d->next;
	ndelivery++;
	while (ndelivery > KEPT && (old = *p) != NULL && old != d) {
		if (old->state == DELIVERY_WAITING) {
			p = &old->next;
			continue;
		}
		*p = old->next;
		delivery_free(old);
		ndelivery--;
	}
}

/* --- on disk */

void
delivery_save(struct cx *cx, const struct shop_delivery *d)
{
	if (store_put(cx, "webhooks", d->id, fields, d) != E_OK)
		log_warn(cx, "shop: a restart will lose this webhook");
}

void
delivery_done(struct cx *cx, const struct shop_delivery *d)
{
	if (!d->forged)
		store_drop(cx, "webhooks", d->id);
}

static void
loaded(struct cx *cx, const struct cJSON *js)
{
	struct shop_delivery *d;

	XXXAN(d = calloc(1, sizeof *d));
	record_read(cx, js, fields, d);
	shop_id_seen(d->id);
	if (d->id == 0 || shop_topic(d->topic) == NULL || d->body == NULL) {
		if (d->id != 0)
			store_drop(cx, "webhooks", d->id);
		delivery_free(d);
		return;
	}
	delivery_add(d);
	resume(d);
}

void
delivery_load(void (*fn)(struct shop_delivery *))
{
	resume = fn;
	store_each("webhooks", loaded);
}

/* --- what can be seen of it */

bool
delivery_pending(int64_t order)
{
	for (struct shop_delivery *d = first; d != NULL; d = d->next)
		if (d->state == DELIVERY_WAITING &&
		    (order == 0 || d->order == order))
			return true;
	return false;
}

static void
print(struct cx *cx, struct json *js, const struct shop_delivery *d,
    bool bodies)
{
	json_put(js, j_obj(NULL), j_str("webhookId", d->webhook),
	    j_str("eventId", d->event), j_str("triggeredAt", d->triggered),
	    j_str("topic", d->topic), j_id("order", d->order),
	    j_id("refund", d->refund), j_str("state", states[d->state]),
	    j_bool("tampered", d->tampered),
	    j_str("secret", d->old_secret ? "old" : "new"),
	    j_str("shop", d->shop != NULL ? d->shop : shop_domain(cx)),
	    j_str("hmac", d->hmac[0] != '\0' ? d->hmac : NULL),
	    j_list("attempts"));
	for (int i = 0; i < d->nattempt; i++)
		json_put(js, j_obj(NULL), j_time("at", d->attempt[i].at),
		    j_int("status", d->attempt[i].status),
		    j_int("ms", d->attempt[i].ms),
		    j_str("answer", d->attempt[i].answer), j_end());
	json_end(js);
	if (bodies)
		json_str(js, "body", d->body);
	json_end(js);
}

void
delivery_print(struct cx *cx, struct json *js, int64_t order, bool bodies)
{
	for (struct shop_delivery *d = first; d != NULL; d = d->next)
		if (order == 0 || d->order == order)
			print(cx, js, d, bodies);
}
