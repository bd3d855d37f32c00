/* record - reads and writes structs by their tables */
#include "config.h"

#include "core/record.h"
#include "core/service.h"

void
record_write(struct json *js, const struct record_field *f, const void *rec)
{
	for (; f->name != NULL; f++) {
		const void *p = (const char *)rec + f->offset;

		switch (f->type) {
		case REC_STR:
			json_str(js, f->name, *(char *const *)p);
			break;
		case REC_CHARS:
			json_str(js, f->name, p);
			break;
		case REC_JSON:
			json_raw(js, f->name, *(char *const *)p);
			break;
		case REC_INT:
			json_int(js, f->name, *(const int64_t *)p);
			break;
		case REC_ID:
			json_put(js, j_id(f->name, *(const int64_t *)p));
			break;
		case REC_BOOL:
			json_bool(js, f->name, *(const bool *)p);
			break;
		case REC_TIME:
			json_time(js, f->name, *(const int64_t *)p);
			break;
		default:
			BUG("a field that is never written");
		}
	}
}

void
record_read(struct cx *cx, const struct cJSON *js,
    const struct record_field *f, void *rec)
{
	for (; f->name != NULL; f++) {
		const struct cJSON *m = json_get(js, f->name);
		const char *s = json_text(m);
		void *p = (char *)rec + f->offset;

		switch (f->type) {
		case REC_STR:
			*(char **)p = keep(s);
			break;
		case REC_CHARS:
			snprintf(p, f->size, "%s", s != NULL ? s : "");
			break;
		case REC_JSON:
			*(char **)p = json_is_null(m) ? NULL :
			    keep(json_print(cx, m));
			break;
		case REC_INT:
			*(int64_t *)p = json_int_or(m, 0);
			break;
		case REC_ID:
			if (s == NULL || !str_int(s, 0, INT64_MAX, p))
				*(int64_t *)p = 0;
			break;
		case REC_BOOL:
			*(bool *)p = json_true(m);
			break;
		case REC_TIME:
			if (s == NULL || !clock_parse(s, p))
				*(int64_t *)p = 0;
			break;
		default:
			BUG("a field that is never read from a file");
		}
	}
}

void
record_free(const struct record_field *f, void *rec)
{
	for (; f->name != NULL; f++)
		if (f->type == REC_STR || f->type == REC_JSON) {
			free(*(char **)((char *)rec + f->offset));
			*(char **)((char *)rec + f->offset) = NULL;
		}
}

enum err
record_only(struct cx *cx, const struct cJSON *js, const char *path,
    const struct record_field *fields)
{
	for (js = json_first(js); js != NULL; js = json_next(js)) {
		const struct record_field *f = fields;

		while (f->name != NULL && !str_eq(f->name, json_key(js)))
			f++;
		if (f->name == NULL)
			return err_field(cx, cx_fmt(cx, "%s%s%s", path,
			    *path != '\0' ? "." : "", json_key(js)),
			    "is not known here");
	}
	return E_OK;
}

static enum err
take(struct cx *cx, const struct cJSON *js, const char *path,
    const struct record_field *f, void *p)
{
	size_t min = (size_t)f->min, max = (size_t)f->max;

	switch (f->type) {
	case REC_STR:
		return f->required ?
		    json_want_str(cx, js, path, f->name, min, max, p) :
		    json_may_str(cx, js, path, f->name, min, max, p);
	case REC_INT:
		return json_may_int(cx, js, path, f->name, f->min, f->max, p);
	case REC_BOOL:
		return json_may_bool(cx, js, path, f->name, p);
	case REC_OBJ:
		return json_may_obj(cx, js, path, f->name, p);
	case REC_LIST:
		return json_may_list(cx, js, path, f->name, max, p);
	default:
		return E_OK;
	}
}

enum err
record_take(struct cx *cx, const struct cJSON *js, const char *path,
    const struct record_field *fields, void *rec)
{
	enum err er = E_OK;

	for (const struct record_field *f = fields; er == E_OK &&
	    f->name != NULL; f++)
		er = take(cx, js, path, f, (char *)rec + f->offset);
	return er;
}
