/*
 * google - signing in with Google: GET /authorize, GET /callback
 *
 * Where GoTrue sends people to Google and Google sends them back to GoTrue,
 * a page of our own asks who they want to be.  Every address is a Google
 * account here, and a verified one.
 */
#include "config.h"

#include "auth/auth.h"
#include "auth/state.h"
#include "core/html.h"
#include "core/service.h"

#define PAGE_MAX	65536
#define SHOWN		5		/* accounts */

/* --- the page */

/* Those with an address, the latest to sign in first. */
static size_t
recent(const struct auth_user *out[SHOWN])
{
	size_t n = 0, i;

	for (const struct auth_user *u = auth_user_oldest(); u != NULL;
	    u = u->newer) {
		if (*u->email == '\0' || u->signed_in == 0)
			continue;
		for (i = n < SHOWN ? n++ : SHOWN; i > 0 &&
		    out[i - 1]->signed_in <= u->signed_in; i--)
			if (i < SHOWN)
				out[i] = out[i - 1];
		if (i < SHOWN)
			out[i] = u;
	}
	return n;
}

static void
account(struct cx *cx, struct buf *b, const char *state, const char *email)
{
	struct buf *value = buf_new(cx, 4096);

	url_encode(value, email, NULL);
	html(b, "<li><a class=\"account\" href=\"/auth/v1/callback?"
	    "state=%s&amp;email=%s\"><span class=\"initial\" "
	    "aria-hidden=\"true\">%.1s</span><span class=\"address\">%s"
	    "</span></a></li>\n", state, value->data, email, email);
}

static enum err
consent(struct cx *cx, struct resp *rs, const struct auth_flow *f, int status,
    const char *complaint)
{
	const struct auth_user *who[SHOWN];
	struct buf *b = buf_new(cx, PAGE_MAX);
	const char *origin = auth_origin(cx, f->redirect);
	size_t n = recent(who);

	html_head(b, "Sign in with Google - sandbox", NULL);
	html(b, "<main class=\"card\">\n<p class=\"from\">Google, emulated"
	    "</p>\n<h1>Choose an account</h1>\n<p class=\"soft\">to continue "
	    "to <strong>%s</strong></p>\n", origin);
	if (n > 0)
		buf_puts(b, "<ul class=\"accounts\">\n");
	for (size_t i = 0; i < n; i++)
		account(cx, b, f->state, who[i]->email);
	if (n > 0)
		buf_puts(b, "</ul>\n");
	buf_fmt(b, "<form action=\"/auth/v1/callback\" method=\"get\">\n"
	    "<input type=\"hidden\" name=\"state\" value=\"%s\">\n"
	    "<label for=\"email\">%s</label>\n"
	    "<input type=\"email\" id=\"email\" name=\"email\" required "
	    "autocomplete=\"email\" maxlength=\"255\" "
	    "placeholder=\"name@example.com\"%s%s>\n", f->state, n > 0 ?
	    "Another account" : "E-mail address", n == 0 ? " autofocus" : "",
	    complaint != NULL ? " aria-invalid=\"true\" "
	    "aria-describedby=\"complaint\"" : "");
	if (complaint != NULL)
		html(b, "<p class=\"complaint\" id=\"complaint\">%s</p>\n",
		    complaint);
	html(b, "<div class=\"row\"><a class=\"quiet\" href=\""
	    "/auth/v1/callback?state=%s&amp;error=access_denied\">Cancel</a>"
	    "<button class=\"strong\">Continue</button></div>\n</form>\n"
	    "<p class=\"soft small\">No one asks Google. Whatever address "
	    "you choose counts as verified on this machine.</p>\n</main>\n",
	    f->state);
	html_tail(b);
	/* Browsers hold a form to this along the redirect that follows. */
	resp_header(rs, "Content-Security-Policy", cx_fmt(cx,
	    "default-src 'none'; style-src 'self'; img-src data:; "
	    "form-action 'self' %s; base-uri 'none'; frame-ancestors 'none'",
	    origin));
	resp_header(rs, "X-Content-Type-Options", "nosniff");
	resp_header(rs, "Referrer-Policy", "no-referrer");
	return resp_raw(rs, status, "text/html; charset=utf-8", b->data,
	    b->len);
}

/* GET /auth/v1/authorize */
enum err
auth_authorize(struct cx *cx, struct req *rq, struct resp *rs)
{
	const char *provider = auth_query(cx, rq, "provider");
	struct auth_pkce p = {
		.challenge = auth_query(cx, rq, "code_challenge"),
		.method = auth_query(cx, rq, "code_challenge_method"),
	};
	enum err er;

	if (!str_eq(provider, "google"))
		return auth_invalid(rq, rs, "Unsupported provider: "
		    "provider is not enabled");
	if (!auth_pkce_check(rq, rs, &p, &er))
		return er;
	return consent(cx, rs, auth_flow_new("oauth", auth_redirect(cx, rq),
	    p.challenge, p.method), 200, NULL);
}

/* --- and back */

/*
 * GoTrue says it twice, for both kinds of client.  The flow is over; without
 * one it is the site that is told.
 */
static enum err
send_back(struct cx *cx, struct resp *rs, const char *url,
    struct auth_flow *f, const char *error, const char *code,
    const char *message)
{
	const char *why = auth_error_query(cx, error, code, message);

	if (f != NULL) {
		url = cx_dup(cx, f->redirect);
		auth_flow_end(f);
	}
	return auth_goto(rs, 302, cx_fmt(cx, "%s#%s", auth_with_query(cx,
	    url, why), why));
}

static enum err
arrive(struct cx *cx, struct req *rq, struct resp *rs, struct auth_flow *f,
    const char *email)
{
	struct auth_user *u = auth_user_by_email(email);
	struct auth_session *s;
	const char *url;

	if (u == NULL && !settings.signup)
		return send_back(cx, rs, NULL, f, "access_denied",
		    "signup_disabled",
		    "Signups not allowed for this instance");
	if (u == NULL)
		u = auth_user_new(email, "{}");
	u->by_google = true;
	if (u->confirmed == 0)
		u->confirmed = clock_now();
	if (!auth_user_save(u))
		return auth_failure(rq, rs);
	if (*f->challenge != '\0') {
		auth_flow_arrive(f, u);
		return auth_goto(rs, 302, auth_with_query(cx, f->redirect,
		    cx_fmt(cx, "code=%s", f->code)));
	}
	if ((s = auth_session_new(u, "oauth")) == NULL)
		return auth_failure(rq, rs);
	url = auth_with_session(cx, f->redirect, s, "");
	auth_flow_end(f);
	return auth_goto(rs, 302, url);
}

/* GET /auth/v1/callback */
enum err
auth_callback(struct cx *cx, struct req *rq, struct resp *rs)
{
	struct auth_flow *f = auth_flow_by_state(auth_query(cx, rq, "state"));
	const char *email;

	if (f == NULL)
		return send_back(cx, rs, auth_redirect(cx, rq), NULL,
		    "invalid_request", "bad_oauth_state",
		    "OAuth state not found or expired");
	if (*auth_query(cx, rq, "error") != '\0')
		return send_back(cx, rs, NULL, f, "access_denied", NULL,
		    "The user denied the request");
	if (!auth_user_email(cx, auth_query(cx, rq, "email"), &email))
		return consent(cx, rs, f, 400,
		    "That is not an e-mail address.");
	return arrive(cx, rq, rs, f, email);
}
