/*
 * shopread - what is said to /_sandbox/shop; see shopctl.h
 *
 * Unknown members are refused: a misspelt one would make a test that tests
 * nothing.
 */
#include "config.h"

#include "core/sandbox.h"
#include "shopify/order.h"
#include "shopify/pack.h"
#include "shopify/shopify.h"
#include "shopify/subscription.h"
#include "shopify/webhook_queue.h"

#define COPIES		10
#define DELAY_MAX	3600000

enum err
shopctl_only(struct cx *cx, const struct cJSON *js, const char *path,
    const char *const *known)
{
	for (const struct cJSON *m = json_first(js); m != NULL;
	    m = json_next(m))
		if (!str_in(json_key(m), known))
			return err_field(cx, cx_fmt(cx, "%s%s", path,
			    json_key(m)), "is not known here");
	return E_OK;
}

static enum err
read_topics(struct cx *cx, const struct cJSON *js, struct shop_way *w)
{
	const struct cJSON *list = NULL;
	const struct shop_topic *t;
	size_t n = 0;
	enum err er;

	if ((er = json_may_list(cx, js, "deliver", "topics", SHOP_TOPICS,
	    &list)) != E_OK)
		return er;
	for (const struct cJSON *m = json_first(list); m != NULL;
	    m = json_next(m)) {
		if ((t = shop_topic(json_text(m))) == NULL)
			return err_field(cx, "deliver.topics", "must be of "
			    "orders/create, orders/paid, orders/updated, "
			    "refunds/create");
		w->topic[n++] = t->name;
	}
	return E_OK;
}

enum err
shopctl_read_way(struct cx *cx, const struct cJSON *body, struct shop_way *w)
{
	static const char *const known[] = { "copies", "shuffle", "drop",
		"delayMs", "tamper", "topics", "secret", "shop", NULL };
	const char *secret = "new";
	const struct cJSON *js = NULL;
	enum err er;

	memset(w, 0, sizeof *w);
	if ((er = json_may_obj(cx, body, "", "deliver", &js)) != E_OK
	    || (er = shopctl_only(cx, js, "deliver.", known)) != E_OK
	    || (er = json_may_int(cx, js, "deliver", "copies", 1, COPIES,
	    &w->copies)) != E_OK
	    || (er = json_may_int(cx, js, "deliver", "delayMs", 0, DELAY_MAX,
	    &w->delay_ms)) != E_OK
	    || (er = json_may_bool(cx, js, "deliver", "shuffle",
	    &w->shuffle)) != E_OK
	    || (er = json_may_bool(cx, js, "deliver", "drop", &w->drop))
	    != E_OK
	    || (er = json_may_bool(cx, js, "deliver", "tamper", &w->tamper))
	    != E_OK
	    || (er = json_may_str(cx, js, "deliver", "shop", 1, 200,
	    &w->shop)) != E_OK
	    || (er = json_may_str(cx, js, "deliver", "secret", 3, 3,
	    &secret)) != E_OK
	    || (er = read_topics(cx, js, w)) != E_OK)
		return er;
	if (!str_eq(secret, "old") && !str_eq(secret, "new"))
		return err_field(cx, "deliver.secret", "must be old or new");
	w->old_secret = str_eq(secret, "old");
	return E_OK;
}

static enum err
read_line(struct cx *cx, const struct cJSON *js, const char *path,
    struct shop_wish *w)
{
	const char *sku = NULL;
	int64_t quantity = 1;
	enum err er;

	if ((er = json_may_str(cx, js, path, "sku", 0, 100, &sku)) != E_OK
	    || (er = json_may_int(cx, js, path, "quantity", 1, SHOP_QUANTITY,
	    &quantity)) != E_OK)
		return er;
	w->line[w->nline].pack = shop_pack_sku(sku);
	w->line[w->nline].sku = sku;
	w->line[w->nline++].quantity = quantity;
	return E_OK;
}

static enum err
read_lines(struct cx *cx, const struct cJSON *body, struct shop_wish *w)
{
	static const char *const known[] = { "sku", "quantity", NULL };
	const struct cJSON *list = NULL;
	enum err er;

	if (json_is_null(json_get(body, "lines"))) {
		if (json_is_null(json_get(body, "sku")))
			return err_field(cx, "sku", "is required, or lines");
		return read_line(cx, body, "", w);
	}
	if ((er = json_may_list(cx, body, "", "lines", SHOP_LINES, &list)) !=
	    E_OK)
		return er;
	for (const struct cJSON *m = json_first(list); m != NULL;
	    m = json_next(m))
		if ((er = shopctl_only(cx, m, "lines.", known)) != E_OK ||
		    (er = read_line(cx, m, "lines", w)) != E_OK)
			return er;
	return w->nline > 0 ? E_OK :
	    err_field(cx, "lines", "must not be empty");
}

enum err
shopctl_read_wish(struct cx *cx, const struct cJSON *body,
    struct shop_wish *w)
{
	static const char *const known[] = { "sku", "lines", "quantity",
		"email", "pass_ref", "customer", "paid", "test", "deliver",
		NULL };
	const struct cJSON *customer = json_get(body, "customer");
	bool paid = true;
	enum err er;

	memset(w, 0, sizeof *w);
	if ((er = shopctl_only(cx, body, "", known)) != E_OK
	    || (er = read_lines(cx, body, w)) != E_OK
	    || (er = json_may_str(cx, body, "", "email", 1, 254, &w->email))
	    != E_OK
	    || (er = json_may_str(cx, body, "", "pass_ref", 1, SHOP_REF,
	    &w->pass_ref)) != E_OK
	    || (er = json_may_bool(cx, body, "", "paid", &paid)) != E_OK
	    || (er = json_may_bool(cx, body, "", "test", &w->test)) != E_OK)
		return er;
	/* null is something else than nothing here. */
	if (customer != NULL && !json_is_null(customer))
		return err_field(cx, "customer", "must be null, or left out");
	w->nobody = customer != NULL;
	w->unpaid = !paid;
	if (w->email == NULL && !w->nobody)
		return err_field(cx, "email", "is required, or customer: "
		    "null");
	return E_OK;
}

enum err
shopctl_read_order(struct cx *cx, const struct cJSON *body,
    struct shop_order **out)
{
	const char *s = NULL;
	int64_t id = 0;
	enum err er;

	if (!json_is_null(json_get(body, "order")) &&
	    json_text(json_get(body, "order")) == NULL)
		return err_field(cx, "order", "must be a string: a number of "
		    "that size would be rounded");
	if ((er = json_want_str(cx, body, "", "order", 1, 40, &s)) != E_OK)
		return er;
	*out = NULL;
	if (*s == '#' && str_int(s + 1, 1, INT64_MAX, &id)) {
		for (size_t i = shop_order_count(); i > 0; i--)
			if (shop_order_at(i - 1)->number == id)
				*out = shop_order_at(i - 1);
	} else if (str_int(s, 1, INT64_MAX, &id))
		*out = shop_order_find(id);
	return *out != NULL ? E_OK :
	    err_say(cx, E_NOTFOUND, "There is no such order.");
}
