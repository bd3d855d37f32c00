/*
 * str - string comparison, strict integers, UTF-8 and JSON nesting
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/str.h"

bool
str_eq(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return strcmp(a, b) == 0;
}

bool
str_ieq(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return strcasecmp(a, b) == 0;
}

bool
str_starts(const char *s, const char *prefix)
{
	return s != NULL && strncmp(s, prefix, strlen(prefix)) == 0;
}

bool
str_ends(const char *s, const char *suffix)
{
	size_t n, m = strlen(suffix);

	return s != NULL && (n = strlen(s)) >= m &&
	    memcmp(s + n - m, suffix, m) == 0;
}

bool
str_in(const char *s, const char *const *set)
{
	if (s == NULL)
		return false;
	for (; *set != NULL; set++)
		if (strcmp(s, *set) == 0)
			return true;
	return false;
}

bool
str_int(const char *s, int64_t lo, int64_t hi, int64_t *out)
{
	long long v;
	char *end;

	/* strtoll also takes blanks and a plus sign; a number here does not. */
	if (s == NULL || !(*s == '-' || (*s >= '0' && *s <= '9')))
		return false;
	errno = 0;
	v = strtoll(s, &end, 10);
	if (errno != 0 || end == s || *end != '\0' || v < lo || v > hi)
		return false;
	*out = v;
	return true;
}

bool
str_is_uuid(const char *s)
{
	if (s == NULL || strlen(s) != 36)
		return false;
	for (int i = 0; i < 36; i++) {
		if (i == 8 || i == 13 || i == 18 || i == 23) {
			if (s[i] != '-')
				return false;
		} else if (!((s[i] >= '0' && s[i] <= '9') ||
		    (s[i] >= 'a' && s[i] <= 'f')))
			return false;
	}
	return true;
}

bool
str_uuid(const char *s, char *out)
{
	char low[37];

	if (s == NULL || strlen(s) != 36)
		return false;
	for (int i = 0; i < 37; i++)
		low[i] = s[i] >= 'A' && s[i] <= 'F' ? (char)(s[i] - 'A' + 'a') :
		    s[i];
	if (!str_is_uuid(low))
		return false;
	memcpy(out, low, sizeof low);
	return true;
}

/* Bytes of the character at s (RFC 3629), 0 when it is not one. */
static size_t
utf8_char(const unsigned char *s, size_t len)
{
	uint32_t cp, min;
	size_t n;

	if (s[0] < 0x80)
		return s[0] != 0;
	if ((s[0] & 0xe0) == 0xc0)
		n = 2, cp = s[0] & 0x1f, min = 0x80;
	else if ((s[0] & 0xf0) == 0xe0)
		n = 3, cp = s[0] & 0x0f, min = 0x800;
	else if ((s[0] & 0xf8) == 0xf0)
		n = 4, cp = s[0] & 0x07, min = 0x10000;
	else
		return 0;
	if (n > len)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		cp = cp << 6 | (s[i] & 0x3f);
	}
	if (cp < min || cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff))
		return 0;
	return n;
}

bool
str_is_utf8(const char *s, size_t len)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t n;

	while (len > 0) {
		if ((n = utf8_char(p, len)) == 0)
			return false;
		p += n;
		len -= n;
	}
	return true;
}

size_t
str_utf8_len(const char *s)
{
	size_t n = 0;

	for (; *s != '\0'; s++)
		if (((unsigned char)*s & 0xc0) != 0x80)
			n++;
	return n;
}

size_t
str_utf8_cut(const char *s, size_t n)
{
	size_t len = strlen(s);

	if (len <= n)
		return len;
	while (n > 0 && ((unsigned char)s[n] & 0xc0) == 0x80)
		n--;
	return n;
}

const char *
str_repair(struct cx *cx, const char *s)
{
	size_t len = strlen(s), n;
	struct buf *b;

	if (str_is_utf8(s, len))
		return s;
	b = buf_new(cx, 3 * len);
	for (; len > 0; s += n, len -= n) {
		if ((n = utf8_char((const unsigned char *)s, len)) > 0)
			buf_put(b, s, n);
		else {
			buf_puts(b, "\xef\xbf\xbd");
			n = 1;
		}
	}
	return b->data;
}

int
str_nesting(const char *s, size_t n, size_t *values)
{
	int depth = 0, max = 0;
	size_t count = 1;
	bool in = false;

	for (size_t i = 0; i < n; i++) {
		if (in) {
			if (s[i] == '\\')
				i++;
			else if (s[i] == '"')
				in = false;
		} else if (s[i] == '"') {
			in = true;
		} else if (s[i] == '{' || s[i] == '[') {
			count++;
			if (++depth > max)
				max = depth;
		} else if (s[i] == '}' || s[i] == ']')
			depth--;
		else if (s[i] == ',')
			count++;
	}
	if (values != NULL)
		*values = count;
	return max;
}
