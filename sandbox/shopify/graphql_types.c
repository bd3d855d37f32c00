/* graphql_types - the shop's things in the shape GraphQL gives them */
#include "config.h"

#include <ctype.h>

#include "core/service.h"
#include "shopify/graphql.h"

/* --- global ids and cursors */

#define GID		"gid://shopify/"
#define LAST_ID		"{\"last_id\":"
#define LAST_VALUE	",\"last_value\":"

const char *
shop_gid(struct cx *cx, const char *type, int64_t id)
{
	return cx_fmt(cx, GID "%s/%lld", type, (long long)id);
}

int64_t
shop_gid_id(const char *gid, const char *type)
{
	size_t n = strlen(type);
	int64_t id;

	if (!str_starts(gid, GID))
		return 0;
	gid += strlen(GID);
	if (strncmp(gid, type, n) != 0 || gid[n] != '/' ||
	    !str_int(gid + n + 1, 1, INT64_MAX, &id))
		return 0;
	return id;
}

const char *
shop_cursor(struct cx *cx, int64_t id, int64_t v)
{
	const char *s = cx_fmt(cx, LAST_ID "%lld" LAST_VALUE "%lld}",
	    (long long)id, (long long)v);

	return encode_base64(cx, s, strlen(s));
}

/* What follows name in *s, as a number; *s goes behind it. */
static bool
number(struct cx *cx, const char **s, const char *name, int64_t *out)
{
	const char *digits;

	if (!str_starts(*s, name))
		return false;
	*s += strlen(name);
	digits = cx_dupn(cx, *s, strspn(*s, "0123456789"));
	*s += strlen(digits);
	return str_int(digits, 0, INT64_MAX, out);
}

/* Not with a parser of JSON, which would round it. */
bool
shop_cursor_read(struct cx *cx, const char *cursor, int64_t *id, int64_t *v)
{
	size_t n;
	const char *s = (const char *)decode_base64(cx, cursor, &n);

	if (s == NULL)
		return false;
	s = cx_dupn(cx, s, n);
	return number(cx, &s, LAST_ID, id) && number(cx, &s, LAST_VALUE, v) &&
	    str_eq(s, "}");
}

/* --- types of members */

/* 2026-11-22T10:30:00Z */
static void
put_time(struct json *js, const char *key, int64_t ms)
{
	char t[CLOCK_LEN], out[CLOCK_LEN];

	clock_rfc3339(ms, t);
	snprintf(out, sizeof out, "%.19sZ", t);
	json_str(js, key, out);
}

static void
put_ids(struct json *js, const char *type, int64_t id)
{
	char gid[80];

	snprintf(gid, sizeof gid, GID "%s/%lld", type, (long long)id);
	json_put(js, j_str("__typename", type), j_str("id", gid),
	    j_id("legacyResourceId", id));
}

static void
put_bag(struct json *js, const char *key, int64_t cents)
{
	char amount[32];

	snprintf(amount, sizeof amount, "%lld.%02lld",
	    (long long)cents / 100, (long long)cents % 100);
	json_put(js, j_obj(key), j_const("__typename:'MoneyBag'"),
	    j_obj("shopMoney"), j_const("__typename:'MoneyV2'"),
	    j_str("amount", amount), j_const("currencyCode:'USD'"), j_end(),
	    j_obj("presentmentMoney"), j_const("__typename:'MoneyV2'"),
	    j_str("amount", amount), j_const("currencyCode:'USD'"), j_end(),
	    j_end());
}

#define j_when(key, ms)		j_call(key, put_time, ms)
#define j_ids(type, id)		j_call(type, put_ids, id)
#define j_bag(key, cents)	j_call(key, put_bag, cents)

/* Opens a connection's list of edges, or an edge and its node. */
#define j_edges(key, type)	j_obj(key), j_str("__typename", type), \
				j_list("edges")
#define j_edge(cx, type, id, i)	j_obj(NULL), j_str("__typename", type),	\
				j_str("cursor", shop_cursor(cx, id, i))

/* --- an order */

static void
print_thing(struct json *js, const char *key, const char *type, int64_t id,
    const char *sku)
{
	if (id != 0)
		json_put(js, j_obj(key), j_ids(type, id), j_str("sku", sku),
		    j_end());
	else
		json_null(js, key);
}

static void
print_line(struct json *js, const char *key, const struct shop_line *l)
{
	json_put(js, j_obj(key), j_ids("LineItem", l->id),
	    j_str("name", l->title), j_str("title", l->title),
	    j_str("sku", l->sku),
	    j_str("vendor", l->product != 0 ? "Mina" : NULL),
	    j_int("quantity", l->quantity),
	    j_int("currentQuantity", l->current),
	    j_int("refundableQuantity", l->current),
	    j_const("customAttributes:[]"),
	    j_bag("originalUnitPriceSet", l->price),
	    j_bag("originalTotalSet", l->price * l->quantity),
	    j_bag("discountedTotalSet", l->price * l->quantity));
	print_thing(js, "product", "Product", l->product, NULL);
	print_thing(js, "variant", "ProductVariant", l->variant, l->sku);
	json_end(js);
}

static void
print_refund(struct cx *cx, struct json *js, const struct shop_order *o,
    const struct shop_refund *r)
{
	json_put(js, j_obj(NULL), j_ids("Refund", r->id),
	    j_when("createdAt", r->created), j_when("updatedAt", r->created),
	    j_const("note:null"), j_bag("totalRefundedSet", r->amount),
	    j_edges("refundLineItems", "RefundLineItemConnection"));
	for (size_t i = 0; i < r->nline; i++) {
		const struct shop_refund_line *rl = &r->line[i];
		const struct shop_line *l = &o->line[rl->line];

		json_put(js, j_edge(cx, "RefundLineItemEdge", rl->id,
		    (int64_t)i), j_obj("node"),
		    j_ids("RefundLineItem", rl->id),
		    j_int("quantity", rl->quantity),
		    j_const("restocked:false restockType:'NO_RESTOCK'"),
		    j_bag("subtotalSet", l->price * rl->quantity),
		    j_bag("totalTaxSet", 0));
		print_line(js, "lineItem", l);
		json_put(js, j_end(), j_end());
	}
	json_put(js, j_end(), j_end(),
	    j_edges("transactions", "OrderTransactionConnection"),
	    j_edge(cx, "OrderTransactionEdge", r->transaction, 0),
	    j_obj("node"), j_ids("OrderTransaction", r->transaction),
	    j_const("kind:'REFUND' status:'SUCCESS'"),
	    j_str("gateway", shop_order_gateway(o)), j_bool("test", o->test),
	    j_when("createdAt", r->created), j_bag("amountSet", r->amount),
	    j_end(), j_end(), j_end(), j_end(), j_end());
}

static void
print_lists(struct cx *cx, struct json *js, const struct shop_order *o)
{
	json_list(js, "customAttributes");
	if (o->pass_ref != NULL)
		json_put(js, j_obj(NULL), j_str("__typename", "Attribute"),
		    j_str("key", "mina_pass"), j_str("value", o->pass_ref),
		    j_end());
	json_put(js, j_end(), j_edges("lineItems", "LineItemConnection"));
	for (size_t i = 0; i < o->nline; i++) {
		json_put(js, j_edge(cx, "LineItemEdge", o->line[i].id,
		    (int64_t)i));
		print_line(js, "node", &o->line[i]);
		json_end(js);
	}
	json_put(js, j_end(), j_end(), j_list("refunds"));
	for (const struct shop_refund *r = o->refunds; r != NULL; r = r->next)
		print_refund(cx, js, o, r);
	json_end(js);
}

void
shop_graph_order(struct cx *cx, struct json *js, const char *key,
    const struct shop_order *o)
{
	char *status;

	if (o == NULL) {
		json_null(js, key);
		return;
	}
	status = cx_dup(cx, shop_order_status(o));
	for (char *p = status; *p != '\0'; p++)
		*p = (char)toupper((unsigned char)*p);
	json_put(js, j_obj(key), j_ids("Order", o->id),
	    j_str("name", cx_fmt(cx, "#%lld", (long long)o->number)),
	    j_int("number", o->number), j_str("email", o->email),
	    j_const("phone:null note:null tags:[]"), j_bool("test", o->test),
	    j_const("confirmed:true"), j_bool("fullyPaid", o->paid),
	    j_bool("unpaid", !o->paid), j_when("createdAt", o->created),
	    j_when("updatedAt", o->updated),
	    j_when("processedAt", o->processed),
	    o->cancelled != 0 ? j_when("cancelledAt", o->cancelled) :
	    j_const("cancelledAt:null"),
	    j_const("closedAt:null currencyCode:'USD'"),
	    j_str("displayFinancialStatus", status),
	    j_const("displayFulfillmentStatus:'UNFULFILLED'"),
	    j_list("paymentGatewayNames"),
	    j_str(NULL, shop_order_gateway(o)), j_end(),
	    j_str("sourceName", "web"), j_str("statusPageUrl", cx_fmt(cx,
	    "%s/checkout/%s", conf_str(C_SANDBOX_URL), o->token)),
	    j_bag("subtotalPriceSet", shop_order_total(o)),
	    j_bag("totalPriceSet", shop_order_total(o)),
	    j_bag("currentTotalPriceSet", shop_order_current(o)),
	    j_bag("totalRefundedSet", shop_order_refunded(o)));
	shop_graph_customer(js, "customer", shop_customer_find(o->customer));
	print_lists(cx, js, o);
	json_end(js);
}

/* --- a customer, a subscription */

void
shop_graph_customer(struct json *js, const char *key,
    const struct shop_customer *u)
{
	if (u == NULL) {
		json_null(js, key);
		return;
	}
	json_put(js, j_obj(key), j_ids("Customer", u->id),
	    j_str("email", u->email), j_str("displayName", u->email),
	    j_const("firstName:null lastName:null state:'DISABLED'"),
	    j_list("tags"));
	for (size_t i = 0; i < u->ntag; i++)
		json_str(js, NULL, u->tag[i]);
	json_put(js, j_end(), j_const("verifiedEmail:true"),
	    j_when("createdAt", u->created), j_when("updatedAt", u->updated),
	    j_obj("defaultEmailAddress"),
	    j_const("__typename:'CustomerEmailAddress'"),
	    j_str("emailAddress", u->email), j_end(), j_end());
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
	json_put(js, j_obj(key), j_ids("WebhookSubscription", s->id),
	    j_str("topic", s->topic->graph), j_str("uri", uri),
	    j_str("callbackUrl", uri), j_const("format:'JSON' filter:null "
	    "includeFields:[] metafieldNamespaces:[]"),
	    j_when("createdAt", s->created), j_when("updatedAt", s->updated),
	    j_obj("apiVersion"), j_const("__typename:'ApiVersion' "
	    "handle:'2026-07' displayName:'2026-07' supported:true"),
	    j_end(), j_obj("endpoint"),
	    j_const("__typename:'WebhookHttpEndpoint'"),
	    j_str("callbackUrl", uri), j_end(), j_end());
}
