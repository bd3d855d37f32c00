/*
 * s3server - see s3server.h
 *
 * Answers and errors as Cloudflare R2 gives them.  Ranges are cut by nginx,
 * and conditional requests are taken where it serves the file (large ones);
 * listing is not emulated, nothing here uses it.
 */
#include "config.h"

#include "core/sandbox.h"
#include "core/storage.h"
#include "core/settings.h"
#include "io/loop.h"
#include "s3/cors.h"
#include "s3/object_file.h"
#include "s3/s3.h"
#include "s3/signature.h"
#include "s3/xml_error.h"
#include "web/transport.h"

#define OBJECT_MAX	(25 << 20)
#define IN_MEMORY	(RESP_MAX - 1024)	/* larger ones nginx sends */

/* Signature and key; false when *er is the handler's result. */
static bool
admit(struct cx *cx, struct req *rq, struct resp *rs, struct s3file *f,
    const char **payload, enum err *er)
{
	const char *key = rq->param[0], *bad;
	struct s3_denial why;

	s3cors_allow(rq, rs);
	if (!s3auth_check(cx, rq, payload, &why)) {
		*er = s3_error(cx, rs, why.status, why.code, why.message);
		return false;
	}
	if ((bad = s3file_bad_key(key)) != NULL) {
		*er = s3_error(cx, rs, 400, bad, "The specified key is not "
		    "possible here.");
		return false;
	}
	s3file_paths(cx, conf_str(C_S3_BUCKET), key, f);
	return true;
}

/* --- PUT */

struct putting {
	struct s3file	 file;
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

	s3file_hash(p->data, p->len, &p->file);
	p->digest_ok = (str_eq(p->payload, "UNSIGNED-PAYLOAD") ||
	    str_ieq(p->payload, p->file.sha256)) &&
	    (p->md5 == NULL || str_eq(p->md5, p->file.etag));
	if (p->digest_ok)
		p->stored = s3file_put(&p->file, p->data, p->len, p->sync);
}

static void
take_header(struct req *rq, const char *name, char *out, size_t size,
    const char *other)
{
	const char *s = str_eq(name, "Content-Type") ?
	    rq->transport->ops->param(rq->transport, "CONTENT_TYPE") :
	    req_header(rq, name);
	size_t n;

	if (s == NULL || *s == '\0')
		s = other;
	/* One stays for the line end in the file. */
	n = strcspn(s, "\r\n");
	if (n > size - 2)
		n = size - 2;
	memcpy(out, s, n);
	out[n] = '\0';
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

/* PUT /mina-media/{key...} */
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
	take_header(rq, "Content-Type", p->file.type, sizeof p->file.type,
	    "application/octet-stream");
	take_header(rq, "Cache-Control", p->file.cache, sizeof p->file.cache,
	    "");
	p->data = rq->body;
	p->len = rq->bodylen;
	p->sync = !settings.instant;
	loop_work(put_work, p);
	if (!p->digest_ok)
		return s3_error(cx, rs, 400, "BadDigest", "The hash you "
		    "specified did not match what we received.");
	if (!p->stored)
		return s3_status(cx, rq, rs, 500);
	resp_header(rs, "ETag", cx_fmt(cx, "\"%s\"", p->file.etag));
	return resp_raw(rs, 200, "application/xml", "", 0);
}

/* --- GET, HEAD */

struct reading {
	struct s3file	 file;
	struct buf	*body;
	bool		 there, ok;
};

static void
head_work(void *arg)
{
	struct reading *r = arg;

	r->there = s3file_head(&r->file);
	if (r->there && r->body != NULL && r->file.size <= IN_MEMORY)
		r->ok = s3file_read(&r->file, r->body);
}

static void
describe(struct cx *cx, struct resp *rs, const struct s3file *f)
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
by_nginx(struct cx *cx, struct resp *rs, const struct s3file *f)
{
	struct buf *b = buf_new(cx, 8192);

	buf_puts(b, "/_file");
	url_encode(b, f->path + strlen(conf_str(C_SANDBOX_DIR)), "/");
	resp_header(rs, "X-Accel-Redirect", b->data);
	return resp_raw(rs, 200, cx_dup(cx, f->type), "", 0);
}

/* GET and HEAD /mina-media/{key...} */
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
	loop_work(head_work, r);
	if (!r->there)
		return s3_status(cx, rq, rs, 404);
	describe(cx, rs, &r->file);
	if (rq->method == M_GET && r->file.size > IN_MEMORY)
		return by_nginx(cx, rs, &r->file);
	if (rq->method == M_GET && !r->ok)
		return s3_status(cx, rq, rs, 500);
	rs->type = r->file.type;
	/*
	 * The length of an answer is that of its body, and that of a HEAD is
	 * never written: it need not be read to be counted.
	 */
	if (rq->method == M_HEAD)
		rs->body->len = (size_t)r->file.size;
	return E_OK;
}

/* --- DELETE */

static void
delete_work(void *arg)
{
	s3file_delete(arg);
}

/* DELETE /mina-media/{key...} */
static enum err
delete(struct cx *cx, struct req *rq, struct resp *rs)
{
	struct s3file *file = cx_alloc(cx, sizeof *file);
	const char *payload;
	enum err er;

	XXXAN(file);
	if (!admit(cx, rq, rs, file, &payload, &er))
		return er;
	loop_work(delete_work, file);
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
	.error = s3_status,
	.open = open_bucket,
	.route = (const struct emulated_route[]){
		{ M_PUT, "/mina-media/{key...}", EP_S3_PUT, .fn = put },
		{ M_GET, "/mina-media/{key...}", EP_S3_GET, .fn = get,
		    .endpoint_of = get_or_head },
		{ M_DELETE, "/mina-media/{key...}", EP_S3_DELETE,
		    .fn = delete },
		{ M_OPTIONS, "/mina-media/{key...}", EP_NONE,
		    .fn = s3_options, .flags = R_RAW },
		{ 0 }
	},
};
