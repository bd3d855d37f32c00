/* subscription - webhook subscriptions, kept and ended */
#include "config.h"

#include "core/record.h"
#include "core/service.h"
#include "shopify/shop_data.h"

#define MINA_PATH	"/api/credits/shopify-order"
#define FAILS_MAX	8

static const struct shop_topic topics[SHOP_TOPICS] = {
	{ "orders/create", "ORDERS_CREATE" },
	{ "orders/paid", "ORDERS_PAID" },
	{ "orders/updated", "ORDERS_UPDATED" },
	{ "orders/cancelled", "ORDERS_CANCELLED" },
	{ "refunds/create", "REFUNDS_CREATE" },
	{ "disputes/create", "DISPUTES_CREATE" },
	{ "disputes/update", "DISPUTES_UPDATE" },
	{ "customers/redact", NULL },
	{ "customers/data_request", NULL },
	{ "shop/redact", NULL },
};

#define SUB(key, type, member)	FIELD(key, type, struct shop_sub, member)

static const struct record_field fields[] = {
	SUB("id", REC_ID, id),
	SUB("topic", REC_STR, topic_name),
	SUB("uri", REC_STR, uri),
	SUB("created", REC_INT, created),
	SUB("updated", REC_INT, updated),
	{ 0 }
};

static struct shop_sub *subs;

const struct shop_topic *
shop_topic(const char *name)
{
	for (size_t i = 0; i < SHOP_TOPICS; i++)
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
	return s != NULL && s->uri != NULL ? cx_dup(cx, s->uri) :
	    cx_fmt(cx, "%s" MINA_PATH, conf_str(C_PUBLIC_URL));
}

static void
sub_free(struct shop_sub *s)
{
	record_free(fields, s);
	free(s);
}

static void
insert(struct shop_sub *s)
{
	struct shop_sub **p = &subs;

	while (*p != NULL && (*p)->id < s->id)
		p = &(*p)->next;
	s->next = *p;
	*p = s;
}

static void
loaded(struct cx *cx, const struct cJSON *js)
{
	struct shop_sub *s;

	XXXAN(s = calloc(1, sizeof *s));
	record_read(cx, js, fields, s);
	s->topic = shop_topic(s->topic_name);
	if (s->id == 0 || s->topic == NULL) {
		sub_free(s);
		return;
	}
	insert(s);
	shop_id_seen(s->id);
}

enum err
shop_sub_make(struct cx *cx, const struct shop_topic *t, const char *uri,
    struct shop_sub **out)
{
	struct shop_sub *s;
	enum err er;

	XXXAN(s = calloc(1, sizeof *s));
	s->id = shop_id();
	s->topic = t;
	s->topic_name = keep(t->name);
	s->uri = keep(uri);
	s->created = s->updated = shop_now();
	if ((er = store_put(cx, "subscriptions", s->id, fields, s)) != E_OK) {
		sub_free(s);
		return er;
	}
	insert(s);
	*out = s;
	return E_OK;
}

void
shop_sub_load(struct cx *cx)
{
	static const char *const wanted[] = { "orders/create", "orders/paid",
		"orders/updated", "orders/cancelled", "refunds/create",
		"disputes/create", "disputes/update" };
	struct shop_sub *s;

	if (store_known(cx, "subscriptions")) {
		store_each("subscriptions", loaded);
		return;
	}
	for (size_t i = 0; i < COUNT_OF(wanted); i++)
		if (shop_sub_make(cx, shop_topic(wanted[i]), NULL, &s) != E_OK)
			log_warn(cx, "shop: no subscription to %s",
			    wanted[i]);
}

void
shop_sub_remove(struct cx *cx, int64_t id)
{
	struct shop_sub **p = &subs, *s;

	while ((s = *p) != NULL && s->id != id)
		p = &s->next;
	if (s == NULL)
		return;
	*p = s->next;
	store_drop(cx, "subscriptions", id);
	sub_free(s);
}

void
shop_sub_told(struct cx *cx, int64_t id, bool well)
{
	struct shop_sub *s = shop_sub_find(id);

	if (s == NULL)
		return;
	s->fails = well ? 0 : s->fails + 1;
	if (s->fails < FAILS_MAX)
		return;
	log_warn(cx, "shop: the subscription to %s is removed after %d "
	    "failures", s->topic->name, s->fails);
	shop_sub_remove(cx, id);
}
