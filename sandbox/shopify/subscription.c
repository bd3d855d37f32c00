/*
 * shopsub - see shopsub.h
 */
#include "config.h"

#include "core/sandbox.h"
#include "shopify/order.h"
#include "shopify/shop_files.h"
#include "shopify/subscription.h"

#define MINA_PATH	"/api/credits/shopify-order"
#define SUB_BYTES	8192

static const struct shop_topic topics[] = {
	{ "orders/create", "ORDERS_CREATE" },
	{ "orders/paid", "ORDERS_PAID" },
	{ "orders/updated", "ORDERS_UPDATED" },
	{ "refunds/create", "REFUNDS_CREATE" },
};

static struct shop_sub *subs;

const struct shop_topic *
shop_topic(const char *name)
{
	for (size_t i = 0; i < sizeof topics / sizeof *topics; i++)
		if (str_eq(name, topics[i].name) ||
		    str_eq(name, topics[i].graph))
			return &topics[i];
	return NULL;
}

struct shop_sub *
shop_sub_first(void)
{
	return subs;
}

struct shop_sub *
shop_sub_find(int64_t id)
{
	struct shop_sub *s = subs;

	while (s != NULL && s->id != id)
		s = s->next;
	return s;
}

const char *
shop_sub_uri(struct cx *cx, const struct shop_sub *s)
{
	/* A copy: it may be gone when the answer comes. */
	return s->uri != NULL ? cx_dup(cx, s->uri) :
	    cx_fmt(cx, "%s" MINA_PATH, conf_str(C_PUBLIC_URL));
}

static struct shop_sub *
insert(int64_t id, const struct shop_topic *t, const char *uri)
{
	struct shop_sub *s, **p = &subs;

	XXXAN(s = calloc(1, sizeof *s));
	s->id = id;
	s->topic = t;
	if (uri != NULL)
		XXXAN(s->uri = strdup(uri));
	while (*p != NULL && (*p)->id < id)
		p = &(*p)->next;
	s->next = *p;
	*p = s;
	return s;
}

static void
loaded(struct cx *cx, const struct cJSON *js)
{
	const char *id = json_text(json_get(js, "id"));
	const struct shop_topic *t = shop_topic(json_text(json_get(js,
	    "topic")));
	struct shop_sub *s;
	int64_t n;

	(void)cx;
	if (id == NULL || t == NULL || !str_int(id, 1, INT64_MAX, &n))
		return;
	s = insert(n, t, json_text(json_get(js, "uri")));
	s->created = json_int_or(json_get(js, "created"), 0);
	s->updated = json_int_or(json_get(js, "updated"), 0);
	shop_id_seen(n);
}

static enum err
save(struct cx *cx, const struct shop_sub *s)
{
	struct buf *b = buf_new(cx, SUB_BYTES);
	struct json js;

	json_init(&js, b);
	json_obj(&js, NULL);
	json_str(&js, "id", cx_fmt(cx, "%lld", (long long)s->id));
	json_str(&js, "topic", s->topic->name);
	json_str(&js, "uri", s->uri);
	json_int(&js, "created", s->created);
	json_int(&js, "updated", s->updated);
	json_end(&js);
	return shopdisk_put(cx, "subscriptions", s->id, b);
}

static void
forget(struct shop_sub *s)
{
	struct shop_sub **p = &subs;

	while (*p != s)
		p = &(*p)->next;
	*p = s->next;
	free(s->uri);
	free(s);
}

enum err
shop_sub_make(struct cx *cx, const struct shop_topic *t, const char *uri,
    struct shop_sub **out)
{
	struct shop_sub *s = insert(shop_id(), t, uri);
	enum err er;

	s->created = s->updated = clock_now() / 1000 * 1000;
	if ((er = save(cx, s)) != E_OK) {
		forget(s);
		return er;
	}
	*out = s;
	return E_OK;
}

void
shop_sub_load(struct cx *cx)
{
	static const char *const wanted[] = { "orders/create", "orders/paid",
		"refunds/create" };
	struct shop_sub *s;

	if (shopdisk_known(cx, "subscriptions")) {
		shopdisk_each("subscriptions", loaded);
		return;
	}
	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
		if (shop_sub_make(cx, shop_topic(wanted[i]), NULL, &s) != E_OK)
			log_warn(cx, "shop: nobody is subscribed to %s",
			    wanted[i]);
}

void
shop_sub_remove(struct cx *cx, int64_t id)
{
	struct shop_sub *s = shop_sub_find(id);

	if (s == NULL)
		return;
	shopdisk_drop(cx, "subscriptions", id);
	forget(s);
}

void
shop_sub_told(struct cx *cx, int64_t id, bool well)
{
	struct shop_sub *s = shop_sub_find(id);

	if (s == NULL)
		return;
	if (well) {
		s->fails = 0;
		return;
	}
	if (++s->fails < SHOP_SUB_FAILS)
		return;
	log_warn(cx, "shop: the subscription to %s is removed after %d "
	    "failures", s->topic->name, s->fails);
	shop_sub_remove(cx, id);
}
