/* model - checks an input against the fields of a model */
#include "config.h"

#include "core/service.h"
#include "providers/model.h"

struct input_check {
	struct cx	*cx;
	const struct model *model;
	const char	*name;		/* of the field that is looked at */
	struct complaint *list;
	size_t		 n;
};

const struct model *
model_find(const struct provider *p, const char *name)
{
	for (const struct model *m = p->models; m->name != NULL; m++)
		if (str_eq(m->name, name))
			return m;
	return NULL;
}

static void
complain(struct input_check *c, const char *type, const char *field,
    const char *description)
{
	if (c->n < COMPLAINTS)
		c->list[c->n++] = (struct complaint){ type, field,
		    description, c->name };
}

void
model_wrong(struct input_check *c, const char *field, const char *description)
{
	c->name = field;
	complain(c, "invalid", cx_fmt(c->cx, "input.%s", field), description);
}

void
model_missing(struct input_check *c, const char *description)
{
	c->name = "";
	complain(c, "required", "input", description);
}

static const char *
type_name(struct cx *cx, const struct cJSON *js)
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
wrong_type(struct input_check *c, const char *at, const char *wanted,
    const struct cJSON *js)
{
	complain(c, "invalid_type", at, cx_fmt(c->cx, "Invalid type. "
	    "Expected: %s, given: %s", wanted, type_name(c->cx, js)));
}

static void
check_uri(struct input_check *c, const char *at, const struct cJSON *js)
{
	const char *s = json_text(js);

	if (s == NULL)
		wrong_type(c, at, "string", js);
	else if (str_starts(s, "data:") ?
	    strlen(s) > c->model->provider->data_url_max :
	    !str_starts(s, "https://"))
		complain(c, "format", at, "Does not match format 'uri'");
}

static void
check_uris(struct input_check *c, const struct field *f, const char *at,
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
	JSON_EACH(m, js)
		check_uri(c, cx_fmt(c->cx, "%s.%d", at, i++), m);
}

/* A choice is an enum of numbers: "5" is none of them. */
static void
check_enum(struct input_check *c, const struct field *f, const char *at,
    const struct cJSON *js)
{
	bool text = f->kind == FIELD_ENUM;
	const char *s = text ? json_text(js) : json_print(c->cx, js);
	struct buf *b;

	if (s != NULL && word_in(f->values, s))
		return;
	b = buf_new(c->cx, 4096);
	buf_fmt(b, "%s must be one of the following:", at);
	for (const char *v = f->values; *v != '\0'; v += *v == ' ') {
		int n = (int)strcspn(v, " ");

		buf_fmt(b, text ? "%s \"%.*s\"" : "%s %.*s",
		    v == f->values ? "" : ",", n, v);
		v += n;
	}
	complain(c, "enum", at, b->data);
}

/* scale is 100 where min and max are in hundredths. */
static void
check_range(struct input_check *c, const struct field *f, const char *at,
    double v, double scale)
{
	if (v * scale < (double)f->min)
		complain(c, "number_gte", at, cx_fmt(c->cx, "Must be greater "
		    "than or equal to %.10g", (double)f->min / scale));
	else if (v * scale > (double)f->max)
		complain(c, "number_lte", at, cx_fmt(c->cx, "Must be less "
		    "than or equal to %.10g", (double)f->max / scale));
}

static void
check_field(struct input_check *c, const struct field *f,
    const struct cJSON *js)
{
	const char *at = cx_fmt(c->cx, "input.%s", f->name);

	switch (f->kind) {
	case FIELD_TEXT:
		if (json_text(js) == NULL)
			wrong_type(c, at, "string", js);
		else if ((int64_t)str_utf8_len(json_text(js)) > f->max)
			complain(c, "string_lte", at, "String is too long");
		break;
	case FIELD_ENUM:
	case FIELD_CHOICE:
		check_enum(c, f, at, js);
		break;
	case FIELD_NUMBER:
		if (json_num_or(js, -1e9) == -1e9)
			wrong_type(c, at, "number", js);
		else
			check_range(c, f, at, json_num_or(js, 0), 100);
		break;
	case FIELD_INT:
		if (json_int_or(js, INT64_MIN) == INT64_MIN)
			wrong_type(c, at, "integer", js);
		else
			check_range(c, f, at, (double)json_int_or(js, 0), 1);
		break;
	case FIELD_BOOL:
		if (!str_eq(type_name(c->cx, js), "boolean"))
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

size_t
model_check(struct cx *cx, const struct model *m, const struct cJSON *input,
    struct complaint list[COMPLAINTS])
{
	struct input_check c = { .cx = cx, .model = m, .list = list };
	const struct field *f;

	for (f = m->field; f->name != NULL; f++)
		if (f->required && json_get(input, f->name) == NULL) {
			c.name = f->name;
			complain(&c, "required", "input", cx_fmt(cx,
			    "%s is required", f->name));
		}
	JSON_EACH(js, input) {
		c.name = json_key(js);
		for (f = m->field; f->name != NULL; f++)
			if (strcmp(f->name, c.name) == 0)
				break;
		if (f->name != NULL)
			check_field(&c, f, js);
		else
			complain(&c, "additional_property_not_allowed",
			    "input", cx_fmt(cx, "Additional property %.60s "
			    "is not allowed", c.name));
	}
	c.name = "";
	if (m->also != NULL)
		m->also(&c, input);
	return c.n;
}
