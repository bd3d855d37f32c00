/* graphql_schema - checks a document against the types, and counts points */
#include "config.h"

#include "core/service.h"
#include "shopify/graphql.h"

static const struct {
	const char	*name, *fields;
} types[] = {
#define TYPE(name, fields)	{ name, fields },
#include "shopify/graphql_schema.def"
#undef TYPE
};

/* Which types an object of the abstract type can be. */
static const struct {
	const char	*name, *can_be;
} abstract[] = {
	{ "Node", "Customer Order" },
	{ "WebhookSubscriptionEndpoint", "WebhookHttpEndpoint "
	    "WebhookEventBridgeEndpoint WebhookPubSubEndpoint" },
};

struct rule {
	const char	*args;		/* with blanks between */
	const char	*returns;	/* "" a scalar */
};

/* "id name(first last):Type": the field of that name; false: none is it. */
static bool
find_in(struct cx *cx, const char *s, const char *field, struct rule *r)
{
	size_t n, len = strlen(field);
	bool found;

	for (; *s != '\0'; s += strspn(s, " ")) {
		n = strcspn(s, " (:");
		found = n == len && memcmp(s, field, n) == 0;
		*r = (struct rule){ "", "" };
		s += n;
		if (*s == '(') {
			n = strcspn(s, ")");
			r->args = cx_dupn(cx, s + 1, n - 1);
			s += n + 1;
		}
		if (*s == ':') {
			n = strcspn(s, " ");
			r->returns = cx_dupn(cx, s + 1, n - 1);
			s += n;
		}
		if (found)
			return true;
	}
	return false;
}

static bool
find(struct cx *cx, const char *type, const char *field, struct rule *r)
{
	int n = (int)strlen(type);
	const char *fields = "";

	if (str_ends(type, "Connection"))
		fields = cx_fmt(cx, "nodes:%.*s edges:%.*sEdge "
		    "pageInfo:PageInfo", n - 10, type, n - 10, type);
	else if (str_ends(type, "Edge"))
		fields = cx_fmt(cx, "node:%.*s cursor", n - 4, type);
	for (size_t i = 0; i < COUNT_OF(types); i++)
		if (str_eq(types[i].name, type))
			fields = types[i].fields;
	return find_in(cx, fields, field, r);
}

static bool
can_be(const char *type, const char *on)
{
	for (size_t i = 0; i < COUNT_OF(abstract); i++)
		if (str_eq(abstract[i].name, type) &&
		    word_in(abstract[i].can_be, on))
			return true;
	return str_eq(type, on);
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
	size_t n;

	JSON_EACH(m, f->args)
		if (!word_in(r->args, json_key(m)) &&
		    !word_in(r->args, cx_fmt(cx, "%s!", json_key(m))))
			return wrong_at(w, f, "argumentNotAccepted",
			    cx_fmt(cx, "Field '%s' doesn't accept argument "
			    "'%s'", f->name, json_key(m)));
	for (const char *s = r->args; *s != '\0'; s += strspn(s, "! ")) {
		n = strcspn(s, "! ");
		if (s[n] == '!' && json_is_null(json_get(f->args,
		    cx_dupn(cx, s, n))))
			return wrong_at(w, f, "missingRequiredArguments",
			    cx_fmt(cx, "Field '%s' is missing required "
			    "arguments: %.*s", f->name, (int)n, s));
		s += n;
	}
	return true;
}

static bool	check(struct cx *, const char *, const struct gql_field *,
		    struct gql_wrong *);

static bool
check_field(struct cx *cx, const char *type, const struct gql_field *f,
    struct gql_wrong *w)
{
	struct rule r;

	if (!find(cx, type, f->name, &r)) {
		w->type = type;
		w->field = f->name;
		return wrong_at(w, f, "undefinedField", cx_fmt(cx, "Field "
		    "'%s' doesn't exist on type '%s'", f->name, type));
	}
	if (*r.returns == '\0' && f->child != NULL)
		return wrong_at(w, f, "selectionMismatch", cx_fmt(cx,
		    "Selections can't be made on scalars (field '%s')",
		    f->name));
	if (*r.returns != '\0' && f->child == NULL)
		return wrong_at(w, f, "selectionMismatch", cx_fmt(cx, "Field "
		    "must have selections (field '%s' returns %s but has no "
		    "selections. Did you mean '%s { ... }'?)", f->name,
		    r.returns, f->name));
	return check_args(cx, f, &r, w) && check(cx, r.returns, f->child, w);
}

static bool
check(struct cx *cx, const char *type, const struct gql_field *f,
    struct gql_wrong *w)
{
	for (; f != NULL; f = f->next) {
		if (f->name == NULL && f->on != NULL && !can_be(type, f->on))
			return wrong_at(w, f, "cannotSpreadFragment",
			    cx_fmt(cx, "Fragment on %s can't be spread inside "
			    "%s", f->on, type));
		if (f->name == NULL ? !check(cx, f->on != NULL ? f->on : type,
		    f->child, w) : !str_eq(f->name, "__typename") &&
		    !check_field(cx, type, f, w))
			return false;
	}
	return true;
}

bool
gql_check(struct cx *cx, const struct gql *g, struct gql_wrong *w)
{
	memset(w, 0, sizeof *w);
	for (const struct gql_field *f = g->root; f != NULL; f = f->next)
		if (f->name == NULL)
			return wrong_at(w, f, NULL, "fragments at the root "
			    "are not understood here");
	return check(cx, g->mutation ? "Mutation" : "QueryRoot", g->root, w);
}

/* --- points */

static int64_t
cost(struct cx *cx, const char *type, const struct gql_field *f)
{
	int64_t sum = 0;

	for (; f != NULL; f = f->next) {
		struct rule r = { "", f->on != NULL ? f->on : type };
		bool known = f->name != NULL && find(cx, type, f->name, &r);

		if (f->name != NULL && !known)
			continue;
		if (known && str_ends(r.returns, "Connection"))
			sum += 2 + json_int_or(json_get(f->args, "first"),
			    json_int_or(json_get(f->args, "last"), 0));
		else if (known && *r.returns != '\0' &&
		    !str_ends(type, "Connection") && !str_ends(type, "Edge")
		    && !str_ends(type, "Payload"))
			sum++;
		sum += cost(cx, r.returns, f->child);
	}
	return sum;
}

int64_t
gql_cost(struct cx *cx, const struct gql *g)
{
	int64_t sum = 0;

	if (!g->mutation)
		return cost(cx, "QueryRoot", g->root);
	for (const struct gql_field *f = g->root; f != NULL; f = f->next)
		sum += 10;
	return sum;
}

void
gql_complain(struct json *js, const struct gql_wrong *w)
{
	json_put(js, j_obj(NULL), j_str("message", w->message));
	if (w->line > 0)
		json_put(js, j_list("locations"), j_obj(NULL),
		    j_int("line", w->line), j_int("column", w->column),
		    j_end(), j_end());
	if (w->path != NULL)
		json_put(js, j_list("path"), j_str(NULL, w->path), j_end());
	if (w->code != NULL) {
		json_put(js, j_obj("extensions"), j_str("code", w->code));
		if (w->type != NULL)
			json_put(js, j_str("typeName", w->type),
			    j_str("fieldName", w->field));
		if (w->documentation != NULL)
			json_str(js, "documentation", w->documentation);
		if (w->access != NULL)
			json_str(js, "requiredAccess", w->access);
		json_end(js);
	}
	json_end(js);
}
