/* auth_request - reads requests to GoTrue, and words its answers */
#include "config.h"

#include "auth/auth.h"
#include "auth/state.h"
#include "auth/access_token.h"
#include "core/service.h"

#define API_VERSION	"X-Supabase-Api-Version"
#define API_2024	"2024-01-01"
#define BODY_MAX	65536
#define CHALLENGE_MIN	43		/* RFC 7636, 4.2 */
#define CHALLENGE_MAX	128

/* --- answers */

/* Dates compare as strings; anything else is as good as no header. */
static bool
new_shape(struct req *rq)
{
	const char *v = req_header(rq, API_VERSION);

	return v != NULL && strlen(v) == 10 &&
	    strspn(v, "0123456789-") == 10 && strcmp(v, API_2024) >= 0;
}

void
auth_headers(struct req *rq, struct resp *rs)
{
	const char *origin = req_header(rq, "Origin");

	/* The frame has named the origin; these are GoTrue's own. */
	if (origin != NULL && conf_lists(C_CORS_ORIGINS, origin))
		resp_header(rs, "Access-Control-Expose-Headers",
		    "X-Total-Count, Link, " API_VERSION ", X-Sb-Error-Code");
	if (new_shape(rq))
		resp_header(rs, API_VERSION, API_2024);
}

enum err
auth_error(struct req *rq, struct resp *rs, int status, const char *code,
    const char *message)
{
	resp_header(rs, "X-Sb-Error-Code", code);
	if (new_shape(rq))
		return json_reply(rs, status, j_str("code", code),
		    j_str("message", message));
	return json_reply(rs, status, j_int("code", status),
	    j_str("error_code", code), j_str("msg", message));
}

enum err
auth_status(struct cx *cx, struct req *rq, struct resp *rs, int status)
{
	static const struct status_words words[] = {
		{ 401, "no_authorization", NULL,
		    "This endpoint requires a Bearer token" },
		{ 429, "over_request_rate_limit", NULL,
		    "Request rate limit reached" },
		{ 504, "request_timeout", NULL, "Processing this request "
		    "timed out, please retry after a moment." },
		{ 500, "unexpected_failure", NULL, "Unexpected failure, "
		    "please check server logs for more information" },
		{ 0, "validation_failed", NULL, "That is not possible" },
	};
	const struct status_words *w = status_words(words, status);

	(void)cx;
	return auth_error(rq, rs, status, w->code, w->message);
}

enum err
auth_invalid(struct req *rq, struct resp *rs, const char *message)
{
	return auth_error(rq, rs, 400, "validation_failed", message);
}

enum err
auth_failure(struct req *rq, struct resp *rs)
{
	return auth_status(NULL, rq, rs, 500);
}

enum err
auth_send_session(struct cx *cx, struct resp *rs,
    const struct auth_session *s)
{
	int64_t expires;
	const char *token = access_token_of(cx, s, &expires);
	struct json *js = resp_json(rs, 200);

	json_put(js, j_str("access_token", token),
	    j_str("token_type", "bearer"),
	    j_int("expires_in", settings.token_s), j_int("expires_at", expires),
	    j_str("refresh_token", s->current->token));
	auth_user_print(cx, js, "user", s->user);
	return resp_done(rs);
}

enum err
auth_goto(struct resp *rs, int status, const char *url)
{
	resp_header(rs, "Location", url);
	return resp_raw(rs, status, "text/html", "", 0);
}

/* --- what was sent */

bool
auth_body(struct cx *cx, struct req *rq, struct resp *rs, enum err *er)
{
	const char *bad = NULL;

	/* GoTrue does not look at the content type. */
	if (rq->bodylen > BODY_MAX)
		bad = "Could not parse request body as JSON: too large";
	else if (!body_is_object(cx, rq))
		bad = "Could not parse request body as JSON";
	if (bad != NULL)
		*er = auth_error(rq, rs, 400, "bad_json", bad);
	return bad == NULL;
}

const char *
auth_query(struct cx *cx, struct req *rq, const char *key)
{
	const char *s = req_query(cx, rq, key);

	return s != NULL ? s : "";
}

bool
auth_pkce_check(struct req *rq, struct resp *rs, const struct auth_pkce *p,
    enum err *er)
{
	size_t n = strlen(p->challenge);
	const char *bad = NULL;

	if (n == 0 && *p->method == '\0')
		return true;
	if (n == 0 || *p->method == '\0')
		bad = "PKCE flow requires code_challenge_method and "
		    "code_challenge";
	else if (n < CHALLENGE_MIN || n > CHALLENGE_MAX)
		bad = "code challenge has to be between 43 and 128 "
		    "characters";
	else if (strspn(p->challenge, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789-._~") != n)
		bad = "code challenge can only contain alphanumeric "
		    "characters, hyphens, periods, underscores and tildes";
	else if (!str_ieq(p->method, "s256") && !str_ieq(p->method, "plain"))
		bad = "unsupported code_challenge_method";
	if (bad != NULL)
		*er = auth_invalid(rq, rs, bad);
	return bad == NULL;
}

/* --- redirects */

const char *
auth_origin(struct cx *cx, const char *url)
{
	struct url u;

	if (!url_parse(cx, url, &u))
		return "";
	return cx_fmt(cx, strchr(u.host, ':') != NULL ? "%s://[%s]%s" :
	    "%s://%s%s", u.scheme, u.host, u.has_port ?
	    cx_fmt(cx, ":%d", u.port) : "");
}

/* GoTrue takes the site's host, whatever the port, and what is listed. */
static bool
allowed(struct cx *cx, const char *url)
{
	struct url site, u;

	if (!url_parse(cx, url, &u) || u.userinfo)
		return false;
	return (url_parse(cx, conf_str(C_PUBLIC_URL), &site) &&
	    str_eq(site.host, u.host)) ||
	    conf_lists(C_CORS_ORIGINS, auth_origin(cx, url));
}

const char *
auth_redirect(struct cx *cx, struct req *rq)
{
	const char *url = auth_query(cx, rq, "redirect_to");

	if (!allowed(cx, url))
		url = conf_str(C_PUBLIC_URL);
	return cx_dupn(cx, url, strcspn(url, "#"));
}

const char *
auth_with_query(struct cx *cx, const char *url, const char *query)
{
	return cx_fmt(cx, "%s%c%s", url, strchr(url, '?') != NULL ? '&' : '?',
	    query);
}

const char *
auth_with_session(struct cx *cx, const char *url, const struct auth_session *s,
    const char *more)
{
	int64_t expires;
	const char *token = access_token_of(cx, s, &expires);

	return cx_fmt(cx, "%s#access_token=%s&expires_at=%lld&expires_in=%lld"
	    "&refresh_token=%s&token_type=bearer%s", url, token,
	    (long long)expires, (long long)settings.token_s, s->current->token,
	    more);
}

const char *
auth_error_query(struct cx *cx, const char *error, const char *code,
    const char *message)
{
	struct buf *b = buf_new(cx, 4096);

	buf_fmt(b, "error=%s", error);
	if (code != NULL)
		buf_fmt(b, "&error_code=%s", code);
	buf_puts(b, "&error_description=");
	/* Go writes blanks as plus signs. */
	for (const char *p = message; *p != '\0'; p++)
		if (*p == ' ')
			buf_putc(b, '+');
		else
			url_encode(b, (const char[]){ *p, '\0' }, NULL);
	return b->data;
}
