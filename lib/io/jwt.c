/*
 * jwt - JSON Web Tokens and key sets, by libjose and jansson
 */
#include "config.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <jose/b64.h>
#include <jose/cfg.h>
#include <jose/jws.h>

#include "base/crypto.h"
#include "base/cx.h"
#include "base/str.h"
#include "io/jwt.h"

#define DEPTH		16
#define P256_COORD	43		/* characters of 32 bytes */
#define RSA_MIN		256		/* bytes of n */
#define RSA_MAX		512

static const char *const alg_name[JWT__MAX] = {
	[JWT_ES256] = "ES256", [JWT_RS256] = "RS256", [JWT_HS256] = "HS256",
};

/* By default libjose writes errors to stderr, past our log. */
static void
ignore_error(void *misc, const char *file, int line, uint64_t er,
    const char *fmt, va_list ap)
{
	(void)misc;
	(void)file;
	(void)line;
	(void)er;
	(void)fmt;
	(void)ap;
}

static jose_cfg_t *
config(void)
{
	static jose_cfg_t *cfg;

	if (cfg == NULL) {
		XXXAN(cfg = jose_cfg());
		jose_cfg_set_err_func(cfg, ignore_error, NULL);
	}
	return cfg;
}

static json_t *
load(const char *s, size_t n)
{
	if (str_nesting(s, n, NULL) > DEPTH)
		return NULL;
	return json_loadb(s, n, JSON_REJECT_DUPLICATES, NULL);
}

/* The member's text, NULL when it is not a string. */
static const char *
text(const json_t *obj, const char *key)
{
	return json_string_value(json_object_get(obj, key));
}

/* Decodes n characters to out, which holds n bytes; SIZE_MAX when it cannot. */
static size_t
unbase64url(const char *s, size_t n, unsigned char *out)
{
	return n == 0 ? SIZE_MAX : jose_b64_dec_buf(s, n, out, n);
}

/* --- tokens */

/* One of the three parts, as a string and decoded. */
static bool
take_part(struct cx *cx, struct jwt *t, int i, const char *s, size_t n,
    const char **data, size_t *len)
{
	unsigned char *out = cx_alloc(cx, n + 1);

	t->part[i] = cx_dupn(cx, s, n);
	*data = (const char *)out;
	return (*len = unbase64url(s, n, out)) != SIZE_MAX;
}

/* What is wrong with the header, or NULL. */
static const char *
take_header(struct cx *cx, struct jwt *t, const json_t *head)
{
	const json_t *kid = json_object_get(head, "kid");
	const json_t *typ = json_object_get(head, "typ");
	const char *alg = text(head, "alg");

	if (!json_is_object(head))
		return "header is not a JSON object";
	if (json_object_get(head, "crit") != NULL ||
	    json_object_get(head, "b64") != NULL)
		return "header asks for an extension";
	if (typ != NULL && !str_ieq(json_string_value(typ), "JWT"))
		return "typ is not JWT";
	for (t->alg = 0; t->alg < JWT__MAX; t->alg++)
		if (str_eq(alg, alg_name[t->alg]))
			break;
	if (t->alg == JWT__MAX)
		return "alg is not accepted";
	if (kid != NULL && (!json_is_string(kid) ||
	    json_string_length(kid) == 0 ||
	    json_string_length(kid) > JWT_KID_MAX))
		return "kid is not a short string";
	t->kid = cx_dup(cx, json_string_value(kid));
	return NULL;
}

enum err
jwt_read(struct cx *cx, const char *token, struct jwt *t)
{
	const char *dot, *dot2, *data, *why;
	size_t n = strnlen(token, JWT_MAX + 1), len;
	json_t *head;

	memset(t, 0, sizeof *t);
	if (n > JWT_MAX)
		return err_set(cx, E_NOAUTH, "token: over %d bytes", JWT_MAX);
	if ((dot = strchr(token, '.')) == NULL ||
	    (dot2 = strchr(dot + 1, '.')) == NULL ||
	    strchr(dot2 + 1, '.') != NULL)
		return err_set(cx, E_NOAUTH, "token: not three parts");
	/* The signature first, so that data is the header's at last. */
	if (!take_part(cx, t, 2, dot2 + 1, n - (size_t)(dot2 + 1 - token),
	    &data, &len) ||
	    !take_part(cx, t, 1, dot + 1, (size_t)(dot2 - dot) - 1,
	    &t->payload, &t->payloadlen) ||
	    !take_part(cx, t, 0, token, (size_t)(dot - token), &data, &len))
		return err_set(cx, E_NOAUTH, "token: not base64url");
	head = load(data, len);
	why = take_header(cx, t, head);
	json_decref(head);
	return why != NULL ? err_set(cx, E_NOAUTH, "token: %s", why) : E_OK;
}

bool
jwt_verify(const struct jwt *t, const struct jwk *key)
{
	json_t *jws;
	bool ok;

	if (t->alg != key->alg)
		return false;
	jws = json_pack("{s:s,s:s,s:s}", "protected", t->part[0],
	    "payload", t->part[1], "signature", t->part[2]);
	ok = jws != NULL && jose_jws_ver(config(), jws, NULL, key->jose, false);
	json_decref(jws);
	return ok;
}

/* --- keys */

static void
key_close(struct jwk *key)
{
	free(key->kid);
	json_decref(key->jose);
	memset(key, 0, sizeof *key);
}

/* A hash of the key, by which a cache notices that it was replaced. */
static void
fingerprint(struct jwk *key)
{
	char *s = json_dumps(key->jose, JSON_SORT_KEYS | JSON_COMPACT);

	XXXAN(s != NULL);
	crypto_sha256(s, strlen(s), key->print);
	free(s);
}

static bool
ops_verify(const json_t *ops)
{
	for (size_t i = 0; i < json_array_size(ops); i++)
		if (str_eq(json_string_value(json_array_get(ops, i)),
		    "verify"))
			return true;
	return ops == NULL;
}

/* Only these members are copied, so that no other has an effect. */
static json_t *
take_ec(const json_t *js)
{
	unsigned char xy[P256_COORD];
	const char *x = text(js, "x"), *y = text(js, "y");

	if (!str_eq(text(js, "crv"), "P-256") || x == NULL || y == NULL ||
	    strlen(x) != P256_COORD || strlen(y) != P256_COORD ||
	    unbase64url(x, P256_COORD, xy) == SIZE_MAX ||
	    unbase64url(y, P256_COORD, xy) == SIZE_MAX)
		return NULL;
	return json_pack("{s:s,s:s,s:s,s:s,s:s,s:s}", "kty", "EC", "crv",
	    "P-256", "x", x, "y", y, "alg", "ES256", "kid", text(js, "kid"));
}

static json_t *
take_rsa(const json_t *js)
{
	unsigned char b[RSA_MAX * 4 / 3 + 4];
	const char *n = text(js, "n");
	size_t len;

	/* Only 65537: with e = 1 a message is its own signature. */
	if (!str_eq(text(js, "e"), "AQAB") || n == NULL ||
	    strlen(n) > sizeof b ||
	    (len = unbase64url(n, strlen(n), b)) == SIZE_MAX ||
	    len < RSA_MIN || len > RSA_MAX || b[0] == 0 ||
	    (len == RSA_MIN && b[0] < 0x80) || b[len - 1] % 2 == 0)
		return NULL;
	return json_pack("{s:s,s:s,s:s,s:s,s:s}", "kty", "RSA", "n", n, "e",
	    "AQAB", "alg", "RS256", "kid", text(js, "kid"));
}

static bool
take_key(const json_t *js, struct jwk *key)
{
	const char *kty = text(js, "kty"), *kid = text(js, "kid");
	const json_t *alg = json_object_get(js, "alg");
	const json_t *use = json_object_get(js, "use");

	if (kid == NULL || *kid == '\0' || strlen(kid) > JWT_KID_MAX ||
	    (use != NULL && !str_eq(json_string_value(use), "sig")) ||
	    !ops_verify(json_object_get(js, "key_ops")) ||
	    /* A private key was published: anyone can sign with it. */
	    json_object_get(js, "d") != NULL)
		return false;
	if (str_eq(kty, "EC")) {
		key->alg = JWT_ES256;
		key->jose = take_ec(js);
	} else if (str_eq(kty, "RSA")) {
		key->alg = JWT_RS256;
		key->jose = take_rsa(js);
	}
	if (key->jose == NULL || (alg != NULL &&
	    !str_eq(json_string_value(alg), alg_name[key->alg]))) {
		key_close(key);
		return false;
	}
	XXXAN(key->kid = strdup(kid));
	fingerprint(key);
	return true;
}

/* Which of two keys with the same kid is meant cannot be known. */
static void
drop_duplicates(struct jwks *set)
{
	bool dup[JWKS_KEYS] = { false };
	size_t n = 0;

	for (size_t i = 0; i < set->n; i++)
		for (size_t j = 0; j < i; j++)
			if (strcmp(set->key[i].kid, set->key[j].kid) == 0)
				dup[i] = dup[j] = true;
	for (size_t i = 0; i < set->n; i++)
		if (dup[i]) {
			key_close(&set->key[i]);
			set->skipped++;
		} else
			set->key[n++] = set->key[i];
	set->n = n;
}

struct jwks *
jwks_new(const char *s, size_t n, const char **why)
{
	json_t *js = n <= JWKS_MAX ? load(s, n) : NULL;
	const json_t *keys = json_object_get(js, "keys");
	struct jwks *set = NULL;

	*why = n > JWKS_MAX ? "too large" : js == NULL ? "not JSON" :
	    !json_is_array(keys) ? "no member keys" :
	    json_array_size(keys) > JWKS_KEYS ? "too many keys" : NULL;
	if (*why == NULL) {
		XXXAN(set = calloc(1, sizeof *set));
		for (size_t i = 0; i < json_array_size(keys); i++)
			if (take_key(json_array_get(keys, i),
			    &set->key[set->n]))
				set->n++;
			else
				set->skipped++;
		drop_duplicates(set);
	}
	json_decref(js);
	return set;
}

void
jwks_free(struct jwks *set)
{
	if (set == NULL)
		return;
	for (size_t i = 0; i < set->n; i++)
		key_close(&set->key[i]);
	free(set);
}

const struct jwk *
jwks_find(const struct jwks *set, const char *kid)
{
	for (size_t i = 0; i < set->n; i++)
		if (strcmp(set->key[i].kid, kid) == 0)
			return &set->key[i];
	return NULL;
}

struct jwk *
jwk_secret(const void *p, size_t n)
{
	struct jwk *key;

	if (n < JWT_SECRET_MIN || n > JWT_SECRET_MAX)
		return NULL;
	XXXAN(key = calloc(1, sizeof *key));
	key->alg = JWT_HS256;
	key->jose = json_pack("{s:s,s:s,s:o}", "kty", "oct", "alg", "HS256",
	    "k", jose_b64_enc(p, n));
	XXXAN(key->jose);
	fingerprint(key);
	return key;
}

void
jwk_free(struct jwk *key)
{
	if (key == NULL)
		return;
	key_close(key);
	free(key);
}
