/*
 * shopterm - see shopterm.h
 */
#include "config.h"

#include "core/sandbox.h"
#include "shopify/order.h"
#include "shopify/search_term.h"

#define DAY	INT64_C(86400000)

enum field {
	BY_UPDATED, BY_CREATED, BY_PROCESSED, BY_FINANCIAL, BY_TEST, BY_EMAIL,
	BY_NAME, BY_ID, BY_CUSTOMER, BY_STATUS, BY__MAX
};

static const char *const fields[BY__MAX] = {
	[BY_UPDATED] = "updated_at",
	[BY_CREATED] = "created_at",
	[BY_PROCESSED] = "processed_at",
	[BY_FINANCIAL] = "financial_status",
	[BY_TEST] = "test",
	[BY_EMAIL] = "email",
	[BY_NAME] = "name",
	[BY_ID] = "id",
	[BY_CUSTOMER] = "customer_id",
	[BY_STATUS] = "status",
};

static int
find(const char *s)
{
	for (int i = 0; i < BY__MAX; i++)
		if (str_eq(fields[i], s))
			return i;
	return BY__MAX;
}

static void
warn(struct json *js, const char *field, const char *code,
    const char *message)
{
	json_obj(js, NULL);
	json_str(js, "field", field);
	json_str(js, "message", message);
	json_str(js, "code", code);
	json_end(js);
}

/* A moment, or a whole day of the shop's. */
static bool
moment(struct cx *cx, struct shop_term *t)
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

	if (op == '=')
		return op;
	if (*++*s != '=')
		return op;
	++*s;
	return op == '>' ? 'g' : 'l';
}

static const char *
value(struct cx *cx, const char **s)
{
	char quote = **s;
	const char *start;
	size_t n;

	if (quote != '\'' && quote != '"') {
		n = strcspn(*s, " \t\n");
		start = *s;
		*s += n;
		return cx_dupn(cx, start, n);
	}
	start = ++*s;
	n = strcspn(start, quote == '"' ? "\"" : "'");
	*s += n + (start[n] != '\0');
	return cx_dupn(cx, start, n);
}

static const char *
term(struct cx *cx, const char **s, struct shop_terms *out,
    struct json *warnings)
{
	struct shop_term *t = &out->term[out->n];
	size_t n = strcspn(*s, ": \t\n");
	const char *name = cx_dupn(cx, *s, n);

	if ((*s)[n] != ':')
		return cx_fmt(cx, "search for \"%.60s\" is not understood "
		    "here", name);
	*s += n + 1;
	t->field = find(name);
	t->op = operator(s);
	t->text = value(cx, s);
	if (t->field == BY__MAX)
		warn(warnings, name, "invalid_field",
		    "Invalid search field for this query.");
	else if (t->field <= BY_PROCESSED && !moment(cx, t))
		warn(warnings, name, "invalid_value",
		    "Input is not a valid date.");
	else
		out->n++;
	return NULL;
}

const char *
shop_terms_read(struct cx *cx, const char *query, struct shop_terms *out,
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
		if (out->n == SHOP_TERMS)
			return "too many terms";
		if ((bad = term(cx, &s, out, warnings)) != NULL)
			return bad;
	}
	return NULL;
}

/* --- does it hold? */

static bool
at(const struct shop_term *t, int64_t v)
{
	switch (t->op) {
	case '>':
		return v > t->to;
	case 'g':
		return v >= t->from;
	case '<':
		return v < t->from;
	case 'l':
		return v <= t->to;
	default:
		return v >= t->from && v <= t->to;
	}
}

static bool
number(const struct shop_term *t, int64_t v)
{
	struct shop_term same = *t;

	if (!str_int(t->text, 0, INT64_MAX, &same.from))
		return false;
	same.to = same.from;
	return at(&same, v);
}

static bool
name_is(const char *text, const struct shop_order *o)
{
	char s[32];

	snprintf(s, sizeof s, "%lld", (long long)o->number);
	return str_eq(*text == '#' ? text + 1 : text, s);
}

static bool
holds(const struct shop_term *t, const struct shop_order *o)
{
	switch (t->field) {
	case BY_UPDATED:
		return at(t, o->updated);
	case BY_CREATED:
		return at(t, o->created);
	case BY_PROCESSED:
		return at(t, o->processed);
	case BY_FINANCIAL:
		return str_ieq(t->text, shop_order_status(o));
	case BY_TEST:
		return str_eq(t->text, o->test ? "true" : "false");
	case BY_EMAIL:
		return str_ieq(t->text, o->email);
	case BY_NAME:
		return name_is(t->text, o);
	case BY_ID:
		return number(t, o->id);
	case BY_CUSTOMER:
		return number(t, o->customer);
	default:		/* status: nothing is ever closed */
		return str_eq(t->text, "any") || str_eq(t->text, "open");
	}
}

bool
shop_terms_match(const struct shop_terms *ts, const struct shop_order *o)
{
	for (size_t i = 0; i < ts->n; i++)
		if (!holds(&ts->term[i], o))
			return false;
	return true;
}
