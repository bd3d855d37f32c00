/*
 * shoporder - see shoporder.h
 */
#include "config.h"

#include "core/sandbox.h"
#include "shopify/customer.h"
#include "shopify/order.h"
#include "shopify/pack.h"
#include "shopify/shop_files.h"

#define ORDER_BYTES	(256 << 10)
#define ID_BASE		INT64_C(820980000000000000)
#define FIRST_NUMBER	1001
#define OTHER_PRICE	1000	/* of what is no pack */

static struct shop_order **orders;
static size_t	 norder, room;
static int64_t	 last_id;

int64_t
shop_id(void)
{
	int64_t id = ID_BASE + clock_now();

	return last_id = id > last_id ? id : last_id + 1;
}

void
shop_id_seen(int64_t id)
{
	if (id > last_id)
		last_id = id;
}

static int64_t
now(void)
{
	return clock_now() / 1000 * 1000;
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
loaded(struct cx *cx, const struct cJSON *js)
{
	struct shop_order *o = shop_order_read(js);

	(void)cx;
	if (o == NULL)
		return;
	insert(o);
	shop_id_seen(o->id);
	for (size_t i = 0; i < o->nline; i++)
		shop_id_seen(o->line[i].id);
	for (struct shop_refund *r = o->refunds; r != NULL; r = r->next) {
		shop_id_seen(r->adjustment);
		shop_id_seen(r->transaction);
		for (size_t i = 0; i < r->nline; i++)
			shop_id_seen(r->line[i].id);
	}
}

void
shop_order_load(void)
{
	shopdisk_each("orders", loaded);
	if (norder > 0)
		qsort(orders, norder, sizeof *orders, by_id);
}

static enum err
save(struct cx *cx, const struct shop_order *o)
{
	struct buf *b = buf_new(cx, ORDER_BYTES);

	shop_order_write(o, b);
	return shopdisk_put(cx, "orders", o->id, b);
}

/* --- what becomes of one */

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

static void
fill_token(struct shop_order *o, const char *token)
{
	unsigned char r[(SHOP_TOKEN - 1) / 2];

	if (token != NULL) {
		memcpy(o->token, token, SHOP_TOKEN);
		return;
	}
	crypto_random(r, sizeof r);
	encode_hex(r, sizeof r, o->token);
}

enum err
shop_order_place(struct cx *cx, const struct shop_wish *w,
    struct shop_order **out)
{
	struct shop_order *o;
	int64_t buyer = 0;
	enum err er;

	if (!w->nobody && w->email != NULL &&
	    (er = shop_buyer_of(cx, w->email, &buyer)) != E_OK)
		return er;
	XXXAN(o = calloc(1, sizeof *o));
	o->id = shop_id();
	o->number = norder > 0 ? orders[norder - 1]->number + 1 : FIRST_NUMBER;
	o->customer = buyer;
	fill_token(o, w->token);
	o->email = keep(w->email);
	o->pass_ref = keep(w->pass_ref);
	o->test = w->test;
	o->paid = !w->unpaid;
	o->created = o->updated = o->processed = now();
	for (o->nline = 0; o->nline < w->nline; o->nline++)
		fill_line(&o->line[o->nline], w->line[o->nline].pack,
		    w->line[o->nline].sku, w->line[o->nline].quantity);
	if ((er = save(cx, o)) != E_OK) {
		shop_order_free(o);
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
	o->updated = o->processed = now();
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
	r->created = o->updated = now();
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
