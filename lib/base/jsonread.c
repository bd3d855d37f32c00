/*
 * jsonread - parsing by cJSON, and access with type and range checks
 *
 * cJSON recurses once per level of nesting, and a coroutine's stack is small:
 * the depth of the raw text is counted before cJSON parses it, and so are the
 * values, each of which costs a node.
 */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/cx.h"
#include "base/encode.h"
#include "base/json.h"
#include "base/str.h"

/* A node of cJSON's with what malloc adds, and half of a short name. */
#define VALUE_COST	96

static void
drop_tree(void *tree)
{
	cJSON_Delete(tree);
}

/* The code unit of an escape \uXXXX at s, before end; -1: it is none. */
static int
code_unit(const char *s, const char *end)
{
	int unit = 0, d;

	if (end - s < 6 || s[0] != '\\' || s[1] != 'u')
		return -1;
	for (int i = 2; i < 6; i++) {
		if ((d = decode_hex_digit(s[i])) < 0)
			return -1;
		unit = unit << 4 | d;
	}
	return unit;
}

/*
 * Escapes that cJSON cannot take: at U+0000 it would end the string and lose
 * the rest; a surrogate without its partner becomes U+FFFD, in a copy of the
 * text.  False: there is a U+0000.
 */
static bool
check_escapes(struct cx *cx, const char **text, size_t n)
{
	const char *end = *text + n;
	char *copy = NULL;
	int unit, next;

	for (const char *s = *text; s + 1 < end; s++) {
		if (*s != '\\')
			continue;
		if ((unit = code_unit(s, end)) < 0) {
			s++;
			continue;
		}
		if (unit == 0)
			return false;
		next = code_unit(s + 6, end);
		if (unit >= 0xd800 && unit < 0xdc00 && next >= 0xdc00 &&
		    next < 0xe000)
			s += 6;
		else if (unit >= 0xd800 && unit < 0xe000) {
			if (copy == NULL)
				copy = cx_dupn(cx, *text, n);
			memcpy(copy + (s - *text), "\\ufffd", 6);
		}
		s += 5;
	}
	if (copy != NULL)
		*text = copy;
	return true;
}

static enum err
parse(struct cx *cx, const char *s, size_t n, size_t most, struct cJSON **out)
{
	const char *end = NULL;
	size_t values;
	cJSON *tree;

	if (str_nesting(s, n, &values) > JSON_DEPTH)
		return err_say(cx, E_JSON, "The JSON is nested more than %d "
		    "levels deep.", JSON_DEPTH);
	if (values > most)
		return err_say(cx, E_TOOBIG, "The JSON has more than %zu "
		    "values. Nothing was charged.", most);
	if (!str_is_utf8(s, n))
		return err_say(cx, E_JSON, "The JSON is not valid UTF-8.");
	if (!arena_charge(cx->mem, n * 2 + values * VALUE_COST))
		return err_set(cx, E_NOMEM, "json of %zu bytes", n);
	if (!check_escapes(cx, &s, n))
		return err_say(cx, E_JSON, "The JSON has a NUL in a string.");
	tree = cJSON_ParseWithLengthOpts(s, n, &end, false);
	if (tree == NULL)
		return err_say(cx, E_JSON, "The JSON is malformed at byte "
		    "%zu.", end != NULL ? (size_t)(end - s) : (size_t)0);
	arena_defer(cx->mem, drop_tree, tree);
	while ((size_t)(end - s) < n && strchr(" \t\r\n", *end) != NULL &&
	    *end != '\0')
		end++;
	if ((size_t)(end - s) != n)
		return err_say(cx, E_JSON, "There is more after the JSON, at "
		    "byte %zu.", (size_t)(end - s));
	*out = tree;
	return E_OK;
}

enum err
json_parse(struct cx *cx, const char *s, size_t n, struct cJSON **out)
{
	return parse(cx, s, n, JSON_VALUES, out);
}

enum err
json_parse_request(struct cx *cx, const char *s, size_t n, struct cJSON **out)
{
	return parse(cx, s, n, JSON_REQUEST, out);
}

const struct cJSON *
json_get(const struct cJSON *obj, const char *key)
{
	return cJSON_IsObject(obj) ?
	    cJSON_GetObjectItemCaseSensitive(obj, key) : NULL;
}

const struct cJSON *
json_pointer(const struct cJSON *js, const char *ptr)
{
	char key[128];
	size_t n;

	while (js != NULL && *ptr == '/') {
		n = 0;
		for (ptr++; *ptr != '\0' && *ptr != '/'; ptr++) {
			char c = *ptr;

			if (c == '~' && ptr[1] == '0')
				ptr++;
			else if (c == '~' && ptr[1] == '1')
				c = '/', ptr++;
			if (n + 1 >= sizeof key)
				return NULL;
			key[n++] = c;
		}
		key[n] = '\0';
		if (cJSON_IsArray(js)) {
			int64_t i;

			if (!str_int(key, 0, 100000, &i))
				return NULL;
			js = cJSON_GetArrayItem(js, (int)i);
		} else
			js = json_get(js, key);
	}
	return *ptr == '\0' ? js : NULL;
}

const struct cJSON *
json_first(const struct cJSON *js)
{
	return cJSON_IsArray(js) || cJSON_IsObject(js) ? js->child : NULL;
}

const struct cJSON *
json_next(const struct cJSON *js)
{
	return js->next;
}

const char *
json_key(const struct cJSON *js)
{
	return js->string;
}

size_t
json_count(const struct cJSON *js)
{
	return cJSON_IsArray(js) || cJSON_IsObject(js) ?
	    (size_t)cJSON_GetArraySize(js) : 0;
}

bool
json_is_obj(const struct cJSON *js)
{
	return cJSON_IsObject(js);
}

bool
json_is_list(const struct cJSON *js)
{
	return cJSON_IsArray(js);
}

bool
json_is_null(const struct cJSON *js)
{
	return js == NULL || cJSON_IsNull(js);
}

const char *
json_text(const struct cJSON *js)
{
	return cJSON_IsString(js) ? js->valuestring : NULL;
}

bool
json_true(const struct cJSON *js)
{
	return cJSON_IsTrue(js);
}

static bool
whole(const struct cJSON *js)
{
	return cJSON_IsNumber(js) && fabs(js->valuedouble) <= 9e15 &&
	    js->valuedouble == trunc(js->valuedouble);
}

int64_t
json_int_or(const struct cJSON *js, int64_t other)
{
	return whole(js) ? (int64_t)js->valuedouble : other;
}

double
json_num_or(const struct cJSON *js, double other)
{
	return cJSON_IsNumber(js) ? js->valuedouble : other;
}

const char *
json_print(struct cx *cx, const struct cJSON *js)
{
	char *s = cJSON_PrintUnformatted(js);

	XXXAN(s != NULL);
	arena_charge(cx->mem, strlen(s));
	arena_defer(cx->mem, free, s);
	return s;
}

void
json_tree(struct json *out, const char *key, const struct cJSON *js)
{
	char *s = js != NULL ? cJSON_PrintUnformatted(js) : NULL;

	json_raw(out, key, s);
	free(s);
}

bool
json_same(const struct cJSON *a, const struct cJSON *b)
{
	return cJSON_Compare(a, b, true);
}

static const char *
full(struct cx *cx, const char *path, const char *key)
{
	return path[0] == '\0' ? key : cx_fmt(cx, "%s.%s", path, key);
}

enum err
json_may_str(struct cx *cx, const struct cJSON *obj, const char *path,
    const char *key, size_t min, size_t max, const char **out)
{
	const cJSON *js = json_get(obj, key);
	size_t n;

	if (json_is_null(js))
		return E_OK;
	if (!cJSON_IsString(js))
		return err_field(cx, full(cx, path, key), "must be a string");
	n = str_utf8_len(js->valuestring);
	if (n < min)
		return err_field(cx, full(cx, path, key), min == 1 ?
		    "must not be empty" : "must have at least %zu characters",
		    min);
	if (n > max)
		return err_field(cx, full(cx, path, key),
		    "must have at most %zu characters, not %zu", max, n);
	*out = js->valuestring;
	return E_OK;
}

enum err
json_want_str(struct cx *cx, const struct cJSON *obj, const char *path,
    const char *key, size_t min, size_t max, const char **out)
{
	if (json_is_null(json_get(obj, key)))
		return err_field(cx, full(cx, path, key), "is required");
	return json_may_str(cx, obj, path, key, min, max, out);
}

enum err
json_may_int(struct cx *cx, const struct cJSON *obj, const char *path,
    const char *key, int64_t lo, int64_t hi, int64_t *out)
{
	const cJSON *js = json_get(obj, key);

	if (json_is_null(js))
		return E_OK;
	if (!whole(js) || (int64_t)js->valuedouble < lo ||
	    (int64_t)js->valuedouble > hi)
		return err_field(cx, full(cx, path, key),
		    "must be a whole number from %lld to %lld", (long long)lo,
		    (long long)hi);
	*out = (int64_t)js->valuedouble;
	return E_OK;
}

enum err
json_may_bool(struct cx *cx, const struct cJSON *obj, const char *path,
    const char *key, bool *out)
{
	const cJSON *js = json_get(obj, key);

	if (json_is_null(js))
		return E_OK;
	if (!cJSON_IsBool(js))
		return err_field(cx, full(cx, path, key),
		    "must be true or false");
	*out = cJSON_IsTrue(js);
	return E_OK;
}

enum err
json_may_obj(struct cx *cx, const struct cJSON *obj, const char *path,
    const char *key, const struct cJSON **out)
{
	const cJSON *js = json_get(obj, key);

	if (json_is_null(js))
		return E_OK;
	if (!cJSON_IsObject(js))
		return err_field(cx, full(cx, path, key), "must be an object");
	*out = js;
	return E_OK;
}

enum err
json_may_list(struct cx *cx, const struct cJSON *obj, const char *path,
    const char *key, size_t max, const struct cJSON **out)
{
	const cJSON *js = json_get(obj, key);

	if (json_is_null(js))
		return E_OK;
	if (!cJSON_IsArray(js))
		return err_field(cx, full(cx, path, key), "must be a list");
	if (json_count(js) > max)
		return err_field(cx, full(cx, path, key),
		    "must have at most %zu entries, not %zu", max,
		    json_count(js));
	*out = js;
	return E_OK;
}
