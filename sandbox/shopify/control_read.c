/* control_read - reads the bodies of /_sandbox/shop, strictly */
#include "config.h"

#include "core/record.h"
#include "core/service.h"
#include "shopify/shopify.h"

#define COPIES		10
#define DELAY_MAX	3600000

/* A member that is known, and looked at elsewhere. */
#define KNOWN(key)	{ .name = key, .type = REC_JSON }

/* --- "deliver" */

struct way_asked {
	struct shop_way	 way;
	const char	*secret;
	const struct cJSON *topics;
};

#define WAY(key, type, member, ...)					\
	FIELD(key, type, struct way_asked, member, __VA_ARGS__)

static const struct record_field way_fields[] = {
	WAY("copies", REC_INT, way.copies, 1, COPIES),
	WAY("delayMs", REC_INT, way.delay_ms, 0, DELAY_MAX),
	WAY("shuffle", REC_BOOL, way.shuffle),
	WAY("drop", REC_BOOL, way.drop),
	WAY("tamper", REC_BOOL, way.tamper),
	WAY("shop", REC_STR, way.shop, 1, 200),
	WAY("secret", REC_STR, secret, 3, 3),
	WAY("topics", REC_LIST, topics, 0, SHOP_TOPICS),
	{ 0 }
};

static enum err
read_way(struct cx *cx, const struct cJSON *body, struct shop_way *out)
{
	struct way_asked a = { .secret = "new" };
	const struct cJSON *js = NULL;
	const struct shop_topic *t;
	size_t n = 0;
	enum err er;

	if ((er = json_may_obj(cx, body, "", "deliver", &js)) != E_OK ||
	    (er = record_only(cx, js, "deliver", way_fields)) != E_OK ||
	    (er = record_take(cx, js, "deliver", way_fields, &a)) != E_OK)
		return er;
	JSON_EACH(m, a.topics) {
		if ((t = shop_topic(json_text(m))) == NULL)
			return err_field(cx, "deliver.topics", "must be "
			    "topics that Mina subscribes to");
		a.way.topic[n++] = t->name;
	}
	if (!word_in("old new", a.secret))
		return err_field(cx, "deliver.secret", "must be old or new");
	a.way.old_secret = str_eq(a.secret, "old");
	*out = a.way;
	return E_OK;
}

/* --- a new order */

struct line_asked {
	const char	*sku;
	int64_t		 quantity;
};

#define LINE(key, type, member, ...)					\
	FIELD(key, type, struct line_asked, member, __VA_ARGS__)
#define WISH(key, type, member, ...)					\
	FIELD(key, type, struct shop_wish, member, __VA_ARGS__)

static const struct record_field line_fields[] = {
	LINE("sku", REC_STR, sku, 0, 100),
	LINE("quantity", REC_INT, quantity, 1, SHOP_QUANTITY),
	{ 0 }
};
static const struct record_field wish_fields[] = {
	WISH("email", REC_STR, email, 1, 254),
	WISH("pass_ref", REC_STR, pass_ref, 1, SHOP_REF),
	WISH("paid", REC_BOOL, paid),
	WISH("test", REC_BOOL, test),
	KNOWN("sku"), KNOWN("lines"), KNOWN("quantity"), KNOWN("customer"),
	KNOWN("deliver"), { 0 }
};

static enum err
read_line(struct cx *cx, const struct cJSON *js, const char *path,
    struct shop_wish *w)
{
	struct line_asked l = { .quantity = 1 };
	enum err er;

	if ((er = record_take(cx, js, path, line_fields, &l)) != E_OK)
		return er;
	w->line[w->nline].pack = shop_pack_sku(l.sku);
	w->line[w->nline].sku = l.sku;
	w->line[w->nline++].quantity = l.quantity;
	return E_OK;
}

static enum err
read_lines(struct cx *cx, const struct cJSON *body, struct shop_wish *w)
{
	const struct cJSON *list = NULL;
	enum err er;

	if (json_is_null(json_get(body, "lines"))) {
		if (json_is_null(json_get(body, "sku")))
			return err_field(cx, "sku", "is required, or lines");
		return read_line(cx, body, "", w);
	}
	if ((er = json_may_list(cx, body, "", "lines", SHOP_LINES, &list)) !=
	    E_OK)
		return er;
	JSON_EACH(m, list)
		if ((er = record_only(cx, m, "lines", line_fields)) != E_OK ||
		    (er = read_line(cx, m, "lines", w)) != E_OK)
			return er;
	return w->nline > 0 ? E_OK :
	    err_field(cx, "lines", "must not be empty");
}

enum err
control_read_wish(struct cx *cx, const struct cJSON *body,
    struct shop_wish *w, struct shop_way *way)
{
	const struct cJSON *customer = json_get(body, "customer");
	enum err er;

	*w = (struct shop_wish){ .paid = true };
	if ((er = record_only(cx, body, "", wish_fields)) != E_OK ||
	    (er = read_lines(cx, body, w)) != E_OK ||
	    (er = record_take(cx, body, "", wish_fields, w)) != E_OK)
		return er;
	/* null is something else than nothing here. */
	if (customer != NULL && !json_is_null(customer))
		return err_field(cx, "customer", "must be null, or left out");
	w->no_customer = customer != NULL;
	if (w->email == NULL && !w->no_customer)
		return err_field(cx, "email", "is required, or customer: "
		    "null");
	return read_way(cx, body, way);
}

/* --- an order that there is */

/* By its id, a string of digits, or its name ("#1001"). */
static enum err
read_order(struct cx *cx, const struct cJSON *body, struct shop_order **out)
{
	const char *s = NULL;
	int64_t id = 0;
	enum err er;

	if (!json_is_null(json_get(body, "order")) &&
	    json_text(json_get(body, "order")) == NULL)
		return err_field(cx, "order", "must be a string: a number of "
		    "that size would be rounded");
	if ((er = json_want_str(cx, body, "", "order", 1, 40, &s)) != E_OK)
		return er;
	*out = NULL;
	if (*s == '#' && str_int(s + 1, 1, INT64_MAX, &id)) {
		for (size_t i = shop_order_count(); i > 0; i--)
			if (shop_order_at(i - 1)->number == id)
				*out = shop_order_at(i - 1);
	} else if (str_int(s, 1, INT64_MAX, &id))
		*out = shop_order_find(id);
	return *out != NULL ? E_OK :
	    err_say(cx, E_NOTFOUND, "There is no such order.");
}

enum err
control_read_send(struct cx *cx, const struct cJSON *body,
    struct shop_order **o, bool *paid, struct shop_way *way)
{
	static const struct record_field fields[] = {
		KNOWN("order"), KNOWN("deliver"),
		{ .name = "paid", .type = REC_BOOL }, { 0 }
	};
	enum err er;

	*paid = false;
	if ((er = record_only(cx, body, "", fields)) != E_OK ||
	    (er = read_order(cx, body, o)) != E_OK ||
	    (er = record_take(cx, body, "", fields, paid)) != E_OK)
		return er;
	return read_way(cx, body, way);
}

/* --- a refund: of lines, all, or money */

struct refund_line_asked {
	const char	*sku, *id;
	int64_t		 quantity;
};

#define REFUND_LINE(key, type, member, ...)				\
	FIELD(key, type, struct refund_line_asked, member, __VA_ARGS__)

static enum err
refund_line(struct cx *cx, const struct cJSON *js, const struct shop_order *o,
    struct shop_refund *r)
{
	static const struct record_field fields[] = {
		REFUND_LINE("sku", REC_STR, sku, 1, 100),
		REFUND_LINE("id", REC_STR, id, 1, 20),
		REFUND_LINE("quantity", REC_INT, quantity, 1, SHOP_QUANTITY),
		{ 0 }
	};
	struct refund_line_asked a = { .quantity = -1 };
	int64_t left, id = 0;
	size_t n = 0;
	enum err er;

	if ((er = record_take(cx, js, "lines", fields, &a)) != E_OK)
		return er;
	if (a.id != NULL)
		(void)str_int(a.id, 1, INT64_MAX, &id);
	/* By its id, or else the first with that SKU. */
	while (n < o->nline && (a.id != NULL ? o->line[n].id != id :
	    !str_eq(a.sku, o->line[n].sku)))
		n++;
	if (n == o->nline)
		return err_field(cx, "lines", "names what is not in the order");
	left = o->line[n].current;
	for (size_t i = 0; i < r->nline; i++)
		if (r->line[i].line == (int64_t)n)
			left -= r->line[i].quantity;
	if (a.quantity == -1)
		a.quantity = left;
	if (a.quantity < 1 || a.quantity > left)
		return err_field(cx, "lines", "has more than was bought and "
		    "not given back yet");
	r->amount += a.quantity * o->line[n].price;
	r->line[r->nline].line = (int64_t)n;
	r->line[r->nline++].quantity = a.quantity;
	return E_OK;
}

static void
refund_all(const struct shop_order *o, struct shop_refund *r)
{
	for (size_t i = 0; i < o->nline; i++)
		if (o->line[i].current > 0) {
			r->line[r->nline].line = (int64_t)i;
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
	JSON_EACH(m, list)
		if ((er = refund_line(cx, m, o, r)) != E_OK)
			return er;
	if (r->nline == 0)
		return err_say(cx, E_CONFLICT, "There is nothing left to give "
		    "back.");
	return E_OK;
}

enum err
control_read_refund(struct cx *cx, const struct cJSON *body,
    struct shop_order **o, struct shop_refund *r, struct shop_way *way)
{
	static const struct record_field fields[] = {
		KNOWN("order"), KNOWN("lines"), KNOWN("all"),
		KNOWN("money_only"), KNOWN("deliver"), { 0 }
	};
	enum err er;

	if ((er = record_only(cx, body, "", fields)) != E_OK ||
	    (er = read_order(cx, body, o)) != E_OK ||
	    (er = read_way(cx, body, way)) != E_OK)
		return er;
	if (!(*o)->paid)
		return err_say(cx, E_CONFLICT, "That order is not paid.");
	return read_refund(cx, body, *o, r);
}

/* --- an edit, a cancellation, a dispute, a customer to forget */

enum err
control_read_edit(struct cx *cx, const struct cJSON *body,
    struct shop_order **o, struct shop_edit *edit, struct shop_way *way)
{
	static const struct record_field fields[] = {
		KNOWN("order"), KNOWN("deliver"),
		FIELD("sku", REC_STR, struct shop_edit, sku, 1, 100),
		FIELD("quantity", REC_INT, struct shop_edit, quantity, 0,
		    SHOP_QUANTITY),
		{ 0 }
	};
	enum err er;

	*edit = (struct shop_edit){ .quantity = -1 };
	if ((er = record_only(cx, body, "", fields)) != E_OK ||
	    (er = read_order(cx, body, o)) != E_OK ||
	    (er = record_take(cx, body, "", fields, edit)) != E_OK)
		return er;
	if (edit->sku == NULL || edit->quantity < 0)
		return err_field(cx, edit->sku == NULL ? "sku" : "quantity",
		    "is required");
	/* The first line with that SKU, or a new one. */
	while (edit->line < (*o)->nline &&
	    !str_eq((*o)->line[edit->line].sku, edit->sku))
		edit->line++;
	if (edit->line == SHOP_LINES || (*o)->cancelled != 0)
		return err_say(cx, E_CONFLICT, "That order cannot be edited.");
	return read_way(cx, body, way);
}

enum err
control_read_cancel(struct cx *cx, const struct cJSON *body,
    struct shop_order **o, struct shop_refund *r, struct shop_way *way)
{
	static const struct record_field fields[] = {
		KNOWN("order"), KNOWN("deliver"), KNOWN("refund"), { 0 }
	};
	bool refund = true;
	enum err er;

	memset(r, 0, sizeof *r);
	if ((er = record_only(cx, body, "", fields)) != E_OK ||
	    (er = read_order(cx, body, o)) != E_OK ||
	    (er = json_may_bool(cx, body, "", "refund", &refund)) != E_OK)
		return er;
	if ((*o)->cancelled != 0)
		return err_say(cx, E_CONFLICT, "That order is cancelled.");
	if (refund && (*o)->paid)
		refund_all(*o, r);
	return read_way(cx, body, way);
}

enum err
control_read_dispute(struct cx *cx, const struct cJSON *body,
    struct shop_order **o, struct shop_quarrel *q, struct shop_way *way)
{
	static const struct record_field fields[] = {
		KNOWN("order"), KNOWN("deliver"),
		FIELD("type", REC_STR, struct shop_quarrel, type, 1, 20),
		FIELD("status", REC_STR, struct shop_quarrel, status, 1, 20),
		FIELD("cents", REC_INT, struct shop_quarrel, cents, 1,
		    100000000),
		{ 0 }
	};
	enum err er;

	*q = (struct shop_quarrel){ .type = "chargeback",
	    .status = "needs_response" };
	if ((er = record_only(cx, body, "", fields)) != E_OK ||
	    (er = read_order(cx, body, o)) != E_OK ||
	    (er = record_take(cx, body, "", fields, q)) != E_OK)
		return er;
	if (!word_in("chargeback inquiry", q->type))
		return err_field(cx, "type", "must be chargeback or inquiry");
	if (!word_in("needs_response under_review charge_refunded accepted "
	    "won lost", q->status))
		return err_field(cx, "status", "is not one of a dispute");
	if (q->cents == 0)
		q->cents = shop_order_total(*o);
	return read_way(cx, body, way);
}

enum err
control_read_privacy(struct cx *cx, const struct cJSON *body,
    const char **topic, const struct shop_customer **u, struct shop_way *way)
{
	static const struct record_field fields[] = {
		KNOWN("topic"), KNOWN("email"), KNOWN("deliver"), { 0 }
	};
	const char *mail = NULL;
	int64_t id;
	enum err er;

	*u = NULL;
	if ((er = record_only(cx, body, "", fields)) != E_OK ||
	    (er = json_want_str(cx, body, "", "topic", 1, 40, topic)) !=
	    E_OK ||
	    (er = json_may_str(cx, body, "", "email", 1, 254, &mail)) != E_OK)
		return er;
	if (!word_in("customers/redact customers/data_request shop/redact",
	    *topic) || str_eq(*topic, "shop/redact") != (mail == NULL))
		return err_field(cx, "topic", "must be customers/redact or "
		    "customers/data_request with email, or shop/redact");
	if (mail != NULL) {
		if ((er = shop_customer_of(cx, mail, &id)) != E_OK)
			return er;
		*u = shop_customer_find(id);
	}
	return read_way(cx, body, way);
}
