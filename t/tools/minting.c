/*
 * minting - signs JSON Web Tokens with libjose
 */
#include "config.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <jose/b64.h>
#include <jose/jwk.h>
#include <jose/jws.h>

#include "minting.h"

/*
 * Tests end without freeing what they minted, and a leak checker is to look
 * for the library's leaks.
 */
static char *volatile kept[16384];

static char *
keep(char *s)
{
	static size_t n;

	kept[n++ % 16384] = s;
	return s;
}

static void
need(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "mint: %s\n", what);
	exit(1);
}

static json_t *
parse(const char *s, const char *what)
{
	json_error_t why;
	json_t *js = json_loads(s, 0, &why);

	if (js == NULL)
		fprintf(stderr, "mint: %s: %s\n", what, why.text);
	need(js != NULL, "not JSON");
	return js;
}

char *
minting_key(const char *alg, const char *kid)
{
	json_t *key = json_pack("{s:s,s:s}", "alg", alg, "kid", kid);
	char *s;

	need(jose_jwk_gen(NULL, key), "no such kind of key");
	s = json_dumps(key, JSON_COMPACT);
	json_decref(key);
	return keep(s);
}

char *
minting_jwks(const char *const *keys, size_t n)
{
	json_t *set = json_pack("{s:[]}", "keys"), *key;
	char *s;

	for (size_t i = 0; i < n; i++) {
		key = parse(keys[i], "key");
		need(jose_jwk_pub(NULL, key), "no public half");
		json_array_append_new(json_object_get(set, "keys"), key);
	}
	s = json_dumps(set, JSON_COMPACT);
	json_decref(set);
	return keep(s);
}

/* Without what would keep libjose from signing by another alg. */
static json_t *
signing_key(const char *alg, const char *key, size_t len)
{
	json_t *jwk;

	if (strncmp(alg, "HS", 2) == 0)
		return json_pack("{s:s,s:o}", "kty", "oct", "k",
		    jose_b64_enc(key, len));
	jwk = parse(key, "key");
	json_object_del(jwk, "alg");
	json_object_del(jwk, "use");
	json_object_del(jwk, "key_ops");
	return jwk;
}

static char *
three(const json_t *a, const json_t *b, const json_t *c)
{
	size_t n = json_string_length(a) + json_string_length(b) +
	    json_string_length(c) + 3;
	char *s = malloc(n);

	need(s != NULL, "no memory");
	snprintf(s, n, "%s.%s.%s", json_string_value(a),
	    json_string_value(b), json_string_value(c));
	return s;
}

char *
minting_token(const char *alg, const char *key, size_t keylen,
    const char *kid, const char *head, const char *claims)
{
	json_t *prot = json_pack("{s:s,s:s}", "alg", alg, "typ", "JWT");
	json_t *payload = jose_b64_enc(claims, strlen(claims));
	json_t *jws, *sig, *jwk, *more;
	char *s;

	if (kid != NULL)
		json_object_set_new(prot, "kid", json_string(kid));
	if (head != NULL) {
		more = parse(head, "head");
		json_object_update(prot, more);
		json_decref(more);
	}
	if (strcmp(alg, "none") == 0) {
		sig = jose_b64_enc_dump(prot);
		jws = json_string("");
		s = three(sig, payload, jws);
		json_decref(prot);
		json_decref(payload);
		json_decref(sig);
		json_decref(jws);
		return keep(s);
	}
	jwk = signing_key(alg, key, keylen);
	jws = json_pack("{s:o}", "payload", payload);
	sig = json_pack("{s:o}", "protected", prot);
	need(jose_jws_sig(NULL, jws, sig, jwk), "it cannot be signed");
	s = three(json_object_get(jws, "protected"), payload,
	    json_object_get(jws, "signature"));
	json_decref(jws);
	json_decref(sig);
	json_decref(jwk);
	return keep(s);
}
