/*
 * jsonnum - numbers of a JSON text with all of their digits: json_word()
 *
 * cJSON keeps numbers as doubles, which rounds 64-bit ids such as
 * 867283741759111203.  The text has been parsed before, so it is well formed
 * and not nested deeply.
 */
#include "config.h"

#include <string.h>

#include "base/cx.h"
#include "base/json.h"
#include "base/str.h"

static const char *
blanks(const char *s)
{
	return s + strspn(s, " \t\r\n");
}

/* Past a string that begins here. */
static const char *
past_string(const char *s)
{
	for (s++; *s != '"' && *s != '\0'; s++)
		if (*s == '\\' && s[1] != '\0')
			s++;
	return *s == '"' ? s + 1 : s;
}

/* Past a value of any kind. */
static const char *
past_value(const char *s)
{
	int depth = 0;

	do {
		if (*s == '"') {
			s = past_string(s);
			continue;
		}
		if (*s == '{' || *s == '[')
			depth++;
		else if (*s == '}' || *s == ']')
			depth--;
		else if (depth == 0)
			return s + strcspn(s, ",]} \t\r\n");
		s++;
	} while (depth > 0 && *s != '\0');
	return s;
}

/* The value of this member or element; NULL when there is none. */
static const char *
step_into(const char *s, const char *key, size_t n)
{
	bool list = *s == '[', hit;
	int64_t at = 0, want = -1;
	char num[16];

	if (*s != '{' && !list)
		return NULL;
	if (list) {
		if (n >= sizeof num)
			return NULL;
		memcpy(num, key, n);
		num[n] = '\0';
		if (!str_int(num, 0, 100000, &want))
			return NULL;
	}
	for (s = blanks(s + 1); *s != '}' && *s != ']' && *s != '\0';
	    s = blanks(s + (*s == ','))) {
		hit = list && at++ == want;
		if (!list) {
			hit = strncmp(s + 1, key, n) == 0 && s[1 + n] == '"';
			s = blanks(past_string(s));
			s = blanks(s + (*s == ':'));
		}
		if (hit)
			return s;
		s = blanks(past_value(s));
	}
	return NULL;
}

const char *
json_word(struct cx *cx, const struct cJSON *tree, const char *text,
    const char *ptr)
{
	const struct cJSON *js = json_pointer(tree, ptr);
	const char *s = blanks(text);
	size_t n;

	if (js == NULL || json_text(js) != NULL || json_is_null(js) ||
	    json_is_obj(js) || json_is_list(js))
		return json_text(js);
	while (s != NULL && *ptr == '/') {
		n = strcspn(++ptr, "/");
		s = step_into(s, ptr, n);
		ptr += n;
	}
	return s != NULL ? cx_dupn(cx, s, (size_t)(past_value(s) - s)) : NULL;
}
