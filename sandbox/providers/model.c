/*
 * model - see model.h
 */
#include "config.h"

#include "core/sandbox.h"
#include "providers/model.h"

#define DATA_URL_MAX	(256 << 10)	/* bytes; Replicate's */
#define DATA_URL_LONG	(14 << 20)	/* the others': 10 MB in base64 */

static const struct model *const tables[FACE__MAX] = {
	[FACE_REPLICATE] = replicate_models,
	[FACE_ARK] = ark_models,
	[FACE_KLING] = kling_models,
	[FACE_FAL] = fal_models,
};

struct checking {
	struct cx	*cx;
	const struct model *model;
	const char	*name;		/* of the field that is looked at */
	struct complaint *list;
	size_t		 n, max;
};

const struct model *
model_named(enum face face, const char *name)
{
	for (const struct model *m = tables[face]; m->name != NULL; m++)
		if (str_eq(m->name, name))
			return m;
	return NULL;
}

static void
complain(struct checking *c, const char *type, const char *field,
    const char *description)
{
	if (c->n < c->max)
		c->list[c->n++] = (struct complaint){ type, field,
		    description, c->name };
}

void
model_blame(struct checking *c, const char *field, const char *description)
{
	c->name = field;
	complain(c, "invalid", cx_fmt(c->cx, "input.%s", field), description);
}

void
model_miss(struct checking *c, const char *description)
{
	c->name = "";
	complain(c, "required", "input", description);
}

static const char *
kind_name(struct cx *cx, const struct cJSON *js)
{
	const char *text;

	if (json_text(js) != NULL)
		return "string";
	if (json_is_list(js))
		return "array";
	if (json_is_obj(js))
		return "object";
	if (json_is_null(js))
		return "null";
	text = json_print(cx, js);
	if (*text == 't' || *text == 'f')
		return "boolean";
	return strpbrk(text, ".eE") != NULL ? "number" : "integer";
}

static void
wrong_type(struct checking *c, const char *at, const char *wanted,
    const struct cJSON *js)
{
	complain(c, "invalid_type", at, cx_fmt(c->cx, "Invalid type. "
	    "Expected: %s, given: %s", wanted, kind_name(c->cx, js)));
}

static void
check_uri(struct checking *c, const char *at, const struct cJSON *js)
{
	const char *s = json_text(js);
	size_t max = c->model->face == FACE_REPLICATE ? DATA_URL_MAX :
	    DATA_URL_LONG;

	if (s == NULL)
		wrong_type(c, at, "string", js);
	else if (str_starts(s, "data:") ? strlen(s) > max :
	    !str_starts(s, "https://"))
		complain(c, "format", at, "Does not match format 'uri'");
}

static void
check_uris(struct checking *c, const struct field *f, const char *at,
    const struct cJSON *js)
{
	int i = 0;

	if (!json_is_list(js)) {
		wrong_type(c, at, "array", js);
		return;
	}
	if ((int64_t)json_count(js) > f->max)
		complain(c, "array_max_items", at, cx_fmt(c->cx,
		    "Array must have at most %d items", (int)f->max));
	for (const struct cJSON *m = json_first(js); m != NULL;
	    m = json_next(m))
		check_uri(c, cx_fmt(c->cx, "%s.%d", at, i++), m);
}

/* A choice is an enum of numbers: "5" is none of them. */
static void
check_enum(struct checking *c, const struct field *f, const char *at,
    const struct cJSON *js)
{
	bool text = f->kind == FIELD_ENUM;
	const char *s = text ? json_text(js) : json_print(c->cx, js);
	struct buf *b;

	if (s != NULL && str_in(s, f->values))
		return;
	b = buf_new(c->cx, 4096);
	buf_fmt(b, "%s must be one of the following:", at);
	for (const char *const *v = f->values; *v != NULL; v++)
		buf_fmt(b, text ? "%s \"%s\"" : "%s %s",
		    v == f->values ? "" : ",", *v);
	complain(c, "enum", at, b->data);
}

static void
check_int(struct checking *c, const struct field *f, const char *at,
    const struct cJSON *js)
{
	int64_t v = json_int_or(js, INT64_MIN);

	if (v == INT64_MIN)
		wrong_type(c, at, "integer", js);
	else if (v < f->min)
		complain(c, "number_gte", at, cx_fmt(c->cx, "Must be "
		    "greater than or equal to %d", (int)f->min));
	else if (v > f->max)
		complain(c, "number_lte", at, cx_fmt(c->cx, "Must be "
		    "less than or equal to %d", (int)f->max));
}

static void
check_number(struct checking *c, const struct field *f, const char *at,
    const struct cJSON *js)
{
	double v = json_num_or(js, -1e9);

	if (v == -1e9)
		wrong_type(c, at, "number", js);
	else if (v * 100 < (double)f->min)
		complain(c, "number_gte", at, cx_fmt(c->cx, "Must be "
		    "greater than or equal to %g", (double)f->min / 100));
	else if (v * 100 > (double)f->max)
		complain(c, "number_lte", at, cx_fmt(c->cx, "Must be "
		    "less than or equal to %g", (double)f->max / 100));
}

static void
check_field(struct checking *c, const struct field *f, const struct cJSON *js)
{
	const char *at = cx_fmt(c->cx, "input.%s", f->name);

	switch (f->kind) {
	case FIELD_TEXT:
		if (json_text(js) == NULL)
			wrong_type(c, at, "string", js);
		else if ((int64_t)str_utf8_len(json_text(js)) > f->max)
			complain(c, "string_lte", at,
			    "String is too long");
		break;
	case FIELD_ENUM:
	case FIELD_CHOICE:
		check_enum(c, f, at, js);
		break;
	case FIELD_NUMBER:
		check_number(c, f, at, js);
		break;
	case FIELD_INT:
		check_int(c, f, at, js);
		break;
	case FIELD_BOOL:
		if (!str_eq(kind_name(c->cx, js), "boolean"))
			wrong_type(c, at, "boolean", js);
		break;
	case FIELD_URI:
		check_uri(c, at, js);
		break;
	case FIELD_URIS:
		check_uris(c, f, at, js);
		break;
	case FIELD_ANY:
		break;
	}
}

bool
model_films(const struct model *m)
{
	return m->make == film_make;
}

static const struct field *
field_named(const struct model *m, const char *name)
{
	for (const struct field *f = m->field; f->name != NULL; f++)
		if (strcmp(f->name, name) == 0)
			return f;
	return NULL;
}

size_t
model_check(struct cx *cx, const struct model *m, const struct cJSON *input,
    struct complaint *list, size_t max)
{
	struct checking c = { .cx = cx, .model = m, .list = list,
	    .max = max };
	const struct field *f;

	for (f = m->field; f->name != NULL; f++)
		if (f->required && json_get(input, f->name) == NULL) {
			c.name = f->name;
			complain(&c, "required", "input", cx_fmt(cx,
			    "%s is required", f->name));
		}
	for (const struct cJSON *js = json_first(input); js != NULL;
	    js = json_next(js)) {
		c.name = json_key(js);
		if ((f = field_named(m, c.name)) == NULL)
			complain(&c, "additional_property_not_allowed",
			    "input", cx_fmt(cx, "Additional property %.60s "
			    "is not allowed", c.name));
		else
			check_field(&c, f, js);
	}
	c.name = "";
	if (m->also != NULL)
		m->also(&c, input);
	return c.n;
}
