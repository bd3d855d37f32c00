/*
 * gqlcheck - a document held against the types; see gql.h
 */
#include "config.h"

#include "core/sandbox.h"
#include "shopify/graphql.h"

struct rule {
	const char	*type, *field, *returns, *args, *required;
};

static const struct rule rules[] = {
#define GQL(type, field, returns, args, required) \
	{ type, field, returns, args, required },
#include "shopify/graphql_schema.def"
#undef GQL
};

#define NRULES	(sizeof rules / sizeof *rules)

/* Which of them an object of the abstract type can be. */
static const char *const kinds[][5] = {
	{ "Node", "Customer", "Order", NULL },
	{ "WebhookSubscriptionEndpoint", "WebhookHttpEndpoint",
	    "WebhookEventBridgeEndpoint", "WebhookPubSubEndpoint", NULL },
};

static const struct rule *
find(const char *type, const char *field)
{
	for (size_t i = 0; i < NRULES; i++)
		if (str_eq(rules[i].type, type) &&
		    str_eq(rules[i].field, field))
			return &rules[i];
	return NULL;
}

static bool
can_be(const char *type, const char *on)
{
	if (str_eq(type, on))
		return true;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (str_eq(kinds[i][0], type))
			return str_in(on, kinds[i] + 1);
	return false;
}

static bool
listed(const char *words, const char *word)
{
	size_t n, len = strlen(word);

	for (; *words != '\0'; words += n + strspn(words + n, " ")) {
		n = strcspn(words, " ");
		if (n == len && memcmp(words, word, n) == 0)
			return true;
	}
	return false;
}

static bool
wrong_at(struct gql_wrong *w, const struct gql_field *f, const char *code,
    const char *message)
{
	w->code = code;
	w->message = message;
	w->line = f->line;
	w->column = f->column;
	return false;
}

static bool
check_args(struct cx *cx, const struct gql_field *f, const struct rule *r,
    struct gql_wrong *w)
{
	const char *need = r->required;
	size_t n;

	for (const struct cJSON *m = json_first(f->args); m != NULL;
	    m = json_next(m))
		if (!listed(r->args, json_key(m)))
			return wrong_at(w, f, "argumentNotAccepted",
			    cx_fmt(cx, "Field '%s' doesn't accept argument "
			    "'%s'", f->name, json_key(m)));
	for (; *need != '\0'; need += n + strspn(need + n, " ")) {
		n = strcspn(need, " ");
		if (json_is_null(json_get(f->args, cx_dupn(cx, need, n))))
			return wrong_at(w, f, "missingRequiredArguments",
			    cx_fmt(cx, "Field '%s' is missing required "
			    "arguments: %.*s", f->name, (int)n, need));
	}
	return true;
}

static bool	check(struct cx *, const char *, const struct gql_field *,
		    struct gql_wrong *);

static bool
check_fragment(struct cx *cx, const char *type, const struct gql_field *f,
    struct gql_wrong *w)
{
	if (f->on != NULL && !can_be(type, f->on))
		return wrong_at(w, f, "cannotSpreadFragment", cx_fmt(cx,
		    "Fragment on %s can't be spread inside %s", f->on, type));
	return check(cx, f->on != NULL ? f->on : type, f->child, w);
}

static bool
check_field(struct cx *cx, const char *type, const struct gql_field *f,
    struct gql_wrong *w)
{
	const struct rule *r = find(type, f->name);

	if (r == NULL) {
		w->type = type;
		w->field = f->name;
		return wrong_at(w, f, "undefinedField", cx_fmt(cx, "Field "
		    "'%s' doesn't exist on type '%s'", f->name, type));
	}
	if (r->returns[0] == '\0' && f->child != NULL)
		return wrong_at(w, f, "selectionMismatch", cx_fmt(cx,
		    "Selections can't be made on scalars (field '%s')",
		    f->name));
	if (r->returns[0] != '\0' && f->child == NULL)
		return wrong_at(w, f, "selectionMismatch", cx_fmt(cx, "Field "
		    "must have selections (field '%s' returns %s but has no "
		    "selections. Did you mean '%s { ... }'?)", f->name,
		    r->returns, f->name));
	return check_args(cx, f, r, w) && (f->child == NULL ||
	    check(cx, r->returns, f->child, w));
}

static bool
check(struct cx *cx, const char *type, const struct gql_field *f,
    struct gql_wrong *w)
{
	for (; f != NULL; f = f->next)
		if (f->name == NULL) {
			if (!check_fragment(cx, type, f, w))
				return false;
		} else if (!str_eq(f->name, "__typename") &&
		    !check_field(cx, type, f, w))
			return false;
	return true;
}

static const char *
root(const struct gql *g)
{
	return g->mutation ? "Mutation" : "QueryRoot";
}

bool
gql_check(struct cx *cx, const struct gql *g, struct gql_wrong *w)
{
	memset(w, 0, sizeof *w);
	for (const struct gql_field *f = g->root; f != NULL; f = f->next)
		if (f->name == NULL)
			return wrong_at(w, f, NULL, "fragments at the root "
			    "are not understood here");
	return check(cx, root(g), g->root, w);
}

/* --- points */

static int64_t
cost(const char *type, const struct gql_field *f)
{
	int64_t sum = 0, n;

	for (; f != NULL; f = f->next) {
		const struct rule *r = f->name != NULL ?
		    find(type, f->name) : NULL;
		const char *next = f->name == NULL ? f->on != NULL ? f->on :
		    type : r != NULL ? r->returns : "";

		if (r != NULL && str_ends(next, "Connection")) {
			n = json_int_or(json_get(f->args, "first"),
			    json_int_or(json_get(f->args, "last"), 0));
			sum += 2 + n;
		} else if (r != NULL && *next != '\0' &&
		    !str_ends(type, "Connection") && !str_ends(type, "Edge")
		    && !str_ends(type, "Payload"))
			sum++;
		sum += cost(next, f->child);
	}
	return sum;
}

int64_t
gql_cost(const struct gql *g)
{
	int64_t sum = 0;

	if (!g->mutation)
		return cost(root(g), g->root);
	for (const struct gql_field *f = g->root; f != NULL; f = f->next)
		sum += 10;
	return sum;
}

/* --- what it asked for */

void
gql_complain(struct json *js, const struct gql_wrong *w)
{
	json_obj(js, NULL);
	json_str(js, "message", w->message);
	json_list(js, "locations");
	json_obj(js, NULL);
	json_int(js, "line", w->line);
	json_int(js, "column", w->column);
	json_end(js);
	json_end(js);
	if (w->code != NULL) {
		json_obj(js, "extensions");
		json_str(js, "code", w->code);
		if (w->type != NULL) {
			json_str(js, "typeName", w->type);
			json_str(js, "fieldName", w->field);
		}
		json_end(js);
	}
	json_end(js);
}
