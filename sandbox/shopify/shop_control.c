/*
 * shopctl - see shopctl.h
 */
#include "config.h"

#include "core/sandbox.h"
#include "io/loop.h"
#include "shopify/admin_graphql.h"
#include "shopify/customer.h"
#include "shopify/order.h"
#include "shopify/pack.h"
#include "shopify/rest.h"
#include "shopify/shopify.h"
#include "shopify/storefront.h"
#include "shopify/subscription.h"
#include "shopify/webhook_queue.h"

#define WAIT_STEP_MS	50

const char *
shopctl_digits(struct cx *cx, int64_t id)
{
	return id == 0 ? NULL : cx_fmt(cx, "%lld", (long long)id);
}

static void
print_lines(struct cx *cx, struct json *js, const struct shop_order *o)
{
	json_list(js, "lines");
	for (size_t i = 0; i < o->nline; i++) {
		json_obj(js, NULL);
		json_str(js, "id", shopctl_digits(cx, o->line[i].id));
		json_str(js, "sku", o->line[i].sku);
		json_int(js, "quantity", o->line[i].quantity);
		json_int(js, "current", o->line[i].current);
		json_str(js, "price", shop_money(cx, o->line[i].price));
		json_end(js);
	}
	json_end(js);
}

static void
print_order(struct cx *cx, struct json *js, const char *key,
    const struct shop_order *o)
{
	json_obj(js, key);
	json_str(js, "id", shopctl_digits(cx, o->id));
	json_str(js, "name", cx_fmt(cx, "#%lld", (long long)o->number));
	json_str(js, "token", o->token);
	json_str(js, "email", o->email);
	json_str(js, "customer", shopctl_digits(cx, o->customer));
	json_str(js, "passRef", o->pass_ref);
	json_str(js, "financialStatus", shop_order_status(o));
	json_bool(js, "test", o->test);
	json_str(js, "total", shop_money(cx, shop_order_total(o)));
	json_str(js, "refunded", shop_money(cx, shop_order_refunded(o)));
	json_time(js, "createdAt", o->created);
	json_time(js, "updatedAt", o->updated);
	print_lines(cx, js, o);
	json_list(js, "refunds");
	for (const struct shop_refund *r = o->refunds; r != NULL;
	    r = r->next) {
		json_obj(js, NULL);
		json_str(js, "id", shopctl_digits(cx, r->id));
		json_str(js, "amount", shop_money(cx, r->amount));
		json_end(js);
	}
	json_end(js);
	json_end(js);
}

/* --- POST /_sandbox/shop/order, /send */

/* "create" alone while nothing has been paid. */
static void
announce(struct cx *cx, const struct shop_order *o, bool made, bool paid,
    const struct shop_way *w)
{
	const char *topics[4] = { NULL };
	size_t n = 0;

	if (made)
		topics[n++] = "orders/create";
	else
		topics[n++] = "orders/updated";
	if (paid)
		topics[n++] = "orders/paid";
	shop_hook_send(cx, o, NULL, topics, w);
}

enum err
shopctl_answer(struct cx *cx, struct resp *rs, int status,
    const struct shop_order *o, const struct shop_refund *r)
{
	struct json *js = resp_json(rs, status);

	print_order(cx, js, "order", o);
	if (r != NULL)
		json_str(js, "refund", shopctl_digits(cx, r->id));
	return resp_done(rs);
}

enum err
shopctl_order(struct cx *cx, struct req *rq, struct resp *rs)
{
	const struct cJSON *body = req_json(rq);
	struct shop_order *o;
	struct shop_wish w;
	struct shop_way way;
	enum err er;

	if ((er = shopctl_read_wish(cx, body, &w)) != E_OK ||
	    (er = shopctl_read_way(cx, body, &way)) != E_OK ||
	    (er = shop_order_place(cx, &w, &o)) != E_OK)
		return er;
	announce(cx, o, true, o->paid, &way);
	return shopctl_answer(cx, rs, 201, o, NULL);
}

/* An order's webhooks once more; with `paid', it is paid first. */
enum err
shopctl_send(struct cx *cx, struct req *rq, struct resp *rs)
{
	static const char *const known[] = { "order", "paid", "deliver",
		NULL };
	const struct cJSON *body = req_json(rq);
	struct shop_order *o;
	struct shop_way way;
	bool paid = false;
	enum err er;

	if ((er = shopctl_only(cx, body, "", known)) != E_OK ||
	    (er = shopctl_read_order(cx, body, &o)) != E_OK ||
	    (er = json_may_bool(cx, body, "", "paid", &paid)) != E_OK ||
	    (er = shopctl_read_way(cx, body, &way)) != E_OK)
		return er;
	if (paid && o->paid)
		return err_say(cx, E_CONFLICT, "That order is paid already.");
	if (paid && (er = shop_order_pay(cx, o)) != E_OK)
		return er;
	announce(cx, o, !paid, o->paid, &way);
	return shopctl_answer(cx, rs, 200, o, NULL);
}

/* --- GET */

static enum err
query_id(struct cx *cx, struct req *rq, const char *name, int64_t *id)
{
	const char *s = req_query(cx, rq, name);

	if (s != NULL && !str_int(s, 1, INT64_MAX, id))
		return err_field(cx, name, "must be an id");
	return E_OK;
}

/* ?token=, ?id= (then the payload is there too), or all, oldest first */
enum err
shopctl_orders(struct cx *cx, struct req *rq, struct resp *rs)
{
	const char *token = req_query(cx, rq, "token");
	struct json *js;
	int64_t id = 0;
	enum err er;

	if ((er = query_id(cx, rq, "id", &id)) != E_OK)
		return er;
	js = resp_json(rs, 200);
	json_list(js, "orders");
	for (size_t i = 0; i < shop_order_count(); i++) {
		const struct shop_order *o = shop_order_at(i);

		if ((id == 0 || o->id == id) &&
		    (token == NULL || str_eq(o->token, token)))
			print_order(cx, js, NULL, o);
	}
	json_end(js);
	if (id != 0 && shop_order_find(id) != NULL)
		json_raw(js, "payload", shop_rest_order(cx,
		    shop_order_find(id))->data);
	return resp_done(rs);
}

/* ?order=; ?wait=SECONDS until nothing of it is under way; ?bodies=1 */
enum err
shopctl_deliveries(struct cx *cx, struct req *rq, struct resp *rs)
{
	int64_t order = 0, wait = 0, bodies = 0, until;
	struct json *js;
	enum err er;

	if ((er = query_id(cx, rq, "order", &order)) != E_OK ||
	    (er = req_int(cx, rq, "wait", 0, 300, &wait)) != E_OK ||
	    (er = req_int(cx, rq, "bodies", 0, 1, &bodies)) != E_OK)
		return er;
	until = loop_now() + wait * 1000;
	while (shop_hook_pending(order) && loop_now() < until)
		if ((er = loop_sleep(cx, WAIT_STEP_MS)) != E_OK)
			return er;
	js = resp_json(rs, 200);
	json_bool(js, "pending", shop_hook_pending(order));
	json_list(js, "deliveries");
	shop_hook_print(cx, js, order, bodies == 1);
	json_end(js);
	return resp_done(rs);
}

enum err
shopctl_tags(struct cx *cx, struct req *rq, struct resp *rs)
{
	struct json *js = resp_json(rs, 200);

	(void)rq;
	json_list(js, "customers");
	for (size_t i = 0; i < shop_buyer_count(); i++) {
		const struct shop_buyer *u = shop_buyer_at(i);

		json_obj(js, NULL);
		json_str(js, "id", shopctl_digits(cx, u->id));
		json_str(js, "email", u->email);
		json_list(js, "tags");
		for (size_t k = 0; k < u->ntag; k++)
			json_str(js, NULL, u->tag[k]);
		json_end(js);
		json_end(js);
	}
	json_end(js);
	return resp_done(rs);
}

/* --- POST /_sandbox/shop/secret: {"secret": ".."}, or {} to go back */

enum err
shopctl_secret(struct cx *cx, struct req *rq, struct resp *rs)
{
	const char *s = NULL;
	enum err er;

	if ((er = json_may_str(cx, req_json(rq), "", "secret", 1, 200, &s)) !=
	    E_OK)
		return er;
	shop_secret_set(s);
	json_bool(resp_json(rs, 200), "rotated", s != NULL);
	return resp_done(rs);
}

static bool
open_shop(struct cx *cx, bool serving)
{
	shop_buyer_load();
	shop_order_load();
	shop_sub_load(cx);
	if (serving)
		shop_hook_load();
	return true;
}

static bool
reset(void)
{
	shop_secret_set(NULL);
	return true;
}

const struct emulator shop_emulator = {
	.name = "shop",
	.error = shopadmin_status,
	.open = open_shop,
	.reset = reset,
	.route = (const struct emulated_route[]){
		{ M_GET, "/shop", EP_NONE, .fn = shop_page },
		{ M_GET, "/checkout", EP_NONE, .fn = shop_page_checkout },
		{ M_POST, "/checkout", EP_NONE, .fn = shop_page_place,
		    .flags = R_RAW },
		{ M_GET, "/checkout/{token}", EP_NONE,
		    .fn = shop_page_thanks },
		{ M_GET, "/cart/{items...}", EP_NONE, .fn = shop_page_cart },
		{ M_POST, "/admin/oauth/access_token", EP_SHOP_TOKEN,
		    .fault_fn = shop_token },
		{ M_POST, "/admin/api/{version}/graphql.json", EP_SHOP_ADMIN,
		    .fault_fn = shop_admin },
		{ M_POST, "/_sandbox/shop/order", EP_NONE,
		    .fn = shopctl_order },
		{ M_POST, "/_sandbox/shop/refund", EP_NONE,
		    .fn = shopctl_refund },
		{ M_POST, "/_sandbox/shop/send", EP_NONE,
		    .fn = shopctl_send },
		{ M_GET, "/_sandbox/shop/orders", EP_NONE,
		    .fn = shopctl_orders },
		{ M_GET, "/_sandbox/shop/deliveries", EP_NONE,
		    .fn = shopctl_deliveries },
		{ M_GET, "/_sandbox/shop/tags", EP_NONE,
		    .fn = shopctl_tags },
		{ M_POST, "/_sandbox/shop/secret", EP_NONE,
		    .fn = shopctl_secret },
		{ 0 }
	},
};
