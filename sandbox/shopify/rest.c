/*
 * shoprest - see shoprest.h
 */
#include "config.h"

#include "core/sandbox.h"
#include "shopify/customer.h"
#include "shopify/order.h"
#include "shopify/pack.h"
#include "shopify/rest.h"

#define PAYLOAD_MAX	(1 << 20)
#define SHOP_OFFSET	(-5 * 3600000)	/* the shop's clock: New York */

/* Shopify says local time with its offset. */
void
shop_rest_time(struct json *js, const char *key, int64_t ms)
{
	char t[CLOCK_LEN], out[CLOCK_LEN + 8];

	clock_rfc3339(ms + SHOP_OFFSET, t);
	snprintf(out, sizeof out, "%.19s-05:00", t);
	json_str(js, key, out);
}

void
shop_rest_gid(struct cx *cx, struct json *js, const char *type, int64_t id)
{
	json_str(js, "admin_graphql_api_id", cx_fmt(cx,
	    "gid://shopify/%s/%lld", type, (long long)id));
}

/* 0 is nobody's id. */
void
shop_rest_id(struct json *js, const char *key, int64_t id)
{
	if (id != 0)
		json_int(js, key, id);
	else
		json_null(js, key);
}

static void
money(struct cx *cx, struct json *js, const char *key, int64_t cents)
{
	json_obj(js, key);
	json_str(js, "amount", shop_money(cx, cents));
	json_str(js, "currency_code", "USD");
	json_end(js);
}

void
shop_rest_money(struct cx *cx, struct json *js, const char *key,
    int64_t cents)
{
	json_obj(js, key);
	money(cx, js, "shop_money", cents);
	money(cx, js, "presentment_money", cents);
	json_end(js);
}

void
shop_rest_price(struct cx *cx, struct json *js, const char *key,
    int64_t cents)
{
	json_str(js, key, shop_money(cx, cents));
	shop_rest_money(cx, js, cx_fmt(cx, "%s_set", key), cents);
}

/*
 * As Rails escapes, and slashes as well.  None of these occurs outside of
 * strings.
 */
struct buf *
shop_rest_escape(struct cx *cx, const struct buf *in)
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
	return b;
}

void
shop_rest_line(struct cx *cx, struct json *js, const struct shop_line *l,
    bool refunded)
{
	json_int(js, "id", l->id);
	shop_rest_gid(cx, js, "LineItem", l->id);
	if (!refunded)
		json_int(js, "current_quantity", l->current);
	json_int(js, "fulfillable_quantity", l->current);
	json_str(js, "fulfillment_service", "manual");
	json_null(js, "fulfillment_status");
	json_bool(js, "gift_card", false);
	json_int(js, "grams", 0);
	json_str(js, "name", l->title);
	shop_rest_price(cx, js, "price", l->price);
	json_bool(js, "product_exists", l->product != 0);
	shop_rest_id(js, "product_id", l->product);
	json_list(js, "properties");
	json_end(js);
	json_int(js, "quantity", l->quantity);
	json_bool(js, "requires_shipping", false);
	if (!refunded)
		json_null(js, "sales_line_item_group_id");
	json_str(js, "sku", l->sku);
	json_bool(js, "taxable", true);
	json_str(js, "title", l->title);
	shop_rest_price(cx, js, "total_discount", 0);
	shop_rest_id(js, "variant_id", l->variant);
	json_null(js, "variant_inventory_management");
	json_null(js, "variant_title");
	json_str(js, "vendor", l->product != 0 ? "Mina" : NULL);
	json_list(js, "tax_lines");
	json_end(js);
	json_list(js, "duties");
	json_end(js);
	json_list(js, "discount_allocations");
	json_end(js);
}

/* --- the order */

static void
current(struct cx *cx, struct json *js, const struct shop_order *o)
{
	int64_t sum = shop_order_current(o);

	shop_rest_money(cx, js, "current_shipping_price_set", 0);
	shop_rest_price(cx, js, "current_subtotal_price", sum);
	json_null(js, "current_total_additional_fees_set");
	shop_rest_price(cx, js, "current_total_discounts", 0);
	json_null(js, "current_total_duties_set");
	shop_rest_price(cx, js, "current_total_price", sum);
	shop_rest_price(cx, js, "current_total_tax", 0);
}

static void
totals(struct cx *cx, struct json *js, const struct shop_order *o)
{
	int64_t sum = shop_order_total(o);

	shop_rest_price(cx, js, "subtotal_price", sum);
	json_str(js, "tags", "");
	json_bool(js, "tax_exempt", false);
	json_list(js, "tax_lines");
	json_end(js);
	json_bool(js, "taxes_included", false);
	json_bool(js, "test", o->test);
	json_str(js, "token", o->token);
	shop_rest_money(cx, js, "total_cash_rounding_payment_adjustment_set",
	    0);
	shop_rest_money(cx, js, "total_cash_rounding_refund_adjustment_set",
	    0);
	shop_rest_price(cx, js, "total_discounts", 0);
	shop_rest_price(cx, js, "total_line_items_price", sum);
	json_str(js, "total_outstanding", shop_money(cx, o->paid ? 0 : sum));
	shop_rest_price(cx, js, "total_price", sum);
	shop_rest_money(cx, js, "total_shipping_price_set", 0);
	shop_rest_price(cx, js, "total_tax", 0);
	json_str(js, "total_tip_received", "0.00");
	json_int(js, "total_weight", 0);
}

static void
attributes(struct json *js, const struct shop_order *o)
{
	json_list(js, "note_attributes");
	if (o->pass_ref != NULL) {
		json_obj(js, NULL);
		json_str(js, "name", "mina_pass");
		json_str(js, "value", o->pass_ref);
		json_end(js);
	}
	json_end(js);
}

static void
customer(struct cx *cx, struct json *js, const struct shop_order *o)
{
	const struct shop_buyer *u = shop_buyer_find(o->customer);

	if (u == NULL) {
		json_null(js, "customer");
		return;
	}
	json_obj(js, "customer");
	json_int(js, "id", u->id);
	shop_rest_time(js, "created_at", u->created);
	shop_rest_time(js, "updated_at", u->updated);
	json_null(js, "first_name");
	json_null(js, "last_name");
	json_str(js, "state", "disabled");
	json_null(js, "note");
	json_bool(js, "verified_email", true);
	json_null(js, "multipass_identifier");
	json_bool(js, "tax_exempt", false);
	json_str(js, "email", u->email);
	json_null(js, "phone");
	json_str(js, "currency", "USD");
	json_list(js, "tax_exemptions");
	json_end(js);
	shop_rest_gid(cx, js, "Customer", u->id);
	json_null(js, "default_address");
	json_end(js);
}

static void
lists(struct cx *cx, struct json *js, const struct shop_order *o)
{
	json_list(js, "discount_applications");
	json_end(js);
	json_list(js, "fulfillments");
	json_end(js);
	json_list(js, "line_items");
	for (size_t i = 0; i < o->nline; i++) {
		json_obj(js, NULL);
		shop_rest_line(cx, js, &o->line[i], false);
		json_end(js);
	}
	json_end(js);
	json_null(js, "payment_terms");
	json_list(js, "refunds");
	for (const struct shop_refund *r = o->refunds; r != NULL;
	    r = r->next) {
		json_obj(js, NULL);
		shop_rest_refund_members(cx, js, o, r);
		json_end(js);
	}
	json_end(js);
	json_null(js, "shipping_address");
	json_list(js, "shipping_lines");
	json_end(js);
	json_list(js, "returns");
	json_end(js);
	json_list(js, "line_item_groups");
	json_end(js);
}

static void
head(struct cx *cx, struct json *js, const struct shop_order *o)
{
	json_int(js, "id", o->id);
	shop_rest_gid(cx, js, "Order", o->id);
	json_int(js, "app_id", 580111);
	json_null(js, "browser_ip");
	json_bool(js, "buyer_accepts_marketing", false);
	json_null(js, "cancel_reason");
	json_null(js, "cancelled_at");
	json_str(js, "cart_token", o->token);
	json_int(js, "checkout_id", 51543508000000 + o->number);
	json_str(js, "checkout_token", o->token);
	json_null(js, "client_details");
	json_null(js, "closed_at");
	json_str(js, "confirmation_number", cx_fmt(cx, "S%.8s", o->token));
	json_bool(js, "confirmed", true);
	json_str(js, "contact_email", o->email);
	shop_rest_time(js, "created_at", o->created);
	json_str(js, "currency", "USD");
	current(cx, js, o);
	json_str(js, "customer_locale", "en");
	json_null(js, "device_id");
	json_list(js, "discount_codes");
	json_end(js);
	json_bool(js, "duties_included", false);
	json_str(js, "email", o->email);
	json_bool(js, "estimated_taxes", false);
	json_str(js, "financial_status", shop_order_status(o));
	json_null(js, "fulfillment_status");
	json_null(js, "landing_site");
	json_null(js, "landing_site_ref");
	json_null(js, "location_id");
	json_str(js, "merchant_business_entity_id", "MTU0ODM4MDAwOQ");
	json_null(js, "merchant_of_record_app_id");
	json_str(js, "name", cx_fmt(cx, "#%lld", (long long)o->number));
	json_null(js, "note");
	attributes(js, o);
	json_int(js, "number", o->number - 1000);
	json_int(js, "order_number", o->number);
	json_str(js, "order_status_url", cx_fmt(cx, "%s/checkout/%s",
	    conf_str(C_SANDBOX_URL), o->token));
}

static void
middle(struct json *js, const struct shop_order *o)
{
	json_null(js, "original_total_additional_fees_set");
	json_null(js, "original_total_duties_set");
	json_list(js, "payment_gateway_names");
	json_str(js, NULL, o->test ? "bogus" : "shopify_payments");
	json_end(js);
	json_null(js, "phone");
	json_null(js, "po_number");
	json_str(js, "presentment_currency", "USD");
	shop_rest_time(js, "processed_at", o->processed);
	json_null(js, "reference");
	json_null(js, "referring_site");
	json_null(js, "source_identifier");
	json_str(js, "source_name", "web");
	json_null(js, "source_url");
}

struct buf *
shop_rest_order(struct cx *cx, const struct shop_order *o)
{
	struct buf *b = buf_new(cx, PAYLOAD_MAX);
	struct json js;

	json_init(&js, b);
	json_obj(&js, NULL);
	head(cx, &js, o);
	middle(&js, o);
	totals(cx, &js, o);
	shop_rest_time(&js, "updated_at", o->updated);
	json_null(&js, "user_id");
	json_null(&js, "billing_address");
	customer(cx, &js, o);
	lists(cx, &js, o);
	json_end(&js);
	return shop_rest_escape(cx, b);
}
