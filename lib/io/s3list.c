/*
 * s3list - reads the answer to ListObjectsV2
 *
 * The elements that are read hold text only, and never themselves, so that
 * their tags can be looked for as they are.
 */
#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "base/cx.h"
#include "base/str.h"
#include "io/s3.h"

static const struct {
	const char	*name;
	char		 c;
} entities[] = {
	{ "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' },
	{ "&quot;", '"' }, { "&apos;", '\'' }, { "&#39;", '\'' },
	{ "&#34;", '"' },
};

static char *
unescape(struct cx *cx, const char *s, size_t n)
{
	char *out = cx_dupn(cx, s, n), *q = out;
	size_t i, len;

	for (const char *p = out; *p != '\0';) {
		for (i = 0; i < sizeof entities / sizeof *entities; i++) {
			len = strlen(entities[i].name);
			if (strncmp(p, entities[i].name, len) == 0)
				break;
		}
		if (i < sizeof entities / sizeof *entities) {
			*q++ = entities[i].c;
			p += len;
		} else
			*q++ = *p++;
	}
	*q = '\0';
	return out;
}

/* The text of the first <name> before end; NULL when there is none. */
static const char *
text_of(struct cx *cx, const char *s, const char *end, const char *name)
{
	const char *tag = cx_fmt(cx, "<%s>", name), *close;

	if ((s = strstr(s, tag)) == NULL || s >= end)
		return NULL;
	s += strlen(tag);
	if ((close = strchr(s, '<')) == NULL || close >= end)
		return NULL;
	return unescape(cx, s, (size_t)(close - s));
}

static bool
object(struct cx *cx, const char *s, const char *end, struct s3_object *o)
{
	const char *size = text_of(cx, s, end, "Size");

	o->key = text_of(cx, s, end, "Key");
	return o->key != NULL && *o->key != '\0' && size != NULL &&
	    str_int(size, 0, INT64_MAX, &o->length) &&
	    clock_parse(text_of(cx, s, end, "LastModified"), &o->modified);
}

bool
s3_list_read(struct cx *cx, const char *xml, struct s3_object **out, size_t *n,
    bool *more)
{
	const char *s = strstr(xml, "<ListBucketResult"), *end;

	if (s == NULL || strstr(s, "</ListBucketResult>") == NULL)
		return false;
	*more = str_eq(text_of(cx, s, s + strlen(s), "IsTruncated"), "true");
	*n = 0;
	if ((*out = cx_alloc(cx, S3_LIST_MAX * sizeof **out)) == NULL)
		return false;
	while ((s = strstr(s, "<Contents>")) != NULL) {
		if ((end = strstr(s, "</Contents>")) == NULL ||
		    *n == S3_LIST_MAX || !object(cx, s, end, &(*out)[*n]))
			return false;
		(*n)++;
		s = end;
	}
	/* Or asking again after the last key would never end. */
	return !*more || *n > 0;
}
