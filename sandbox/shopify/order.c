/* order - places, pays and refunds orders, and keeps them */
#include "config.h"

#include "core/record.h"
#include "core/service.h"
#include "shopify/shop_data.h"

#define FIRST_NUMBER	1001
#define OTHER_PRICE	1000	/* of what is no pack */

static struct shop_order **orders;
static size_t	 norder, room;

#define ORDER(key, type, member)					\
	FIELD(key, type, struct shop_order, member)
#define LINE(key, type, member)						\
	FIELD(key, type, struct shop_line, member)
#define REFUND(key, type, member)					\
	FIELD(key, type, struct shop_refund, member)
#define REFUND_LINE(key, type, member)					\
	FIELD(key, type, struct shop_refund_line, member)

static const struct record_field fields[] = {
	ORDER("id", REC_ID, id),
	ORDER("number", REC_INT, number),
	ORDER("customer", REC_ID, customer),
	ORDER("token", REC_CHARS, token),
	ORDER("email", REC_STR, email),
	ORDER("passRef", REC_STR, pass_ref),
	ORDER("test", REC_BOOL, test),
	ORDER("paid", REC_BOOL, paid),
	ORDER("told", REC_BOOL, told),
	ORDER("created", REC_INT, created),
	ORDER("updated", REC_INT, updated),
	ORDER("processed", REC_INT, processed),
	ORDER("cancelled", REC_INT, cancelled),
	ORDER("dispute", REC_ID, dispute),
	ORDER("disputed", REC_INT, disputed),
	{ 0 }
};
static const struct record_field line_fields[] = {
	LINE("id", REC_ID, id),
	LINE("sku", REC_STR, sku),
	LINE("title", REC_STR, title),
	LINE("price", REC_INT, price),
	LINE("variant", REC_ID, variant),
	LINE("product", REC_ID, product),
	LINE("quantity", REC_INT, quantity),
	LINE("current", REC_INT, current),
	{ 0 }
};
static const struct record_field refund_fields[] = {
	REFUND("id", REC_ID, id),
	REFUND("transaction", REC_ID, transaction),
	REFUND("adjustment", REC_ID, adjustment),
	REFUND("created", REC_INT, created),
	REFUND("amount", REC_INT, amount),
	{ 0 }
};
static const struct record_field refund_line_fields[] = {
	REFUND_LINE("id", REC_ID, id),
	REFUND_LINE("line", REC_INT, line),
	REFUND_LINE("quantity", REC_INT, quantity),
	{ 0 }
};

/* --- as a file, and back */

static void
write_lines(struct json *js, const struct record_field *f, const void *line,
    size_t size, size_t n)
{
	json_list(js, "lines");
	for (size_t i = 0; i < n; i++) {
		json_obj(js, NULL);
		record_write(js, f, (const char *)line + i * size);
		json_end(js);
	}
	json_end(js);
}

static void
write_more(struct json *js, const void *rec)
{
	const struct shop_order *o = rec;

	write_lines(js, line_fields, o->line, sizeof *o->line, o->nline);
	json_list(js, "refunds");
	for (const struct shop_refund *r = o->refunds; r != NULL;
	    r = r->next) {
		json_obj(js, NULL);
		record_write(js, refund_fields, r);
		write_lines(js, refund_line_fields, r->line, sizeof *r->line,
		    r->nline);
		json_end(js);
	}
	json_end(js);
}

static enum err
save(struct cx *cx, const struct shop_order *o)
{
	return store_put_more(cx, "orders", o->id, fields, o, write_more);
}

static struct shop_refund *
read_refund(struct cx *cx, const struct cJSON *js, size_t norderline)
{
	struct shop_refund *r;

	XXXAN(r = calloc(1, sizeof *r));
	record_read(cx, js, refund_fields, r);
	shop_id_seen(r->adjustment);
	shop_id_seen(r->transaction);
	JSON_EACH(m, json_get(js, "lines")) {
		struct shop_refund_line *l = &r->line[r->nline];

		if (r->nline == SHOP_LINES)
			break;
		record_read(cx, m, refund_line_fields, l);
		shop_id_seen(l->id);
		if (l->line >= 0 && l->line < (int64_t)norderline)
			r->nline++;
	}
	return r;
}

static void
insert(struct shop_order *o)
{
	if (norder == room) {
		room = room > 0 ? 2 * room : 64;
		XXXAN(orders = realloc(orders, room * sizeof *orders));
	}
	orders[norder++] = o;
}

static void
order_free(struct shop_order *o)
{
	for (size_t i = 0; i < o->nline; i++)
		record_free(line_fields, &o->line[i]);
	record_free(fields, o);
	free(o);
}

static void
loaded(struct cx *cx, const struct cJSON *js)
{
	struct shop_refund **tail;
	struct shop_order *o;

	XXXAN(o = calloc(1, sizeof *o));
	record_read(cx, js, fields, o);
	if (o->id == 0 || strlen(o->token) != SHOP_TOKEN - 1) {
		order_free(o);
		return;
	}
	shop_id_seen(o->id);
	shop_id_seen(o->dispute);
	JSON_EACH(m, json_get(js, "lines")) {
		if (o->nline == SHOP_LINES)
			break;
		record_read(cx, m, line_fields, &o->line[o->nline]);
		shop_id_seen(o->line[o->nline++].id);
	}
	tail = &o->refunds;
	JSON_EACH(m, json_get(js, "refunds")) {
		*tail = read_refund(cx, m, o->nline);
		tail = &(*tail)->next;
	}
	insert(o);
}

/* --- the table */

size_t
shop_order_count(void)
{
	return norder;
}

struct shop_order *
shop_order_at(size_t i)
{
	return orders[i];
}

static int
by_id(const void *a, const void *b)
{
	const struct shop_order *const *x = a, *const *y = b;

	return ((*x)->id > (*y)->id) - ((*x)->id < (*y)->id);
}

struct shop_order *
shop_order_find(int64_t id)
{
	struct shop_order want = { .id = id }, *key = &want, **found;

	if (norder == 0)
		return NULL;
	found = bsearch(&key, orders, norder, sizeof *orders, by_id);
	return found != NULL ? *found : NULL;
}

struct shop_order *
shop_order_token(const char *token)
{
	/* People look at what they just bought. */
	for (size_t i = norder; i > 0; i--)
		if (str_eq(orders[i - 1]->token, token))
			return orders[i - 1];
	return NULL;
}

void
shop_order_load(void)
{
	store_each("orders", loaded);
	if (norder > 0)
		qsort(orders, norder, sizeof *orders, by_id);
}

/* --- payment, cancellation, refunds */

static void
fill_line(struct shop_line *l, const struct shop_pack *p, const char *sku,
    int64_t quantity)
{
	l->id = shop_id();
	l->sku = keep(p != NULL ? p->sku : sku);
	l->title = keep(p != NULL ? p->title : "Something else");
	l->price = p != NULL ? p->price : OTHER_PRICE;
	l->variant = p != NULL ? p->variant : 0;
	l->product = p != NULL ? p->product : 0;
	l->quantity = l->current = quantity;
}

enum err
shop_order_place(struct cx *cx, const struct shop_wish *w,
    struct shop_order **out)
{
	unsigned char r[(SHOP_TOKEN - 1) / 2];
	struct shop_order *o;
	int64_t customer = 0;
	enum err er;

	if (!w->no_customer && w->email != NULL &&
	    (er = shop_customer_of(cx, w->email, &customer)) != E_OK)
		return er;
	XXXAN(o = calloc(1, sizeof *o));
	o->id = shop_id();
	o->number = norder > 0 ? orders[norder - 1]->number + 1 : FIRST_NUMBER;
	o->customer = customer;
	crypto_random(r, sizeof r);
	encode_hex(r, sizeof r, o->token);
	if (w->token != NULL)
		memcpy(o->token, w->token, SHOP_TOKEN);
	o->email = keep(w->email);
	o->pass_ref = keep(w->pass_ref);
	o->test = w->test;
	o->paid = w->paid;
	o->created = o->updated = o->processed = shop_now();
	for (o->nline = 0; o->nline < w->nline; o->nline++)
		fill_line(&o->line[o->nline], w->line[o->nline].pack,
		    w->line[o->nline].sku, w->line[o->nline].quantity);
	if ((er = save(cx, o)) != E_OK) {
		order_free(o);
		return er;
	}
	insert(o);
	*out = o;
	return E_OK;
}

enum err
shop_order_pay(struct cx *cx, struct shop_order *o)
{
	struct shop_order was = *o;
	enum err er;

	o->paid = true;
	o->updated = o->processed = shop_now();
	if ((er = save(cx, o)) != E_OK)
		*o = was;
	return er;
}

/* --- edits, cancellation, disputes */

static void
touch(struct shop_order *o)
{
	o->updated = shop_now();
}

enum err
shop_order_edit(struct cx *cx, struct shop_order *o, size_t n,
    const char *sku, int64_t quantity)
{
	struct shop_order was = *o;
	struct shop_line *l = &o->line[n];
	enum err er;

	if (n == o->nline) {
		fill_line(l, shop_pack_sku(sku), sku, quantity);
		o->nline++;
	} else {
		if (quantity > l->current)
			l->quantity += quantity - l->current;
		l->current = quantity;
	}
	touch(o);
	if ((er = save(cx, o)) != E_OK) {
		if (was.nline < o->nline)
			record_free(line_fields, l);
		*o = was;
	}
	return er;
}

enum err
shop_order_cancel(struct cx *cx, struct shop_order *o)
{
	struct shop_order was = *o;
	enum err er;

	touch(o);
	o->cancelled = o->updated;
	if ((er = save(cx, o)) != E_OK)
		*o = was;
	return er;
}

enum err
shop_order_dispute(struct cx *cx, struct shop_order *o, int64_t amount,
    bool *opened)
{
	struct shop_order was = *o;
	enum err er;

	*opened = o->dispute == 0;
	if (*opened) {
		o->dispute = shop_id();
		o->disputed = amount;
	}
	touch(o);
	if ((er = save(cx, o)) != E_OK)
		*o = was;
	return er;
}

enum err
shop_order_refund(struct cx *cx, struct shop_order *o,
    const struct shop_refund *want, struct shop_refund **out)
{
	struct shop_refund *r, **p = &o->refunds;
	struct shop_order was = *o;
	enum err er;

	while (*p != NULL)
		p = &(*p)->next;
	XXXAN(r = malloc(sizeof *r));
	*r = *want;
	r->next = NULL;
	r->id = shop_id();
	r->transaction = shop_id();
	r->adjustment = shop_id();
	r->created = shop_now();
	touch(o);
	for (size_t i = 0; i < r->nline; i++) {
		r->line[i].id = shop_id();
		o->line[r->line[i].line].current -= r->line[i].quantity;
	}
	*p = r;
	if ((er = save(cx, o)) != E_OK) {
		*p = NULL;
		*o = was;
		free(r);
		return er;
	}
	*out = r;
	return E_OK;
}

void
shop_order_told(struct cx *cx, int64_t id)
{
	struct shop_order *o = shop_order_find(id);

	if (o == NULL || o->told)
		return;
	o->told = true;
	if (save(cx, o) != E_OK)
		log_warn(cx, "shop: %s", cx->err.detail);
}

/* --- sums */

int64_t
shop_order_total(const struct shop_order *o)
{
	int64_t sum = 0;

	for (size_t i = 0; i < o->nline; i++)
		sum += o->line[i].price * o->line[i].quantity;
	return sum;
}

int64_t
shop_order_current(const struct shop_order *o)
{
	int64_t sum = 0;

	for (size_t i = 0; i < o->nline; i++)
		sum += o->line[i].price * o->line[i].current;
	return sum;
}

int64_t
shop_order_refunded(const struct shop_order *o)
{
	int64_t sum = 0;

	for (const struct shop_refund *r = o->refunds; r != NULL; r = r->next)
		sum += r->amount;
	return sum;
}

const char *
shop_order_status(const struct shop_order *o)
{
	if (!o->paid)
		return "pending";
	if (o->refunds == NULL)
		return "paid";
	return shop_order_refunded(o) >= shop_order_total(o) ? "refunded" :
	    "partially_refunded";
}

const char *
shop_order_gateway(const struct shop_order *o)
{
	return o->test ? "bogus" : "shopify_payments";
}
