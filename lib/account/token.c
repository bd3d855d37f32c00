/*
 * token - checks claims, and caches the tokens that passed
 */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "account/confirm.h"
#include "account/jwks.h"
#include "account/token.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/crypto.h"
#include "base/cx.h"
#include "base/json.h"
#include "base/str.h"
#include "io/jwt.h"

#define BUCKETS		(2 * TOKEN_SEEN_MAX)
#define EMAIL_MAX	254		/* RFC 5321, 4.5.3.1.3 */
#define METHOD_MAX	40
#define DATE_MAX	1e11		/* s; some 3000 years */

/* --- claims */

/* A NumericDate (RFC 7519, 2), in ms; *out stays when it is absent. */
static bool
date(const struct cJSON *claims, const char *key, int64_t *out)
{
	const struct cJSON *js = json_get(claims, key);
	double v = json_num_or(js, NAN);

	if (js == NULL)
		return true;
	if (!(v >= 0 && v <= DATE_MAX))
		return false;
	*out = (int64_t)(v * 1000);
	return true;
}

static bool
audience_matches(const struct cJSON *aud)
{
	const char *want = conf_str(C_AUTH_AUDIENCE);

	if (!json_is_list(aud))
		return str_eq(json_text(aud), want);
	for (aud = json_first(aud); aud != NULL; aud = json_next(aud))
		if (str_eq(json_text(aud), want))
			return true;
	return false;
}

/* NULL when it is not an e-mail address. */
static const char *
email(const struct cJSON *js)
{
	const char *s = json_text(js), *at = s != NULL ? strchr(s, '@') : NULL;

	if (at == NULL || at == s || at[1] == '\0' || strlen(s) > EMAIL_MAX)
		return NULL;
	for (const char *p = s; *p != '\0'; p++)
		if ((unsigned char)*p <= ' ' || *p == 0x7f)
			return NULL;
	return s;
}

static const char *
method(const struct cJSON *claims)
{
	const char *s = json_text(json_pointer(claims,
	    "/app_metadata/provider"));
	size_t n = s != NULL ? strspn(s, "abcdefghijklmnopqrstuvwxyz"
	    "0123456789._:-") : 0;

	return n > 0 && n <= METHOD_MAX && s[n] == '\0' ? s : "token";
}

/* An explicit false, or something that is no boolean, in an object. */
static bool
denied(const struct cJSON *js)
{
	const struct cJSON *said = json_get(js, "email_verified");

	return !json_is_null(said) && !json_true(said);
}

/*
 * What the way in says of the address (amr, RFC 8176; GoTrue's words).  A
 * list of objects, in older versions of strings.
 */
static enum token_proof
proof(const struct cJSON *amr)
{
	static const char *const sure[] = { "otp", "magiclink", "oauth",
	    NULL };
	static const char *const told[] = { "sso", "sso/saml", NULL };
	/* A link mailed at sign-up, with the password chosen there. */
	static const char *const maybe[] = { "password", "email/signup",
	    NULL };
	enum token_proof found = TOKEN_UNPROVEN;
	const char *s;

	if (!json_is_list(amr))
		return found;
	for (amr = json_first(amr); amr != NULL; amr = json_next(amr)) {
		s = json_is_obj(amr) ? json_text(json_get(amr, "method")) :
		    json_text(amr);
		if (s != NULL && str_in(s, told))
			return TOKEN_ASSERTED;
		if (s != NULL && str_in(s, sure))
			found = TOKEN_PROVEN;
		else if (s != NULL && str_in(s, maybe) &&
		    found == TOKEN_UNPROVEN)
			found = TOKEN_IF_CONFIRMED;
	}
	return found;
}

/* Reads the claims into *t; what is wrong with them, or NULL. */
static const char *
read_claims(struct cx *cx, const struct cJSON *js, int64_t now,
    struct token *t)
{
	const char *sub = json_text(json_get(js, "sub"));
	int64_t nbf = 0;

	memset(t, 0, sizeof *t);
	t->expires = -1;
	if (!date(js, "exp", &t->expires) || !date(js, "nbf", &nbf) ||
	    !date(js, "iat", &t->issued))
		return "exp, nbf or iat is not a date";
	if (t->expires < 0)
		return "no exp";
	if (!str_eq(json_text(json_get(js, "iss")), jwks_name(cx)))
		return "iss is another issuer";
	if (!audience_matches(json_get(js, "aud")))
		return "aud is another audience";
	if (!str_eq(json_text(json_get(js, "role")), "authenticated"))
		return "role is not authenticated";
	if (!str_uuid(sub, t->user))
		return "sub is not a uuid";
	if (now >= t->expires + TOKEN_LEEWAY_MS)
		return "expired";
	if (now + TOKEN_LEEWAY_MS < nbf)
		return "not valid yet";
	t->email = email(json_get(js, "email"));
	t->method = method(js);
	if (json_may_bool(cx, js, "", "is_anonymous", &t->anonymous) != E_OK)
		return "is_anonymous is not a boolean";
	if (t->email != NULL && !t->anonymous && !denied(js) &&
	    !denied(json_get(js, "user_metadata")))
		t->proof = proof(json_get(js, "amr"));
	t->asserted = t->proof == TOKEN_ASSERTED;
	return NULL;
}

/* --- cache of valid tokens */

struct seen {
	struct seen	*next;		/* in the bucket */
	struct seen	*younger;	/* the one cached next */
	unsigned char	 sum[SHA256_LEN];		/* of the token */
	unsigned char	 print[SHA256_LEN];	/* of its key */
	bool		 by_secret;
	struct token	 t;
	char		*email, *method;	/* what t points to */
};

static struct seen	*bucket[BUCKETS];
static struct seen	*oldest, **youngest = &oldest;
static size_t		 nseen;

static struct seen **
find(const unsigned char *sum)
{
	/* The bytes of a digest are evenly spread: two are the index. */
	struct seen **p = &bucket[(sum[0] << 8 | sum[1]) % BUCKETS];

	while (*p != NULL && !crypto_eq((*p)->sum, sum, SHA256_LEN))
		p = &(*p)->next;
	return p;
}

static void
forget_oldest(void)
{
	struct seen *s = oldest;

	if ((oldest = s->younger) == NULL)
		youngest = &oldest;
	*find(s->sum) = s->next;
	free(s->email);
	free(s->method);
	free(s);
	nseen--;
}

static void
remember(const unsigned char *sum, const struct jwk *key,
    const struct token *t)
{
	struct seen *s, **p;

	if (nseen == TOKEN_SEEN_MAX)
		forget_oldest();
	p = find(sum);
	if ((s = *p) == NULL) {
		XXXAN(s = calloc(1, sizeof *s));
		memcpy(s->sum, sum, SHA256_LEN);
		s->t = *t;
		XXXAN(s->method = strdup(t->method));
		if (t->email != NULL)
			XXXAN(s->email = strdup(t->email));
		s->t.method = s->method;
		s->t.email = s->email;
		*p = s;
		*youngest = s;
		youngest = &s->younger;
		nseen++;
	}
	/* The claims stay the same; the key may have been published again. */
	memcpy(s->print, key->print, SHA256_LEN);
	s->by_secret = key->alg == JWT_HS256;
}

static bool
recall(struct cx *cx, const unsigned char *sum, int64_t now, struct token *t)
{
	const struct seen *s = *find(sum);

	if (s == NULL || now >= s->t.expires + TOKEN_LEEWAY_MS ||
	    (!s->by_secret && !jwks_has(cx, s->print)))
		return false;
	*t = s->t;
	t->email = cx_dup(cx, s->t.email);
	t->method = cx_dup(cx, s->t.method);
	return true;
}

/* --- checking a token */

static enum err
refuse(struct cx *cx, const char *why)
{
	if (why != NULL)
		err_set(cx, E_NOAUTH, "token: %s", why);
	snprintf(cx->err.say, sizeof cx->err.say, "%s Please sign in again. "
	    "Nothing was charged.", str_eq(why, "expired") ?
	    "Your sign-in has expired." : "That sign-in is not valid here.");
	return E_NOAUTH;
}

/* Not kept with the token: the service may change its mind. */
static coroutine_fn bool
is_verified(struct cx *cx, const struct token *t)
{
	return t->proof == TOKEN_PROVEN || t->proof == TOKEN_ASSERTED ||
	    (t->proof == TOKEN_IF_CONFIRMED &&
	    confirm_ask(cx) == CONFIRM_YES);
}

coroutine_fn enum err
token_check(struct cx *cx, const char *bearer, struct token *out)
{
	size_t n = strnlen(bearer, JWT_MAX + 1);
	unsigned char sum[SHA256_LEN];
	const struct jwk *key;
	struct cJSON *claims;
	int64_t now = clock_now();
	const char *why;
	struct jwt t;
	enum err er;

	crypto_sha256(bearer, n, sum);
	if (recall(cx, sum, now, out)) {
		out->verified = is_verified(cx, out);
		return E_OK;
	}
	if ((er = jwt_read(cx, bearer, &t)) == E_OK)
		er = jwks_key(cx, &t, &key);
	if (er == E_NOAUTH)
		return refuse(cx, NULL);
	if (er != E_OK)
		return er;
	if (!jwt_verify(&t, key))
		return refuse(cx, "bad signature");
	if (json_parse(cx, t.payload, t.payloadlen, &claims) != E_OK ||
	    !json_is_obj(claims))
		return refuse(cx, "claims are not a JSON object");
	/* jwks_key() may have waited for a fetch. */
	now = clock_now();
	if ((why = read_claims(cx, claims, now, out)) != NULL)
		return refuse(cx, why);
	remember(sum, key, out);
	out->verified = is_verified(cx, out);
	return E_OK;
}
