/*
 * shopjournal - what the emulated shop sent, and what is still on its way
 */
#include "config.h"

#include "core/sandbox.h"
#include "shopify/order.h"
#include "shopify/shop_files.h"
#include "shopify/subscription.h"
#include "shopify/webhook_delivery.h"
#include "shopify/webhook_queue.h"

#define KEPT		1000	/* deliveries */
#define FILE_MAX	(4 << 20)

static const char *const states[SHOP_STATE__MAX] = {
	[SHOP_WAITING] = "waiting", [SHOP_DELIVERED] = "delivered",
	[SHOP_FAILED] = "failed", [SHOP_DROPPED] = "dropped",
};

static struct shop_delivery *first, **tail = &first;
static size_t	 ndelivery;

static void
release(struct shop_delivery *d)
{
	for (int i = 0; i < d->nattempt; i++)
		free(d->attempt[i].answer);
	free(d->body);
	free(d->shop);
	free(d);
}

/* The oldest that are over make room. */
void
shop_journal_add(struct shop_delivery *d)
{
	struct shop_delivery **p = &first, *old;

	*tail = d;
	tail = &d->next;
	ndelivery++;
	while (ndelivery > KEPT && (old = *p) != NULL && old != d) {
		if (old->state == SHOP_WAITING) {
			p = &old->next;
			continue;
		}
		*p = old->next;
		release(old);
		ndelivery--;
	}
}

/* --- on disk */

void
shop_journal_save(struct cx *cx, const struct shop_delivery *d)
{
	struct buf *b = buf_new(cx, FILE_MAX);
	struct json js;

	json_init(&js, b);
	json_obj(&js, NULL);
	json_str(&js, "id", cx_fmt(cx, "%lld", (long long)d->id));
	json_str(&js, "sub", cx_fmt(cx, "%lld", (long long)d->sub));
	json_str(&js, "order", cx_fmt(cx, "%lld", (long long)d->order));
	json_str(&js, "refund", cx_fmt(cx, "%lld", (long long)d->refund));
	json_str(&js, "webhook", d->webhook);
	json_str(&js, "event", d->event);
	json_str(&js, "triggered", d->triggered);
	json_str(&js, "topic", d->topic->name);
	json_bool(&js, "oldSecret", d->old_secret);
	json_str(&js, "body", d->body);
	json_end(&js);
	if (shopdisk_put(cx, "webhooks", d->id, b) != E_OK)
		log_warn(cx, "shop: a restart will lose this webhook");
}

void
shop_journal_done(struct cx *cx, const struct shop_delivery *d)
{
	if (!d->forged)
		shopdisk_drop(cx, "webhooks", d->id);
}

static void	(*resume)(struct shop_delivery *);

static int64_t
id_in(const struct cJSON *js, const char *key)
{
	const char *s = json_text(json_get(js, key));
	int64_t id = 0;

	return s != NULL && str_int(s, 0, INT64_MAX, &id) ? id : 0;
}

static void
text_in(const struct cJSON *js, const char *key, char *out, size_t n)
{
	const char *s = json_text(json_get(js, key));

	snprintf(out, n, "%s", s != NULL ? s : "");
}

static void
loaded(struct cx *cx, const struct cJSON *js)
{
	const struct shop_topic *t = shop_topic(json_text(json_get(js,
	    "topic")));
	const char *body = json_text(json_get(js, "body"));
	struct shop_delivery *d;

	if (id_in(js, "id") == 0)
		return;
	shop_id_seen(id_in(js, "id"));
	if (t == NULL || body == NULL) {
		shopdisk_drop(cx, "webhooks", id_in(js, "id"));
		return;
	}
	XXXAN(d = calloc(1, sizeof *d));
	d->id = id_in(js, "id");
	d->sub = id_in(js, "sub");
	d->order = id_in(js, "order");
	d->refund = id_in(js, "refund");
	text_in(js, "webhook", d->webhook, sizeof d->webhook);
	text_in(js, "event", d->event, sizeof d->event);
	text_in(js, "triggered", d->triggered, sizeof d->triggered);
	d->topic = t;
	d->old_secret = json_true(json_get(js, "oldSecret"));
	XXXAN(d->body = strdup(body));
	shop_journal_add(d);
	resume(d);
}

void
shop_journal_load(void (*fn)(struct shop_delivery *))
{
	resume = fn;
	shopdisk_each("webhooks", loaded);
}

/* --- what can be seen of it */

bool
shop_hook_pending(int64_t order)
{
	for (struct shop_delivery *d = first; d != NULL; d = d->next)
		if (d->state == SHOP_WAITING &&
		    (order == 0 || d->order == order))
			return true;
	return false;
}

static void
print(struct cx *cx, struct json *js, const struct shop_delivery *d,
    bool bodies)
{
	json_obj(js, NULL);
	json_str(js, "webhookId", d->webhook);
	json_str(js, "eventId", d->event);
	json_str(js, "triggeredAt", d->triggered);
	json_str(js, "topic", d->topic->name);
	json_str(js, "order", cx_fmt(cx, "%lld", (long long)d->order));
	json_str(js, "refund", d->refund == 0 ? NULL : cx_fmt(cx, "%lld",
	    (long long)d->refund));
	json_str(js, "state", states[d->state]);
	json_bool(js, "tampered", d->tampered);
	json_str(js, "secret", d->old_secret ? "old" : "new");
	json_str(js, "shop", d->shop != NULL ? d->shop : shop_domain(cx));
	json_str(js, "hmac", d->hmac[0] != '\0' ? d->hmac : NULL);
	json_list(js, "attempts");
	for (int i = 0; i < d->nattempt; i++) {
		json_obj(js, NULL);
		json_time(js, "at", d->attempt[i].at);
		json_int(js, "status", d->attempt[i].status);
		json_int(js, "ms", d->attempt[i].ms);
		json_str(js, "answer", d->attempt[i].answer);
		json_end(js);
	}
	json_end(js);
	if (bodies)
		json_str(js, "body", d->body);
	json_end(js);
}

void
shop_hook_print(struct cx *cx, struct json *js, int64_t order, bool bodies)
{
	for (struct shop_delivery *d = first; d != NULL; d = d->next)
		if (order == 0 || d->order == order)
			print(cx, js, d, bodies);
}
