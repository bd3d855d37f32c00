/*
 * s3/server - objects: put, copied, listed, deleted; browsers' preflights
 *
 * Answers and errors as Cloudflare R2 gives them.  Ranges are cut by nginx,
 * and conditional requests are taken where it serves the file (large ones).
 * As in R2 no rule of ours about sizes holds here: the most is what one
 * request can have (there 5 GB, here OBJECT_MAX).
 */
#include "config.h"

#include "core/service.h"
#include "core/storage.h"
#include "io/loop.h"
#include "s3/listing.h"
#include "s3/object_file.h"
#include "s3/object_store.h"
#include "s3/signature.h"
#include "web/transport.h"

#define OBJECT_MAX	(256 << 20)
#define KEYS_MAX	1000
#define IN_MEMORY	(RESP_MAX - 1024)	/* larger ones nginx sends */

static enum err
s3_error(struct cx *cx, struct resp *rs, int status, const char *code,
    const char *message)
{
	const char *xml = cx_fmt(cx, "<?xml version=\"1.0\" "
	    "encoding=\"UTF-8\"?>\n<Error><Code>%s</Code><Message>%s"
	    "</Message></Error>", code, message);

	return resp_raw(rs, status, "application/xml", xml, strlen(xml));
}

static enum err
status_error(struct cx *cx, struct req *rq, struct resp *rs, int status)
{
	static const struct status_words words[] = {
		{ 403, "AccessDenied", NULL, "Access Denied" },
		{ 404, "NoSuchKey", NULL,
		    "The specified key does not exist." },
		{ 412, "PreconditionFailed", NULL, "At least one of the "
		    "pre-conditions you specified did not hold." },
		{ 429, "TooManyRequests", NULL, "Reduce your rate of "
		    "simultaneous requests on the same object." },
		{ 503, "ServiceUnavailable", NULL,
		    "Reduce your request rate." },
		{ 0, "InternalError", NULL,
		    "We encountered an internal error. Please try again." },
	};
	const struct status_words *w = status_words(words, status);

	(void)rq;
	return s3_error(cx, rs, status, w->code, w->message);
}

/* The origins of MINA_CORS_ORIGINS have been answered by the frame. */
static void
allow_origin(struct req *rq, struct resp *rs)
{
	const char *origin = req_header(rq, "Origin");

	if (origin == NULL || conf_lists(C_CORS_ORIGINS, origin))
		return;
	resp_header(rs, "Access-Control-Allow-Origin", "*");
	resp_header(rs, "Access-Control-Expose-Headers", "ETag");
}

/* Checks signature and key; false when *er is the handler's result. */
static bool
admit(struct cx *cx, struct req *rq, struct resp *rs, struct object_file *f,
    const char **payload, enum err *er)
{
	const char *key = rq->param[0], *bad;
	struct s3_denial why;

	allow_origin(rq, rs);
	if (!s3_signature_check(cx, rq, payload, &why)) {
		*er = s3_error(cx, rs, why.status, why.code, why.message);
		return false;
	}
	if ((bad = object_file_bad_key(key)) != NULL) {
		*er = s3_error(cx, rs, 400, bad, "The specified key is not "
		    "possible here.");
		return false;
	}
	object_file_paths(cx, conf_str(C_S3_BUCKET), key, f);
	return true;
}

/* --- PUT */

struct putting {
	struct object_file file;
	const char	*payload;	/* hash that was signed */
	const char	*md5;		/* Content-MD5, hex, or NULL */
	const void	*data;
	size_t		 len;
	bool		 sync, digest_ok, stored;
};

static void
put_work(void *arg)
{
	struct putting *p = arg;

	object_file_hash(p->data, p->len, &p->file);
	p->digest_ok = (str_eq(p->payload, "UNSIGNED-PAYLOAD") ||
	    str_ieq(p->payload, p->file.sha256)) &&
	    (p->md5 == NULL || str_eq(p->md5, p->file.etag));
	if (p->digest_ok)
		p->stored = object_file_put(&p->file, p->data, p->len,
		    p->sync);
}

/* Up to a line end, with room for one in the file. */
static void
take_header(const char *s, const char *other, char *out, size_t size)
{
	if (s == NULL || *s == '\0')
		s = other;
	snprintf(out, size - 1, "%.*s", (int)strcspn(s, "\r\n"), s);
}

/* Content-MD5 as hex; false when it is not one. */
static bool
content_md5(struct cx *cx, struct req *rq, const char **out)
{
	const char *h = req_header(rq, "Content-MD5");
	unsigned char *raw;
	size_t n = 0;
	char *hex;

	*out = NULL;
	if (h == NULL)
		return true;
	if ((raw = decode_base64(cx, h, &n)) == NULL || n != 16)
		return false;
	hex = cx_alloc(cx, 33);
	encode_hex(raw, n, hex);
	*out = hex;
	return true;
}

/* --- CopyObject */

struct copying {
	struct object_file from, to;
	const char	*etag;		/* to be that of from, or NULL */
	bool		 sync;
	int		 status;
};

static void
copy_work(void *arg)
{
	struct copying *c = arg;
	struct buf b;

	c->status = 404;
	if (!object_file_head(&c->from))
		return;
	c->status = 412;
	if (c->etag != NULL && !str_eq(c->etag, c->from.etag))
		return;
	buf_init(&b, OBJECT_MAX);
	c->status = 500;
	if (object_file_read(&c->from, &b)) {
		object_file_hash(b.data, b.len, &c->to);
		if (object_file_put(&c->to, b.data, b.len, c->sync))
			c->status = 200;
	}
	buf_release(&b);
}

/* "/bucket/key" or "bucket/key", encoded; NULL when it is another bucket. */
static const char *
source_key(struct cx *cx, const char *h)
{
	const char *s = url_decode(cx, h, strlen(h), false);
	size_t n = strlen(conf_str(C_S3_BUCKET));

	if (s == NULL)
		return NULL;
	s += *s == '/';
	return strncmp(s, conf_str(C_S3_BUCKET), n) == 0 && s[n] == '/' ?
	    s + n + 1 : NULL;
}

/* Without the quotes. */
static const char *
bare_etag(struct cx *cx, const char *s)
{
	if (s == NULL || *s != '"')
		return s;
	return cx_dupn(cx, s + 1, strcspn(s + 1, "\""));
}

static enum err
copy(struct cx *cx, struct req *rq, struct resp *rs, const char *source)
{
	struct copying *c = cx_alloc(cx, sizeof *c);
	const char *key = source_key(cx, source), *payload, *xml;
	char date[CLOCK_LEN];
	enum err er;

	XXXAN(c);
	if (!admit(cx, rq, rs, &c->to, &payload, &er))
		return er;
	if (key == NULL || object_file_bad_key(key) != NULL)
		return s3_error(cx, rs, 400, "InvalidArgument", "The copy "
		    "source must be a key of this bucket.");
	object_file_paths(cx, conf_str(C_S3_BUCKET), key, &c->from);
	c->etag = bare_etag(cx, req_header(rq, "X-Amz-Copy-Source-If-Match"));
	c->sync = !settings.instant;
	take_header(rq->transport->ops->param(rq->transport, "CONTENT_TYPE"),
	    "application/octet-stream", c->to.type, sizeof c->to.type);
	take_header(req_header(rq, "Cache-Control"), "", c->to.cache,
	    sizeof c->to.cache);
	if (!str_eq(req_header(rq, "X-Amz-Metadata-Directive"), "REPLACE"))
		return s3_error(cx, rs, 501, "NotImplemented",
		    "This emulation wants x-amz-metadata-directive REPLACE.");
	loop_work(copy_work, c);
	if (c->status != 200)
		return status_error(cx, rq, rs, c->status);
	clock_rfc3339(clock_now(), date);
	xml = cx_fmt(cx, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
	    "<CopyObjectResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/"
	    "\"><ETag>&quot;%s&quot;</ETag><LastModified>%s</LastModified>"
	    "</CopyObjectResult>", c->to.etag, date);
	return resp_raw(rs, 200, "application/xml", xml, strlen(xml));
}

/* --- PutObject */

static enum err
put(struct cx *cx, struct req *rq, struct resp *rs)
{
	struct putting *p = cx_alloc(cx, sizeof *p);
	const char *source = req_header(rq, "X-Amz-Copy-Source");
	enum err er;

	XXXAN(p);
	if (source != NULL)
		return copy(cx, rq, rs, source);
	/* nginx counts a chunked body, a store does not. */
	if (req_header(rq, "Transfer-Encoding") != NULL ||
	    rq->transport->ops->param(rq->transport, "CONTENT_LENGTH") == NULL)
		return s3_error(cx, rs, 411, "MissingContentLength",
		    "You must provide the Content-Length HTTP header.");
	if (!admit(cx, rq, rs, &p->file, &p->payload, &er))
		return er;
	if (rq->bodylen > OBJECT_MAX)
		return s3_error(cx, rs, 400, "EntityTooLarge", "Your "
		    "proposed upload exceeds the maximum allowed size.");
	if (str_starts(p->payload, "STREAMING-"))
		return s3_error(cx, rs, 501, "NotImplemented",
		    "Chunked signatures are not implemented.");
	if (!content_md5(cx, rq, &p->md5))
		return s3_error(cx, rs, 400, "InvalidDigest",
		    "The Content-MD5 you specified is not valid.");
	take_header(rq->transport->ops->param(rq->transport, "CONTENT_TYPE"),
	    "application/octet-stream", p->file.type, sizeof p->file.type);
	take_header(req_header(rq, "Cache-Control"), "", p->file.cache,
	    sizeof p->file.cache);
	p->data = rq->body;
	p->len = rq->bodylen;
	p->sync = !settings.instant;
	loop_work(put_work, p);
	if (!p->digest_ok)
		return s3_error(cx, rs, 400, "BadDigest", "The hash you "
		    "specified did not match what we received.");
	if (!p->stored)
		return status_error(cx, rq, rs, 500);
	resp_header(rs, "ETag", cx_fmt(cx, "\"%s\"", p->file.etag));
	return resp_raw(rs, 200, "application/xml", "", 0);
}

/* --- GET, HEAD */

struct reading {
	struct object_file file;
	struct buf	*body;
	bool		 there, ok;
};

static void
read_work(void *arg)
{
	struct reading *r = arg;

	r->there = object_file_head(&r->file);
	if (r->there && r->body != NULL && r->file.size <= IN_MEMORY)
		r->ok = object_file_read(&r->file, r->body);
}

static void
describe(struct cx *cx, struct resp *rs, const struct object_file *f)
{
	char date[CLOCK_LEN];

	clock_http(f->modified, date);
	resp_header(rs, "ETag", cx_fmt(cx, "\"%s\"", f->etag));
	resp_header(rs, "Last-Modified", date);
	resp_header(rs, "Accept-Ranges", "bytes");
	if (f->cache[0] != '\0')
		resp_header(rs, "Cache-Control", f->cache);
}

static enum err
by_nginx(struct cx *cx, struct resp *rs, const struct object_file *f)
{
	struct buf *b = buf_new(cx, 8192);

	buf_puts(b, "/_file");
	url_encode(b, f->path + strlen(conf_str(C_SANDBOX_DIR)), "/");
	resp_header(rs, "X-Accel-Redirect", b->data);
	return resp_raw(rs, 200, cx_dup(cx, f->type), "", 0);
}

static enum err
get(struct cx *cx, struct req *rq, struct resp *rs)
{
	struct reading *r = cx_alloc(cx, sizeof *r);
	const char *payload;
	enum err er;

	XXXAN(r);
	if (!admit(cx, rq, rs, &r->file, &payload, &er))
		return er;
	if ((er = resp_raw(rs, 200, "application/octet-stream", "", 0)) !=
	    E_OK)
		return er;
	if (rq->method == M_GET)
		r->body = rs->body;
	loop_work(read_work, r);
	if (!r->there)
		return status_error(cx, rq, rs, 404);
	describe(cx, rs, &r->file);
	if (rq->method == M_GET && r->file.size > IN_MEMORY)
		return by_nginx(cx, rs, &r->file);
	if (rq->method == M_GET && !r->ok)
		return status_error(cx, rq, rs, 500);
	rs->type = r->file.type;
	/*
	 * The length of an answer is that of its body, and that of a HEAD is
	 * never written: it need not be read to be counted.
	 */
	if (rq->method == M_HEAD)
		rs->body->len = (size_t)r->file.size;
	return E_OK;
}

/* --- ListObjectsV2 */

struct naming {
	struct listing	 listing;
	const char	*dir, *prefix, *after;
};

static void
list_work(void *arg)
{
	struct naming *l = arg;

	listing_read(&l->listing, l->dir, l->prefix, l->after);
}

static void
put_xml(struct buf *b, const char *s)
{
	for (; *s != '\0'; s++)
		if (*s == '&')
			buf_puts(b, "&amp;");
		else if (*s == '<')
			buf_puts(b, "&lt;");
		else
			buf_putc(b, *s);
}

static void
put_listed(struct buf *b, const struct listed *o)
{
	char date[CLOCK_LEN];

	clock_rfc3339(o->modified, date);
	buf_puts(b, "<Contents><Key>");
	put_xml(b, o->key);
	buf_fmt(b, "</Key><Size>%lld</Size><LastModified>%s</LastModified>"
	    "<StorageClass>STANDARD</StorageClass></Contents>",
	    (long long)o->size, date);
}

static enum err
answer_list(struct resp *rs, const struct naming *l, int64_t max)
{
	size_t n = l->listing.n < (size_t)max ? l->listing.n : (size_t)max;
	struct buf *b;
	enum err er;

	if ((er = resp_raw(rs, 200, "application/xml", "", 0)) != E_OK)
		return er;
	b = rs->body;
	buf_puts(b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
	    "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/"
	    "\"><Name>");
	put_xml(b, conf_str(C_S3_BUCKET));
	buf_puts(b, "</Name><Prefix>");
	put_xml(b, l->prefix);
	buf_fmt(b, "</Prefix><MaxKeys>%lld</MaxKeys><KeyCount>%zu</KeyCount>"
	    "<IsTruncated>%s</IsTruncated>", (long long)max, n,
	    n < l->listing.n ? "true" : "false");
	for (size_t i = 0; i < n; i++)
		put_listed(b, &l->listing.item[i]);
	buf_puts(b, "</ListBucketResult>");
	return E_OK;
}

static enum err
list(struct cx *cx, struct req *rq, struct resp *rs)
{
	struct naming *l = cx_alloc(cx, sizeof *l);
	const char *payload;
	struct s3_denial why;
	int64_t max = KEYS_MAX;
	enum err er;

	XXXAN(l);
	allow_origin(rq, rs);
	if (!s3_signature_check(cx, rq, &payload, &why))
		return s3_error(cx, rs, why.status, why.code, why.message);
	if (!str_eq(req_query(cx, rq, "list-type"), "2"))
		return s3_error(cx, rs, 501, "NotImplemented",
		    "Of a bucket only ListObjectsV2 is emulated.");
	if (req_query(cx, rq, "max-keys") != NULL &&
	    !str_int(req_query(cx, rq, "max-keys"), 1, KEYS_MAX, &max))
		return s3_error(cx, rs, 400, "InvalidMaxKeys",
		    "MaxKeys params must be positive integer <= 1000.");
	l->dir = cx_fmt(cx, "%s/s3/%s", conf_str(C_SANDBOX_DIR),
	    conf_str(C_S3_BUCKET));
	if ((l->prefix = req_query(cx, rq, "prefix")) == NULL)
		l->prefix = "";
	if ((l->after = req_query(cx, rq, "start-after")) == NULL)
		l->after = "";
	loop_work(list_work, l);
	er = answer_list(rs, l, max);
	listing_free(&l->listing);
	return er;
}

/* --- DELETE, OPTIONS */

static void
delete_work(void *arg)
{
	object_file_delete(arg);
}

static enum err
delete(struct cx *cx, struct req *rq, struct resp *rs)
{
	struct object_file *file = cx_alloc(cx, sizeof *file);
	const char *payload;
	enum err er;

	XXXAN(file);
	if (!admit(cx, rq, rs, file, &payload, &er))
		return er;
	loop_work(delete_work, file);
	return resp_raw(rs, 204, "text/plain", "", 0);
}

/*
 * As a bucket's CORS policy would answer that allows every origin, the
 * methods below, and of headers content-type alone.
 */
static enum err
options(struct cx *cx, struct req *rq, struct resp *rs)
{
	static const char *const methods[] = { "GET", "PUT", "HEAD", NULL };
	const char *m = req_header(rq, "Access-Control-Request-Method");
	const char *h = req_header(rq, "Access-Control-Request-Headers");

	if (m == NULL || !str_in(m, methods) ||
	    (h != NULL && *h != '\0' && !str_ieq(h, "content-type")))
		return s3_error(cx, rs, 403, "AccessDenied",
		    "This CORS request is not allowed.");
	allow_origin(rq, rs);
	resp_header(rs, "Access-Control-Allow-Methods", "GET, PUT, HEAD");
	resp_header(rs, "Access-Control-Allow-Headers", "content-type");
	resp_header(rs, "Access-Control-Max-Age", "600");
	return resp_raw(rs, 204, "text/plain", "", 0);
}

static enum endpoint
get_or_head(const struct req *rq)
{
	return rq->method == M_HEAD ? EP_S3_HEAD : EP_S3_GET;
}

static enum endpoint
put_or_copy(const struct req *rq)
{
	/* A header is read through the request, and does not change it. */
	return req_header((struct req *)(uintptr_t)rq,
	    "X-Amz-Copy-Source") != NULL ? EP_S3_COPY : EP_S3_PUT;
}

static bool
open_bucket(struct cx *cx, bool serving)
{
	(void)serving;
	return file_parents(cx_fmt(cx, "%s/s3/%s/", conf_str(C_SANDBOX_DIR),
	    conf_str(C_S3_BUCKET)));
}

const struct emulator s3_emulator = {
	.name = "s3",
	.error = status_error,
	.open = open_bucket,
	.route = (const struct emulated_route[]){
		ROUTE(GET, "/mina-media", S3_LIST, list),
		ROUTE(GET, "/mina-media/", S3_LIST, list),
		ROUTE(PUT, "/mina-media/{key...}", S3_PUT, put,
		    .endpoint_of = put_or_copy),
		ROUTE(GET, "/mina-media/{key...}", S3_GET, get,
		    .endpoint_of = get_or_head),
		ROUTE(DELETE, "/mina-media/{key...}", S3_DELETE, delete),
		ROUTE(OPTIONS, "/mina-media/{key...}", NONE, options,
		    .flags = R_RAW),
		{ 0 }
	},
};
