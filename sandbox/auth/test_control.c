/* test_control - what tests order of the emulated Supabase Auth */
#include "config.h"

#include "auth/auth.h"
#include "auth/state.h"
#include "auth/access_token.h"
#include "core/record.h"
#include "core/service.h"

/* POST /_sandbox/auth/rotate {drop} */
enum err
auth_rotate(struct cx *cx, struct req *rq, struct resp *rs)
{
	bool drop = false;
	struct json *js;
	enum err er;

	if ((er = json_may_bool(cx, req_json(rq), "", "drop", &drop)) != E_OK)
		return er;
	if (!auth_key_rotate(drop))
		return err_set(cx, E_STORAGE, "the keys cannot be written");
	js = resp_json(rs, 200);
	json_str(js, "kid", auth_key_id(auth_key_signing()));
	auth_key_jwks(cx, js);
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
	if (!auth_user_email(cx, email, &email))
		return err_field(cx, "email", "must be an e-mail address");
	auth_mail_again(email);
	return json_reply(rs, 200, j_bool("ok", true));
}

/* --- tokens that no sign-in gives */

struct mint {
	const char		*email, *alg, *secret;
	const struct cJSON	*claims, *header;
};

#define MINT(key, type, member, ...)					\
	FIELD(key, type, struct mint, member, __VA_ARGS__)

static const struct record_field fields[] = {
	MINT("email", REC_STR, email, 1, 255),
	MINT("alg", REC_STR, alg, 1, 40),
	MINT("secret", REC_STR, secret, 1, 4096),
	MINT("claims", REC_OBJ, claims),
	MINT("header", REC_OBJ, header),
	{ 0 }
};

/*
 * -broken: one letter of the signature is another; -stranger: signed by a key
 * in no set, under our id; -unknown: the same, under its own id; HS256: with
 * `secret'; -public: with our public key, PEM, for a secret.
 */
static enum err
read_mint(struct cx *cx, const struct cJSON *js, struct mint *m)
{
	enum err er;

	if ((er = record_take(cx, js, "", fields, m)) != E_OK)
		return er;
	if (!word_in("ES256 ES256-broken ES256-stranger ES256-unknown HS256 "
	    "HS256-public none", m->alg))
		return err_field(cx, "alg", "must be one of ES256, "
		    "ES256-broken, ES256-stranger, ES256-unknown, HS256, "
		    "HS256-public, none");
	if (str_eq(m->alg, "HS256") && m->secret == NULL)
		return err_field(cx, "secret", "is what HS256 needs");
	if (*m->email != '\0' && !auth_user_email(cx, m->email, &m->email))
		return err_field(cx, "email", "must be an e-mail address");
	return E_OK;
}

/* The user there is, or one as a first sign-in would make it. */
static const struct auth_user *
user_for(struct cx *cx, const char *email, int64_t now)
{
	struct auth_user *u = auth_user_by_email(email);

	if (u != NULL)
		return u;
	u = cx_alloc(cx, sizeof *u);
	u->email = cx_dup(cx, email);
	u->data = cx_dup(cx, "{}");
	if (*email != '\0')
		auth_user_id(email, u->id);
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

static const char *
sign(struct cx *cx, const struct mint *m, const struct auth_key *k,
    const char *text)
{
	char *sig;

	if (str_eq(m->alg, "none"))
		return "";
	if (str_eq(m->alg, "HS256"))
		return hs256(cx, m->secret, text);
	if (str_eq(m->alg, "HS256-public"))
		return hs256(cx, auth_key_pem(cx, k), text);
	sig = cx_dup(cx, auth_key_sign(cx, k, text, strlen(text)));
	/* In the middle, where each letter carries six whole bits. */
	if (str_eq(m->alg, "ES256-broken"))
		sig[20] = sig[20] == 'A' ? 'B' : 'A';
	return sig;
}

/* POST /_sandbox/auth/token {email, alg, secret, claims, header} */
enum err
auth_mint(struct cx *cx, struct req *rq, struct resp *rs)
{
	struct mint m = { .email = "", .alg = "ES256" };
	struct sign_in t = { .method = "otp", .issued = clock_now() };
	const char *claims, *header, *kid, *text;
	const struct auth_key *k = auth_key_signing();
	const struct auth_user *u;
	char session[UUID_LEN];
	enum err er;

	if ((er = read_mint(cx, req_json(rq), &m)) != E_OK)
		return er;
	kid = auth_key_id(k);
	if (word_in("ES256-stranger ES256-unknown", m.alg))
		k = auth_key_stranger(cx);
	if (str_eq(m.alg, "ES256-unknown"))
		kid = auth_key_id(k);
	u = user_for(cx, m.email, t.issued);
	crypto_uuid(session);
	t.session = session;
	t.signed_in = t.issued;
	claims = access_token_claims(cx, u, &t, m.claims);
	/* The name before the dash is what the header says. */
	header = access_token_header(cx, cx_dupn(cx, m.alg,
	    strcspn(m.alg, "-")), kid, m.header);
	if (claims == NULL || header == NULL)
		return err_say(cx, E_TOOBIG, "That is too much for a token.");
	text = access_token_unsigned(cx, header, claims);
	return json_reply(rs, 200, j_str("access_token", cx_fmt(cx, "%s.%s",
	    text, sign(cx, &m, k, text))), j_str("token_type", "bearer"),
	    j_str("kid", kid), j_str("sub", u->id));
}
