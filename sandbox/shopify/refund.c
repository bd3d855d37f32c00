/*
 * shoprefund - a refund in the shape webhooks have
 *
 * Subtotals and taxes of its lines are JSON numbers, alone among all the
 * money of Shopify's payloads.  A refund of money only has no lines but an
 * adjustment.
 */
#include "config.h"

#include "core/sandbox.h"
#include "shopify/order.h"
#include "shopify/pack.h"
#include "shopify/rest.h"

#define PAYLOAD_MAX	(1 << 20)
#define STAFF		548380009

static void
line(struct cx *cx, struct json *js, const struct shop_order *o,
    const struct shop_refund_line *l)
{
	const struct shop_line *of = &o->line[l->line];
	int64_t sum = of->price * l->quantity;

	json_obj(js, NULL);
	json_int(js, "id", l->id);
	json_int(js, "quantity", l->quantity);
	json_int(js, "line_item_id", of->id);
	json_null(js, "location_id");
	json_str(js, "restock_type", "no_restock");
	json_raw(js, "subtotal", shop_money(cx, sum));
	json_raw(js, "total_tax", "0.0");
	shop_rest_money(cx, js, "subtotal_set", sum);
	shop_rest_money(cx, js, "total_tax_set", 0);
	json_obj(js, "line_item");
	shop_rest_line(cx, js, of, true);
	json_end(js);
	json_end(js);
}

static void
unsettled(struct json *js, const char *key)
{
	json_obj(js, key);
	json_str(js, "amount", "0.0");
	json_str(js, "currency", "XXX");
	json_end(js);
}

static void
transaction(struct cx *cx, struct json *js, const struct shop_order *o,
    const struct shop_refund *r)
{
	json_obj(js, NULL);
	json_int(js, "id", r->transaction);
	json_int(js, "order_id", o->id);
	json_str(js, "kind", "refund");
	json_str(js, "gateway", o->test ? "bogus" : "shopify_payments");
	json_str(js, "status", "success");
	json_null(js, "message");
	shop_rest_time(js, "created_at", r->created);
	json_bool(js, "test", o->test);
	json_null(js, "authorization");
	json_null(js, "location_id");
	json_int(js, "user_id", STAFF);
	json_null(js, "parent_id");
	shop_rest_time(js, "processed_at", r->created);
	json_null(js, "device_id");
	json_null(js, "error_code");
	json_str(js, "source_name", "web");
	json_obj(js, "receipt");
	json_end(js);
	json_str(js, "amount", shop_money(cx, r->amount));
	json_str(js, "currency", "USD");
	json_str(js, "payment_id", cx_fmt(cx, "#%lld.1",
	    (long long)o->number));
	json_obj(js, "total_unsettled_set");
	unsettled(js, "presentment_money");
	unsettled(js, "shop_money");
	json_end(js);
	json_bool(js, "manual_payment_gateway", false);
	json_null(js, "amount_rounding");
	shop_rest_gid(cx, js, "OrderTransaction", r->transaction);
	json_end(js);
}

static void
adjustment(struct cx *cx, struct json *js, const struct shop_order *o,
    const struct shop_refund *r)
{
	json_obj(js, NULL);
	json_int(js, "id", r->adjustment);
	shop_rest_price(cx, js, "amount", -r->amount);
	json_str(js, "kind", "refund_discrepancy");
	json_int(js, "order_id", o->id);
	json_str(js, "reason", "Refund discrepancy");
	json_int(js, "refund_id", r->id);
	shop_rest_price(cx, js, "tax_amount", 0);
	json_end(js);
}

void
shop_rest_refund_members(struct cx *cx, struct json *js,
    const struct shop_order *o, const struct shop_refund *r)
{
	json_int(js, "id", r->id);
	json_int(js, "order_id", o->id);
	shop_rest_time(js, "created_at", r->created);
	json_null(js, "note");
	json_int(js, "user_id", STAFF);
	shop_rest_time(js, "processed_at", r->created);
	json_list(js, "duties");
	json_end(js);
	shop_rest_money(cx, js, "total_duties_set", 0);
	json_null(js, "return");
	json_bool(js, "restock", false);
	json_list(js, "refund_shipping_lines");
	json_end(js);
	shop_rest_gid(cx, js, "Refund", r->id);
	json_list(js, "order_adjustments");
	if (r->nline == 0)
		adjustment(cx, js, o, r);
	json_end(js);
	json_list(js, "refund_line_items");
	for (size_t i = 0; i < r->nline; i++)
		line(cx, js, o, &r->line[i]);
	json_end(js);
	json_list(js, "transactions");
	transaction(cx, js, o, r);
	json_end(js);
}

struct buf *
shop_rest_refund(struct cx *cx, const struct shop_order *o,
    const struct shop_refund *r)
{
	struct buf *b = buf_new(cx, PAYLOAD_MAX);
	struct json js;

	json_init(&js, b);
	json_obj(&js, NULL);
	shop_rest_refund_members(cx, &js, o, r);
	json_end(&js);
	return shop_rest_escape(cx, b);
}
