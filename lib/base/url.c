/*
 * url - percent encoding, queries, parsing and joining of URLs
 *
 * URLs are parsed by libcurl, so that the host that is checked is the one
 * which the HTTP client (io/http.c) connects to.  libcurl is lenient: URLs
 * that other parsers may understand differently are refused here.
 */
#include "config.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include <curl/urlapi.h>

#include "base/buf.h"
#include "base/cx.h"
#include "base/encode.h"
#include "base/str.h"
#include "base/url.h"

#define URL_MAX		4096

/* From curl 8.8 on "https://h?" has no query unless this is asked for. */
#ifndef CURLU_GET_EMPTY
#define CURLU_GET_EMPTY	0
#endif

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
			if (i + 2 >= n ||
			    (hi = decode_hex_digit(s[i + 1])) < 0 ||
			    (lo = decode_hex_digit(s[i + 2])) < 0 ||
			    (hi | lo) == 0)
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

/* --- the parts of a URL */

static bool
is_host(const char *h)
{
	size_t n = strlen(h);

	return n > 0 && n <= 253 &&
	    strspn(h, "abcdefghijklmnopqrstuvwxyz0123456789.-") == n;
}

static char *
lower(struct cx *cx, const char *s, size_t n)
{
	char *p = cx_dupn(cx, s, n);

	for (char *q = p; *q != '\0'; q++)
		*q = (char)tolower((unsigned char)*q);
	return p;
}

/* A part as curl reads it; NULL when the URL has none. */
static char *
part(struct cx *cx, CURLU *h, CURLUPart what)
{
	char *s, *copy;
	CURLUcode rc;

	rc = curl_url_get(h, what, &s, CURLU_GET_EMPTY);
	XXXAN(rc != CURLUE_OUT_OF_MEMORY);
	if (rc != CURLUE_OK)
		return NULL;
	copy = cx_dup(cx, s);
	curl_free(s);
	return copy;
}

/*
 * Sets the host as curl reads it.  auth is the n bytes of host and port as
 * they were written, and refused where other readers may differ: curl also
 * takes %2e for a dot, underscores and UTF-8 in names, an IPv6 zone, a colon
 * without a port, and 127.1 for 127.0.0.1, which is marked as respelled.
 */
static bool
set_host(struct cx *cx, CURLU *h, const char *auth, size_t n, struct url *u)
{
	const char *host = part(cx, h, CURLUPART_HOST), *written;
	struct in_addr in;

	if (n == 0 || auth[n - 1] == ':' || memchr(auth, '%', n) != NULL)
		return false;
	if (*auth == '[') {
		u->host = lower(cx, host + 1, strlen(host) - 2);
		return true;
	}
	written = lower(cx, auth, strcspn(auth, ":/?#"));
	if (!is_host(written))
		return false;
	u->host = lower(cx, host, strlen(host));
	u->respelled = !str_eq(u->host, written);
	/* Of the hosts that are left curl rewrites IPv4 addresses only. */
	return !u->respelled || inet_pton(AF_INET, u->host, &in) == 1;
}

static bool
set_port(struct cx *cx, CURLU *h, struct url *u)
{
	const char *port = part(cx, h, CURLUPART_PORT);
	int64_t n;

	if ((u->has_port = port != NULL)) {
		if (!str_int(port, 1, 65535, &n))
			return false;
		u->port = (int)n;
	}
	return true;
}

static bool
is_graphic(const char *s)
{
	/* Browsers take a backslash for a slash, curl does not. */
	for (; *s != '\0'; s++)
		if ((unsigned char)*s <= 0x20 || *s == 0x7f || *s == '\\')
			return false;
	return true;
}

bool
url_parse(struct cx *cx, const char *s, struct url *out)
{
	struct url u = { 0 };
	const char *auth, *end, *at;
	CURLU *h;
	bool ok;

	if (s == NULL || strlen(s) > URL_MAX || !is_graphic(s))
		return false;
	/* Compared here, because curl also takes one slash and three. */
	if (strncasecmp(s, "https://", 8) == 0)
		u.scheme = "https", u.port = 443, auth = s + 8;
	else if (strncasecmp(s, "http://", 7) == 0)
		u.scheme = "http", u.port = 80, auth = s + 7;
	else
		return false;
	end = auth + strcspn(auth, "/?#");
	/* Of several @ curl 7.88 takes the first, browsers the last. */
	if ((at = memrchr(auth, '@', (size_t)(end - auth))) != NULL) {
		u.userinfo = true;
		auth = at + 1;
		s = cx_fmt(cx, "%s://%s", u.scheme, auth);
	}
	XXXAN(h = curl_url());
	ok = curl_url_set(h, CURLUPART_URL, s, CURLU_PATH_AS_IS) ==
	    CURLUE_OK &&
	    set_host(cx, h, auth, (size_t)(end - auth), &u) &&
	    set_port(cx, h, &u);
	if (ok) {
		u.path = part(cx, h, CURLUPART_PATH);
		u.query = part(cx, h, CURLUPART_QUERY);
		u.fragment = strchr(end, '#') != NULL;
		*out = u;
	}
	curl_url_cleanup(h);
	return ok;
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

/* Appends path without its dot segments (RFC 3986 5.2.4). */
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

/* Ours, because curl 7.88 loses the base's query for "#s" and for "". */
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
