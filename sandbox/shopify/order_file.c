/*
 * shopkeep - an order of the emulated shop as a file, and back
 *
 * Ids are strings in there: jq and cJSON would round them.
 */
#include "config.h"

#include "core/sandbox.h"
#include "shopify/order.h"

static void
put_id(struct json *js, const char *key, int64_t id)
{
	char s[24];

	snprintf(s, sizeof s, "%lld", (long long)id);
	json_str(js, key, s);
}

static void
put_line(struct json *js, const struct shop_line *l)
{
	json_obj(js, NULL);
	put_id(js, "id", l->id);
	json_str(js, "sku", l->sku);
	json_str(js, "title", l->title);
	json_int(js, "price", l->price);
	put_id(js, "variant", l->variant);
	put_id(js, "product", l->product);
	json_int(js, "quantity", l->quantity);
	json_int(js, "current", l->current);
	json_end(js);
}

static void
put_refund(struct json *js, const struct shop_refund *r)
{
	json_obj(js, NULL);
	put_id(js, "id", r->id);
	put_id(js, "transaction", r->transaction);
	put_id(js, "adjustment", r->adjustment);
	json_int(js, "created", r->created);
	json_int(js, "amount", r->amount);
	json_list(js, "lines");
	for (size_t i = 0; i < r->nline; i++) {
		json_obj(js, NULL);
		put_id(js, "id", r->line[i].id);
		json_int(js, "line", (int64_t)r->line[i].line);
		json_int(js, "quantity", r->line[i].quantity);
		json_end(js);
	}
	json_end(js);
	json_end(js);
}

void
shop_order_write(const struct shop_order *o, struct buf *b)
{
	struct json js;

	json_init(&js, b);
	json_obj(&js, NULL);
	put_id(&js, "id", o->id);
	json_int(&js, "number", o->number);
	put_id(&js, "customer", o->customer);
	json_str(&js, "token", o->token);
	json_str(&js, "email", o->email);
	json_str(&js, "passRef", o->pass_ref);
	json_bool(&js, "test", o->test);
	json_bool(&js, "paid", o->paid);
	json_bool(&js, "told", o->told);
	json_int(&js, "created", o->created);
	json_int(&js, "updated", o->updated);
	json_int(&js, "processed", o->processed);
	json_list(&js, "lines");
	for (size_t i = 0; i < o->nline; i++)
		put_line(&js, &o->line[i]);
	json_end(&js);
	json_list(&js, "refunds");
	for (const struct shop_refund *r = o->refunds; r != NULL; r = r->next)
		put_refund(&js, r);
	json_end(&js);
	json_end(&js);
	if (!json_ok(&js))
		b->failed = true;
}

/* --- and back */

static int64_t
get_id(const struct cJSON *js, const char *key)
{
	const char *s = json_text(json_get(js, key));
	int64_t id = 0;

	return s != NULL && str_int(s, 0, INT64_MAX, &id) ? id : 0;
}

static int64_t
get_int(const struct cJSON *js, const char *key)
{
	return json_int_or(json_get(js, key), 0);
}

static char *
get_text(const struct cJSON *js, const char *key)
{
	const char *s = json_text(json_get(js, key));
	char *p = NULL;

	if (s != NULL)
		XXXAN(p = strdup(s));
	return p;
}

static void
get_line(const struct cJSON *js, struct shop_line *l)
{
	l->id = get_id(js, "id");
	l->sku = get_text(js, "sku");
	l->title = get_text(js, "title");
	l->price = get_int(js, "price");
	l->variant = get_id(js, "variant");
	l->product = get_id(js, "product");
	l->quantity = get_int(js, "quantity");
	l->current = get_int(js, "current");
}

static struct shop_refund *
get_refund(const struct cJSON *js, size_t norderline)
{
	struct shop_refund *r;
	struct shop_refund_line *l;

	XXXAN(r = calloc(1, sizeof *r));
	r->id = get_id(js, "id");
	r->transaction = get_id(js, "transaction");
	r->adjustment = get_id(js, "adjustment");
	r->created = get_int(js, "created");
	r->amount = get_int(js, "amount");
	for (const struct cJSON *m = json_first(json_get(js, "lines"));
	    m != NULL && r->nline < SHOP_LINES; m = json_next(m)) {
		l = &r->line[r->nline];
		l->id = get_id(m, "id");
		l->line = (size_t)get_int(m, "line");
		l->quantity = get_int(m, "quantity");
		if (l->line < norderline)
			r->nline++;
	}
	return r;
}

struct shop_order *
shop_order_read(const struct cJSON *js)
{
	const char *token = json_text(json_get(js, "token"));
	struct shop_refund **tail;
	struct shop_order *o;

	if (get_id(js, "id") == 0 || token == NULL ||
	    strlen(token) != SHOP_TOKEN - 1)
		return NULL;
	XXXAN(o = calloc(1, sizeof *o));
	o->id = get_id(js, "id");
	o->number = get_int(js, "number");
	o->customer = get_id(js, "customer");
	memcpy(o->token, token, SHOP_TOKEN);
	o->email = get_text(js, "email");
	o->pass_ref = get_text(js, "passRef");
	o->test = json_true(json_get(js, "test"));
	o->paid = json_true(json_get(js, "paid"));
	o->told = json_true(json_get(js, "told"));
	o->created = get_int(js, "created");
	o->updated = get_int(js, "updated");
	o->processed = get_int(js, "processed");
	for (const struct cJSON *m = json_first(json_get(js, "lines"));
	    m != NULL && o->nline < SHOP_LINES; m = json_next(m))
		get_line(m, &o->line[o->nline++]);
	tail = &o->refunds;
	for (const struct cJSON *m = json_first(json_get(js, "refunds"));
	    m != NULL; m = json_next(m)) {
		*tail = get_refund(m, o->nline);
		tail = &(*tail)->next;
	}
	return o;
}

void
shop_order_free(struct shop_order *o)
{
	struct shop_refund *r;

	while ((r = o->refunds) != NULL) {
		o->refunds = r->next;
		free(r);
	}
	for (size_t i = 0; i < o->nline; i++) {
		free(o->line[i].sku);
		free(o->line[i].title);
	}
	free(o->email);
	free(o->pass_ref);
	free(o);
}
