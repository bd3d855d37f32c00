/*
 * shopback - POST /_sandbox/shop/refund: giving back lines, all, or money
 */
#include "config.h"

#include "core/sandbox.h"
#include "shopify/order.h"
#include "shopify/shopify.h"
#include "shopify/webhook_queue.h"

/* By its id, or else the first with that SKU; nline when there is none. */
static size_t
line_of(struct cx *cx, const struct shop_order *o, const char *id,
    const char *sku)
{
	size_t i;

	for (i = 0; i < o->nline; i++)
		if (id != NULL ?
		    str_eq(id, shopctl_digits(cx, o->line[i].id)) :
		    str_eq(sku, o->line[i].sku))
			break;
	return i;
}

static enum err
refund_line(struct cx *cx, const struct cJSON *js, const struct shop_order *o,
    struct shop_refund *r)
{
	const char *sku = NULL, *id = NULL;
	struct shop_refund_line *l = &r->line[r->nline];
	int64_t left;
	enum err er;

	if ((er = json_may_str(cx, js, "lines", "sku", 1, 100, &sku)) != E_OK
	    || (er = json_may_str(cx, js, "lines", "id", 1, 20, &id)) != E_OK)
		return er;
	l->line = line_of(cx, o, id, sku);
	if (l->line == o->nline)
		return err_field(cx, "lines", "names what is not in the order");
	left = o->line[l->line].current;
	for (size_t i = 0; i < r->nline; i++)
		if (r->line[i].line == l->line)
			left -= r->line[i].quantity;
	l->quantity = left;
	if ((er = json_may_int(cx, js, "lines", "quantity", 1, SHOP_QUANTITY,
	    &l->quantity)) != E_OK)
		return er;
	if (l->quantity < 1 || l->quantity > left)
		return err_field(cx, "lines", "has more than was bought and "
		    "not given back yet");
	r->amount += l->quantity * o->line[l->line].price;
	r->nline++;
	return E_OK;
}

static void
refund_all(const struct shop_order *o, struct shop_refund *r)
{
	for (size_t i = 0; i < o->nline; i++)
		if (o->line[i].current > 0) {
			r->line[r->nline].line = i;
			r->line[r->nline++].quantity = o->line[i].current;
			r->amount += o->line[i].current * o->line[i].price;
		}
}

/* true: all that is left; or "12.50" */
static enum err
refund_money(struct cx *cx, const struct cJSON *js,
    const struct shop_order *o, struct shop_refund *r)
{
	int64_t left = shop_order_total(o) - shop_order_refunded(o);
	int64_t whole, cents = 0;
	const char *s = json_text(js);

	if (json_true(js))
		r->amount = left;
	else if (s != NULL && str_int(cx_dupn(cx, s, strcspn(s, ".")), 0,
	    1000000, &whole) && (strchr(s, '.') == NULL ||
	    (strlen(strchr(s, '.')) == 3 && str_int(strchr(s, '.') + 1, 0, 99,
	    &cents))))
		r->amount = whole * 100 + cents;
	else
		return err_field(cx, "money_only", "must be true, or an "
		    "amount like \"12.50\"");
	if (r->amount < 1 || r->amount > left)
		return err_field(cx, "money_only", "is not what is left to "
		    "give back");
	return E_OK;
}

static enum err
read_refund(struct cx *cx, const struct cJSON *body,
    const struct shop_order *o, struct shop_refund *r)
{
	const struct cJSON *list = NULL, *money = json_get(body, "money_only");
	bool all = false;
	enum err er;

	memset(r, 0, sizeof *r);
	if ((er = json_may_bool(cx, body, "", "all", &all)) != E_OK ||
	    (er = json_may_list(cx, body, "", "lines", SHOP_LINES, &list)) !=
	    E_OK)
		return er;
	if (all + (list != NULL) + !json_is_null(money) != 1)
		return err_field(cx, "lines", "or all, or money_only: one of "
		    "them is needed");
	if (!json_is_null(money))
		return refund_money(cx, money, o, r);
	if (all)
		refund_all(o, r);
	for (const struct cJSON *m = json_first(list); m != NULL;
	    m = json_next(m))
		if ((er = refund_line(cx, m, o, r)) != E_OK)
			return er;
	if (r->nline == 0)
		return err_say(cx, E_CONFLICT, "There is nothing left to give "
		    "back.");
	return E_OK;
}

enum err
shopctl_refund(struct cx *cx, struct req *rq, struct resp *rs)
{
	static const char *const topics[] = { "refunds/create",
		"orders/updated", NULL };
	static const char *const known[] = { "order", "lines", "all",
		"money_only", "deliver", NULL };
	const struct cJSON *body = req_json(rq);
	struct shop_refund want, *r;
	struct shop_order *o;
	struct shop_way way;
	enum err er;

	if ((er = shopctl_only(cx, body, "", known)) != E_OK ||
	    (er = shopctl_read_order(cx, body, &o)) != E_OK ||
	    (er = shopctl_read_way(cx, body, &way)) != E_OK)
		return er;
	if (!o->paid)
		return err_say(cx, E_CONFLICT, "That order is not paid.");
	if ((er = read_refund(cx, body, o, &want)) != E_OK ||
	    (er = shop_order_refund(cx, o, &want, &r)) != E_OK)
		return er;
	shop_hook_send(cx, o, r, topics, &way);
	return shopctl_answer(cx, rs, 201, o, r);
}
