/* shop_control - orders, refunds and deliveries on demand; the shop's routes */
#include "config.h"

#include "core/service.h"
#include "io/loop.h"
#include "shopify/shopify.h"

#define WAIT_STEP_MS	50

static void
print_order(struct cx *cx, struct json *js, const char *key,
    const struct shop_order *o)
{
	json_put(js, j_obj(key), j_id("id", o->id),
	    j_str("name", cx_fmt(cx, "#%lld", (long long)o->number)),
	    j_str("token", o->token), j_str("email", o->email),
	    j_id("customer", o->customer), j_str("passRef", o->pass_ref),
	    j_str("financialStatus", shop_order_status(o)),
	    j_bool("test", o->test),
	    j_str("total", shop_money(cx, shop_order_total(o))),
	    j_str("refunded", shop_money(cx, shop_order_refunded(o))),
	    j_time("createdAt", o->created), j_time("updatedAt", o->updated),
	    j_list("lines"));
	for (size_t i = 0; i < o->nline; i++)
		json_put(js, j_obj(NULL), j_id("id", o->line[i].id),
		    j_str("sku", o->line[i].sku),
		    j_int("quantity", o->line[i].quantity),
		    j_int("current", o->line[i].current),
		    j_str("price", shop_money(cx, o->line[i].price)), j_end());
	json_put(js, j_end(), j_list("refunds"));
	for (const struct shop_refund *r = o->refunds; r != NULL; r = r->next)
		json_put(js, j_obj(NULL), j_id("id", r->id),
		    j_str("amount", shop_money(cx, r->amount)), j_end());
	json_put(js, j_end(), j_end());
}

/* The order as it is now, and the refund if there is one. */
static enum err
answer(struct cx *cx, struct resp *rs, int status, const struct shop_order *o,
    const struct shop_refund *r)
{
	struct json *js = resp_json(rs, status);

	print_order(cx, js, "order", o);
	if (r != NULL)
		json_put(js, j_id("refund", r->id));
	return resp_done(rs);
}

/* --- POST /_sandbox/shop/order, /refund, /send */

static enum err
post_order(struct cx *cx, struct req *rq, struct resp *rs)
{
	struct shop_order *o;
	struct shop_wish w;
	struct shop_way way;
	enum err er;

	if ((er = control_read_wish(cx, req_json(rq), &w, &way)) != E_OK ||
	    (er = shop_order_place(cx, &w, &o)) != E_OK)
		return er;
	shop_webhook_send(cx, o, NULL, o->paid ?
	    "orders/create orders/paid" : "orders/create", &way);
	return answer(cx, rs, 201, o, NULL);
}

static enum err
post_refund(struct cx *cx, struct req *rq, struct resp *rs)
{
	struct shop_refund want, *r;
	struct shop_order *o;
	struct shop_way way;
	enum err er;

	if ((er = control_read_refund(cx, req_json(rq), &o, &want, &way)) !=
	    E_OK || (er = shop_order_refund(cx, o, &want, &r)) != E_OK)
		return er;
	shop_webhook_send(cx, o, r, "refunds/create orders/updated", &way);
	return answer(cx, rs, 201, o, r);
}

/* An order's webhooks once more; with `paid', it is paid first. */
static enum err
post_send(struct cx *cx, struct req *rq, struct resp *rs)
{
	struct shop_order *o;
	struct shop_way way;
	bool paid;
	enum err er;

	if ((er = control_read_send(cx, req_json(rq), &o, &paid, &way)) !=
	    E_OK)
		return er;
	if (paid && o->paid)
		return err_say(cx, E_CONFLICT, "That order is paid already.");
	if (paid && (er = shop_order_pay(cx, o)) != E_OK)
		return er;
	shop_webhook_send(cx, o, NULL, paid ? "orders/updated orders/paid" :
	    o->paid ? "orders/create orders/paid" : "orders/create", &way);
	return answer(cx, rs, 200, o, NULL);
}

/* --- POST /_sandbox/shop/edit, /cancel, /dispute, /privacy */

static enum err
post_edit(struct cx *cx, struct req *rq, struct resp *rs)
{
	struct shop_edit edit;
	struct shop_order *o;
	struct shop_way way;
	enum err er;

	if ((er = control_read_edit(cx, req_json(rq), &o, &edit, &way)) !=
	    E_OK || (er = shop_order_edit(cx, o, edit.line, edit.sku,
	    edit.quantity)) != E_OK)
		return er;
	shop_webhook_send(cx, o, NULL, "orders/updated", &way);
	return answer(cx, rs, 200, o, NULL);
}

static enum err
post_cancel(struct cx *cx, struct req *rq, struct resp *rs)
{
	struct shop_refund want, *r = NULL;
	struct shop_order *o;
	struct shop_way way;
	enum err er;

	if ((er = control_read_cancel(cx, req_json(rq), &o, &want, &way)) !=
	    E_OK || (want.nline > 0 &&
	    (er = shop_order_refund(cx, o, &want, &r)) != E_OK) ||
	    (er = shop_order_cancel(cx, o)) != E_OK)
		return er;
	if (r != NULL)
		shop_webhook_send(cx, o, r, "refunds/create", &way);
	shop_webhook_send(cx, o, NULL, "orders/cancelled orders/updated",
	    &way);
	return answer(cx, rs, 200, o, r);
}

static enum err
post_dispute(struct cx *cx, struct req *rq, struct resp *rs)
{
	struct shop_quarrel q;
	struct shop_order *o;
	struct shop_way way;
	bool opened;
	enum err er;

	if ((er = control_read_dispute(cx, req_json(rq), &o, &q, &way)) !=
	    E_OK ||
	    (er = shop_order_dispute(cx, o, q.cents, &opened)) != E_OK)
		return er;
	shop_webhook_tell(cx, o->id, opened ? "disputes/create" :
	    "disputes/update", shop_rest_dispute(cx, o, q.type, q.status),
	    &way);
	return answer(cx, rs, 200, o, NULL);
}

static enum err
post_privacy(struct cx *cx, struct req *rq, struct resp *rs)
{
	const struct shop_customer *u;
	struct shop_way way;
	const char *topic;
	enum err er;

	if ((er = control_read_privacy(cx, req_json(rq), &topic, &u,
	    &way)) != E_OK)
		return er;
	shop_webhook_tell(cx, 0, topic, shop_rest_privacy(cx, u, topic), &way);
	return json_reply(rs, 200, j_str("topic", topic));
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
static enum err
get_orders(struct cx *cx, struct req *rq, struct resp *rs)
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
		    shop_order_find(id)));
	return resp_done(rs);
}

/* ?order=; ?wait=SECONDS until nothing of it is under way; ?bodies=1 */
static enum err
get_deliveries(struct cx *cx, struct req *rq, struct resp *rs)
{
	int64_t order = 0, wait = 0, bodies = 0, until;
	struct json *js;
	enum err er;

	if ((er = query_id(cx, rq, "order", &order)) != E_OK ||
	    (er = req_int(cx, rq, "wait", 0, 300, &wait)) != E_OK ||
	    (er = req_int(cx, rq, "bodies", 0, 1, &bodies)) != E_OK)
		return er;
	until = loop_now() + wait * 1000;
	while (delivery_pending(order) && loop_now() < until)
		if ((er = loop_sleep(cx, WAIT_STEP_MS)) != E_OK)
			return er;
	js = resp_json(rs, 200);
	json_put(js, j_bool("pending", delivery_pending(order)),
	    j_list("deliveries"));
	delivery_print(cx, js, order, bodies == 1);
	json_end(js);
	return resp_done(rs);
}

static enum err
get_tags(struct cx *cx, struct req *rq, struct resp *rs)
{
	struct json *js = resp_json(rs, 200);

	(void)cx;
	(void)rq;
	json_list(js, "customers");
	for (size_t i = 0; i < shop_customer_count(); i++) {
		const struct shop_customer *u = shop_customer_at(i);

		json_put(js, j_obj(NULL), j_id("id", u->id),
		    j_str("email", u->email), j_list("tags"));
		for (size_t k = 0; k < u->ntag; k++)
			json_str(js, NULL, u->tag[k]);
		json_put(js, j_end(), j_end());
	}
	json_end(js);
	return resp_done(rs);
}

/* POST /_sandbox/shop/secret: {"secret": ".."}, or {} to go back */
static enum err
post_secret(struct cx *cx, struct req *rq, struct resp *rs)
{
	const char *s = NULL;
	enum err er;

	if ((er = json_may_str(cx, req_json(rq), "", "secret", 1, 200, &s)) !=
	    E_OK)
		return er;
	shop_secret_set(s);
	return json_reply(rs, 200, j_bool("rotated", s != NULL));
}

static bool
open_shop(struct cx *cx, bool serving)
{
	shop_customer_load();
	shop_order_load();
	shop_sub_load(cx);
	if (serving)
		shop_webhook_load();
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
	.error = shop_status_error,
	.open = open_shop,
	.reset = reset,
	.route = (const struct emulated_route[]){
		ROUTE(GET, "/shop", NONE, shop_page),
		ROUTE(GET, "/checkout", NONE, shop_page_checkout),
		ROUTE(POST, "/checkout", NONE, shop_page_place,
		    .flags = R_RAW),
		ROUTE(GET, "/checkout/{token}", NONE, shop_page_thanks),
		ROUTE(GET, "/cart/{items...}", NONE, shop_page_cart),
		FAULT_ROUTE(POST, "/admin/oauth/access_token", SHOP_TOKEN,
		    shop_token),
		FAULT_ROUTE(POST, "/admin/api/{version}/graphql.json",
		    SHOP_ADMIN, shop_admin),
		ROUTE(POST, "/_sandbox/shop/order", NONE, post_order),
		ROUTE(POST, "/_sandbox/shop/refund", NONE, post_refund),
		ROUTE(POST, "/_sandbox/shop/send", NONE, post_send),
		ROUTE(POST, "/_sandbox/shop/edit", NONE, post_edit),
		ROUTE(POST, "/_sandbox/shop/cancel", NONE, post_cancel),
		ROUTE(POST, "/_sandbox/shop/dispute", NONE, post_dispute),
		ROUTE(POST, "/_sandbox/shop/privacy", NONE, post_privacy),
		ROUTE(GET, "/_sandbox/shop/orders", NONE, get_orders),
		ROUTE(GET, "/_sandbox/shop/deliveries", NONE, get_deliveries),
		ROUTE(GET, "/_sandbox/shop/tags", NONE, get_tags),
		ROUTE(POST, "/_sandbox/shop/secret", NONE, post_secret),
		{ 0 }
	},
};
