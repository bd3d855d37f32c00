/*
 * s3sign - AWS Signature V4: canonical request, signature, presigned URL
 */
#include "config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/cx.h"
#include "base/encode.h"
#include "base/url.h"
#include "io/s3.h"

#define ALGORITHM	"AWS4-HMAC-SHA256"
#define SCOPE_END	"aws4_request"

static void
add(struct s3_pair *pair, size_t *n, const char *name, const char *value)
{
	AN(*n < S3_MAXPAIR);
	pair[*n].name = name;
	pair[(*n)++].value = value;
}

void
s3_query(struct s3_request *rq, const char *name, const char *value)
{
	add(rq->query, &rq->nquery, name, value);
}

void
s3_header(struct s3_request *rq, const char *name, const char *value)
{
	add(rq->header, &rq->nheader, name, value);
}

static int
by_name_value(const void *a, const void *b)
{
	const struct s3_pair *x = a, *y = b;
	int d = strcmp(x->name, y->name);

	return d != 0 ? d : strcmp(x->value, y->value);
}

static char *
lower(struct cx *cx, const char *s)
{
	char *p = cx_dup(cx, s);

	for (char *q = p; *q != '\0'; q++)
		*q = (char)tolower((unsigned char)*q);
	return p;
}

/* Removes blanks at the ends; runs of them inside become one. */
static char *
squeeze(struct cx *cx, const char *s)
{
	char *out = cx_dup(cx, s), *q = out;

	for (; *s != '\0'; s++) {
		if (*s == ' ' && (q == out || q[-1] == ' '))
			continue;
		*q++ = *s;
	}
	while (q > out && q[-1] == ' ')
		q--;
	*q = '\0';
	return out;
}

static char *
encode(struct cx *cx, const char *s, const char *keep)
{
	struct buf *b = buf_new(cx, 3 * strlen(s));

	url_encode(b, s, keep);
	return b->data;
}

/* Sorted by the encoded name, in byte order. */
void
s3_put_query(struct cx *cx, struct buf *b, const struct s3_request *rq)
{
	struct s3_pair q[S3_MAXPAIR];

	for (size_t i = 0; i < rq->nquery; i++) {
		q[i].name = encode(cx, rq->query[i].name, NULL);
		q[i].value = encode(cx, rq->query[i].value, NULL);
	}
	qsort(q, rq->nquery, sizeof *q, by_name_value);
	for (size_t i = 0; i < rq->nquery; i++)
		buf_fmt(b, "%s%s=%s", i > 0 ? "&" : "", q[i].name,
		    q[i].value);
}

static void
sorted_headers(struct cx *cx, const struct s3_request *rq,
    struct s3_pair *out)
{
	for (size_t i = 0; i < rq->nheader; i++) {
		out[i].name = lower(cx, rq->header[i].name);
		out[i].value = squeeze(cx, rq->header[i].value);
	}
	qsort(out, rq->nheader, sizeof *out, by_name_value);
}

char *
s3_signed_names(struct cx *cx, const struct s3_request *rq)
{
	struct buf *b = buf_new(cx, 65536);
	struct s3_pair h[S3_MAXPAIR];

	sorted_headers(cx, rq, h);
	for (size_t i = 0; i < rq->nheader; i++)
		buf_fmt(b, "%s%s", i > 0 ? ";" : "", h[i].name);
	return b->data;
}

char *
s3_canonical(struct cx *cx, const struct s3_request *rq)
{
	struct buf *b = buf_new(cx, 262144);
	struct s3_pair h[S3_MAXPAIR];

	sorted_headers(cx, rq, h);
	buf_fmt(b, "%s\n%s\n", rq->method, encode(cx, rq->path, "/"));
	s3_put_query(cx, b, rq);
	buf_putc(b, '\n');
	for (size_t i = 0; i < rq->nheader; i++)
		buf_fmt(b, "%s:%s\n", h[i].name, h[i].value);
	buf_fmt(b, "\n%s\n%s", s3_signed_names(cx, rq), rq->payload);
	return buf_ok(b) ? b->data : NULL;
}

static char *
scope(struct cx *cx, const struct s3_creds *c, int64_t when)
{
	char t[CLOCK_LEN];

	clock_basic(when, t);
	return cx_fmt(cx, "%.8s/%s/%s/" SCOPE_END, t, c->region, c->service);
}

char *
s3_string_to_sign(struct cx *cx, const struct s3_creds *c,
    const struct s3_request *rq, const char *canonical)
{
	char t[CLOCK_LEN], hex[SHA256_HEX];

	clock_basic(rq->when, t);
	crypto_sha256_hex(canonical, strlen(canonical), hex);
	return cx_fmt(cx, ALGORITHM "\n%s\n%s\n%s", t, scope(cx, c, rq->when),
	    hex);
}

void
s3_signing_key(const struct s3_creds *c, int64_t when, unsigned char out[32])
{
	char t[CLOCK_LEN], secret[256] = "AWS4";
	size_t n = strlen(c->secret_key);

	AN(n < sizeof secret - 4);
	memcpy(secret + 4, c->secret_key, n);
	clock_basic(when, t);
	crypto_hmac(secret, n + 4, t, 8, out);
	crypto_hmac(out, 32, c->region, strlen(c->region), out);
	crypto_hmac(out, 32, c->service, strlen(c->service), out);
	crypto_hmac(out, 32, SCOPE_END, strlen(SCOPE_END), out);
}

char *
s3_signature(struct cx *cx, const struct s3_creds *c,
    const struct s3_request *rq)
{
	unsigned char key[32], mac[32];
	char *canonical = s3_canonical(cx, rq), *sts;
	char *hex = cx_alloc(cx, SHA256_HEX);

	if (canonical == NULL)
		return NULL;
	sts = s3_string_to_sign(cx, c, rq, canonical);
	s3_signing_key(c, rq->when, key);
	crypto_hmac(key, sizeof key, sts, strlen(sts), mac);
	encode_hex(mac, sizeof mac, hex);
	return hex;
}

char *
s3_authorization(struct cx *cx, const struct s3_creds *c,
    const struct s3_request *rq)
{
	char *sig = s3_signature(cx, c, rq);

	if (sig == NULL)
		return NULL;
	return cx_fmt(cx, ALGORITHM " Credential=%s/%s, SignedHeaders=%s, "
	    "Signature=%s", c->access_key, scope(cx, c, rq->when),
	    s3_signed_names(cx, rq), sig);
}

static const char *
host_of(const struct s3_request *rq)
{
	for (size_t i = 0; i < rq->nheader; i++)
		if (strcmp(rq->header[i].name, "host") == 0)
			return rq->header[i].value;
	BUG("presigning without a host");
}

char *
s3_presign_url(struct cx *cx, const struct s3_creds *c,
    struct s3_request *rq, int expires)
{
	struct buf *b = buf_new(cx, 65536);
	char *t = cx_alloc(cx, CLOCK_LEN), *sig;

	clock_basic(rq->when, t);
	s3_query(rq, "X-Amz-Algorithm", ALGORITHM);
	s3_query(rq, "X-Amz-Credential", cx_fmt(cx, "%s/%s", c->access_key,
	    scope(cx, c, rq->when)));
	s3_query(rq, "X-Amz-Date", t);
	s3_query(rq, "X-Amz-Expires", cx_fmt(cx, "%d", expires));
	s3_query(rq, "X-Amz-SignedHeaders", s3_signed_names(cx, rq));
	rq->payload = "UNSIGNED-PAYLOAD";
	if ((sig = s3_signature(cx, c, rq)) == NULL)
		return NULL;
	buf_fmt(b, "https://%s%s?", host_of(rq), encode(cx, rq->path, "/"));
	s3_put_query(cx, b, rq);
	buf_fmt(b, "&X-Amz-Signature=%s", sig);
	return buf_ok(b) ? b->data : NULL;
}
