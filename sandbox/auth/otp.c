/*
 * authotp - beginning a sign-in: POST /otp, POST /signup
 *
 * Signing up is for anonymous users only: this world has no passwords.
 */
#include "config.h"

#include "auth/auth_request.h"
#include "auth/mail.h"
#include "auth/refresh_token.h"
#include "auth/auth.h"
#include "auth/user.h"
#include "core/sandbox.h"
#include "core/settings.h"

#define DATA_MAX	16384		/* bytes of metadata */

/* "data" as JSON text; NULL: it has been answered. */
static const char *
metadata(struct cx *cx, struct req *rq, struct resp *rs, enum err *er)
{
	const struct cJSON *data = json_get(rq->json, "data");
	const char *text = "{}";

	if (json_is_obj(data))
		text = json_print(cx, data);
	if (json_is_null(data) || (json_is_obj(data) &&
	    strlen(text) <= DATA_MAX))
		return text;
	*er = auth_error(cx, rq, rs, 400, "bad_json", "Could not parse "
	    "request body as JSON: data has to be an object of at most 16 "
	    "kB");
	return NULL;
}

/* --- a code by mail */

static const char *
wrong_address(struct req *rq)
{
	bool email = *auth_text(rq, "email") != '\0';
	bool phone = *auth_text(rq, "phone") != '\0';

	if (email && phone)
		return "Only an email address or phone number should be "
		    "provided";
	if (email && *auth_text(rq, "channel") != '\0')
		return "Channel should only be specified with Phone OTP";
	if (!email && !phone)
		return "One of email or phone must be set";
	return NULL;
}

/* May a user be made for an address that nobody has signed in with? */
static bool
newcomer(struct cx *cx, struct req *rq, struct resp *rs, enum err *er)
{
	bool create = true;

	if (json_may_bool(cx, rq->json, "", "create_user", &create) != E_OK)
		create = true;
	if (!create)
		*er = auth_error(cx, rq, rs, 422, "otp_disabled",
		    "Signups not allowed for otp");
	else if (!settings.signup)
		*er = auth_error(cx, rq, rs, 422, "signup_disabled",
		    "Signups not allowed for this instance");
	return create && settings.signup;
}

static enum err
mail(struct cx *cx, struct req *rq, struct resp *rs,
    struct authmail_order *o)
{
	struct authuser *u = authuser_by_email(o->to);
	const char *data;
	int64_t wait;
	enum err er;

	if (u == NULL && !newcomer(cx, rq, rs, &er))
		return er;
	if ((wait = authmail_wait(o->to)) > 0)
		return auth_error(cx, rq, rs, 429,
		    "over_email_send_rate_limit", cx_fmt(cx, "For security "
		    "purposes, you can only request this after %lld "
		    "seconds.", (long long)(wait + 999) / 1000));
	if ((data = metadata(cx, rq, rs, &er)) == NULL)
		return er;
	if (u == NULL) {
		u = authuser_new(o->to, data);
		u->by_email = true;
	}
	o->signup = u->confirmed == 0;
	u->mailed = clock_now();
	/* In this order: a code must not be known before its user is. */
	if (!authuser_save(u) || authmail_send(o) == NULL)
		return auth_failure(cx, rq, rs);
	(void)resp_json(rs, 200);
	return resp_done(rs);
}

/* POST /auth/v1/otp */
enum err
auth_otp(struct cx *cx, struct req *rq, struct resp *rs)
{
	struct authmail_order o = { .redirect = auth_redirect(cx, rq) };
	struct auth_pkce p;
	const char *bad;
	enum err er;

	if (!auth_body(cx, rq, rs, &er))
		return er;
	if ((bad = wrong_address(rq)) != NULL)
		return auth_error(cx, rq, rs, 400, "validation_failed", bad);
	p.challenge = o.challenge = auth_text(rq, "code_challenge");
	p.method = o.method = auth_text(rq, "code_challenge_method");
	if (!auth_pkce_check(cx, rq, rs, &p, &er))
		return er;
	if (*auth_text(rq, "phone") != '\0')
		return auth_error(cx, rq, rs, 400, "phone_provider_disabled",
		    "Unsupported phone provider");
	if (!authuser_email(cx, auth_text(rq, "email"), &o.to))
		return auth_error(cx, rq, rs, 400, "validation_failed",
		    "Unable to validate email address: invalid format");
	return mail(cx, rq, rs, &o);
}

/* --- without an address */

/* POST /auth/v1/signup */
enum err
auth_signup(struct cx *cx, struct req *rq, struct resp *rs)
{
	struct authsess *s;
	const char *data;
	enum err er;

	if (!auth_body(cx, rq, rs, &er) ||
	    (data = metadata(cx, rq, rs, &er)) == NULL)
		return er;
	if (*auth_text(rq, "email") != '\0')
		return auth_error(cx, rq, rs, 400, "email_provider_disabled",
		    "Email signups are disabled");
	if (*auth_text(rq, "phone") != '\0')
		return auth_error(cx, rq, rs, 400, "phone_provider_disabled",
		    "Phone signups are disabled");
	if (!settings.anonymous)
		return auth_error(cx, rq, rs, 422,
		    "anonymous_provider_disabled",
		    "Anonymous sign-ins are disabled");
	if (!settings.signup)
		return auth_error(cx, rq, rs, 422, "signup_disabled",
		    "Signups not allowed for this instance");
	s = authsess_new(authuser_new("", data), "anonymous");
	return s != NULL ? auth_session(cx, rs, s) : auth_failure(cx, rq, rs);
}
