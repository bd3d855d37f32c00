/*
 * shopgraph - see shopgraph.h
 */
#include "config.h"

#include <ctype.h>

#include "core/sandbox.h"
#include "shopify/customer.h"
#include "shopify/graphql_types.h"
#include "shopify/order.h"
#include "shopify/pack.h"
#include "shopify/subscription.h"

/* 2026-11-22T10:30:00Z */
static void
when(struct json *js, const char *key, int64_t ms)
{
	char t[CLOCK_LEN], out[CLOCK_LEN];

	clock_rfc3339(ms, t);
	snprintf(out, sizeof out, "%.19sZ", t);
	json_str(js, key, out);
}

static void
ids(struct cx *cx, struct json *js, const char *type, int64_t id)
{
	json_str(js, "__typename", type);
	json_str(js, "id", shop_gid(cx, type, id));
	json_str(js, "legacyResourceId", cx_fmt(cx, "%lld", (long long)id));
}

static void
amount(struct cx *cx, struct json *js, const char *key, int64_t cents)
{
	json_obj(js, key);
	json_str(js, "__typename", "MoneyV2");
	json_str(js, "amount", cx_fmt(cx, "%s", shop_money(cx, cents)));
	json_str(js, "currencyCode", "USD");
	json_end(js);
}

static void
bag(struct cx *cx, struct json *js, const char *key, int64_t cents)
{
	json_obj(js, key);
	json_str(js, "__typename", "MoneyBag");
	amount(cx, js, "shopMoney", cents);
	amount(cx, js, "presentmentMoney", cents);
	json_end(js);
}

static void
edge(struct cx *cx, struct json *js, const char *type, int64_t id, size_t i)
{
	json_obj(js, NULL);
	json_str(js, "__typename", type);
	json_str(js, "cursor", shop_cursor(cx, id, (int64_t)i));
}

/* --- an order */

static void
attributes(struct json *js, const char *pass_ref)
{
	json_list(js, "customAttributes");
	if (pass_ref != NULL) {
		json_obj(js, NULL);
		json_str(js, "__typename", "Attribute");
		json_str(js, "key", "mina_pass");
		json_str(js, "value", pass_ref);
		json_end(js);
	}
	json_end(js);
}

static void
thing(struct cx *cx, struct json *js, const char *key, const char *type,
    int64_t id, const char *sku)
{
	if (id == 0) {
		json_null(js, key);
		return;
	}
	json_obj(js, key);
	ids(cx, js, type, id);
	json_str(js, "sku", sku);
	json_end(js);
}

static void
line(struct cx *cx, struct json *js, const char *key,
    const struct shop_line *l)
{
	json_obj(js, key);
	ids(cx, js, "LineItem", l->id);
	json_str(js, "name", l->title);
	json_str(js, "title", l->title);
	json_str(js, "sku", l->sku);
	json_str(js, "vendor", l->product != 0 ? "Mina" : NULL);
	json_int(js, "quantity", l->quantity);
	json_int(js, "currentQuantity", l->current);
	json_int(js, "refundableQuantity", l->current);
	attributes(js, NULL);
	bag(cx, js, "originalUnitPriceSet", l->price);
	bag(cx, js, "originalTotalSet", l->price * l->quantity);
	bag(cx, js, "discountedTotalSet", l->price * l->quantity);
	thing(cx, js, "product", "Product", l->product, NULL);
	thing(cx, js, "variant", "ProductVariant", l->variant, l->sku);
	json_end(js);
}

static void
lines(struct cx *cx, struct json *js, const struct shop_order *o)
{
	json_obj(js, "lineItems");
	json_str(js, "__typename", "LineItemConnection");
	json_list(js, "edges");
	for (size_t i = 0; i < o->nline; i++) {
		edge(cx, js, "LineItemEdge", o->line[i].id, i);
		line(cx, js, "node", &o->line[i]);
		json_end(js);
	}
	json_end(js);
	json_end(js);
}

static void
refund_lines(struct cx *cx, struct json *js, const struct shop_order *o,
    const struct shop_refund *r)
{
	json_obj(js, "refundLineItems");
	json_str(js, "__typename", "RefundLineItemConnection");
	json_list(js, "edges");
	for (size_t i = 0; i < r->nline; i++) {
		const struct shop_line *l = &o->line[r->line[i].line];

		edge(cx, js, "RefundLineItemEdge", r->line[i].id, i);
		json_obj(js, "node");
		ids(cx, js, "RefundLineItem", r->line[i].id);
		json_int(js, "quantity", r->line[i].quantity);
		json_bool(js, "restocked", false);
		json_str(js, "restockType", "NO_RESTOCK");
		line(cx, js, "lineItem", l);
		bag(cx, js, "subtotalSet", l->price * r->line[i].quantity);
		bag(cx, js, "totalTaxSet", 0);
		json_end(js);
		json_end(js);
	}
	json_end(js);
	json_end(js);
}

static void
transactions(struct cx *cx, struct json *js, const struct shop_order *o,
    const struct shop_refund *r)
{
	json_obj(js, "transactions");
	json_str(js, "__typename", "OrderTransactionConnection");
	json_list(js, "edges");
	edge(cx, js, "OrderTransactionEdge", r->transaction, 0);
	json_obj(js, "node");
	ids(cx, js, "OrderTransaction", r->transaction);
	json_str(js, "kind", "REFUND");
	json_str(js, "status", "SUCCESS");
	json_str(js, "gateway", o->test ? "bogus" : "shopify_payments");
	json_bool(js, "test", o->test);
	when(js, "createdAt", r->created);
	bag(cx, js, "amountSet", r->amount);
	json_end(js);
	json_end(js);
	json_end(js);
	json_end(js);
}

static void
refunds(struct cx *cx, struct json *js, const struct shop_order *o)
{
	json_list(js, "refunds");
	for (const struct shop_refund *r = o->refunds; r != NULL;
	    r = r->next) {
		json_obj(js, NULL);
		ids(cx, js, "Refund", r->id);
		when(js, "createdAt", r->created);
		when(js, "updatedAt", r->created);
		json_null(js, "note");
		bag(cx, js, "totalRefundedSet", r->amount);
		refund_lines(cx, js, o, r);
		transactions(cx, js, o, r);
		json_end(js);
	}
	json_end(js);
}

static const char *
upper(struct cx *cx, const char *s)
{
	char *copy = cx_dup(cx, s);

	for (char *p = copy; *p != '\0'; p++)
		*p = (char)toupper((unsigned char)*p);
	return copy;
}

static void
moments(struct json *js, const struct shop_order *o)
{
	when(js, "createdAt", o->created);
	when(js, "updatedAt", o->updated);
	when(js, "processedAt", o->processed);
	json_null(js, "cancelledAt");
	json_null(js, "closedAt");
}

void
shop_graph_order(struct cx *cx, struct json *js, const char *key,
    const struct shop_order *o)
{
	json_obj(js, key);
	ids(cx, js, "Order", o->id);
	json_str(js, "name", cx_fmt(cx, "#%lld", (long long)o->number));
	json_int(js, "number", o->number);
	json_str(js, "email", o->email);
	json_null(js, "phone");
	json_null(js, "note");
	json_list(js, "tags");
	json_end(js);
	json_bool(js, "test", o->test);
	json_bool(js, "confirmed", true);
	json_bool(js, "fullyPaid", o->paid);
	json_bool(js, "unpaid", !o->paid);
	moments(js, o);
	json_str(js, "currencyCode", "USD");
	json_str(js, "displayFinancialStatus", upper(cx,
	    shop_order_status(o)));
	json_str(js, "displayFulfillmentStatus", "UNFULFILLED");
	json_list(js, "paymentGatewayNames");
	json_str(js, NULL, o->test ? "bogus" : "shopify_payments");
	json_end(js);
	json_str(js, "sourceName", "web");
	json_str(js, "statusPageUrl", cx_fmt(cx, "%s/checkout/%s",
	    conf_str(C_SANDBOX_URL), o->token));
	attributes(js, o->pass_ref);
	shop_graph_buyer(cx, js, "customer", shop_buyer_find(o->customer));
	lines(cx, js, o);
	refunds(cx, js, o);
	bag(cx, js, "subtotalPriceSet", shop_order_total(o));
	bag(cx, js, "totalPriceSet", shop_order_total(o));
	bag(cx, js, "currentTotalPriceSet", shop_order_current(o));
	bag(cx, js, "totalRefundedSet", shop_order_refunded(o));
	json_end(js);
}

/* --- a customer, a subscription */

void
shop_graph_buyer(struct cx *cx, struct json *js, const char *key,
    const struct shop_buyer *u)
{
	if (u == NULL) {
		json_null(js, key);
		return;
	}
	json_obj(js, key);
	ids(cx, js, "Customer", u->id);
	json_str(js, "email", u->email);
	json_str(js, "displayName", u->email);
	json_null(js, "firstName");
	json_null(js, "lastName");
	json_str(js, "state", "DISABLED");
	json_list(js, "tags");
	for (size_t i = 0; i < u->ntag; i++)
		json_str(js, NULL, u->tag[i]);
	json_end(js);
	json_bool(js, "verifiedEmail", true);
	when(js, "createdAt", u->created);
	when(js, "updatedAt", u->updated);
	json_obj(js, "defaultEmailAddress");
	json_str(js, "__typename", "CustomerEmailAddress");
	json_str(js, "emailAddress", u->email);
	json_end(js);
	json_end(js);
}

void
shop_graph_sub(struct cx *cx, struct json *js, const char *key,
    const struct shop_sub *s)
{
	const char *uri;

	if (s == NULL) {
		json_null(js, key);
		return;
	}
	uri = shop_sub_uri(cx, s);
	json_obj(js, key);
	ids(cx, js, "WebhookSubscription", s->id);
	json_str(js, "topic", s->topic->graph);
	json_str(js, "uri", uri);
	json_str(js, "callbackUrl", uri);
	json_str(js, "format", "JSON");
	json_null(js, "filter");
	json_list(js, "includeFields");
	json_end(js);
	json_list(js, "metafieldNamespaces");
	json_end(js);
	when(js, "createdAt", s->created);
	when(js, "updatedAt", s->updated);
	json_obj(js, "apiVersion");
	json_str(js, "__typename", "ApiVersion");
	json_str(js, "handle", "2026-07");
	json_str(js, "displayName", "2026-07");
	json_bool(js, "supported", true);
	json_end(js);
	json_obj(js, "endpoint");
	json_str(js, "__typename", "WebhookHttpEndpoint");
	json_str(js, "callbackUrl", uri);
	json_end(js);
	json_end(js);
}
