/*
 * klingauth - who may ask Kling: one key, or a token made of two
 *
 * The key is presented as it is.  The token is a JWT with HS256 under the
 * secret key, whose issuer is the access key, good from nbf to exp.
 */
#include "config.h"

#include "core/sandbox.h"
#include "providers/kling.h"

enum {
	FAILED	= 1000,
	EMPTY	= 1001,
	INVALID	= 1002,
	EARLY	= 1003,
	EXPIRED	= 1004,
};

static const struct cJSON *
part(struct cx *cx, const char *s, size_t n)
{
	struct cJSON *js = NULL;
	char *text;
	size_t len;

	text = (char *)decode_base64url(cx, cx_dupn(cx, s, n), &len);
	return text != NULL && json_parse(cx, text, len, &js) == E_OK ? js :
	    NULL;
}

static bool
verified(struct cx *cx, const char *token, const char *dot)
{
	const char *key = env_secret("MINA_PROVIDER_KLING_SECRET_KEY");
	unsigned char mac[SHA256_LEN], *theirs;
	size_t n;

	theirs = decode_base64url(cx, dot + 1, &n);
	if (theirs == NULL || n != sizeof mac || key == NULL)
		return false;
	crypto_hmac(key, strlen(key), token, (size_t)(dot - token), mac);
	return crypto_eq(mac, theirs, sizeof mac);
}

static int
check_token(struct cx *cx, const char *token)
{
	const char *mine = env_secret("MINA_PROVIDER_KLING_ACCESS_KEY");
	const char *one = strchr(token, '.');
	const char *two = one != NULL ? strchr(one + 1, '.') : NULL;
	const struct cJSON *head, *claims;
	const char *iss;
	int64_t now = clock_now() / 1000;

	if (two == NULL || strchr(two + 1, '.') != NULL)
		return INVALID;
	head = part(cx, token, (size_t)(one - token));
	claims = part(cx, one + 1, (size_t)(two - one - 1));
	if (!str_eq(json_text(json_get(head, "alg")), "HS256") ||
	    !json_is_obj(claims))
		return INVALID;
	iss = json_text(json_get(claims, "iss"));
	if (iss == NULL || mine == NULL || !crypto_str_eq(iss, mine) ||
	    !verified(cx, token, two))
		return FAILED;
	if (json_int_or(json_get(claims, "nbf"), 0) > now)
		return EARLY;
	if (json_int_or(json_get(claims, "exp"), 0) <= now)
		return EXPIRED;
	return 0;
}

int
kling_authorize(struct cx *cx, struct req *rq)
{
	const char *h = req_header(rq, "Authorization");

	if (h == NULL || *h == '\0')
		return EMPTY;
	if (!str_starts(h, "Bearer "))
		return INVALID;
	if (authorization_is(rq, "Bearer ",
	    env_secret("MINA_PROVIDER_KLING_KEY")))
		return 0;
	return check_token(cx, h + strlen("Bearer "));
}
