/* graphql - reads a document */
#include "config.h"

#include <ctype.h>

#include "core/service.h"
#include "shopify/graphql.h"

#define DEPTH_MAX	24
#define VALUE_MAX	(256 << 10)
#define VARS_MAX	32
#define NAME_START	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_"
#define NAME_CHARS	NAME_START "0123456789"

struct variable {
	const char	*name, *type;
	const char	*value;		/* JSON text; NULL: not given */
	bool		 used;
	int		 line, column;
};

struct reader {
	struct cx	*cx;
	const char	*s, *line_start;
	int		 line, depth;
	const struct cJSON *given;
	struct variable	 var[VARS_MAX];
	size_t		 nvar;
	struct gql_wrong *wrong;
};

static bool
fail(struct reader *r, const char *code, const char *message)
{
	/* The first complaint is the one that counts. */
	if (r->wrong->message == NULL) {
		r->wrong->message = message;
		r->wrong->code = code;
		r->wrong->line = r->line;
		r->wrong->column = (int)(r->s - r->line_start) + 1;
	}
	return false;
}

static bool
syntax(struct reader *r)
{
	if (*r->s == '\0')
		return fail(r, NULL, cx_fmt(r->cx, "syntax error, unexpected "
		    "end of file at [%d, %d]", r->line,
		    (int)(r->s - r->line_start) + 1));
	return fail(r, NULL, cx_fmt(r->cx, "syntax error, unexpected "
	    "\"%.1s\" at [%d, %d]", r->s, r->line,
	    (int)(r->s - r->line_start) + 1));
}

static void
newline(struct reader *r)
{
	r->line++;
	r->line_start = r->s + 1;
}

/* Blanks, commas and comments mean nothing. */
static void
skip(struct reader *r)
{
	for (;; r->s++)
		if (*r->s == '\n')
			newline(r);
		else if (*r->s == '#') {
			while (r->s[1] != '\n' && r->s[1] != '\0')
				r->s++;
		} else if (*r->s == '\0' || strchr(" \t\r,", *r->s) == NULL)
			return;
}

/* Is c next?  Then it is taken. */
static bool
take(struct reader *r, char c)
{
	skip(r);
	if (*r->s != c)
		return false;
	r->s++;
	return true;
}

static bool
want(struct reader *r, char c)
{
	return take(r, c) || syntax(r);
}

static const char *
name(struct reader *r)
{
	const char *start;
	size_t n;

	skip(r);
	start = r->s;
	if (*start == '\0' || strchr(NAME_START, *start) == NULL) {
		syntax(r);
		return NULL;
	}
	n = strspn(start, NAME_CHARS);
	r->s += n;
	return cx_dupn(r->cx, start, n);
}

/* --- values, as JSON */

static bool	value(struct reader *, struct buf *, bool constant);

/* """ .. """: taken as it stands, the indentation too. */
static bool
block_string(struct reader *r, struct buf *b)
{
	const char *end;
	const char *start = r->s + 3;

	if ((end = strstr(start, "\"\"\"")) == NULL)
		return syntax(r);
	json_quote(b, cx_dupn(r->cx, start, (size_t)(end - start)));
	for (; r->s < end + 2; r->s++)
		if (*r->s == '\n')
			newline(r);
	r->s++;
	return true;
}

/* The escapes are JSON's. */
static bool
string(struct reader *r, struct buf *b)
{
	const char *start = r->s;
	struct cJSON *js = NULL;

	if (strncmp(start, "\"\"\"", 3) == 0)
		return block_string(r, b);
	for (r->s++; *r->s != '"'; r->s++) {
		if (*r->s == '\\' && r->s[1] != '\0')
			r->s++;
		else if (*r->s == '\0' || *r->s == '\n')
			return syntax(r);
	}
	r->s++;
	if (json_parse(r->cx, start, (size_t)(r->s - start), &js) != E_OK)
		return fail(r, NULL, "syntax error, bad string");
	return buf_put(b, start, (size_t)(r->s - start));
}

static bool
number(struct reader *r, struct buf *b)
{
	const char *start = r->s;
	struct cJSON *js = NULL;

	r->s += strspn(r->s, "-+.0123456789eE");
	if (json_parse(r->cx, start, (size_t)(r->s - start), &js) != E_OK)
		return fail(r, NULL, "syntax error, bad number");
	return buf_put(b, start, (size_t)(r->s - start));
}

static struct variable *
find_variable(struct reader *r, const char *s)
{
	for (size_t i = 0; i < r->nvar; i++)
		if (str_eq(r->var[i].name, s))
			return &r->var[i];
	return NULL;
}

static bool
variable(struct reader *r, struct buf *b)
{
	struct variable *v;
	const char *s;

	r->s++;
	if ((s = name(r)) == NULL)
		return false;
	if ((v = find_variable(r, s)) == NULL)
		return fail(r, "variableNotDefined", cx_fmt(r->cx, "Variable "
		    "$%s is used but not declared", s));
	v->used = true;
	return buf_puts(b, v->value != NULL ? v->value : "null");
}

static bool
list(struct reader *r, struct buf *b, bool constant)
{
	buf_putc(b, '[');
	for (bool more = false; !take(r, ']'); more = true) {
		if (more)
			buf_putc(b, ',');
		if (!value(r, b, constant))
			return false;
	}
	return buf_putc(b, ']');
}

/* { a: 1 } and, with other brackets, (a: 1) */
static bool
members(struct reader *r, struct buf *b, char close, bool constant)
{
	const char *s;

	buf_putc(b, '{');
	for (bool more = false; !take(r, close); more = true) {
		if (more)
			buf_putc(b, ',');
		if ((s = name(r)) == NULL || !want(r, ':'))
			return false;
		json_quote(b, s);
		buf_putc(b, ':');
		if (!value(r, b, constant))
			return false;
	}
	return buf_putc(b, '}');
}

static bool
word(struct reader *r, struct buf *b)
{
	const char *s = name(r);

	if (s == NULL)
		return false;
	if (str_eq(s, "true") || str_eq(s, "false") || str_eq(s, "null"))
		return buf_puts(b, s);
	json_quote(b, s);		/* of an enumeration */
	return true;
}

static bool
value_in(struct reader *r, struct buf *b, bool constant)
{
	skip(r);
	switch (*r->s) {
	case '$':
		return constant ? syntax(r) : variable(r, b);
	case '"':
		return string(r, b);
	case '[':
		r->s++;
		return list(r, b, constant);
	case '{':
		r->s++;
		return members(r, b, '}', constant);
	default:
		return *r->s == '-' || isdigit((unsigned char)*r->s) ?
		    number(r, b) : word(r, b);
	}
}

static bool
value(struct reader *r, struct buf *b, bool constant)
{
	bool ok;

	if (++r->depth > DEPTH_MAX)
		return fail(r, NULL, "the document is nested too deep");
	ok = value_in(r, b, constant);
	r->depth--;
	return ok;
}

/* --- selections */

static bool	selections(struct reader *, struct gql_field **);

static bool
arguments(struct reader *r, struct gql_field *f)
{
	struct buf *b = buf_new(r->cx, VALUE_MAX);
	struct cJSON *js = NULL;

	if (!take(r, '('))
		buf_puts(b, "{}");
	else if (!members(r, b, ')', false))
		return false;
	if (!buf_ok(b) || json_parse(r->cx, b->data, b->len, &js) != E_OK)
		return fail(r, NULL, "the arguments are too large");
	f->args = js;
	return true;
}

static bool
fragment(struct reader *r, struct gql_field *f)
{
	const char *s;

	r->s += 3;
	skip(r);
	if (*r->s != '{') {
		if ((s = name(r)) == NULL)
			return false;
		if (!str_eq(s, "on"))
			return fail(r, NULL, "named fragments are not "
			    "understood here");
		if ((f->on = name(r)) == NULL)
			return false;
	}
	return want(r, '{') && selections(r, &f->child);
}

static bool
field(struct reader *r, struct gql_field *f)
{
	skip(r);
	f->line = r->line;
	f->column = (int)(r->s - r->line_start) + 1;
	if (strncmp(r->s, "...", 3) == 0)
		return fragment(r, f);
	if ((f->alias = f->name = name(r)) == NULL)
		return false;
	if (take(r, ':') && (f->name = name(r)) == NULL)
		return false;
	if (!arguments(r, f))
		return false;
	if (take(r, '@'))
		return fail(r, NULL, "directives are not understood here");
	return !take(r, '{') || selections(r, &f->child);
}

static bool
selections(struct reader *r, struct gql_field **tail)
{
	if (++r->depth > DEPTH_MAX)
		return fail(r, NULL, "the document is nested too deep");
	while (!take(r, '}')) {
		*tail = cx_alloc(r->cx, sizeof **tail);
		if (*tail == NULL || !field(r, *tail))
			return false;
		tail = &(*tail)->next;
	}
	r->depth--;
	return true;
}

/* --- the operation */

static bool
type(struct reader *r, struct variable *v)
{
	const char *start;

	skip(r);
	start = r->s;
	while (take(r, '['))
		;
	if (name(r) == NULL)
		return false;
	r->s += strspn(r->s, "]!");
	v->type = cx_dupn(r->cx, start, (size_t)(r->s - start));
	return true;
}

static bool
declaration(struct reader *r)
{
	struct buf *b = buf_new(r->cx, VALUE_MAX);
	const struct cJSON *js;
	struct variable *v;

	if (r->nvar == VARS_MAX)
		return fail(r, NULL, "too many variables");
	v = &r->var[r->nvar++];
	skip(r);
	v->line = r->line;
	v->column = (int)(r->s - r->line_start) + 1;
	if (!want(r, '$') || (v->name = name(r)) == NULL || !want(r, ':') ||
	    !type(r, v))
		return false;
	if (take(r, '=') && !value(r, b, true))
		return false;
	js = json_get(r->given, v->name);
	if (js != NULL)
		v->value = json_print(r->cx, js);
	else if (b->len > 0)
		v->value = b->data;
	if (str_ends(v->type, "!") && (v->value == NULL ||
	    str_eq(v->value, "null")))
		return fail(r, "INVALID_VARIABLE", cx_fmt(r->cx, "Variable $%s"
		    " of type %s was provided invalid value", v->name,
		    v->type));
	return true;
}

static bool
all_used(struct reader *r, const struct gql *g)
{
	for (size_t i = 0; i < r->nvar; i++)
		if (!r->var[i].used)
			return fail(r, "variableNotUsed", cx_fmt(r->cx,
			    "Variable $%s is declared by %s but not used",
			    r->var[i].name, g->name != NULL ? g->name :
			    g->mutation ? "anonymous mutation" :
			    "anonymous query"));
	return true;
}

static bool
head(struct reader *r, struct gql *g)
{
	const char *s;

	skip(r);
	if (*r->s == '{')
		return true;
	if ((s = name(r)) == NULL)
		return false;
	g->mutation = str_eq(s, "mutation");
	if (!g->mutation && !str_eq(s, "query"))
		return fail(r, NULL, cx_fmt(r->cx, "%s is not understood "
		    "here", s));
	skip(r);
	if (*r->s != '{' && *r->s != '(' && (g->name = name(r)) == NULL)
		return false;
	if (take(r, '('))
		while (!take(r, ')'))
			if (!declaration(r))
				return false;
	return true;
}

bool
gql_parse(struct cx *cx, const char *text, const struct cJSON *vars,
    struct gql *g, struct gql_wrong *wrong)
{
	struct reader r = { .cx = cx, .s = text, .line_start = text,
	    .line = 1, .given = vars, .wrong = wrong };

	memset(g, 0, sizeof *g);
	memset(wrong, 0, sizeof *wrong);
	if (!head(&r, g) || !want(&r, '{') || !selections(&r, &g->root))
		return false;
	skip(&r);
	if (*r.s != '\0')
		return fail(&r, NULL, "one operation a document is all that "
		    "is understood here");
	return all_used(&r, g);
}
