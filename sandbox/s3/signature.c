/*
 * s3/signature - makes the canonical request from what was received, and signs
 *
 * AWS documentation, "Authenticating Requests (AWS Signature Version 4)",
 * sections "Using the Authorization Header" and "Using Query Parameters".
 * Codes and statuses are R2's where it differs.
 */
#include "config.h"

#include "core/service.h"
#include "io/s3.h"
#include "s3/signature.h"
#include "web/transport.h"

#define ALGORITHM	"AWS4-HMAC-SHA256"
#define SKEW_MS		(15 * 60 * 1000)
#define EXPIRES_MAX	604800

struct auth {
	struct cx	*cx;
	struct req	*rq;
	const char	*credential, *signed_names, *signature, *date;
	const char	*payload;
	struct s3_request s3;
	struct s3_denial *why;
};

static bool
deny(struct auth *a, int status, const char *code, const char *message)
{
	*a->why = (struct s3_denial){ status, code, message };
	return false;
}

static const char *
header(struct req *rq, const char *name)
{
	/* CGI gives these two names of their own. */
	if (str_ieq(name, "content-type"))
		return rq->transport->ops->param(rq->transport, "CONTENT_TYPE");
	if (str_ieq(name, "content-length"))
		return rq->transport->ops->param(rq->transport,
		    "CONTENT_LENGTH");
	return req_header(rq, name);
}

/* 20261122T103000Z */
static bool
parse_basic(struct cx *cx, const char *s, int64_t *ms)
{
	if (s == NULL || strlen(s) != 16 || s[8] != 'T' || s[15] != 'Z' ||
	    strspn(s, "0123456789") != 8)
		return false;
	return clock_parse(cx_fmt(cx, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", s,
	    s + 4, s + 6, s + 9, s + 11, s + 13), ms);
}

/* --- where the parts of a signature are */

static const char *
part(struct cx *cx, const char *auth, const char *name)
{
	const char *s = strstr(auth, name);

	if (s == NULL)
		return NULL;
	s += strlen(name);
	return cx_dupn(cx, s, strcspn(s, ", "));
}

static bool
from_header(struct auth *a, const char *h)
{
	const char *payload = req_header(a->rq, "X-Amz-Content-Sha256");

	if (!str_starts(h, ALGORITHM " "))
		return deny(a, 400, "InvalidArgument", "Unsupported "
		    "Authorization type.");
	a->credential = part(a->cx, h, "Credential=");
	a->signed_names = part(a->cx, h, "SignedHeaders=");
	a->signature = part(a->cx, h, "Signature=");
	a->date = req_header(a->rq, "X-Amz-Date");
	if (a->credential == NULL || a->signed_names == NULL ||
	    a->signature == NULL || a->date == NULL)
		return deny(a, 400, "AuthorizationHeaderMalformed",
		    "The authorization header or x-amz-date is malformed.");
	if (payload == NULL)
		return deny(a, 400, "InvalidRequest", "Missing required "
		    "header for this request: x-amz-content-sha256");
	a->payload = payload;
	return true;
}

static const char *
query(const struct auth *a, const char *name)
{
	for (size_t i = 0; i < a->s3.nquery; i++)
		if (strcmp(a->s3.query[i].name, name) == 0)
			return a->s3.query[i].value;
	return NULL;
}

static bool
from_query(struct auth *a, int64_t *expires)
{
	const char *payload = query(a, "X-Amz-Content-Sha256");

	a->credential = query(a, "X-Amz-Credential");
	a->signed_names = query(a, "X-Amz-SignedHeaders");
	a->date = query(a, "X-Amz-Date");
	if (!str_eq(query(a, "X-Amz-Algorithm"), ALGORITHM) ||
	    a->credential == NULL || a->signed_names == NULL ||
	    a->date == NULL || query(a, "X-Amz-Expires") == NULL ||
	    !str_int(query(a, "X-Amz-Expires"), 1, EXPIRES_MAX, expires))
		return deny(a, 400, "AuthorizationQueryParametersError",
		    "Query-string authentication version 4 requires the "
		    "X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, "
		    "X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires "
		    "parameters.");
	a->payload = payload != NULL ? payload : "UNSIGNED-PAYLOAD";
	return true;
}

/* The parameters as they were sent, decoded once; the signature apart. */
static bool
read_query(struct auth *a)
{
	const char *q = a->rq->query, *name, *value;
	size_t n, eq;

	for (; *q != '\0'; q += n + (q[n] == '&')) {
		n = strcspn(q, "&");
		eq = strcspn(q, "=&");
		if (n == 0)
			continue;
		name = url_decode(a->cx, q, eq, false);
		value = q[eq] == '=' ? url_decode(a->cx, q + eq + 1,
		    n - eq - 1, false) : "";
		if (name == NULL || value == NULL)
			return deny(a, 400, "InvalidURI",
			    "Couldn't parse the specified URI.");
		if (strcmp(name, "X-Amz-Signature") == 0)
			a->signature = value;
		else if (a->s3.nquery == S3_MAXPAIR)
			return deny(a, 400, "InvalidRequest",
			    "Too many query parameters.");
		else
			s3_query(&a->s3, name, value);
	}
	return true;
}

/* --- what was signed */

/* Of a client's x-amz-* headers, those that exist. */
static const char *const amz[] = {
	"x-amz-acl", "x-amz-checksum-algorithm", "x-amz-checksum-crc32",
	"x-amz-checksum-crc32c", "x-amz-checksum-crc64nvme",
	"x-amz-checksum-sha1", "x-amz-checksum-sha256",
	"x-amz-content-sha256", "x-amz-copy-source",
	"x-amz-copy-source-if-match", "x-amz-date",
	"x-amz-decoded-content-length", "x-amz-expected-bucket-owner",
	"x-amz-metadata-directive",
	"x-amz-request-payer", "x-amz-sdk-checksum-algorithm",
	"x-amz-security-token", "x-amz-server-side-encryption",
	"x-amz-storage-class", "x-amz-tagging", "x-amz-trailer",
	"x-amz-website-redirect-location", NULL
};

static bool
signed_has(const struct auth *a, const char *name)
{
	for (size_t i = 0; i < a->s3.nheader; i++)
		if (strcmp(a->s3.header[i].name, name) == 0)
			return true;
	return false;
}

static bool
read_signed(struct auth *a)
{
	const char *s = a->signed_names, *name, *value;
	size_t n;

	for (; *s != '\0'; s += n + (s[n] == ';')) {
		n = strcspn(s, ";");
		name = cx_dupn(a->cx, s, n);
		if ((value = header(a->rq, name)) == NULL)
			return deny(a, 403, "SignatureDoesNotMatch", cx_fmt(
			    a->cx, "The signed header %.60s was not sent.",
			    name));
		if (a->s3.nheader == S3_MAXPAIR)
			return deny(a, 400, "InvalidRequest",
			    "Too many signed headers.");
		s3_header(&a->s3, name, value);
	}
	if (!signed_has(a, "host"))
		return deny(a, 403, "AccessDenied", "There were headers "
		    "present in the request which were not signed: host");
	for (const char *const *h = amz; *h != NULL; h++)
		if (header(a->rq, *h) != NULL && !signed_has(a, *h))
			return deny(a, 403, "AccessDenied", cx_fmt(a->cx,
			    "There were headers present in the request which "
			    "were not signed: %s", *h));
	return true;
}

static bool
check_time(struct auth *a, int64_t expires)
{
	int64_t now = clock_now();

	if (!parse_basic(a->cx, a->date, &a->s3.when))
		return deny(a, 400, "AuthorizationHeaderMalformed",
		    "The date of the request is malformed.");
	if (a->s3.when > now + SKEW_MS ||
	    (expires == 0 && a->s3.when < now - SKEW_MS))
		return deny(a, 403, "RequestTimeTooSkewed", "The difference "
		    "between the request time and the server's time is too "
		    "large.");
	if (expires > 0 && now >= a->s3.when + expires * 1000)
		return deny(a, 400, "ExpiredRequest", "Request has expired");
	return true;
}

static bool
check_scope(struct auth *a, const struct s3_creds *c)
{
	const char *want = cx_fmt(a->cx, "%s/%.8s/%s/%s/aws4_request",
	    c->access_key, a->date, c->region, c->service);
	size_t key = strlen(c->access_key);

	if (strncmp(a->credential, want, key + 1) != 0)
		return deny(a, 401, "Unauthorized", "Unauthorized");
	if (strcmp(a->credential, want) != 0)
		return deny(a, 400, "AuthorizationHeaderMalformed", cx_fmt(
		    a->cx, "The credential scope must be %s.",
		    want + key + 1));
	return true;
}

bool
s3_signature_check(struct cx *cx, struct req *rq, const char **payload,
    struct s3_denial *why)
{
	struct auth *a = cx_alloc(cx, sizeof *a);
	const char *h = req_header(rq, "Authorization"), *sig;
	struct s3_creds c = {
		.access_key = conf_str(C_S3_ACCESS_KEY),
		.secret_key = conf_str(C_S3_SECRET_KEY),
		.region = conf_str(C_S3_REGION),
		.service = "s3",
	};
	int64_t expires = 0;

	XXXAN(a);
	a->cx = cx;
	a->rq = rq;
	a->why = why;
	a->s3.method = method_name(rq->method);
	a->s3.path = rq->path;
	if (*c.access_key == '\0' || *c.secret_key == '\0')
		return deny(a, 500, "InternalError", "No keys are set.");
	if (!read_query(a))
		return false;
	if (a->signature != NULL && h != NULL)
		return deny(a, 400, "InvalidArgument", "Only one auth "
		    "mechanism allowed");
	if (a->signature == NULL && h == NULL)
		return deny(a, 401, "Unauthorized", "Unauthorized");
	if (h != NULL ? !from_header(a, h) : !from_query(a, &expires))
		return false;
	if (!check_time(a, expires) || !check_scope(a, &c) || !read_signed(a))
		return false;
	a->s3.payload = *payload = a->payload;
	sig = s3_signature(cx, &c, &a->s3);
	if (sig == NULL || !crypto_str_eq(sig, a->signature))
		return deny(a, 403, "SignatureDoesNotMatch", "The request "
		    "signature we calculated does not match the signature "
		    "you provided. Check your secret access key and signing "
		    "method.");
	return true;
}
