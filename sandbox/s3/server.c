/*
 * s3/server - puts, gets and deletes objects, and answers browsers' preflights
 *
 * Answers and errors as Cloudflare R2 gives them.  Ranges are cut by nginx,
 * and conditional requests are taken where it serves the file (large ones);
 * listing is not emulated, nothing here uses it.
 */
#include "config.h"

#include "core/service.h"
#include "core/storage.h"
#include "io/loop.h"
#include "s3/object_file.h"
#include "s3/object_store.h"
#include "s3/signature.h"
#include "web/transport.h"

#define OBJECT_MAX	(25 << 20)
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

static enum err
put(struct cx *cx, struct req *rq, struct resp *rs)
{
	struct putting *p = cx_alloc(cx, sizeof *p);
	enum err er;

	XXXAN(p);
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
		ROUTE(PUT, "/mina-media/{key...}", S3_PUT, put),
		ROUTE(GET, "/mina-media/{key...}", S3_GET, get,
		    .endpoint_of = get_or_head),
		ROUTE(DELETE, "/mina-media/{key...}", S3_DELETE, delete),
		ROUTE(OPTIONS, "/mina-media/{key...}", NONE, options,
		    .flags = R_RAW),
		{ 0 }
	},
};
