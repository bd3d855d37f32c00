/*
 * sync - polls Shopify for orders whose webhooks were lost
 *
 * A query may cost 1000 points at most: an object is one point, and a list
 * costs as much as it can hold.  The sizes of pages are chosen to stay below.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/cx.h"
#include "base/json.h"
#include "base/log.h"
#include "base/str.h"
#include "shop/admin_api.h"
#include "shop/rest_shape.h"
#include "shop/shop.h"

/* A timestamp in the search must be quoted, or only its day counts. */
static const char Q_ORDERS[] =
    "query($query:String!,$after:String){"
    "orders(first:10,after:$after,query:$query,sortKey:UPDATED_AT){"
    "nodes{id name email test createdAt updatedAt cancelledAt "
    "displayFinancialStatus totalPriceSet{shopMoney{amount}} "
    "customer{id} customAttributes{key value} "
    "lineItems(first:10){nodes{id sku quantity currentQuantity}"
    "pageInfo{hasNextPage endCursor}} "
    "refunds(first:3){id totalRefundedSet{shopMoney{amount}} "
    "refundLineItems(first:5){"
    "nodes{quantity lineItem{id}}pageInfo{hasNextPage}}}} "
    "pageInfo{hasNextPage endCursor}}}";
#define ORDERS_COST	580
#define REFUNDS_FIRST	3

static const char Q_LINES[] =
    "query($id:ID!,$after:String){order(id:$id){"
    "lineItems(first:100,after:$after){nodes{id sku quantity "
    "currentQuantity}"
    "pageInfo{hasNextPage endCursor}}}}";
#define LINES_COST	110

static const char Q_REFUNDS[] =
    "query($id:ID!){order(id:$id){"
    "refunds(first:25){id totalRefundedSet{shopMoney{amount}} "
    "refundLineItems(first:15){"
    "nodes{quantity lineItem{id}}pageInfo{hasNextPage}}}}}";
#define REFUNDS_COST	850

/* Variables of one or two strings. */
static const char *
string_variables(struct cx *cx, const char *name, const char *value,
    const char *name2, const char *value2)
{
	struct buf *b = buf_new(cx, 16384);
	struct json js;

	json_init(&js, b);
	json_obj(&js, NULL);
	json_str(&js, name, value);
	if (name2 != NULL)
		json_str(&js, name2, value2);
	json_end(&js);
	return b->data;
}

static bool
more_of(const struct cJSON *list)
{
	return json_true(json_pointer(list, "/pageInfo/hasNextPage"));
}

/* --- lines and refunds that did not fit into the page */

static coroutine_fn enum err
rest_of_lines(struct cx *cx, const char *shop, struct shop_node *node)
{
	const struct cJSON *list = json_get(node->order, "lineItems");
	const char *id = json_text(json_get(node->order, "id"));
	struct shop_call call = { .query = Q_LINES, .cost = LINES_COST };
	enum err er;

	while (more_of(list)) {
		if (node->nmore == SHOP_LINE_PAGES)
			return err_set(cx, E_TOOBIG, "%s has too many lines",
			    id);
		call.variables = string_variables(cx, "id", id, "after",
		    json_text(json_pointer(list, "/pageInfo/endCursor")));
		if ((er = shop_call(cx, shop, &call)) != E_OK)
			return er;
		list = json_pointer(call.data, "/order/lineItems");
		if (list == NULL)
			return err_set(cx, E_UPSTREAM, "%s: no lines", id);
		node->more[node->nmore++] = json_get(list, "nodes");
	}
	return E_OK;
}

static bool
refunds_fit(const struct cJSON *refunds)
{
	const struct cJSON *r = json_first(refunds);

	if (json_count(refunds) >= REFUNDS_FIRST)
		return false;
	for (; r != NULL; r = json_next(r))
		if (more_of(json_get(r, "refundLineItems")))
			return false;
	return true;
}

static coroutine_fn enum err
all_refunds(struct cx *cx, const char *shop, struct shop_node *node)
{
	const char *id = json_text(json_get(node->order, "id"));
	struct shop_call call = { .query = Q_REFUNDS, .cost = REFUNDS_COST };
	enum err er;

	if (refunds_fit(json_get(node->order, "refunds")))
		return E_OK;
	call.variables = string_variables(cx, "id", id, NULL, NULL);
	if ((er = shop_call(cx, shop, &call)) != E_OK)
		return er;
	node->refunds = json_pointer(call.data, "/order/refunds");
	return node->refunds != NULL ? E_OK :
	    err_set(cx, E_UPSTREAM, "%s: no refunds", id);
}

/* --- a page */

static coroutine_fn enum err
take_order(struct cx *cx, struct shop_sweep *sw, const struct cJSON *order)
{
	struct shop_notice no = { .shop = sw->shop, .source = "sweep" };
	struct shop_node node = { .order = order };
	struct shop_outcome out;
	enum err er;

	sw->seen++;
	if (!shop_node_paid(order))
		return E_OK;
	if ((er = rest_of_lines(cx, sw->shop, &node)) != E_OK ||
	    (er = all_refunds(cx, sw->shop, &node)) != E_OK ||
	    (er = shop_node_rest(cx, &node, &no.text)) != E_OK)
		return er;
	no.len = strlen(no.text);
	if ((er = shop_order(cx, &no, &out)) != E_OK)
		return er;
	if (str_eq(out.outcome, "credited"))
		sw->credited++;
	return E_OK;
}

/* Errors of one order, which would end every sweep at that order. */
static bool
skips_order(enum err er)
{
	return er == E_FIELD || er == E_JSON || er == E_CONFLICT ||
	    er == E_TOOBIG || er == E_BUG || er == E_NOTFOUND;
}

static coroutine_fn enum err
take_page(struct cx *cx, struct shop_sweep *sw, const struct cJSON *nodes,
    int64_t *mark)
{
	struct cx tmp;
	int64_t at;
	enum err er;

	for (nodes = json_first(nodes); nodes != NULL;
	    nodes = json_next(nodes)) {
		tmp = cx_fork(cx, 16 << 20);
		if ((er = take_order(&tmp, sw, nodes)) != E_OK &&
		    skips_order(er)) {
			sw->refused++;
			log_warn(&tmp, "sweep: %s skipped: %s: %s",
			    json_text(json_get(nodes, "id")) != NULL ?
			    json_text(json_get(nodes, "id")) : "an order",
			    err_name(er), tmp.err.detail);
			er = E_OK;
		}
		cx->err = tmp.err;
		cx_release(&tmp);
		if (er != E_OK)
			return er;
		if (clock_parse(json_text(json_get(nodes, "updatedAt")), &at) &&
		    at > *mark)
			*mark = at;
	}
	return E_OK;
}

coroutine_fn enum err
shop_sweep_page(struct cx *cx, struct shop_sweep *sw, bool *more,
    int64_t *retry_ms)
{
	struct shop_call call = { .query = Q_ORDERS, .cost = ORDERS_COST };
	const struct cJSON *list;
	const char *cursor;
	char from[CLOCK_LEN];
	int64_t mark = sw->mark;
	enum err er;

	clock_rfc3339(sw->since, from);
	/* Whole seconds, as in Shopify's examples. */
	call.variables = string_variables(cx, "query", cx_fmt(cx,
	    "updated_at:>='%.19sZ'", from), "after", sw->after);
	er = shop_call(cx, sw->shop, &call);
	*retry_ms = call.retry_ms;
	if (er != E_OK)
		return er;
	list = json_get(call.data, "orders");
	if (!json_is_list(json_get(list, "nodes")))
		return err_set(cx, E_UPSTREAM, "%s: no orders in the reply",
		    sw->shop);
	if ((er = take_page(cx, sw, json_get(list, "nodes"), &mark)) != E_OK)
		return er;
	cursor = json_text(json_pointer(list, "/pageInfo/endCursor"));
	*more = more_of(list) && cursor != NULL;
	free(sw->after);
	sw->after = NULL;
	if (*more)
		XXXAN(sw->after = strdup(cursor));
	sw->mark = mark;
	return E_OK;
}
