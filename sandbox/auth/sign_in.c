/*
 * sign_in - POST /otp and /signup, and what a mail's code and link are worth
 *
 * Signing up is for anonymous users only: this world has no passwords.
 *
 * As with GoTrue the type of a verification has to be the mail's own, signup
 * for an address that was never confirmed and magiclink for the others;
 * "email" is either.
 */
#include "config.h"

#include "auth/auth.h"
#include "auth/state.h"
#include "core/service.h"

#define LINK_OVER	"Email link is invalid or has expired"
#define DATA_MAX	16384		/* bytes of metadata */

static bool
sent(const struct req *rq, const char *key)
{
	return *text_of(rq->json, key) != '\0';
}

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
	*er = auth_error(rq, rs, 400, "bad_json", "Could not parse "
	    "request body as JSON: data has to be an object of at most 16 "
	    "kB");
	return NULL;
}

/* --- a code by mail */

static const char *
wrong_address(struct req *rq)
{
	bool email = sent(rq, "email"), phone = sent(rq, "phone");

	if (email && phone)
		return "Only an email address or phone number should be "
		    "provided";
	if (email && sent(rq, "channel"))
		return "Channel should only be specified with Phone OTP";
	if (!email && !phone)
		return "One of email or phone must be set";
	return NULL;
}

/* May a user be made for an address that is not known yet? */
static bool
newcomer(struct cx *cx, struct req *rq, struct resp *rs, enum err *er)
{
	bool create = true;

	if (json_may_bool(cx, rq->json, "", "create_user", &create) != E_OK)
		create = true;
	if (!create)
		*er = auth_error(rq, rs, 422, "otp_disabled",
		    "Signups not allowed for otp");
	else if (!settings.signup)
		*er = auth_error(rq, rs, 422, "signup_disabled",
		    "Signups not allowed for this instance");
	return create && settings.signup;
}

static enum err
mail(struct cx *cx, struct req *rq, struct resp *rs,
    struct auth_mail_order *o)
{
	struct auth_user *u = auth_user_by_email(o->to);
	const char *data;
	int64_t wait;
	enum err er;

	if (u == NULL && !newcomer(cx, rq, rs, &er))
		return er;
	if ((wait = auth_mail_wait(o->to)) > 0)
		return auth_error(rq, rs, 429, "over_email_send_rate_limit",
		    cx_fmt(cx, "For security purposes, you can only request "
		    "this after %lld seconds.", (long long)(wait + 999) /
		    1000));
	if ((data = metadata(cx, rq, rs, &er)) == NULL)
		return er;
	if (u == NULL) {
		u = auth_user_new(o->to, data);
		u->by_email = true;
		/* The address is taken as it was typed. */
		if (settings.autoconfirm)
			u->confirmed = clock_now();
	}
	o->signup = u->confirmed == 0;
	u->mailed = clock_now();
	/* In this order: a code must not be known before its user is. */
	if (!auth_user_save(u) || auth_mail_send(o) == NULL)
		return auth_failure(rq, rs);
	(void)resp_json(rs, 200);
	return resp_done(rs);
}

/* POST /auth/v1/otp */
enum err
auth_otp(struct cx *cx, struct req *rq, struct resp *rs)
{
	struct auth_mail_order o = { .redirect = auth_redirect(cx, rq) };
	struct auth_pkce p;
	const char *bad;
	enum err er;

	if (!auth_body(cx, rq, rs, &er))
		return er;
	if ((bad = wrong_address(rq)) != NULL)
		return auth_invalid(rq, rs, bad);
	p.challenge = o.challenge = text_of(rq->json, "code_challenge");
	p.method = o.method = text_of(rq->json, "code_challenge_method");
	if (!auth_pkce_check(rq, rs, &p, &er))
		return er;
	if (sent(rq, "phone"))
		return auth_error(rq, rs, 400, "phone_provider_disabled",
		    "Unsupported phone provider");
	if (!auth_user_email(cx, text_of(rq->json, "email"), &o.to))
		return auth_invalid(rq, rs, "Unable to validate email "
		    "address: invalid format");
	return mail(cx, rq, rs, &o);
}

/* POST /auth/v1/signup */
enum err
auth_signup(struct cx *cx, struct req *rq, struct resp *rs)
{
	struct auth_session *s;
	const char *data;
	enum err er;

	if (!auth_body(cx, rq, rs, &er) ||
	    (data = metadata(cx, rq, rs, &er)) == NULL)
		return er;
	if (sent(rq, "email"))
		return auth_error(rq, rs, 400, "email_provider_disabled",
		    "Email signups are disabled");
	if (sent(rq, "phone"))
		return auth_error(rq, rs, 400, "phone_provider_disabled",
		    "Phone signups are disabled");
	if (!settings.anonymous)
		return auth_error(rq, rs, 422,
		    "anonymous_provider_disabled",
		    "Anonymous sign-ins are disabled");
	if (!settings.signup)
		return auth_error(rq, rs, 422, "signup_disabled",
		    "Signups not allowed for this instance");
	s = auth_session_new(auth_user_new("", data), "anonymous");
	return s != NULL ? auth_send_session(cx, rs, s) : auth_failure(rq, rs);
}

/* --- the code of a mail */

/* The later ones are GoTrue's, but no mail here is of that kind. */
static const char types[] = "email magiclink signup recovery invite "
    "email_change sms phone_change";

/* The code is used up, the address confirmed; NULL: not written. */
static struct auth_user *
redeem(struct auth_mail *m)
{
	struct auth_user *u = auth_user_by_email(m->to);

	if (u == NULL || !auth_mail_spend(m))
		return NULL;
	u->by_email = true;
	if (u->confirmed == 0)
		u->confirmed = clock_now();
	return auth_user_save(u) ? u : NULL;
}

static const char *
wrong(struct req *rq)
{
	bool token = sent(rq, "token"), hash = sent(rq, "token_hash");
	bool email = sent(rq, "email"), phone = sent(rq, "phone");

	if (!sent(rq, "type"))
		return "Verify requires a verification type";
	if (token == hash)
		return "Verify requires either a token or a token hash";
	if (token && email == phone)
		return "Only an email address or phone number should be "
		    "provided on verify";
	if (hash && (email || phone || sent(rq, "redirect_to")))
		return "Only the token_hash and type should be provided";
	if (!word_in(types, text_of(rq->json, "type")))
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
	struct auth_mail *m = NULL;
	const char *bad, *type, *email;
	struct auth_session *s = NULL;
	struct auth_user *u;
	enum err er;

	if (!auth_body(cx, rq, rs, &er))
		return er;
	if ((bad = wrong(rq)) != NULL)
		return auth_invalid(rq, rs, bad);
	type = text_of(rq->json, "type");
	if (sent(rq, "token_hash"))
		m = auth_mail_by_hash(text_of(rq->json, "token_hash"), type);
	else if (auth_user_email(cx, text_of(rq->json, "email"), &email))
		m = auth_mail_by_code(email, digits(cx,
		    text_of(rq->json, "token")), type);
	else if (sent(rq, "email"))
		return auth_error(rq, rs, 422, "validation_failed",
		    "Invalid email format");
	if (m == NULL)
		return auth_error(rq, rs, 403, "otp_expired",
		    sent(rq, "token") ?
		    "Token has expired or is invalid" : LINK_OVER);
	if ((u = redeem(m)) != NULL)
		s = auth_session_new(u, "otp");
	return s != NULL ? auth_send_session(cx, rs, s) : auth_failure(rq, rs);
}

/* --- the link of a mail */

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
	struct auth_session *s;
	struct auth_flow *flow;
	struct auth_mail *m;
	struct auth_user *u;

	if (*type == '\0' || *token == '\0' || !word_in(types, type))
		return auth_invalid(rq, rs, *type == '\0' ? "Verify requires "
		    "a verification type" : *token == '\0' ? "Verify requires "
		    "a token or a token hash" : "Unsupported verification "
		    "type");
	if ((m = auth_mail_by_hash(token, type)) == NULL)
		return link_over(cx, rs, url, str_starts(token, "pkce_"));
	if ((u = redeem(m)) == NULL)
		return auth_failure(rq, rs);
	if (*m->challenge != '\0') {
		flow = auth_flow_new(m->signup ? "email/signup" :
		    "magiclink", url, m->challenge, m->method);
		auth_flow_arrive(flow, u);
		return auth_goto(rs, 303, auth_with_query(cx, url,
		    cx_fmt(cx, "code=%s", flow->code)));
	}
	if ((s = auth_session_new(u, "otp")) == NULL)
		return auth_failure(rq, rs);
	return auth_goto(rs, 303, auth_with_session(cx, url, s,
	    cx_fmt(cx, "&type=%s", auth_mail_type(m))));
}
