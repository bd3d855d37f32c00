/* graphql_root - answers the queries and mutations of the Admin API */
#include "config.h"

#include "core/service.h"
#include "shopify/graphql.h"
#include "shopify/shop_webhook.h"

#define TAG_MAX		255

typedef enum err answer(struct cx *, struct shop_ask *);

static enum err
no(struct shop_ask *a, const char *code, const char *words)
{
	a->bad = words;
	a->code = code;
	return E_OK;
}

/* What is wrong with the input is data: [{field, message}], or []. */
static void
user_errors(struct json *js, const char *in, const char *field,
    const char *message)
{
	json_list(js, "userErrors");
	if (message != NULL) {
		json_put(js, j_obj(NULL), j_str("__typename", "UserError"),
		    j_list("field"));
		if (in != NULL)
			json_str(js, NULL, in);
		json_put(js, j_str(NULL, field), j_end(),
		    j_str("message", message), j_end());
	}
	json_end(js);
}

/* The id in the arguments, when it is one of that type. */
static int64_t
id_of(const struct shop_ask *a, const char *type)
{
	return shop_gid_id(text_of(a->args, "id"), type);
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
	shop_graph_order(cx, a->out, NULL, shop_order_find(id_of(a, "Order")));
	return E_OK;
}

static enum err
customer(struct cx *cx, struct shop_ask *a)
{
	(void)cx;
	shop_graph_customer(a->out, NULL,
	    shop_customer_find(id_of(a, "Customer")));
	return E_OK;
}

static enum err
shop(struct cx *cx, struct shop_ask *a)
{
	json_put(a->out, j_obj(NULL), j_str("__typename", "Shop"),
	    j_str("id", shop_gid(cx, "Shop", SHOP_ID)),
	    j_str("name", "Mina sandbox"),
	    j_str("myshopifyDomain", shop_domain(cx)),
	    j_str("currencyCode", "USD"), j_end());
	return E_OK;
}

/* Left out, that text, or a list that has it. */
static bool
asks_for(const struct shop_ask *a, const char *arg, const char *s)
{
	const struct cJSON *js = json_get(a->args, arg);

	return json_is_null(js) || (json_is_list(js) ? list_has(js, s) :
	    str_eq(json_text(js), s));
}

static enum err
subs(struct cx *cx, struct shop_ask *a)
{
	int64_t first = json_int_or(json_get(a->args, "first"), -1);

	if (first < 1 || first > 250)
		return no(a, "BAD_REQUEST", first < 1 ? "you must provide "
		    "one of first or last" : "first cannot exceed 250");
	a->spared = first;
	json_put(a->out, j_obj(NULL),
	    j_str("__typename", "WebhookSubscriptionConnection"),
	    j_list("edges"));
	for (struct shop_sub *s = shop_sub_first(); s != NULL; s = s->next) {
		const char *uri = shop_sub_uri(cx, s);

		if (!asks_for(a, "topics", s->topic->graph) ||
		    !asks_for(a, "uri", uri) ||
		    !asks_for(a, "callbackUrl", uri))
			continue;
		json_put(a->out, j_obj(NULL),
		    j_str("__typename", "WebhookSubscriptionEdge"),
		    j_str("cursor", shop_cursor(cx, s->id, s->id)));
		shop_graph_sub(cx, a->out, "node", s);
		json_end(a->out);
		a->spared -= a->spared > 0;
	}
	json_put(a->out, j_end(), j_end());
	return E_OK;
}

static enum err
sub(struct cx *cx, struct shop_ask *a)
{
	shop_graph_sub(cx, a->out, NULL,
	    shop_sub_find(id_of(a, "WebhookSubscription")));
	return E_OK;
}

/* --- tagsAdd(id, tags): a list, or a string with commas */

static enum err
add_words(struct cx *cx, struct shop_customer *u, const char *s,
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
		if ((er = shop_customer_tag(cx, u, word)) != E_OK)
			return er;
	}
	return E_OK;
}

static enum err
tags_add(struct cx *cx, struct shop_ask *a)
{
	const struct cJSON *tags = json_get(a->args, "tags");
	const char *gid = json_text(json_get(a->args, "id")), *bad = NULL;
	struct shop_customer *u;
	enum err er = E_OK;

	if (!str_starts(gid, "gid://shopify/"))
		return no(a, "INVALID_VARIABLE", cx_fmt(cx, "Invalid global "
		    "id '%.80s'", gid != NULL ? gid : ""));
	u = shop_customer_find(shop_gid_id(gid, "Customer"));
	if (u != NULL && json_text(tags) != NULL)
		er = add_words(cx, u, json_text(tags), &bad);
	for (const struct cJSON *m = json_first(tags); u != NULL &&
	    er == E_OK && m != NULL; m = json_next(m))
		er = add_words(cx, u, json_text(m), &bad);
	if (er != E_OK)
		return er;
	json_put(a->out, j_obj(NULL), j_str("__typename", "TagsAddPayload"));
	shop_graph_customer(a->out, "node", u);
	user_errors(a->out, NULL, u == NULL ? "id" : "tags", u == NULL ?
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
	const char *field = uri != NULL ? "uri" : "callbackUrl";
	const struct shop_topic *t = shop_topic(topic);
	const char *format = json_text(json_get(in, "format"));
	struct shop_sub *s = NULL;
	enum err er;

	if (t == NULL || !str_eq(topic, t->graph))
		return no(a, "INVALID_VARIABLE", cx_fmt(cx, "topic of type "
		    "WebhookSubscriptionTopic! was provided invalid value "
		    "(%.60s)", topic != NULL ? topic : "null"));
	if (uri == NULL)
		uri = json_text(json_get(in, "callbackUrl"));
	if (uri == NULL || *uri == '\0')
		bad = "Address can't be blank";
	else if (!may_call(cx, uri))
		bad = "Address is not allowed: this shop calls its own "
		    "machine only, over https";
	else if (taken(cx, t, uri))
		bad = "Address for this topic has already been taken";
	else if (format != NULL && !str_eq(format, "JSON")) {
		bad = "Format is not offered here";
		field = "format";
	}
	if (bad == NULL && (er = shop_sub_make(cx, t, uri, &s)) != E_OK)
		return er;
	json_put(a->out, j_obj(NULL),
	    j_str("__typename", "WebhookSubscriptionCreatePayload"));
	shop_graph_sub(cx, a->out, "webhookSubscription", s);
	user_errors(a->out, "webhookSubscription", field, bad);
	json_end(a->out);
	return E_OK;
}

static enum err
sub_delete(struct cx *cx, struct shop_ask *a)
{
	const char *gid = json_text(json_get(a->args, "id"));
	int64_t id = shop_gid_id(gid, "WebhookSubscription");
	bool there = shop_sub_find(id) != NULL;

	shop_sub_remove(cx, id);
	json_put(a->out, j_obj(NULL),
	    j_str("__typename", "WebhookSubscriptionDeletePayload"),
	    j_str("deletedWebhookSubscriptionId", there ? gid : NULL));
	user_errors(a->out, NULL, "id", there ? NULL :
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

	for (size_t i = 0; i < COUNT_OF(table); i++)
		if (str_eq(table[i].field, field))
			return table[i].fn(cx, a);
	json_null(a->out, NULL);
	return E_OK;
}
