/*
 * rest_shape - writes order, lines, customer and refunds as REST has them
 */
#include "config.h"

#include <string.h>

#include "base/buf.h"
#include "base/cx.h"
#include "base/json.h"
#include "base/str.h"
#include "shop/rest_shape.h"

#define ORDER_MAX	(4 << 20)
#define ID_DIGITS	20		/* of 64 bits */

const char *
shop_gid(struct cx *cx, const struct cJSON *js, const char *type)
{
	const char *s = json_text(js), *p;
	size_t n;

	if (s == NULL)
		return NULL;
	p = cx_fmt(cx, "gid://shopify/%s/", type);
	if (!str_starts(s, p))
		return NULL;
	s += strlen(p);
	n = strspn(s, "0123456789");
	if (n == 0 || n > ID_DIGITS || (s[n] != '\0' && s[n] != '?'))
		return NULL;
	/* Written as a JSON number, which has no leading zero. */
	if (*s == '0')
		return NULL;
	return cx_dupn(cx, s, n);
}

static const char *
status_of(const struct cJSON *order)
{
	static const struct {
		const char	*graphql, *rest;
	} names[] = {
		{ "PAID", "paid" },
		{ "PARTIALLY_REFUNDED", "partially_refunded" },
		{ "REFUNDED", "refunded" },
		{ "PARTIALLY_PAID", "partially_paid" },
		{ "PENDING", "pending" },
		{ "AUTHORIZED", "authorized" },
		{ "EXPIRED", "expired" },
		{ "VOIDED", "voided" },
	};
	const char *s = json_text(json_get(order, "displayFinancialStatus"));

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (str_eq(s, names[i].graphql))
			return names[i].rest;
	return NULL;
}

bool
shop_node_paid(const struct cJSON *order)
{
	static const char *const were[] = { "paid", "partially_refunded",
	    "refunded", NULL };
	const char *s = status_of(order);

	return s != NULL && str_in(s, were);
}

/* {"shopMoney":{"amount":"49.0"}}, NULL when there is none. */
static const char *
money(const struct cJSON *bag)
{
	return json_text(json_pointer(bag, "/shopMoney/amount"));
}

static bool
put_quantity(struct json *js, const struct cJSON *node)
{
	int64_t n = json_int_or(json_get(node, "quantity"), -1);

	json_int(js, "quantity", n);
	return n >= 0;
}

static bool
put_lines(struct cx *cx, struct json *js, const struct cJSON *nodes)
{
	const char *id;

	for (nodes = json_first(nodes); nodes != NULL;
	    nodes = json_next(nodes)) {
		if ((id = shop_gid(cx, json_get(nodes, "id"),
		    "LineItem")) == NULL)
			return false;
		json_obj(js, NULL);
		json_raw(js, "id", id);
		json_str(js, "sku", json_text(json_get(nodes, "sku")));
		if (!put_quantity(js, nodes))
			return false;
		if (!json_is_null(json_get(nodes, "currentQuantity")))
			json_int(js, "current_quantity", json_int_or(json_get(
			    nodes, "currentQuantity"), -1));
		json_end(js);
	}
	return true;
}

/* The money of a refund, as if it were one transaction. */
static void
put_paid_back(struct json *js, const struct cJSON *refund)
{
	const char *amount = money(json_get(refund, "totalRefundedSet"));

	json_list(js, "transactions");
	if (amount != NULL) {
		json_obj(js, NULL);
		json_str(js, "kind", "refund");
		json_str(js, "status", "success");
		json_str(js, "amount", amount);
		json_end(js);
	}
	json_end(js);
}

static bool
put_refund(struct cx *cx, struct json *js, const char *order,
    const struct cJSON *refund)
{
	const char *id = shop_gid(cx, json_get(refund, "id"), "Refund");
	const struct cJSON *line = json_first(json_pointer(refund,
	    "/refundLineItems/nodes"));

	if (id == NULL)
		return false;
	json_obj(js, NULL);
	json_raw(js, "id", id);
	json_raw(js, "order_id", order);
	json_list(js, "refund_line_items");
	for (; line != NULL; line = json_next(line)) {
		if ((id = shop_gid(cx, json_pointer(line, "/lineItem/id"),
		    "LineItem")) == NULL)
			return false;
		json_obj(js, NULL);
		json_raw(js, "line_item_id", id);
		if (!put_quantity(js, line))
			return false;
		json_end(js);
	}
	json_end(js);
	put_paid_back(js, refund);
	json_end(js);
	return true;
}

static void
put_customer(struct cx *cx, struct json *js, const struct cJSON *order)
{
	const struct cJSON *at = json_first(json_get(order,
	    "customAttributes"));
	const char *customer = shop_gid(cx, json_pointer(order,
	    "/customer/id"), "Customer");

	json_str(js, "email", json_text(json_get(order, "email")));
	if (customer != NULL) {
		json_obj(js, "customer");
		json_raw(js, "id", customer);
		json_end(js);
	} else
		json_null(js, "customer");
	json_list(js, "note_attributes");
	for (; at != NULL; at = json_next(at)) {
		json_obj(js, NULL);
		json_str(js, "name", json_text(json_get(at, "key")));
		json_str(js, "value", json_text(json_get(at, "value")));
		json_end(js);
	}
	json_end(js);
}

enum err
shop_node_rest(struct cx *cx, const struct shop_node *node,
    const char **text)
{
	const struct cJSON *o = node->order, *refund = node->refunds;
	const char *id = shop_gid(cx, json_get(o, "id"), "Order");
	struct buf *b = buf_new(cx, ORDER_MAX);
	struct json js;
	bool ok;

	if (id == NULL)
		return err_set(cx, E_FIELD, "an order without an id");
	json_init(&js, b);
	json_obj(&js, NULL);
	json_raw(&js, "id", id);
	json_str(&js, "admin_graphql_api_id", json_text(json_get(o, "id")));
	json_str(&js, "name", json_text(json_get(o, "name")));
	json_bool(&js, "test", json_true(json_get(o, "test")));
	json_str(&js, "financial_status", status_of(o));
	json_str(&js, "created_at", json_text(json_get(o, "createdAt")));
	json_str(&js, "updated_at", json_text(json_get(o, "updatedAt")));
	json_str(&js, "cancelled_at", json_text(json_get(o, "cancelledAt")));
	json_str(&js, "total_price", money(json_get(o, "totalPriceSet")));
	put_customer(cx, &js, o);
	json_list(&js, "line_items");
	ok = put_lines(cx, &js, json_pointer(o, "/lineItems/nodes"));
	for (size_t i = 0; ok && i < node->nmore; i++)
		ok = put_lines(cx, &js, node->more[i]);
	json_end(&js);
	json_list(&js, "refunds");
	if (refund == NULL)
		refund = json_get(o, "refunds");
	for (refund = json_first(refund); ok && refund != NULL;
	    refund = json_next(refund))
		/* An incomplete refund would count as all of it. */
		if (!json_true(json_pointer(refund,
		    "/refundLineItems/pageInfo/hasNextPage")))
			ok = put_refund(cx, &js, id, refund);
	json_end(&js);
	json_end(&js);
	if (!ok)
		return err_set(cx, E_FIELD, "order %s has an invalid id or "
		    "quantity", id);
	if (!json_ok(&js))
		return err_set(cx, E_TOOBIG, "order %s", id);
	*text = b->data;
	return E_OK;
}
