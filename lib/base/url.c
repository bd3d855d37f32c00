/*
 * url - see url.h
 */
#include "config.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/cx.h"
#include "base/str.h"
#include "base/url.h"

#define UNRESERVED	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" \
			"0123456789-._~"

void
url_encode(struct buf *b, const char *s, const char *keep)
{
	static const char hex[] = "0123456789ABCDEF";

	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;

		if (strchr(UNRESERVED, c) != NULL ||
		    (keep != NULL && strchr(keep, c) != NULL)) {
			buf_putc(b, (char)c);
		} else {
			buf_putc(b, '%');
			buf_putc(b, hex[c >> 4]);
			buf_putc(b, hex[c & 15]);
		}
	}
}

static int
unhex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

char *
url_decode(struct cx *cx, const char *s, size_t n, bool plus)
{
	char *out = cx_alloc(cx, n + 1);
	size_t j = 0;
	int hi, lo;

	if (out == NULL)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		if (s[i] == '+' && plus) {
			out[j++] = ' ';
		} else if (s[i] == '%') {
			if (i + 2 >= n || (hi = unhex(s[i + 1])) < 0 ||
			    (lo = unhex(s[i + 2])) < 0 || (hi | lo) == 0)
				return NULL;
			out[j++] = (char)(hi << 4 | lo);
			i += 2;
		} else
			out[j++] = s[i];
	}
	out[j] = '\0';
	return out;
}

char *
url_query(struct cx *cx, const char *query, const char *name)
{
	size_t n, eq;
	char *key, *value;

	for (; query != NULL && *query != '\0';
	    query += n + (query[n] == '&')) {
		n = strcspn(query, "&");
		eq = strcspn(query, "=&");
		key = url_decode(cx, query, eq, true);
		if (!str_eq(key, name))
			continue;
		if (query[eq] != '=')
			return cx_dup(cx, "");
		value = url_decode(cx, query + eq + 1, n - eq - 1, true);
		return value != NULL ? value : cx_dup(cx, "");
	}
	return NULL;
}

static bool
good_host(const char *h)
{
	size_t n = strlen(h);

	return n > 0 && n <= 253 &&
	    strspn(h, "abcdefghijklmnopqrstuvwxyz0123456789.-") == n;
}

static bool
good_v6(const char *h)
{
	size_t n = strlen(h);

	return n >= 2 && n <= 45 && strchr(h, ':') != NULL &&
	    strspn(h, "abcdef0123456789:.") == n;
}

static char *
lower(struct cx *cx, const char *s, size_t n)
{
	char *p = cx_dupn(cx, s, n);

	for (char *q = p; *q != '\0'; q++)
		*q = (char)tolower((unsigned char)*q);
	return p;
}

bool
url_parse(struct cx *cx, const char *s, struct url *out)
{
	struct url u = { 0 };
	const char *auth, *end, *at, *port;
	int64_t n;

	if (s == NULL || strlen(s) > 4096)
		return false;
	for (const char *p = s; *p != '\0'; p++)
		if ((unsigned char)*p <= 0x20 || *p == 0x7f || *p == '\\')
			return false;
	if (strncasecmp(s, "https://", 8) == 0)
		u.scheme = "https", u.port = 443, auth = s + 8;
	else if (strncasecmp(s, "http://", 7) == 0)
		u.scheme = "http", u.port = 80, auth = s + 7;
	else
		return false;
	end = auth + strcspn(auth, "/?#");
	for (at = end; at > auth && at[-1] != '@'; at--)
		;
	u.userinfo = at > auth;
	if (*at == '[') {
		port = memchr(at, ']', (size_t)(end - at));
		if (port == NULL)
			return false;
		u.host = lower(cx, at + 1, (size_t)(port - at - 1));
		port++;
		if (!good_v6(u.host))
			return false;
	} else {
		port = memchr(at, ':', (size_t)(end - at));
		if (port == NULL)
			port = end;
		u.host = lower(cx, at, (size_t)(port - at));
		if (!good_host(u.host))
			return false;
	}
	if (port < end) {
		if (*port != ':' || !str_int(cx_dupn(cx, port + 1,
		    (size_t)(end - port - 1)), 1, 65535, &n))
			return false;
		u.port = (int)n;
		u.has_port = true;
	}
	u.fragment = strchr(end, '#') != NULL;
	auth = end + strcspn(end, "?#");
	u.path = auth > end ? cx_dupn(cx, end, (size_t)(auth - end)) : "/";
	if (*auth == '?')
		u.query = cx_dupn(cx, auth + 1, strcspn(auth + 1, "#"));
	*out = u;
	return true;
}

size_t
url_scheme(const char *s)
{
	size_t n = 0;

	if (!isalpha((unsigned char)*s))
		return 0;
	while (isalnum((unsigned char)s[n]) || (s[n] != '\0' &&
	    strchr("+-.", s[n]) != NULL))
		n++;
	return s[n] == ':' ? n : 0;
}

/* Appends path without its dot segments, which is RFC 3986 5.2.4. */
static void
put_path(struct buf *b, const char *path, size_t n)
{
	size_t start = b->len, len;

	for (const char *end = path + n; path < end; path += len) {
		for (len = 1; path + len < end && path[len] != '/'; len++)
			;
		if (len == 2 && memcmp(path, "/.", 2) == 0) {
			if (path + len == end)
				buf_putc(b, '/');
		} else if (len == 3 && memcmp(path, "/..", 3) == 0) {
			while (b->len > start && b->data[--b->len] != '/')
				;
			if (path + len == end)
				buf_putc(b, '/');
		} else
			buf_put(b, path, len);
	}
}

char *
url_join(struct cx *cx, const char *base, const char *ref)
{
	const char *path = strstr(base, "://") + 3;
	struct buf *b = buf_new(cx, 2 * (strlen(base) + strlen(ref)) + 16);
	struct buf *merged = buf_new(cx, b->cap);
	size_t npath, n = strcspn(ref, "?#");

	if (url_scheme(ref) > 0)
		return cx_dup(cx, ref);
	if (ref[0] == '/' && ref[1] == '/') {
		buf_put(b, base, url_scheme(base) + 1);
		buf_puts(b, ref);
		return b->data;
	}
	path += strcspn(path, "/?#");
	npath = strcspn(path, "?#");
	buf_put(b, base, (size_t)(path - base));
	if (n == 0) {
		buf_put(b, path, ref[0] == '?' ? npath : strcspn(path, "#"));
		buf_puts(b, ref);
		return b->data;
	}
	if (ref[0] != '/') {
		while (npath > 0 && path[npath - 1] != '/')
			npath--;
		buf_put(merged, npath > 0 ? path : "/", npath > 0 ? npath :
		    1);
	}
	buf_put(merged, ref, n);
	put_path(b, merged->data, merged->len);
	buf_puts(b, ref + n);
	return b->data;
}

bool
url_under(const char *url, const char *base)
{
	size_t n;

	if (url == NULL || base == NULL || (n = strlen(base)) == 0)
		return false;
	if (base[n - 1] == '/')
		n--;
	return strncmp(url, base, n) == 0 && url[n] == '/';
}
