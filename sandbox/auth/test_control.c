/*
 * authcontrol - orders to the emulated Supabase Auth, under /_sandbox/auth
 */
#include "config.h"

#include "auth/access_token.h"
#include "auth/mail.h"
#include "auth/auth.h"
#include "auth/signing_key.h"
#include "auth/user.h"
#include "core/sandbox.h"

/* POST /_sandbox/auth/rotate {drop} */
enum err
auth_rotate(struct cx *cx, struct req *rq, struct resp *rs)
{
	bool drop = false;
	struct json *js;
	enum err er;

	if ((er = json_may_bool(cx, req_json(rq), "", "drop", &drop)) != E_OK)
		return er;
	if (!authkey_rotate(drop))
		return err_set(cx, E_STORAGE, "the keys cannot be written");
	js = resp_json(rs, 200);
	json_str(js, "kid", authkey_id(authkey_signing()));
	authkey_jwks(cx, js);
	return resp_done(rs);
}

/* POST /_sandbox/auth/remail {email}: need not wait for its next mail */
enum err
auth_remail(struct cx *cx, struct req *rq, struct resp *rs)
{
	const char *email;
	enum err er;

	if ((er = json_want_str(cx, req_json(rq), "", "email", 1, 255,
	    &email)) != E_OK)
		return er;
	if (!authuser_email(cx, email, &email))
		return err_field(cx, "email", "must be an e-mail address");
	authmail_again(email);
	json_bool(resp_json(rs, 200), "ok", true);
	return resp_done(rs);
}

/* --- tokens that no sign-in gives */

struct mint {
	const char		*email, *alg, *secret;
	const struct cJSON	*claims, *header;
};

static const char *const algs[] = {
	"ES256",		/* as it should be */
	"ES256-broken",		/* one letter of the signature is another */
	"ES256-stranger",	/* signed by a key in no set, under our id */
	"ES256-unknown",	/* the same, under its own id */
	"HS256",		/* with `secret' */
	"HS256-public",		/* with our public key, PEM, for a secret */
	"none",			/* no signature */
	NULL
};

static enum err
read_mint(struct cx *cx, const struct cJSON *js, struct mint *m)
{
	enum err er;

	if ((er = json_may_str(cx, js, "", "email", 1, 255, &m->email)) !=
	    E_OK
	    || (er = json_may_str(cx, js, "", "alg", 1, 40, &m->alg)) != E_OK
	    || (er = json_may_str(cx, js, "", "secret", 1, 4096, &m->secret))
	    != E_OK
	    || (er = json_may_obj(cx, js, "", "claims", &m->claims)) != E_OK
	    || (er = json_may_obj(cx, js, "", "header", &m->header)) != E_OK)
		return er;
	if (!str_in(m->alg, algs))
		return err_field(cx, "alg", "must be one of ES256, "
		    "ES256-broken, ES256-stranger, ES256-unknown, HS256, "
		    "HS256-public, none");
	if (str_eq(m->alg, "HS256") && m->secret == NULL)
		return err_field(cx, "secret", "is what HS256 needs");
	if (*m->email != '\0' && !authuser_email(cx, m->email, &m->email))
		return err_field(cx, "email", "must be an e-mail address");
	return E_OK;
}

/* The user there is, or one as a first sign-in would make it. */
static const struct authuser *
user_for(struct cx *cx, const char *email, int64_t now)
{
	struct authuser *u = authuser_by_email(email);

	if (u != NULL)
		return u;
	u = cx_alloc(cx, sizeof *u);
	u->email = cx_dup(cx, email);
	u->data = cx_dup(cx, "{}");
	if (*email != '\0')
		authuser_id(email, u->id);
	else
		crypto_uuid(u->id);
	u->by_email = *email != '\0';
	u->created = u->updated = u->confirmed = u->signed_in = now;
	return u;
}

static const char *
hs256(struct cx *cx, const char *secret, const char *text)
{
	unsigned char mac[SHA256_LEN];

	crypto_hmac(secret, strlen(secret), text, strlen(text), mac);
	return encode_base64url(cx, mac, sizeof mac);
}

/* Another letter in the middle, where each carries six whole bits. */
static const char *
breach(struct cx *cx, const char *sig)
{
	char *s = cx_dup(cx, sig);

	s[20] = s[20] == 'A' ? 'B' : 'A';
	return s;
}

static const char *
sign(struct cx *cx, const struct mint *m, const struct authkey *k,
    const char *text)
{
	const char *sig;

	if (str_eq(m->alg, "none"))
		return "";
	if (str_eq(m->alg, "HS256"))
		return hs256(cx, m->secret, text);
	if (str_eq(m->alg, "HS256-public"))
		return hs256(cx, authkey_pem(cx, k), text);
	sig = authkey_sign(cx, k, text, strlen(text));
	return str_eq(m->alg, "ES256-broken") ? breach(cx, sig) : sig;
}

/* POST /_sandbox/auth/token {email, alg, secret, claims, header} */
enum err
auth_mint(struct cx *cx, struct req *rq, struct resp *rs)
{
	struct mint m = { .email = "", .alg = "ES256" };
	struct authjwt t = { .method = "otp", .issued = clock_now() };
	const char *claims, *header, *kid, *text;
	const struct authkey *k = authkey_signing();
	const struct authuser *u;
	char session[UUID_LEN];
	struct json *js;
	enum err er;

	if ((er = read_mint(cx, req_json(rq), &m)) != E_OK)
		return er;
	kid = authkey_id(k);
	if (str_starts(m.alg, "ES256-stranger") ||
	    str_starts(m.alg, "ES256-unknown"))
		k = authkey_stranger(cx);
	if (str_eq(m.alg, "ES256-unknown"))
		kid = authkey_id(k);
	u = user_for(cx, m.email, t.issued);
	crypto_uuid(session);
	t.session = session;
	t.signed_in = t.issued;
	claims = authjwt_claims(cx, u, &t, m.claims);
	/* The name before the dash is what the header says. */
	header = authjwt_header(cx, cx_dupn(cx, m.alg, strcspn(m.alg, "-")),
	    kid, m.header);
	if (claims == NULL || header == NULL)
		return err_say(cx, E_TOOBIG, "That is too much for a token.");
	text = authjwt_text(cx, header, claims);
	js = resp_json(rs, 200);
	json_str(js, "access_token", cx_fmt(cx, "%s.%s", text, sign(cx, &m,
	    k, text)));
	json_str(js, "token_type", "bearer");
	json_str(js, "kid", kid);
	json_str(js, "sub", u->id);
	return resp_done(rs);
}
