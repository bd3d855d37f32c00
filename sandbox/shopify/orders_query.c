/* orders_query - searches, sorts and pages orders for the Admin API */
#include "config.h"

#include "core/service.h"
#include "shopify/graphql.h"

#define PAGE_MAX	250
#define TERMS_MAX	16
#define DAY		INT64_C(86400000)

/* --- search terms */

enum field_type { BY_TIME, BY_NUMBER, BY_STATUS, BY_TEST, BY_EMAIL, BY_NAME,
    BY_OPEN };

#define O(member)	offsetof(struct shop_order, member)

static const struct search_field {
	const char	*name;
	enum field_type	 type;
	size_t		 offset;	/* of times and numbers */
} fields[] = {
	{ "updated_at", BY_TIME, O(updated) },
	{ "created_at", BY_TIME, O(created) },
	{ "processed_at", BY_TIME, O(processed) },
	{ "id", BY_NUMBER, O(id) },
	{ "customer_id", BY_NUMBER, O(customer) },
	{ "financial_status", BY_STATUS, 0 },
	{ "test", BY_TEST, 0 },
	{ "email", BY_EMAIL, 0 },
	{ "name", BY_NAME, 0 },
	{ "status", BY_OPEN, 0 },
};

struct term {
	const struct search_field *field;
	int		 op;		/* '=', '>', '<', 'g' >=, 'l' <= */
	const char	*text;
	int64_t		 from, to;	/* a number, a moment, or a day; ms */
};

struct terms {
	struct term	 term[TERMS_MAX];
	size_t		 n;
};

static int64_t
int_at(const struct shop_order *o, size_t offset)
{
	return *(const int64_t *)(const void *)((const char *)o + offset);
}

/* A moment, or a whole day of the shop's. */
static bool
read_moment(struct cx *cx, struct term *t)
{
	if (strlen(t->text) == 10) {
		if (!clock_parse(cx_fmt(cx, "%sT00:00:00-05:00", t->text),
		    &t->from))
			return false;
		t->to = t->from + DAY - 1;
		return true;
	}
	if (!clock_parse(t->text, &t->from))
		return false;
	t->to = t->from = t->from / 1000 * 1000;
	return true;
}

/* Takes one of > >= < <= from *s. */
static int
operator(const char **s)
{
	int op = **s == '>' || **s == '<' ? **s : '=';

	if (op == '=' || *++*s != '=')
		return op;
	++*s;
	return op == '>' ? 'g' : 'l';
}

static const char *
value(struct cx *cx, const char **s)
{
	char quote[2] = { **s, '\0' };
	const char *start = *s;
	size_t n;

	if (*start != '\'' && *start != '"') {
		n = strcspn(start, " \t\n");
		*s += n;
	} else {
		n = strcspn(++start, quote);
		*s = start + n + (start[n] != '\0');
	}
	return cx_dupn(cx, start, n);
}

static void
warn(struct json *js, const char *field, const char *code,
    const char *message)
{
	json_put(js, j_obj(NULL), j_str("field", field),
	    j_str("message", message), j_str("code", code), j_end());
}

/* "updated_at:>=2026-01-01"; NULL, or what is not understood. */
static const char *
read_term(struct cx *cx, const char **s, struct terms *out,
    struct json *warnings)
{
	struct term *t = &out->term[out->n];
	size_t n = strcspn(*s, ": \t\n");
	const char *name = cx_dupn(cx, *s, n);

	if ((*s)[n] != ':')
		return cx_fmt(cx, "search for \"%.60s\" is not understood "
		    "here", name);
	*s += n + 1;
	t->op = operator(s);
	t->text = value(cx, s);
	t->field = NULL;
	for (size_t i = 0; i < COUNT_OF(fields); i++)
		if (str_eq(fields[i].name, name))
			t->field = &fields[i];
	if (t->field == NULL)
		warn(warnings, name, "invalid_field",
		    "Invalid search field for this query.");
	else if (t->field->type == BY_TIME && !read_moment(cx, t))
		warn(warnings, name, "invalid_value",
		    "Input is not a valid date.");
	else
		out->n++;
	return NULL;
}

static const char *
read_terms(struct cx *cx, const char *query, struct terms *out,
    struct json *warnings)
{
	const char *bad;

	out->n = 0;
	for (const char *s = query; s != NULL;) {
		s += strspn(s, " \t\n");
		if (*s == '\0')
			return NULL;
		if (strncmp(s, "AND ", 4) == 0) {
			s += 4;
			continue;
		}
		if (strncmp(s, "OR ", 3) == 0 || strchr("(-", *s) != NULL)
			return "OR, brackets and negation are not understood "
			    "here";
		if (out->n == TERMS_MAX)
			return "too many terms";
		if ((bad = read_term(cx, &s, out, warnings)) != NULL)
			return bad;
	}
	return NULL;
}

static bool
in_range(const struct term *t, int64_t v, int64_t from, int64_t to)
{
	switch (t->op) {
	case '>':
		return v > to;
	case 'g':
		return v >= from;
	case '<':
		return v < from;
	case 'l':
		return v <= to;
	default:
		return v >= from && v <= to;
	}
}

static bool
holds(const struct term *t, const struct shop_order *o)
{
	int64_t n;

	switch (t->field->type) {
	case BY_TIME:
		return in_range(t, int_at(o, t->field->offset), t->from,
		    t->to);
	case BY_NUMBER:
		return str_int(t->text, 0, INT64_MAX, &n) &&
		    in_range(t, int_at(o, t->field->offset), n, n);
	case BY_STATUS:
		return str_ieq(t->text, shop_order_status(o));
	case BY_TEST:
		return str_eq(t->text, o->test ? "true" : "false");
	case BY_EMAIL:
		return str_ieq(t->text, o->email);
	case BY_NAME:
		return str_int(t->text + (*t->text == '#'), 0, INT64_MAX, &n)
		    && n == o->number;
	default:		/* nothing is ever closed */
		return str_eq(t->text, "any") || str_eq(t->text, "open");
	}
}

static bool
all_hold(const struct terms *ts, const struct shop_order *o)
{
	for (size_t i = 0; i < ts->n; i++)
		if (!holds(&ts->term[i], o))
			return false;
	return true;
}

/* --- a page */

/* SIZE_MAX: by the price, which is no member. */
static const struct {
	const char	*name;
	size_t		 offset;
} sort_keys[] = {
	{ "PROCESSED_AT", O(processed) },
	{ "CREATED_AT", O(created) },
	{ "UPDATED_AT", O(updated) },
	{ "ID", O(id) },
	{ "ORDER_NUMBER", O(number) },
	{ "TOTAL_PRICE", SIZE_MAX },
};

struct row {
	struct shop_order *order;
	int64_t		 value;		/* what it is sorted by */
	int64_t		 id;
};

struct page {
	struct terms	 terms;
	size_t		 sort_by;	/* an offset */
	bool		 reverse;
	int64_t		 first;
	bool		 from_start;
	struct row	 after;
};

static int
upwards(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (x->value != y->value)
		return x->value > y->value ? 1 : -1;
	return (x->id > y->id) - (x->id < y->id);
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
	size_t i = 0;

	p->first = json_int_or(json_get(args, "first"), -1);
	p->reverse = json_true(json_get(args, "reverse"));
	p->from_start = after == NULL;
	if (!json_is_null(json_get(args, "last")) ||
	    !json_is_null(json_get(args, "before")))
		return "last and before are not understood here";
	if (p->first < 1)
		return "you must provide one of first or last";
	if (p->first > PAGE_MAX)
		return "first cannot exceed 250";
	while (key != NULL && i < COUNT_OF(sort_keys) &&
	    !str_eq(sort_keys[i].name, key))
		i++;
	if (i == COUNT_OF(sort_keys))
		return cx_fmt(cx, "sortKey %.40s is not understood here",
		    key);
	p->sort_by = sort_keys[i].offset;
	if (after != NULL && !shop_cursor_read(cx, after, &p->after.id,
	    &p->after.value))
		return "Invalid cursor for current pagination sort.";
	return read_terms(cx, json_text(json_get(args, "query")), &p->terms,
	    warnings);
}

/* Those that match, in their order, behind the cursor. */
static struct row *
collect(struct cx *cx, const struct page *p, size_t *n)
{
	int (*compare)(const void *, const void *) = p->reverse ? downwards :
	    upwards;
	struct row *rows = cx_alloc(cx, (shop_order_count() + 1) *
	    sizeof *rows), *r;

	XXXAN(rows != NULL);
	*n = 0;
	for (size_t i = 0; i < shop_order_count(); i++) {
		r = &rows[*n];
		r->order = shop_order_at(i);
		r->id = r->order->id;
		r->value = p->sort_by == SIZE_MAX ?
		    shop_order_total(r->order) : int_at(r->order, p->sort_by);
		if ((p->from_start || compare(r, &p->after) > 0) &&
		    all_hold(&p->terms, r->order))
			++*n;
	}
	qsort(rows, *n, sizeof *rows, compare);
	return rows;
}

const char *
shop_query_orders(struct cx *cx, struct json *js, const struct cJSON *args,
    struct json *warnings, size_t *n)
{
	const char *bad, *cursor = NULL, *first = NULL;
	const struct row *rows;
	struct page p;
	size_t all;

	if ((bad = read_page(cx, args, &p, warnings)) != NULL)
		return bad;
	rows = collect(cx, &p, &all);
	*n = all < (size_t)p.first ? all : (size_t)p.first;
	json_put(js, j_obj(NULL), j_str("__typename", "OrderConnection"),
	    j_list("edges"));
	for (size_t i = 0; i < *n; i++) {
		cursor = shop_cursor(cx, rows[i].id, rows[i].value);
		first = i == 0 ? cursor : first;
		json_put(js, j_obj(NULL), j_str("__typename", "OrderEdge"),
		    j_str("cursor", cursor));
		shop_graph_order(cx, js, "node", rows[i].order);
		json_end(js);
	}
	json_put(js, j_end(), j_obj("pageInfo"),
	    j_str("__typename", "PageInfo"), j_bool("hasNextPage", all > *n),
	    j_bool("hasPreviousPage", !p.from_start),
	    j_str("startCursor", first), j_str("endCursor", cursor), j_end(),
	    j_end());
	return NULL;
}
