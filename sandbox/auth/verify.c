/*
 * authverify - the code and the link of a mail: POST and GET /verify
 *
 * As with GoTrue the type has to be the mail's own, signup for an address
 * that was never confirmed and magiclink for the others; "email" is either.
 */
#include "config.h"

#include "auth/auth_request.h"
#include "auth/flow.h"
#include "auth/mail.h"
#include "auth/refresh_token.h"
#include "auth/auth.h"
#include "auth/user.h"
#include "core/sandbox.h"

#define LINK_OVER	"Email link is invalid or has expired"

static bool
known_type(const char *type)
{
	static const char *const types[] = { "email", "magiclink", "signup",
		/* They are GoTrue's, but no mail here is of that kind. */
		"recovery", "invite", "email_change", "sms", "phone_change",
		NULL };

	return str_in(type, types);
}

/* The code is used up, the address confirmed; NULL: not written. */
static struct authuser *
redeem(struct authmail *m)
{
	struct authuser *u = authuser_by_email(m->to);

	if (u == NULL || !authmail_spend(m))
		return NULL;
	u->by_email = true;
	if (u->confirmed == 0)
		u->confirmed = clock_now();
	return authuser_save(u) ? u : NULL;
}

/* --- by request */

static const char *
wrong(struct req *rq)
{
	bool token = *auth_text(rq, "token") != '\0';
	bool hash = *auth_text(rq, "token_hash") != '\0';
	bool email = *auth_text(rq, "email") != '\0';
	bool phone = *auth_text(rq, "phone") != '\0';

	if (*auth_text(rq, "type") == '\0')
		return "Verify requires a verification type";
	if (token == hash)
		return "Verify requires either a token or a token hash";
	if (token && email == phone)
		return "Only an email address or phone number should be "
		    "provided on verify";
	if (hash && (email || phone || *auth_text(rq, "redirect_to") != '\0'))
		return "Only the token_hash and type should be provided";
	if (!known_type(auth_text(rq, "type")))
		return "Unsupported verification type";
	return NULL;
}

/* Some people type the dash that others print in the middle. */
static const char *
digits(struct cx *cx, const char *s)
{
	char *out = cx_dup(cx, s), *p = out;

	for (; *s != '\0'; s++)
		if (*s != '-')
			*p++ = *s;
	*p = '\0';
	return out;
}

/* POST /auth/v1/verify */
enum err
auth_verify(struct cx *cx, struct req *rq, struct resp *rs)
{
	struct authmail *m = NULL;
	const char *bad, *type, *email;
	struct authsess *s = NULL;
	struct authuser *u;
	enum err er;

	if (!auth_body(cx, rq, rs, &er))
		return er;
	if ((bad = wrong(rq)) != NULL)
		return auth_error(cx, rq, rs, 400, "validation_failed", bad);
	type = auth_text(rq, "type");
	if (*auth_text(rq, "token_hash") != '\0')
		m = authmail_by_hash(auth_text(rq, "token_hash"), type);
	else if (authuser_email(cx, auth_text(rq, "email"), &email))
		m = authmail_by_code(email, digits(cx, auth_text(rq,
		    "token")), type);
	else if (*auth_text(rq, "email") != '\0')
		return auth_error(cx, rq, rs, 422, "validation_failed",
		    "Invalid email format");
	if (m == NULL)
		return auth_error(cx, rq, rs, 403, "otp_expired",
		    *auth_text(rq, "token") != '\0' ?
		    "Token has expired or is invalid" : LINK_OVER);
	if ((u = redeem(m)) != NULL)
		s = authsess_new(u, "otp");
	return s != NULL ? auth_session(cx, rs, s) : auth_failure(cx, rq, rs);
}

/* --- by following the link */

static enum err
link_over(struct cx *cx, struct resp *rs, const char *url, bool pkce)
{
	const char *why = auth_error_query(cx, "access_denied", "otp_expired",
	    LINK_OVER);

	if (pkce)
		url = auth_with_query(cx, url, why);
	return auth_goto(rs, 303, cx_fmt(cx, "%s#%s", url, why));
}

/* GET /auth/v1/verify */
enum err
auth_follow(struct cx *cx, struct req *rq, struct resp *rs)
{
	const char *token = auth_query(cx, rq, "token");
	const char *type = auth_query(cx, rq, "type");
	const char *url = auth_redirect(cx, rq);
	struct authsess *s;
	struct authflow *flow;
	struct authmail *m;
	struct authuser *u;

	if (*type == '\0' || *token == '\0' || !known_type(type))
		return auth_error(cx, rq, rs, 400, "validation_failed",
		    *type == '\0' ? "Verify requires a verification type" :
		    *token == '\0' ? "Verify requires a token or a token "
		    "hash" : "Unsupported verification type");
	if ((m = authmail_by_hash(token, type)) == NULL)
		return link_over(cx, rs, url, str_starts(token, "pkce_"));
	if ((u = redeem(m)) == NULL)
		return auth_failure(cx, rq, rs);
	if (*m->challenge != '\0') {
		flow = authflow_new("otp", url, m->challenge, m->method);
		authflow_arrive(flow, u);
		return auth_goto(rs, 303, auth_with_query(cx, url,
		    cx_fmt(cx, "code=%s", flow->code)));
	}
	if ((s = authsess_new(u, "otp")) == NULL)
		return auth_failure(cx, rq, rs);
	return auth_goto(rs, 303, auth_with_session(cx, url, s,
	    cx_fmt(cx, "&type=%s", authmail_type(m))));
}
