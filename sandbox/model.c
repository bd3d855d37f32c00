/*
 * model - see model.h
 */
#include "config.h"

#include <string.h>

#include "buf.h"
#include "cx.h"
#include "json.h"
#include "model.h"
#include "str.h"

#define DATA_URL_MAX	(256 << 10)

static const char *const sizes[] = { "1K", "2K", "4K", "custom", NULL };
static const char *const ratios[] = { "match_input_image", "1:1", "4:3",
	"3:4", "16:9", "9:16", "3:2", "2:3", "21:9", NULL };
static const char *const sequential[] = { "disabled", "auto", NULL };

static const struct model models[] = {
	{
		.name = "bytedance/seedream-4",
		.output_list = true,
		.make = still_make,
		.measure = still_measure,
		.field = {
			{ "prompt", FIELD_TEXT, true, 0, 100000, NULL },
			{ "image_input", FIELD_URIS, false, 0, 10, NULL },
			{ "size", FIELD_ENUM, false, 0, 0, sizes },
			{ "aspect_ratio", FIELD_ENUM, false, 0, 0, ratios },
			{ "width", FIELD_INT, false, 1024, 4096, NULL },
			{ "height", FIELD_INT, false, 1024, 4096, NULL },
			{ "sequential_image_generation", FIELD_ENUM, false,
			    0, 0, sequential },
			{ "max_images", FIELD_INT, false, 1, 15, NULL },
			{ "enhance_prompt", FIELD_BOOL, false, 0, 0, NULL },
		},
	},
};

const struct model *
model_named(const char *full)
{
	for (size_t i = 0; i < sizeof models / sizeof *models; i++)
		if (str_eq(models[i].name, full))
			return &models[i];
	return NULL;
}

const struct model *
model_find(const char *owner, const char *name)
{
	size_t n = strlen(owner);

	for (size_t i = 0; i < sizeof models / sizeof *models; i++)
		if (strncmp(models[i].name, owner, n) == 0 &&
		    models[i].name[n] == '/' &&
		    strcmp(models[i].name + n + 1, name) == 0)
			return &models[i];
	return NULL;
}

/* --- checking */

struct checking {
	struct cx	*cx;
	struct complaint *list;
	size_t		 n, max;
};

static void
complain(struct checking *c, const char *type, const char *field,
    const char *description)
{
	if (c->n < c->max)
		c->list[c->n++] = (struct complaint){ type, field,
		    description };
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

	if (s == NULL)
		wrong_type(c, at, "string", js);
	else if (str_starts(s, "data:") ? strlen(s) > DATA_URL_MAX :
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
		complain(c, "array_max_items", at, cx_fmt(c->cx, "Array must "
		    "have at most %d items", (int)f->max));
	for (const struct cJSON *m = json_first(js); m != NULL;
	    m = json_next(m))
		check_uri(c, cx_fmt(c->cx, "%s.%d", at, i++), m);
}

static void
check_enum(struct checking *c, const struct field *f, const char *at,
    const struct cJSON *js)
{
	struct buf *b;

	if (json_text(js) != NULL && str_in(json_text(js), f->values))
		return;
	b = buf_new(c->cx, 4096);
	buf_fmt(b, "%s must be one of the following:", at);
	for (const char *const *v = f->values; *v != NULL; v++)
		buf_fmt(b, "%s \"%s\"", v == f->values ? "" : ",", *v);
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
		complain(c, "number_gte", at, cx_fmt(c->cx, "Must be greater "
		    "than or equal to %d", (int)f->min));
	else if (v > f->max)
		complain(c, "number_lte", at, cx_fmt(c->cx, "Must be less "
		    "than or equal to %d", (int)f->max));
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
			complain(c, "string_lte", at, "String is too long");
		break;
	case FIELD_ENUM:
		check_enum(c, f, at, js);
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
	}
}

static const struct field *
field_named(const struct model *m, const char *name)
{
	for (const struct field *f = m->field; f->name != NULL; f++)
		if (strcmp(f->name, name) == 0)
			return f;
	return NULL;
}

/* Inputs and outputs of one prediction are 15 at most. */
static void
check_images(struct checking *c, const struct cJSON *input)
{
	int64_t max = json_int_or(json_get(input, "max_images"), 1);
	size_t n = json_count(json_get(input, "image_input"));

	if (str_eq(json_text(json_get(input, "sequential_image_generation")),
	    "auto") && (int64_t)n + max > 15)
		complain(c, "number_lte", "input.max_images", "The number of "
		    "input images plus max_images must not exceed 15");
}

size_t
model_check(struct cx *cx, const struct model *m, const struct cJSON *input,
    struct complaint *list, size_t max)
{
	struct checking c = { .cx = cx, .list = list, .max = max };
	const struct field *f;

	for (f = m->field; f->name != NULL; f++)
		if (f->required && json_get(input, f->name) == NULL)
			complain(&c, "required", "input", cx_fmt(cx,
			    "%s is required", f->name));
	for (const struct cJSON *js = json_first(input); js != NULL;
	    js = json_next(js))
		if ((f = field_named(m, json_key(js))) == NULL)
			complain(&c, "additional_property_not_allowed",
			    "input", cx_fmt(cx, "Additional property %.60s "
			    "is not allowed", json_key(js)));
		else
			check_field(&c, f, js);
	check_images(&c, input);
	return c.n;
}
