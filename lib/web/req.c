/*
 * req - path, method, body, headers and query of a request, and route patterns
 */
#include "config.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/conf.h"
#include "base/cx.h"
#include "base/ipguard.h"
#include "base/json.h"
#include "base/str.h"
#include "base/url.h"
#include "web/req.h"
#include "web/transport.h"

static const char *const methods[M__MAX] = {
	[M_GET] = "GET", [M_HEAD] = "HEAD", [M_POST] = "POST",
	[M_PUT] = "PUT", [M_DELETE] = "DELETE", [M_OPTIONS] = "OPTIONS",
};

const char *
method_name(enum method m)
{
	return methods[m];
}

bool
method_parse(const char *s, enum method *out)
{
	for (int i = 0; i < M__MAX; i++)
		if (str_eq(s, methods[i])) {
			*out = (enum method)i;
			return true;
		}
	return false;
}

/*
 * Headers that decide something or are kept.  Of others, such as User-Agent,
 * what is not UTF-8 is replaced, because people cannot choose them.
 */
static const char *const strict[] = {
	"Authorization", "Idempotency-Key", "If-None-Match", "Last-Event-ID",
	"Prefer", "X-Mina-Pass-Id", "X-Session-Id", NULL
};

static const char *
param(struct req *rq, const char *name)
{
	return rq->transport->ops->param(rq->transport, name);
}

/* The value as sent; req_header() has it repaired. */
static const char *
raw_header(struct req *rq, const char *name)
{
	char var[80] = "HTTP_";
	size_t n = 5;

	for (; *name != '\0' && n + 1 < sizeof var; name++)
		var[n++] = *name == '-' ? '_' :
		    (char)toupper((unsigned char)*name);
	var[n] = '\0';
	return param(rq, var);
}

/* Bytes that are not text would be an error of the database later. */
static enum err
check_text(struct cx *cx, struct req *rq)
{
	const char *s = url_decode(cx, rq->query, strlen(rq->query), true);

	/* A broken escape is for the route to refuse, by its name. */
	if (s == NULL)
		s = rq->query;
	if (!str_is_utf8(s, strlen(s)))
		return err_say(cx, E_BADREQ, "The query is not valid UTF-8.");
	for (const char *const *h = strict; *h != NULL; h++)
		if ((s = raw_header(rq, *h)) != NULL &&
		    !str_is_utf8(s, strlen(s)))
			return err_say(cx, E_BADREQ, "The header %s is not "
			    "valid UTF-8.", *h);
	return E_OK;
}

enum err
req_init(struct cx *cx, struct req *rq, struct transport *t)
{
	const char *uri;

	memset(rq, 0, sizeof *rq);
	rq->magic = REQ_MAGIC;
	rq->cx = cx;
	rq->transport = t;
	rq->body = "";
	rq->pass = "anonymous";
	rq->query = param(rq, "QUERY_STRING");
	if (rq->query == NULL)
		rq->query = "";
	rq->path = "/";
	uri = param(rq, "REQUEST_URI");
	if (uri == NULL && (uri = param(rq, "PATH_INFO")) == NULL)
		uri = "/";
	rq->path = url_decode(cx, uri, strcspn(uri, "?"), false);
	if (rq->path == NULL || rq->path[0] != '/' ||
	    !str_is_utf8(rq->path, strlen(rq->path))) {
		rq->path = "/";
		return err_say(cx, E_BADREQ, "The path is malformed.");
	}
	if (!method_parse(param(rq, "REQUEST_METHOD"), &rq->method))
		return err_set(cx, E_METHOD, "unknown method");
	return check_text(cx, rq);
}

coroutine_fn enum err
req_drop_body(struct req *rq)
{
	char junk[4096];
	ssize_t n;

	while ((n = rq->transport->ops->read(rq->transport, junk,
	    sizeof junk)) > 0)
		;
	return n < 0 ? E_HUP : E_OK;
}

coroutine_fn enum err
req_read_body(struct cx *cx, struct req *rq, size_t max)
{
	const char *len = param(rq, "CONTENT_LENGTH");
	int64_t want = 0;
	struct buf *b;
	char chunk[8192];
	ssize_t n;

	if (len != NULL && *len != '\0' &&
	    !str_int(len, 0, INT64_MAX, &want)) {
		if (req_drop_body(rq) != E_OK)
			return E_HUP;
		return err_set(cx, E_LENGTH, "Content-Length \"%.20s\"", len);
	}
	if ((uint64_t)want > max) {
		if (req_drop_body(rq) != E_OK)
			return E_HUP;
		return err_say(cx, E_TOOBIG, "The body has %lld bytes; at "
		    "most %zu are taken. Nothing was charged.",
		    (long long)want, max);
	}
	if (want == 0)
		return E_OK;
	b = buf_new(cx, (size_t)want);
	while (b->len < (size_t)want) {
		size_t ask = (size_t)want - b->len;

		n = rq->transport->ops->read(rq->transport, chunk,
		    ask < sizeof chunk ? ask : sizeof chunk);
		if (n <= 0)		/* shorter than Content-Length */
			return E_HUP;
		if (!buf_put(b, chunk, (size_t)n))
			return err_set(cx, E_NOMEM, "body");
	}
	if (!arena_charge(cx->mem, b->len))
		return err_set(cx, E_NOMEM, "body of %zu bytes", b->len);
	rq->body = b->data;
	rq->bodylen = b->len;
	return req_drop_body(rq);
}

/* nginx passes compressed bodies on as they are. */
static enum err
want_plain(struct cx *cx, struct req *rq)
{
	const char *how = req_header(rq, "Content-Encoding");
	size_t n = how != NULL ? strspn(how, "0123456789abcdefghijklmnopqrstuvw"
	    "xyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_., ") : 0;

	if (how == NULL || *how == '\0' || strcasecmp(how, "identity") == 0)
		return E_OK;
	return err_say(cx, E_TYPE, "The body is encoded as %.*s, which is not "
	    "taken. Send it without Content-Encoding.", n < 40 ? (int)n : 40,
	    how);
}

enum err
req_parse_json(struct cx *cx, struct req *rq)
{
	const char *type = param(rq, "CONTENT_TYPE");
	enum err er;

	if (rq->bodylen == 0)
		return json_parse(cx, "{}", 2, &rq->json);
	if (type == NULL || strncasecmp(type, "application/json", 16) != 0 ||
	    (type[16] != '\0' && type[16] != ';' && type[16] != ' '))
		return err_say(cx, E_TYPE, "Send application/json here.");
	if ((er = want_plain(cx, rq)) != E_OK)
		return er;
	if ((er = json_parse_request(cx, rq->body, rq->bodylen,
	    &rq->json)) != E_OK)
		return er;
	if (!json_is_obj(rq->json))
		return err_say(cx, E_JSON, "The JSON must be an object.");
	return E_OK;
}

bool
req_match(struct cx *cx, struct req *rq, const char *pattern)
{
	const char *s = rq->path, *p = pattern, *end;
	size_t n, k = 0;

	while (*p != '\0') {
		if (*p != '{') {
			if (*p++ != *s++)
				return false;
			continue;
		}
		end = p + strcspn(p, "}");
		n = end - p > 3 && memcmp(end - 3, "...", 3) == 0 ?
		    strlen(s) : strcspn(s, "/");
		if (n == 0 || k == REQ_PARAMS)
			return false;
		rq->param[k++] = cx_dupn(cx, s, n);
		s += n;
		p = end + 1;
	}
	if (*s != '\0')
		return false;
	rq->route = pattern;
	return true;
}

const char *
req_header(struct req *rq, const char *name)
{
	const char *s = raw_header(rq, name);

	return s != NULL ? str_repair(rq->cx, s) : NULL;
}

const char *
req_query(struct cx *cx, struct req *rq, const char *name)
{
	return url_query(cx, rq->query, name);
}

enum err
req_int(struct cx *cx, struct req *rq, const char *name, int64_t lo,
    int64_t hi, int64_t *out)
{
	const char *s = req_query(cx, rq, name);

	if (s == NULL)
		return E_OK;
	if (!str_int(s, lo, hi, out))
		return err_field(cx, name, "must be a whole number from %lld "
		    "to %lld", (long long)lo, (long long)hi);
	return E_OK;
}

const struct cJSON *
req_json(const struct req *rq)
{
	AN(rq->json);
	return rq->json;
}

const char *
req_pass(const struct req *rq)
{
	return rq->pass;
}

const char *
req_remote(struct req *rq)
{
	const char *s = param(rq, "REMOTE_ADDR");

	return s != NULL ? s : "";
}

const char *
req_address(struct cx *cx, struct req *rq)
{
	char net[IPGUARD_NETWORK];
	bool local;

	if (!ipguard_network(req_remote(rq), net, &local) ||
	    (local && str_eq(conf_str(C_LIMIT_LOCAL), "no")))
		return NULL;
	return cx_dup(cx, net);
}

void
req_on_hup(struct req *rq, struct wait *w)
{
	rq->transport->ops->on_hup(rq->transport, w);
}
