/*
 * shopquery - see shopquery.h
 */
#include "config.h"

#include "core/sandbox.h"
#include "shopify/graphql_types.h"
#include "shopify/order.h"
#include "shopify/orders_query.h"
#include "shopify/search_term.h"

#define PAGE_MAX	250

enum key { K_PROCESSED, K_CREATED, K_UPDATED, K_ID, K_NUMBER, K_TOTAL,
    K__MAX };

static const char *const keys[K__MAX] = {
	[K_PROCESSED] = "PROCESSED_AT",
	[K_CREATED] = "CREATED_AT",
	[K_UPDATED] = "UPDATED_AT",
	[K_ID] = "ID",
	[K_NUMBER] = "ORDER_NUMBER",
	[K_TOTAL] = "TOTAL_PRICE",
};

struct page {
	struct shop_terms terms;
	int		 key;
	bool		 reverse;
	int64_t		 first;
	bool		 from_start;
	int64_t		 after_id, after_value;
};

struct row {
	struct shop_order *order;
	int64_t		 value;		/* what it is sorted by */
	int64_t		 id;
};

static int64_t
value_of(int key, const struct shop_order *o)
{
	switch (key) {
	case K_CREATED:
		return o->created;
	case K_UPDATED:
		return o->updated;
	case K_ID:
		return o->id;
	case K_NUMBER:
		return o->number;
	case K_TOTAL:
		return shop_order_total(o);
	default:
		return o->processed;
	}
}

static int
compare(int64_t v, int64_t id, int64_t w, int64_t jd)
{
	if (v != w)
		return v > w ? 1 : -1;
	return (id > jd) - (id < jd);
}

static int
upwards(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	return compare(x->value, x->id, y->value, y->id);
}

static int
downwards(const void *a, const void *b)
{
	return upwards(b, a);
}

static const char *
read_page(struct cx *cx, const struct cJSON *args, struct page *p,
    struct json *warnings)
{
	const char *after = json_text(json_get(args, "after"));
	const char *key = json_text(json_get(args, "sortKey"));

	p->first = json_int_or(json_get(args, "first"), -1);
	p->reverse = json_true(json_get(args, "reverse"));
	p->from_start = after == NULL;
	p->key = K_PROCESSED;
	if (!json_is_null(json_get(args, "last")) ||
	    !json_is_null(json_get(args, "before")))
		return "last and before are not understood here";
	if (p->first < 1)
		return "you must provide one of first or last";
	if (p->first > PAGE_MAX)
		return "first cannot exceed 250";
	if (key != NULL) {
		for (p->key = 0; p->key < K__MAX; p->key++)
			if (str_eq(keys[p->key], key))
				break;
		if (p->key == K__MAX)
			return cx_fmt(cx, "sortKey %.40s is not understood "
			    "here", key);
	}
	if (after != NULL && !shop_cursor_read(cx, after, &p->after_id,
	    &p->after_value))
		return "Invalid cursor for current pagination sort.";
	return shop_terms_read(cx, json_text(json_get(args, "query")),
	    &p->terms, warnings);
}

static bool
past(const struct page *p, const struct row *r)
{
	int c;

	if (p->from_start)
		return true;
	c = compare(r->value, r->id, p->after_value, p->after_id);
	return p->reverse ? c < 0 : c > 0;
}

/* Those that match, in their order, behind the cursor. */
static struct row *
collect(struct cx *cx, const struct page *p, size_t *n)
{
	struct row *rows = cx_alloc(cx, (shop_order_count() + 1) *
	    sizeof *rows), *r;

	XXXAN(rows != NULL);
	*n = 0;
	for (size_t i = 0; i < shop_order_count(); i++) {
		r = &rows[*n];
		r->order = shop_order_at(i);
		r->id = r->order->id;
		r->value = value_of(p->key, r->order);
		if (past(p, r) && shop_terms_match(&p->terms, r->order))
			++*n;
	}
	qsort(rows, *n, sizeof *rows, p->reverse ? downwards : upwards);
	return rows;
}

static void
print(struct cx *cx, struct json *js, const struct page *p,
    const struct row *rows, size_t n, bool more)
{
	const char *cursor = NULL;

	json_obj(js, NULL);
	json_str(js, "__typename", "OrderConnection");
	json_list(js, "edges");
	for (size_t i = 0; i < n; i++) {
		cursor = shop_cursor(cx, rows[i].id, rows[i].value);
		json_obj(js, NULL);
		json_str(js, "__typename", "OrderEdge");
		json_str(js, "cursor", cursor);
		shop_graph_order(cx, js, "node", rows[i].order);
		json_end(js);
	}
	json_end(js);
	json_obj(js, "pageInfo");
	json_str(js, "__typename", "PageInfo");
	json_bool(js, "hasNextPage", more);
	json_bool(js, "hasPreviousPage", !p->from_start);
	json_str(js, "startCursor", n > 0 ? shop_cursor(cx, rows[0].id,
	    rows[0].value) : NULL);
	json_str(js, "endCursor", cursor);
	json_end(js);
	json_end(js);
}

const char *
shop_query_orders(struct cx *cx, struct json *js, const struct cJSON *args,
    struct json *warnings, size_t *n)
{
	const struct row *rows;
	const char *bad;
	struct page p;
	size_t all;

	if ((bad = read_page(cx, args, &p, warnings)) != NULL)
		return bad;
	rows = collect(cx, &p, &all);
	*n = all < (size_t)p.first ? all : (size_t)p.first;
	print(cx, js, &p, rows, *n, all > *n);
	return NULL;
}
