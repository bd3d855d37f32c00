/*
 * shoproot - see shoproot.h
 */
#include "config.h"

#include "core/sandbox.h"
#include "shopify/customer.h"
#include "shopify/graphql_root.h"
#include "shopify/graphql_types.h"
#include "shopify/order.h"
#include "shopify/orders_query.h"
#include "shopify/subscription.h"
#include "shopify/webhook_queue.h"

#define TAG_MAX		255

typedef enum err answer(struct cx *, struct shop_ask *);

static enum err
no(struct shop_ask *a, const char *code, const char *words)
{
	a->bad = words;
	a->code = code;
	return E_OK;
}

/* What people did wrong is data: [{field, message}], or []. */
static void
user_errors(struct json *js, const char *const *path, const char *message)
{
	json_list(js, "userErrors");
	if (message != NULL) {
		json_obj(js, NULL);
		json_str(js, "__typename", "UserError");
		json_list(js, "field");
		for (; *path != NULL; path++)
			json_str(js, NULL, *path);
		json_end(js);
		json_str(js, "message", message);
		json_end(js);
	}
	json_end(js);
}

/* --- queries */

static enum err
orders(struct cx *cx, struct shop_ask *a)
{
	size_t n = 0;

	a->bad = shop_query_orders(cx, a->out, a->args, a->warnings, &n);
	a->code = "BAD_REQUEST";
	a->spared = json_int_or(json_get(a->args, "first"), 0) - (int64_t)n;
	return E_OK;
}

static enum err
order(struct cx *cx, struct shop_ask *a)
{
	const struct shop_order *o = shop_order_find(shop_gid_id(json_text(
	    json_get(a->args, "id")), "Order"));

	if (o != NULL)
		shop_graph_order(cx, a->out, NULL, o);
	else
		json_null(a->out, NULL);
	return E_OK;
}

static enum err
customer(struct cx *cx, struct shop_ask *a)
{
	shop_graph_buyer(cx, a->out, NULL, shop_buyer_find(shop_gid_id(
	    json_text(json_get(a->args, "id")), "Customer")));
	return E_OK;
}

static enum err
shop(struct cx *cx, struct shop_ask *a)
{
	json_obj(a->out, NULL);
	json_str(a->out, "__typename", "Shop");
	json_str(a->out, "id", shop_gid(cx, "Shop", SHOP_ID));
	json_str(a->out, "name", "Mina sandbox");
	json_str(a->out, "myshopifyDomain", shop_domain(cx));
	json_str(a->out, "currencyCode", "USD");
	json_end(a->out);
	return E_OK;
}

static bool
has_text(const struct cJSON *list, const char *s)
{
	if (json_is_null(list))
		return true;
	if (!json_is_list(list))
		return str_eq(json_text(list), s);
	for (const struct cJSON *m = json_first(list); m != NULL;
	    m = json_next(m))
		if (str_eq(json_text(m), s))
			return true;
	return false;
}

static enum err
subs(struct cx *cx, struct shop_ask *a)
{
	int64_t first = json_int_or(json_get(a->args, "first"), -1);

	if (first < 1 || first > 250)
		return no(a, "BAD_REQUEST", first < 1 ? "you must provide "
		    "one of first or last" : "first cannot exceed 250");
	a->spared = first;
	json_obj(a->out, NULL);
	json_str(a->out, "__typename", "WebhookSubscriptionConnection");
	json_list(a->out, "edges");
	for (struct shop_sub *s = shop_sub_first(); s != NULL; s = s->next) {
		if (!has_text(json_get(a->args, "topics"), s->topic->graph) ||
		    !has_text(json_get(a->args, "uri"), shop_sub_uri(cx, s))
		    || !has_text(json_get(a->args, "callbackUrl"),
		    shop_sub_uri(cx, s)))
			continue;
		json_obj(a->out, NULL);
		json_str(a->out, "__typename", "WebhookSubscriptionEdge");
		json_str(a->out, "cursor", shop_cursor(cx, s->id, s->id));
		shop_graph_sub(cx, a->out, "node", s);
		json_end(a->out);
		a->spared -= a->spared > 0;
	}
	json_end(a->out);
	json_end(a->out);
	return E_OK;
}

static enum err
sub(struct cx *cx, struct shop_ask *a)
{
	shop_graph_sub(cx, a->out, NULL, shop_sub_find(shop_gid_id(json_text(
	    json_get(a->args, "id")), "WebhookSubscription")));
	return E_OK;
}

/* --- tagsAdd(id, tags): a list, or a string with commas */

static enum err
add_words(struct cx *cx, struct shop_buyer *u, const char *s,
    const char **bad)
{
	enum err er;
	size_t n;

	for (; s != NULL && *s != '\0'; s += n + (s[n] == ',')) {
		const char *word;
		size_t len;

		s += strspn(s, " ");
		len = n = strcspn(s, ",");
		while (len > 0 && s[len - 1] == ' ')
			len--;
		word = cx_dupn(cx, s, len);
		if (len == 0)
			continue;
		if (str_utf8_len(word) > TAG_MAX) {
			*bad = "Tag is too long (maximum is 255 characters)";
			continue;
		}
		if ((er = shop_buyer_tag(cx, u, word)) != E_OK)
			return er;
	}
	return E_OK;
}

static enum err
tags_add(struct cx *cx, struct shop_ask *a)
{
	static const char *const at_id[] = { "id", NULL };
	static const char *const at_tags[] = { "tags", NULL };
	const struct cJSON *tags = json_get(a->args, "tags");
	const char *gid = json_text(json_get(a->args, "id")), *bad = NULL;
	struct shop_buyer *u;
	enum err er = E_OK;

	if (!str_starts(gid, "gid://shopify/"))
		return no(a, "INVALID_VARIABLE", cx_fmt(cx, "Invalid global "
		    "id '%.80s'", gid != NULL ? gid : ""));
	u = shop_buyer_find(shop_gid_id(gid, "Customer"));
	if (u != NULL && json_text(tags) != NULL)
		er = add_words(cx, u, json_text(tags), &bad);
	for (const struct cJSON *m = json_first(tags); u != NULL &&
	    er == E_OK && m != NULL; m = json_next(m))
		er = add_words(cx, u, json_text(m), &bad);
	if (er != E_OK)
		return er;
	json_obj(a->out, NULL);
	json_str(a->out, "__typename", "TagsAddPayload");
	shop_graph_buyer(cx, a->out, "node", u);
	user_errors(a->out, u == NULL ? at_id : at_tags, u == NULL ?
	    "Customer does not exist" : bad);
	json_end(a->out);
	return E_OK;
}

/* --- webhook subscriptions */

/* Only this machine is called, and Mina wherever it says that it is. */
static bool
may_call(struct cx *cx, const char *uri)
{
	struct url u;

	if (!url_parse(cx, uri, &u) || u.userinfo || u.fragment ||
	    !str_eq(u.scheme, "https"))
		return false;
	return url_under(uri, conf_str(C_PUBLIC_URL)) ||
	    str_eq(u.host, "localhost") || str_eq(u.host, "127.0.0.1") ||
	    str_eq(u.host, "::1");
}

static bool
taken(struct cx *cx, const struct shop_topic *t, const char *uri)
{
	for (struct shop_sub *s = shop_sub_first(); s != NULL; s = s->next)
		if (s->topic == t && str_eq(shop_sub_uri(cx, s), uri))
			return true;
	return false;
}

static enum err
sub_create(struct cx *cx, struct shop_ask *a)
{
	const char *topic = json_text(json_get(a->args, "topic"));
	const struct cJSON *in = json_get(a->args, "webhookSubscription");
	const char *uri = json_text(json_get(in, "uri")), *bad = NULL;
	const char *path[] = { "webhookSubscription", "uri", NULL };
	const struct shop_topic *t = shop_topic(topic);
	const char *format = json_text(json_get(in, "format"));
	struct shop_sub *s = NULL;
	enum err er;

	if (t == NULL || !str_eq(topic, t->graph))
		return no(a, "INVALID_VARIABLE", cx_fmt(cx, "topic of type "
		    "WebhookSubscriptionTopic! was provided invalid value "
		    "(%.60s)", topic != NULL ? topic : "null"));
	if (uri == NULL) {
		uri = json_text(json_get(in, "callbackUrl"));
		path[1] = "callbackUrl";
	}
	if (uri == NULL || *uri == '\0')
		bad = "Address can't be blank";
	else if (!may_call(cx, uri))
		bad = "Address is not allowed: this shop calls its own "
		    "machine only, over https";
	else if (taken(cx, t, uri))
		bad = "Address for this topic has already been taken";
	else if (format != NULL && !str_eq(format, "JSON")) {
		bad = "Format is not offered here";
		path[1] = "format";
	}
	if (bad == NULL && (er = shop_sub_make(cx, t, uri, &s)) != E_OK)
		return er;
	json_obj(a->out, NULL);
	json_str(a->out, "__typename", "WebhookSubscriptionCreatePayload");
	shop_graph_sub(cx, a->out, "webhookSubscription", s);
	user_errors(a->out, path, bad);
	json_end(a->out);
	return E_OK;
}

static enum err
sub_delete(struct cx *cx, struct shop_ask *a)
{
	static const char *const at_id[] = { "id", NULL };
	const char *gid = json_text(json_get(a->args, "id"));
	int64_t id = shop_gid_id(gid, "WebhookSubscription");
	bool there = shop_sub_find(id) != NULL;

	shop_sub_remove(cx, id);
	json_obj(a->out, NULL);
	json_str(a->out, "__typename", "WebhookSubscriptionDeletePayload");
	json_str(a->out, "deletedWebhookSubscriptionId", there ? gid : NULL);
	user_errors(a->out, at_id, there ? NULL :
	    "Webhook subscription does not exist");
	json_end(a->out);
	return E_OK;
}

enum err
shop_ask(struct cx *cx, const char *field, struct shop_ask *a)
{
	static const struct {
		const char	*field;
		answer		*fn;
	} table[] = {
		{ "order", order },
		{ "orders", orders },
		{ "customer", customer },
		{ "shop", shop },
		{ "webhookSubscription", sub },
		{ "webhookSubscriptions", subs },
		{ "tagsAdd", tags_add },
		{ "webhookSubscriptionCreate", sub_create },
		{ "webhookSubscriptionDelete", sub_delete },
	};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (str_eq(table[i].field, field))
			return table[i].fn(cx, a);
	json_null(a->out, NULL);
	return E_OK;
}
