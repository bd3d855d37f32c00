/*
 * rest - orders and refunds in the shape webhooks have
 *
 * The members are those of Shopify's REST resources in version 2026-07; what
 * this shop knows nothing of is null or empty, as in a shop without it.
 *
 * Subtotals and taxes of a refund's lines are JSON numbers, alone among all
 * the money of Shopify's payloads.  A refund of money only has no lines but an
 * adjustment.
 */
#include "config.h"

#include "core/service.h"
#include "shopify/shop_webhook.h"

#define PAYLOAD_MAX	(1 << 20)
#define SHOP_OFFSET	(-5 * 3600000)	/* the shop's clock: New York */
#define STAFF		548380009

/* --- types of members */

/* Local time with its offset. */
static void
put_time(struct json *js, const char *key, int64_t ms)
{
	char t[CLOCK_LEN], out[CLOCK_LEN + 8];

	clock_rfc3339(ms + SHOP_OFFSET, t);
	snprintf(out, sizeof out, "%.19s-05:00", t);
	json_str(js, key, out);
}

static void
put_cents(struct json *js, const char *key, int64_t cents)
{
	char s[32];

	snprintf(s, sizeof s, "%s%lld.%02lld", cents < 0 ? "-" : "",
	    llabs((long long)cents) / 100, llabs((long long)cents) % 100);
	json_str(js, key, s);
}

/* The amount in both currencies, which are one here. */
static void
put_set(struct json *js, const char *key, int64_t cents)
{
	json_put(js, j_obj(key), j_obj("shop_money"),
	    j_call("amount", put_cents, cents),
	    j_const("currency_code:'USD'"), j_end(),
	    j_obj("presentment_money"), j_call("amount", put_cents, cents),
	    j_const("currency_code:'USD'"), j_end(), j_end());
}

/* key and key_set */
static void
put_price(struct json *js, const char *key, int64_t cents)
{
	char set[80];

	snprintf(set, sizeof set, "%s_set", key);
	put_cents(js, key, cents);
	put_set(js, set, cents);
}

/* 0 is no id. */
static void
put_id(struct json *js, const char *key, int64_t id)
{
	if (id != 0)
		json_int(js, key, id);
	else
		json_null(js, key);
}

static void
put_gid(struct json *js, const char *type, int64_t id)
{
	char s[80];

	snprintf(s, sizeof s, "gid://shopify/%s/%lld", type, (long long)id);
	json_str(js, "admin_graphql_api_id", s);
}

#define j_when(key, ms)		j_call(key, put_time, ms)
#define j_cents(key, cents)	j_call(key, put_cents, cents)
#define j_set(key, cents)	j_call(key, put_set, cents)
#define j_price(key, cents)	j_call(key, put_price, cents)
#define j_number(key, id)	j_call(key, put_id, id)
#define j_gid(type, id)		j_call(type, put_gid, id)

/*
 * As Rails escapes, and slashes as well.  None of these occurs outside of
 * strings.
 */
static const char *
escape(struct cx *cx, const struct buf *in)
{
	struct buf *b = buf_new(cx, PAYLOAD_MAX * 2);

	for (size_t i = 0; i < in->len; i++)
		switch (in->data[i]) {
		case '/':
			buf_puts(b, "\\/");
			break;
		case '<':
		case '>':
		case '&':
			buf_fmt(b, "\\u%04x", in->data[i]);
			break;
		default:
			buf_putc(b, in->data[i]);
		}
	return b->data;
}

/* Within a refund a line has two members less. */
static void
print_line(struct json *js, const struct shop_line *l, bool refunded)
{
	json_put(js, j_int("id", l->id), j_gid("LineItem", l->id));
	if (!refunded)
		json_int(js, "current_quantity", l->current);
	json_put(js, j_int("fulfillable_quantity", l->current),
	    j_const("fulfillment_service:'manual' fulfillment_status:null "
	    "gift_card:false grams:0"), j_str("name", l->title),
	    j_price("price", l->price),
	    j_bool("product_exists", l->product != 0),
	    j_number("product_id", l->product), j_const("properties:[]"),
	    j_int("quantity", l->quantity),
	    j_const("requires_shipping:false"));
	if (!refunded)
		json_null(js, "sales_line_item_group_id");
	json_put(js, j_str("sku", l->sku), j_const("taxable:true"),
	    j_str("title", l->title), j_price("total_discount", 0),
	    j_number("variant_id", l->variant),
	    j_const("variant_inventory_management:null variant_title:null"),
	    j_str("vendor", l->product != 0 ? "Mina" : NULL),
	    j_const("tax_lines:[] duties:[] discount_allocations:[]"));
}

/* --- refunds */

static void
print_refund_line(struct cx *cx, struct json *js, const struct shop_order *o,
    const struct shop_refund_line *l)
{
	const struct shop_line *of = &o->line[l->line];
	int64_t sum = of->price * l->quantity;

	json_put(js, j_obj(NULL), j_int("id", l->id),
	    j_int("quantity", l->quantity), j_int("line_item_id", of->id),
	    j_const("location_id:null restock_type:'no_restock'"),
	    j_raw("subtotal", shop_money(cx, sum)), j_const("total_tax:0.0"),
	    j_set("subtotal_set", sum), j_set("total_tax_set", 0),
	    j_obj("line_item"));
	print_line(js, of, true);
	json_put(js, j_end(), j_end());
}

static void
print_transaction(struct cx *cx, struct json *js, const struct shop_order *o,
    const struct shop_refund *r)
{
	json_put(js, j_obj(NULL), j_int("id", r->transaction),
	    j_int("order_id", o->id), j_str("kind", "refund"),
	    j_str("gateway", shop_order_gateway(o)),
	    j_const("status:'success' message:null"),
	    j_when("created_at", r->created), j_bool("test", o->test),
	    j_const("authorization:null location_id:null"),
	    j_int("user_id", STAFF), j_const("parent_id:null"),
	    j_when("processed_at", r->created),
	    j_const("device_id:null error_code:null source_name:'web' "
	    "receipt:{}"), j_cents("amount", r->amount),
	    j_str("currency", "USD"), j_str("payment_id",
	    cx_fmt(cx, "#%lld.1", (long long)o->number)),
	    j_obj("total_unsettled_set"), j_obj("presentment_money"),
	    j_const("amount:'0.0' currency:'XXX'"), j_end(),
	    j_obj("shop_money"), j_const("amount:'0.0' currency:'XXX'"),
	    j_end(), j_end(),
	    j_const("manual_payment_gateway:false amount_rounding:null"),
	    j_gid("OrderTransaction", r->transaction), j_end());
}

static void
print_refund(struct cx *cx, struct json *js, const struct shop_order *o,
    const struct shop_refund *r)
{
	json_put(js, j_int("id", r->id), j_int("order_id", o->id),
	    j_when("created_at", r->created), j_const("note:null"),
	    j_int("user_id", STAFF), j_when("processed_at", r->created),
	    j_const("duties:[]"), j_set("total_duties_set", 0),
	    j_const("return:null restock:false refund_shipping_lines:[]"),
	    j_gid("Refund", r->id), j_list("order_adjustments"));
	if (r->nline == 0)
		json_put(js, j_obj(NULL), j_int("id", r->adjustment),
		    j_price("amount", -r->amount),
		    j_str("kind", "refund_discrepancy"),
		    j_int("order_id", o->id),
		    j_str("reason", "Refund discrepancy"),
		    j_int("refund_id", r->id), j_price("tax_amount", 0),
		    j_end());
	json_put(js, j_end(), j_list("refund_line_items"));
	for (size_t i = 0; i < r->nline; i++)
		print_refund_line(cx, js, o, &r->line[i]);
	json_put(js, j_end(), j_list("transactions"));
	print_transaction(cx, js, o, r);
	json_end(js);
}

const char *
shop_rest_refund(struct cx *cx, const struct shop_order *o,
    const struct shop_refund *r)
{
	struct buf *b = buf_new(cx, PAYLOAD_MAX);
	struct json js;

	json_init(&js, b);
	json_obj(&js, NULL);
	print_refund(cx, &js, o, r);
	json_end(&js);
	return escape(cx, b);
}

/* --- the order */

static void
print_head(struct cx *cx, struct json *js, const struct shop_order *o)
{
	int64_t sum = shop_order_current(o);

	json_put(js, j_int("id", o->id), j_gid("Order", o->id),
	    j_const("app_id:580111 browser_ip:null "
	    "buyer_accepts_marketing:false"),
	    j_str("cancel_reason", o->cancelled != 0 ? "customer" : NULL));
	if (o->cancelled != 0)
		put_time(js, "cancelled_at", o->cancelled);
	else
		json_null(js, "cancelled_at");
	json_put(js, j_str("cart_token", o->token),
	    j_int("checkout_id", 51543508000000 + o->number),
	    j_str("checkout_token", o->token),
	    j_const("client_details:null closed_at:null"),
	    j_str("confirmation_number", cx_fmt(cx, "S%.8s", o->token)),
	    j_const("confirmed:true"), j_str("contact_email", o->email),
	    j_when("created_at", o->created), j_str("currency", "USD"),
	    j_set("current_shipping_price_set", 0),
	    j_price("current_subtotal_price", sum),
	    j_const("current_total_additional_fees_set:null"),
	    j_price("current_total_discounts", 0),
	    j_const("current_total_duties_set:null"),
	    j_price("current_total_price", sum),
	    j_price("current_total_tax", 0),
	    j_const("customer_locale:'en' device_id:null discount_codes:[] "
	    "duties_included:false"), j_str("email", o->email),
	    j_const("estimated_taxes:false"),
	    j_str("financial_status", shop_order_status(o)),
	    j_const("fulfillment_status:null landing_site:null "
	    "landing_site_ref:null location_id:null "
	    "merchant_business_entity_id:'MTU0ODM4MDAwOQ' "
	    "merchant_of_record_app_id:null"),
	    j_str("name", cx_fmt(cx, "#%lld", (long long)o->number)),
	    j_const("note:null"), j_list("note_attributes"));
	if (o->pass_ref != NULL)
		json_put(js, j_obj(NULL), j_str("name", "mina_pass"),
		    j_str("value", o->pass_ref), j_end());
	json_put(js, j_end(), j_int("number", o->number - 1000),
	    j_int("order_number", o->number),
	    j_str("order_status_url", cx_fmt(cx, "%s/checkout/%s",
	    conf_str(C_SANDBOX_URL), o->token)));
}

static void
print_middle(struct json *js, const struct shop_order *o)
{
	int64_t sum = shop_order_total(o);

	json_put(js, j_const("original_total_additional_fees_set:null "
	    "original_total_duties_set:null"),
	    j_list("payment_gateway_names"),
	    j_str(NULL, shop_order_gateway(o)), j_end(),
	    j_const("phone:null po_number:null presentment_currency:'USD'"),
	    j_when("processed_at", o->processed),
	    j_const("reference:null referring_site:null "
	    "source_identifier:null source_name:'web' source_url:null"),
	    j_price("subtotal_price", sum),
	    j_const("tags:'' tax_exempt:false tax_lines:[] "
	    "taxes_included:false"), j_bool("test", o->test),
	    j_str("token", o->token),
	    j_set("total_cash_rounding_payment_adjustment_set", 0),
	    j_set("total_cash_rounding_refund_adjustment_set", 0),
	    j_price("total_discounts", 0),
	    j_price("total_line_items_price", sum),
	    j_cents("total_outstanding", o->paid ? 0 : sum),
	    j_price("total_price", sum), j_set("total_shipping_price_set", 0),
	    j_price("total_tax", 0),
	    j_const("total_tip_received:'0.00' total_weight:0"),
	    j_when("updated_at", o->updated),
	    j_const("user_id:null billing_address:null"));
}

static void
print_customer(struct json *js, const struct shop_customer *u)
{
	if (u == NULL) {
		json_null(js, "customer");
		return;
	}
	json_put(js, j_obj("customer"), j_int("id", u->id),
	    j_when("created_at", u->created), j_when("updated_at", u->updated),
	    j_const("first_name:null last_name:null state:'disabled' "
	    "note:null verified_email:true multipass_identifier:null "
	    "tax_exempt:false"), j_str("email", u->email),
	    j_const("phone:null currency:'USD' tax_exemptions:[]"),
	    j_gid("Customer", u->id), j_const("default_address:null"),
	    j_end());
}

/* --- disputes, and privacy */

const char *
shop_rest_dispute(struct cx *cx, const struct shop_order *o,
    const char *type, const char *status)
{
	bool over = !word_in("needs_response under_review", status);
	struct buf *b = buf_new(cx, PAYLOAD_MAX);
	struct json js;

	json_init(&js, b);
	json_put(&js, j_obj(NULL), j_int("id", o->dispute),
	    j_int("order_id", o->id), j_str("type", type),
	    j_cents("amount", o->disputed),
	    j_const("currency:'USD' reason:'fraudulent' "
	    "network_reason_code:'4837'"), j_str("status", status),
	    j_when("evidence_due_by", o->created + 14 * INT64_C(86400000)),
	    j_const("evidence_sent_on:null"));
	if (over)
		put_time(&js, "finalized_on", o->updated);
	else
		json_null(&js, "finalized_on");
	json_put(&js, j_when("initiated_at", o->created), j_end());
	return escape(cx, b);
}

const char *
shop_rest_privacy(struct cx *cx, const struct shop_customer *u,
    const char *topic)
{
	bool asks = str_eq(topic, "customers/data_request");
	struct buf *b = buf_new(cx, PAYLOAD_MAX);
	struct json js;

	json_init(&js, b);
	json_put(&js, j_obj(NULL), j_int("shop_id", SHOP_ID),
	    j_str("shop_domain", shop_domain(cx)));
	if (u != NULL) {
		json_put(&js, j_obj("customer"), j_int("id", u->id),
		    j_str("email", u->email), j_const("phone:null"), j_end(),
		    j_list(asks ? "orders_requested" : "orders_to_redact"));
		for (size_t i = 0; i < shop_order_count(); i++)
			if (shop_order_at(i)->customer == u->id)
				json_int(&js, NULL, shop_order_at(i)->id);
		json_end(&js);
	}
	if (asks)
		json_put(&js, j_obj("data_request"), j_int("id", shop_id()),
		    j_end());
	json_end(&js);
	return escape(cx, b);
}

const char *
shop_rest_order(struct cx *cx, const struct shop_order *o)
{
	struct buf *b = buf_new(cx, PAYLOAD_MAX);
	struct json js;

	json_init(&js, b);
	json_obj(&js, NULL);
	print_head(cx, &js, o);
	print_middle(&js, o);
	print_customer(&js, shop_customer_find(o->customer));
	json_put(&js, j_const("discount_applications:[] fulfillments:[]"),
	    j_list("line_items"));
	for (size_t i = 0; i < o->nline; i++) {
		json_obj(&js, NULL);
		print_line(&js, &o->line[i], false);
		json_end(&js);
	}
	json_put(&js, j_end(), j_const("payment_terms:null"),
	    j_list("refunds"));
	for (const struct shop_refund *r = o->refunds; r != NULL;
	    r = r->next) {
		json_obj(&js, NULL);
		print_refund(cx, &js, o, r);
		json_end(&js);
	}
	json_put(&js, j_end(), j_const("shipping_address:null "
	    "shipping_lines:[] returns:[] line_item_groups:[]"), j_end());
	return escape(cx, b);
}
