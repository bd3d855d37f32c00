/*
 * fuzz-url - fuzz target of url_parse() and its relatives
 *
 * What url_parse() takes is as strict as url.h says, and url_decode() reverses
 * url_encode().
 */
#include "config.h"

#include "base/buf.h"
#include "base/log.h"
#include "base/url.h"
#include "fuzz.h"

/* A URL put together from the parts, as io/http.c does, has those parts. */
static void
check_again(struct cx *cx, const struct url *u)
{
	const char *s = cx_fmt(cx, strchr(u->host, ':') != NULL ?
	    "%s://[%s]:%d%s%s%s" : "%s://%s:%d%s%s%s", u->scheme, u->host,
	    u->port, u->path, u->query != NULL ? "?" : "",
	    u->query != NULL ? u->query : "");
	struct url v;

	if (strlen(s) > 4096)
		return;
	HOLDS(url_parse(cx, s, &v));
	HOLDS(strcmp(u->host, v.host) == 0 && u->port == v.port &&
	    strcmp(u->path, v.path) == 0 && !v.respelled && !v.userinfo);
	HOLDS((u->query == NULL) == (v.query == NULL) &&
	    (u->query == NULL || strcmp(u->query, v.query) == 0));
}

static void
check_url(struct cx *cx, const char *s)
{
	const char *auth, *at;
	char out[64];
	struct url u;

	log_url(s, out, sizeof out);
	HOLDS(strlen(out) < sizeof out);
	if (!url_parse(cx, s, &u))
		return;
	HOLDS(strcmp(u.scheme, "https") == 0 || strcmp(u.scheme, "http") == 0);
	HOLDS(*u.host != '\0' && strspn(u.host,
	    "abcdefghijklmnopqrstuvwxyz0123456789.-:") == strlen(u.host));
	HOLDS(u.port >= 1 && u.port <= 65535);
	HOLDS(u.path[0] == '/' && strpbrk(u.path, "?# \r\n") == NULL);
	HOLDS(u.query == NULL || strchr(u.query, '#') == NULL);
	auth = s + strlen(u.scheme) + 3;
	at = memchr(auth, '@', strcspn(auth, "/?#"));
	HOLDS(u.userinfo == (at != NULL));
	if (u.query != NULL)
		url_query(cx, u.query, "a");
	check_again(cx, &u);
}

/* Only a scheme or "//" in the reference leads to another host. */
static void
check_join(struct cx *cx, const char *s)
{
	const char *t = url_join(cx, "https://h/a/b?c", s);

	HOLDS(t != NULL && strlen(t) <= strlen(s) + 16);
	if (url_scheme(s) > 0)
		HOLDS(strcmp(s, t) == 0);
	else if (s[0] == '/' && s[1] == '/')
		HOLDS(strncmp(t, "https://", 8) == 0);
	else
		HOLDS(strncmp(t, "https://h/", 10) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct buf *b;
	struct cx cx;
	char *s, *t;

	if (n > 20000)
		return 0;
	cx_init(&cx, 64 << 20);
	s = fuzz_string(&cx, p, n);
	check_url(&cx, s);
	check_join(&cx, s);
	url_query(&cx, s, "a");
	url_query(&cx, s, "");
	url_under(s, "https://h/base");
	t = url_decode(&cx, (const char *)p, n, true);
	HOLDS(t == NULL || strlen(t) <= n);
	b = buf_new(&cx, 1 << 20);
	url_encode(b, s, NULL);
	t = url_decode(&cx, b->data, b->len, false);
	HOLDS(t != NULL && strcmp(t, s) == 0);
	cx_release(&cx);
	return 0;
}
