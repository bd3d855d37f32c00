/*
 * fuzz-jwt - fuzz target of jwt_read() and jwks_new()
 *
 * The input is a token, or a key set if it begins with {.  What is accepted is
 * as jwt.h says, and a key that signed none of the tokens verifies none.
 */
#include "config.h"

#include "fuzz.h"
#include "io/jwt.h"

static void
fuzz_set(const uint8_t *p, size_t n)
{
	const char *why = NULL;
	struct jwks *set = jwks_new((const char *)p, n, &why);

	HOLDS((set == NULL) == (why != NULL));
	if (set == NULL)
		return;
	HOLDS(n <= JWKS_MAX && set->n + set->skipped <= JWKS_KEYS);
	for (size_t i = 0; i < set->n; i++) {
		HOLDS(set->key[i].alg == JWT_ES256 ||
		    set->key[i].alg == JWT_RS256);
		HOLDS(set->key[i].jose != NULL && *set->key[i].kid != '\0');
		HOLDS(strlen(set->key[i].kid) <= JWT_KID_MAX);
		HOLDS(jwks_find(set, set->key[i].kid) == &set->key[i]);
	}
	jwks_free(set);
}

static struct jwk *
secret(void)
{
	static const char s[] = "a secret that is in no corpus at all";
	static struct jwk *key;

	if (key == NULL)
		HOLDS((key = jwk_secret(s, strlen(s))) != NULL);
	return key;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct cx cx;
	struct jwt t;
	char *s;

	if (n > 0 && p[0] == '{') {
		fuzz_set(p, n);
		return 0;
	}
	cx_init(&cx, 16 << 20);
	s = fuzz_string(&cx, p, n);
	if (jwt_read(&cx, s, &t) == E_OK) {
		HOLDS(strlen(s) <= JWT_MAX && t.alg < JWT__MAX);
		HOLDS(strlen(t.part[0]) + strlen(t.part[1]) +
		    strlen(t.part[2]) + 2 == strlen(s));
		HOLDS(t.payloadlen == strlen(t.part[1]) * 3 / 4);
		HOLDS(t.kid == NULL || strlen(t.kid) <= JWT_KID_MAX);
		HOLDS(!jwt_verify(&t, secret()));
	} else {
		HOLDS(cx.err.code == E_NOAUTH);
		HOLDS(strncmp(cx.err.detail, "token: ", 7) == 0);
	}
	cx_release(&cx);
	return 0;
}
