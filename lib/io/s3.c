/*
 * s3 - requests to the configured store, and public URLs of its objects
 */
#include "config.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/crypto.h"
#include "base/cx.h"
#include "base/str.h"
#include "base/url.h"
#include "io/http.h"
#include "io/loop.h"
#include "io/s3.h"

/* Characters of our keys; none needs an escape in a URL. */
#define PLAIN	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" \
		"0123456789-._~"
/* Slowest upload to allow time for, in bytes a second. */
#define SLOWEST	(256 << 10)
#define SUM_ON_LOOP	(256 << 10)
#define LIST_MAX	(2 << 20)	/* bytes of a list of 1000 objects */
/* Keys are never reused, so an object never changes. */
#define IMMUTABLE	"public, max-age=31536000, immutable"

static struct s3_creds
creds(void)
{
	return (struct s3_creds){
		.access_key = conf_str(C_S3_ACCESS_KEY),
		.secret_key = conf_str(C_S3_SECRET_KEY),
		.region = conf_str(C_S3_REGION),
		.service = "s3",
	};
}

/* host[:port] of the endpoint, as it goes into the Host header. */
static const char *
endpoint_host(struct cx *cx)
{
	const char *e = conf_str(C_S3_ENDPOINT), *host = strstr(e, "://");

	if (host == NULL)
		return NULL;
	host += 3;
	return cx_dupn(cx, host, strcspn(host, "/"));
}

static enum err
start(struct cx *cx, struct s3_request *rq, const char *method,
    const char *key)
{
	const char *host = endpoint_host(cx);

	if (host == NULL || *conf_str(C_S3_BUCKET) == '\0')
		return err_set(cx, E_STORAGE, "no store is configured");
	memset(rq, 0, sizeof *rq);
	rq->method = method;
	rq->path = cx_fmt(cx, "/%s/%s", conf_str(C_S3_BUCKET), key);
	rq->when = clock_now();
	s3_header(rq, "host", host);
	return E_OK;
}

char *
s3_presign_put(struct cx *cx, const char *key, const char *type,
    int64_t length, int expires)
{
	struct s3_creds c = creds();
	struct s3_request rq;

	if (start(cx, &rq, "PUT", key) != E_OK)
		return NULL;
	s3_header(&rq, "content-type", type);
	if (length >= 0)
		s3_header(&rq, "content-length", cx_fmt(cx, "%lld",
		    (long long)length));
	return s3_presign_url(cx, &c, &rq, expires);
}

/* Length of MINA_MEDIA_URL without a slash at its end. */
static size_t
base_len(void)
{
	const char *base = conf_str(C_MEDIA_URL);
	size_t n = strlen(base);

	return n > 0 && base[n - 1] == '/' ? n - 1 : n;
}

char *
s3_public_url(struct cx *cx, const char *key)
{
	struct buf *b = buf_new(cx, 8192);

	buf_fmt(b, "%.*s/", (int)base_len(), conf_str(C_MEDIA_URL));
	url_encode(b, key, "/");
	return b->data;
}

/* No empty segments, and no "." or ".." among them. */
static bool
is_plain_key(const char *key)
{
	size_t n;

	for (;; key += n + 1) {
		n = strspn(key, PLAIN);
		if (n == 0 || strspn(key, ".") == n)
			return false;
		if (key[n] == '\0')
			return true;
		if (key[n] != '/')
			return false;
	}
}

const char *
s3_key_of(const char *url)
{
	const char *base = conf_str(C_MEDIA_URL), *key;

	if (!url_under(url, base))
		return NULL;
	key = url + base_len() + 1;
	return is_plain_key(key) ? key : NULL;
}

static coroutine_fn enum err
send(struct cx *cx, struct s3_request *rq, struct http_call *call)
{
	struct s3_creds c = creds();
	char date[CLOCK_LEN], *auth;
	struct buf *url = buf_new(cx, 8192);
	enum err er;

	clock_basic(rq->when, date);
	s3_header(rq, "x-amz-content-sha256", rq->payload);
	s3_header(rq, "x-amz-date", date);
	if ((auth = s3_authorization(cx, &c, rq)) == NULL)
		return err_set(cx, E_NOMEM, "signature");
	for (size_t i = 1; i < rq->nheader; i++)	/* 0 is host */
		http_header(cx, call, rq->header[i].name,
		    rq->header[i].value);
	http_secret(cx, call, "Authorization", auth);
	buf_fmt(url, "https://%s", rq->header[0].value);
	url_encode(url, rq->path, "/");
	if (rq->nquery > 0) {
		buf_putc(url, '?');
		s3_put_query(cx, url, rq);
	}
	call->url = url->data;
	call->method = rq->method;
	er = http_too_large(cx, http_do(cx, call));
	if (er == E_UPSTREAM || er == E_TIMEOUT)
		return err_set(cx, E_STORAGE, "s3 %s %s: %s", rq->method,
		    rq->path, cx_dup(cx, cx->err.detail));
	return er;
}

static enum err
unexpected(struct cx *cx, const struct s3_request *rq,
    const struct http_call *call)
{
	if (call->status == 404)
		return err_set(cx, E_NOTFOUND, "s3: no %s", rq->path);
	if (call->status == 412)
		return err_set(cx, E_CONFLICT, "s3: not the same any more: %s",
		    rq->path);
	return err_set(cx, E_STORAGE, "s3 %s %s: http %ld %.200s",
	    rq->method, rq->path, call->status, call->answer->data);
}

struct sum {
	const void	*p;
	size_t		 n;
	char		*hex;
};

static void
sum_up(void *arg)
{
	struct sum *s = arg;

	crypto_sha256_hex(s->p, s->n, s->hex);
}

/* About half a second for the largest film, so not on the loop. */
static coroutine_fn void
sum_body(const void *p, size_t n, char hex[SHA256_HEX])
{
	struct sum s = { p, n, hex };

	if (n > SUM_ON_LOOP)
		loop_work(sum_up, &s);
	else
		sum_up(&s);
}

coroutine_fn enum err
s3_put(struct cx *cx, const char *key, const char *type, const void *p,
    size_t n)
{
	struct http_call call = HTTP_CALL("PUT", NULL);
	char hex[SHA256_HEX];
	struct s3_request rq;
	enum err er;

	if ((er = start(cx, &rq, "PUT", key)) != E_OK)
		return er;
	sum_body(p, n, hex);
	rq.payload = hex;
	s3_header(&rq, "content-type", type);
	s3_header(&rq, "cache-control", IMMUTABLE);
	call.body = p;
	call.bodylen = n;
	call.timeout_ms = 15000 + (int64_t)n * 1000 / SLOWEST;
	call.maxbody = 65536;
	if ((er = send(cx, &rq, &call)) != E_OK)
		return er;
	return call.status == 200 ? E_OK : unexpected(cx, &rq, &call);
}

static coroutine_fn enum err
bodyless(struct cx *cx, const char *method, const char *key, size_t max,
    struct s3_request *rq, struct http_call *call)
{
	char hex[SHA256_HEX];
	enum err er;

	if ((er = start(cx, rq, method, key)) != E_OK)
		return er;
	crypto_sha256_hex("", 0, hex);
	rq->payload = hex;
	call->maxbody = max;
	return send(cx, rq, call);
}

coroutine_fn enum err
s3_get(struct cx *cx, const char *key, size_t max, struct buf **out)
{
	struct http_call call = HTTP_CALL("GET", NULL);
	struct s3_request rq;
	enum err er;

	if ((er = bodyless(cx, "GET", key, max, &rq, &call)) != E_OK)
		return er;
	if (call.status != 200)
		return unexpected(cx, &rq, &call);
	*out = call.answer;
	return E_OK;
}

coroutine_fn enum err
s3_get_first(struct cx *cx, const char *key, size_t n, struct buf **out)
{
	struct http_call call = HTTP_CALL("GET", NULL);
	struct s3_request rq;
	enum err er;

	/* It need not be signed; S3 requires that of host and x-amz-*. */
	http_header(cx, &call, "Range", cx_fmt(cx, "bytes=0-%zu", n - 1));
	if ((er = bodyless(cx, "GET", key, n, &rq, &call)) != E_OK)
		return er;
	if (call.status != 206)
		return unexpected(cx, &rq, &call);
	*out = call.answer;
	return E_OK;
}

coroutine_fn enum err
s3_head(struct cx *cx, const char *key, struct s3_head *out)
{
	struct http_call call = HTTP_CALL("HEAD", NULL);
	struct s3_request rq;
	const char *len;
	enum err er;

	if ((er = bodyless(cx, "HEAD", key, 65536, &rq, &call)) != E_OK)
		return er;
	if (call.status != 200)
		return unexpected(cx, &rq, &call);
	len = http_got(&call, "content-length");
	if (len == NULL || !str_int(len, 0, INT64_MAX, &out->length))
		return err_set(cx, E_STORAGE, "s3: no length for %s", rq.path);
	out->type = http_got(&call, "content-type");
	out->etag = http_got(&call, "etag");
	return E_OK;
}

coroutine_fn enum err
s3_delete(struct cx *cx, const char *key)
{
	struct http_call call = HTTP_CALL("DELETE", NULL);
	struct s3_request rq;
	enum err er;

	if ((er = bodyless(cx, "DELETE", key, 65536, &rq, &call)) != E_OK)
		return er;
	return call.status == 204 || call.status == 200 ? E_OK :
	    unexpected(cx, &rq, &call);
}

coroutine_fn enum err
s3_copy(struct cx *cx, const char *from, const char *to, const char *etag,
    const char *type)
{
	struct http_call call = HTTP_CALL("PUT", NULL);
	struct buf *source = buf_new(cx, 8192);
	char hex[SHA256_HEX];
	struct s3_request rq;
	enum err er;

	if ((er = start(cx, &rq, "PUT", to)) != E_OK)
		return er;
	crypto_sha256_hex("", 0, hex);
	rq.payload = hex;
	url_encode(source, cx_fmt(cx, "/%s/%s", conf_str(C_S3_BUCKET), from),
	    "/");
	s3_header(&rq, "content-type", type);
	s3_header(&rq, "cache-control", IMMUTABLE);
	s3_header(&rq, "x-amz-copy-source", source->data);
	if (etag != NULL)
		s3_header(&rq, "x-amz-copy-source-if-match", etag);
	/* Type and cache-control are those above, not those of from. */
	s3_header(&rq, "x-amz-metadata-directive", "REPLACE");
	call.body = "";			/* a PUT must have a length */
	call.maxbody = 65536;
	if ((er = send(cx, &rq, &call)) != E_OK)
		return er;
	/* The status may precede an error ("CopyObject", S3 reference). */
	return call.status == 200 &&
	    strstr(call.answer->data, "<Error>") == NULL ? E_OK :
	    unexpected(cx, &rq, &call);
}

coroutine_fn enum err
s3_list(struct cx *cx, const char *prefix, const char *after,
    struct s3_object **out, size_t *n, bool *more)
{
	struct http_call call = HTTP_CALL("GET", NULL);
	char hex[SHA256_HEX];
	struct s3_request rq;
	enum err er;

	if ((er = start(cx, &rq, "GET", "")) != E_OK)
		return er;
	crypto_sha256_hex("", 0, hex);
	rq.payload = hex;
	s3_query(&rq, "list-type", "2");
	s3_query(&rq, "prefix", prefix);
	if (*after != '\0')
		s3_query(&rq, "start-after", after);
	call.maxbody = LIST_MAX;
	if ((er = send(cx, &rq, &call)) != E_OK)
		return er;
	if (call.status != 200)
		return unexpected(cx, &rq, &call);
	if (!s3_list_read(cx, call.answer->data, out, n, more))
		return err_set(cx, E_STORAGE, "s3: a list that is none: "
		    "%.200s", call.answer->data);
	return E_OK;
}
