/* schema - checks strictness, and writes values that a schema allows */
#include "config.h"

#include "core/service.h"
#include "openai/chat.h"

#define DEPTH	20		/* schemas may refer to themselves */

struct filling {
	struct cx	*cx;
	const struct cJSON *root;
	const struct material *material;
	struct json	 js;
	bool		 failed;
};

static const struct cJSON *
resolve(const struct cJSON *root, const struct cJSON *s)
{
	const char *ref;

	for (int i = 0; i < DEPTH; i++) {
		if ((ref = json_text(json_get(s, "$ref"))) == NULL)
			return s;
		s = *ref == '#' ? json_pointer(root, ref + 1) : NULL;
	}
	return NULL;
}

/* "string", or the first of ["string", "null"]. */
static const char *
type_of(const struct cJSON *s)
{
	const struct cJSON *t = json_get(s, "type");

	if (json_is_list(t))
		t = json_first(t);
	if (json_text(t) != NULL)
		return json_text(t);
	return json_get(s, "properties") != NULL ? "object" :
	    json_get(s, "items") != NULL ? "array" : "string";
}

/* --- strictness */

static bool
is_false(struct cx *cx, const struct cJSON *obj, const char *key)
{
	bool b = true;

	return json_may_bool(cx, obj, "", key, &b) == E_OK && !b;
}

static const char *
check(struct cx *cx, const struct cJSON *s, const char *at, int depth)
{
	const struct cJSON *props = json_get(s, "properties");
	const char *bad = NULL;

	if (depth > DEPTH)
		return cx_fmt(cx, "In context=(%s), nested too deep.", at);
	if (str_eq(type_of(s), "object") && json_get(s, "$ref") == NULL &&
	    json_get(s, "anyOf") == NULL &&
	    !is_false(cx, s, "additionalProperties"))
		return cx_fmt(cx, "In context=(%s), 'additionalProperties' is "
		    "required to be supplied and to be false.", at);
	for (const struct cJSON *p = json_first(props); p != NULL &&
	    bad == NULL; p = json_next(p)) {
		if (!list_has(json_get(s, "required"), json_key(p)))
			return cx_fmt(cx, "In context=(%s), 'required' is "
			    "required to be supplied and to be an array "
			    "including every key in properties. Missing "
			    "'%.60s'.", at, json_key(p));
		bad = check(cx, p, cx_fmt(cx, "%s'properties', '%.60s'", at,
		    json_key(p)), depth + 1);
	}
	if (bad == NULL && json_is_obj(json_get(s, "items")))
		bad = check(cx, json_get(s, "items"), cx_fmt(cx, "%s'items'",
		    at), depth + 1);
	for (const struct cJSON *p = json_first(json_get(s, "anyOf"));
	    p != NULL && bad == NULL; p = json_next(p))
		bad = check(cx, p, at, depth + 1);
	for (const struct cJSON *p = json_first(json_get(s, "$defs"));
	    p != NULL && bad == NULL; p = json_next(p))
		bad = check(cx, p, at, depth + 1);
	return bad;
}

const char *
schema_not_strict(struct cx *cx, const struct cJSON *schema)
{
	if (!str_eq(type_of(schema), "object"))
		return cx_fmt(cx, "schema must be a JSON Schema of 'type: "
		    "\"object\"', got 'type: \"%.40s\"'.", type_of(schema));
	return check(cx, schema, "", 0);
}

/* --- values */

static void value(struct filling *, const struct cJSON *, const char *key,
	    const char *name, int depth);

static void
string(struct filling *f, const struct cJSON *s, const char *key,
    const char *name)
{
	const char *text = sentence_for(f->cx, f->material, name);
	int64_t max = json_int_or(json_get(s, "maxLength"), 1 << 20);
	int64_t min = json_int_or(json_get(s, "minLength"), 0);
	size_t n = 0;

	/* Characters, not bytes. */
	while (text[n] != '\0' && max > 0) {
		for (n++; ((unsigned char)text[n] & 0xc0) == 0x80; n++)
			;
		max--;
	}
	text = cx_dupn(f->cx, text, n);
	while ((int64_t)str_utf8_len(text) < min && min < 100000)
		text = cx_fmt(f->cx, "%s%s", text, " .");
	json_str(&f->js, key, text);
}

static void
list(struct filling *f, const struct cJSON *s, const char *key,
    const char *name, int depth)
{
	const struct cJSON *items = json_get(s, "items");
	int64_t min = json_int_or(json_get(s, "minItems"), 1);
	int64_t max = json_int_or(json_get(s, "maxItems"), 8);
	const char *tag;

	json_list(&f->js, key);
	if (strcasestr(name, "tag") != NULL && str_eq(type_of(items),
	    "string")) {
		for (int64_t i = 0; i < max; i++) {
			tag = tag_for(f->cx, f->material, (size_t)i);
			if (tag == NULL && i >= min)
				break;
			json_str(&f->js, NULL, tag != NULL ? tag :
			    "style.calm");
		}
	} else
		for (int64_t i = 0; i < min && i < max && i < 100; i++)
			value(f, items, NULL, name, depth + 1);
	json_end(&f->js);
}

static void
number(struct filling *f, const struct cJSON *s, const char *key, bool whole)
{
	int64_t lo = json_int_or(json_get(s, "minimum"), INT64_MIN);
	int64_t hi = json_int_or(json_get(s, "maximum"), INT64_MAX);
	int64_t v = lo > 0 ? lo : hi < 1 ? hi : 1;

	if (whole)
		json_int(&f->js, key, v);
	else
		json_num(&f->js, key, (double)v);
}

static void
value(struct filling *f, const struct cJSON *s, const char *key,
    const char *name, int depth)
{
	const struct cJSON *m;
	const char *t;

	s = resolve(f->root, s);
	if (s == NULL || depth > DEPTH) {
		f->failed = true;
		json_null(&f->js, key);
		return;
	}
	t = type_of(s);
	if ((m = json_get(s, "const")) != NULL)
		json_tree(&f->js, key, m);
	else if ((m = json_first(json_get(s, "enum"))) != NULL)
		json_tree(&f->js, key, m);
	else if ((m = json_first(json_get(s, "anyOf"))) != NULL)
		value(f, m, key, name, depth + 1);
	else if (str_eq(t, "object")) {
		json_obj(&f->js, key);
		for (m = json_first(json_get(s, "properties")); m != NULL;
		    m = json_next(m))
			value(f, m, json_key(m), json_key(m), depth + 1);
		json_end(&f->js);
	} else if (str_eq(t, "array"))
		list(f, s, key, name, depth);
	else if (str_eq(t, "integer") || str_eq(t, "number"))
		number(f, s, key, str_eq(t, "integer"));
	else if (str_eq(t, "boolean"))
		json_bool(&f->js, key, true);
	else if (str_eq(t, "null"))
		json_null(&f->js, key);
	else
		string(f, s, key, name);
}

bool
schema_fill(struct cx *cx, struct buf *b, const struct cJSON *schema,
    const struct material *a)
{
	struct filling f = { .cx = cx, .root = schema, .material = a };

	json_init(&f.js, b);
	value(&f, schema, NULL, "answer", 0);
	return !f.failed && json_ok(&f.js);
}
