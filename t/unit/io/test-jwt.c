/*
 * test-jwt - parsing and verifying JSON Web Tokens
 *
 * The vectors of t/data/supabase-vectors.json, with claims and keys in the
 * shape of Supabase's, and forged or malformed tokens.
 */
#include "config.h"

#include "../../tools/minting.h"
#include "../unit.h"
#include "base/json.h"
#include "io/jwt.h"

#define CLAIMS	"{\"sub\":\"x\"}"

static struct cJSON *vectors;
static struct jwks *vector_keys;

static char *
slurp(const char *name)
{
	const char *dir = getenv("srcdir");
	char path[4096], *s = calloc(1, 65536);
	FILE *f;

	snprintf(path, sizeof path, "%s/t/data/%s", dir != NULL ? dir : ".",
	    name);
	ck_assert((f = fopen(path, "re")) != NULL);
	ck_assert(fread(s, 1, 65535, f) > 0);
	fclose(f);
	return s;
}

/* Whether this token passes with these keys. */
static bool
passes(const char *token, const struct jwks *keys)
{
	const struct jwk *key;
	struct jwt t;

	return jwt_read(cx, token, &t) == E_OK && t.kid != NULL &&
	    (key = jwks_find(keys, t.kid)) != NULL && jwt_verify(&t, key);
}

/* With a cx of its own, as there are thousands. */
static bool
passes_alone(const char *token, const struct jwks *keys)
{
	struct cx *outer = cx, mine;
	bool yes;

	cx_init(&mine, 1 << 20);
	cx = &mine;
	yes = passes(token, keys);
	cx = outer;
	cx_release(&mine);
	return yes;
}

static void
setup(void)
{
	const char *why, *s;
	char *file;

	unit_setup();
	file = slurp("supabase-vectors.json");
	ck_assert(json_parse(cx, file, strlen(file), &vectors) == E_OK);
	s = json_print(cx, json_get(vectors, "jwks"));
	vector_keys = jwks_new(s, strlen(s), &why);
	ck_assert_msg(vector_keys != NULL, "%s", why);
	free(file);
}

static void
teardown(void)
{
	jwks_free(vector_keys);
	unit_teardown();
}

static const char *
vector(const char *ptr)
{
	const char *s = json_text(json_pointer(vectors, ptr));

	ck_assert(s != NULL);
	return s;
}

static struct jwks *
keys_of(const char *json)
{
	const char *why;

	return jwks_new(json, strlen(json), &why);
}

/* One private key, and the set with its public half. */
static char *
pair(const char *alg, struct jwks **set)
{
	char *key = minting_key(alg, "k"), *jwks;

	jwks = minting_jwks((const char *const *)&key, 1);
	*set = keys_of(jwks);
	ck_assert(*set != NULL);
	free(jwks);
	return key;
}

/* --- the vectors */

START_TEST(public_vectors)
{
	static const char *const ptr[] = { "/es256/token", "/rs256/token" };
	const char *want = json_print(cx, json_get(vectors, "claims"));
	struct cJSON *got, *wanted;
	struct jwt t;

	ck_assert_uint_eq(vector_keys->n, 2);
	ck_assert_uint_eq(vector_keys->skipped, 0);
	ck_assert(json_parse(cx, want, strlen(want), &wanted) == E_OK);
	for (size_t i = 0; i < N_OF(ptr); i++) {
		ck_assert(passes(vector(ptr[i]), vector_keys));
		ck_assert(jwt_read(cx, vector(ptr[i]), &t) == E_OK);
		ck_assert_int_eq(t.alg, i == 0 ? JWT_ES256 : JWT_RS256);
		ck_assert(json_parse(cx, t.payload, t.payloadlen,
		    &got) == E_OK);
		ck_assert(json_same(got, wanted));
	}
}
END_TEST

START_TEST(secret_vector)
{
	const char *s = vector("/hs256/secret");
	struct jwk *key = jwk_secret(s, strlen(s)), *other;
	struct jwt t;

	ck_assert(jwt_read(cx, vector("/hs256/token"), &t) == E_OK);
	ck_assert_int_eq(t.alg, JWT_HS256);
	ck_assert(t.kid == NULL);
	ck_assert(jwt_verify(&t, key));
	other = jwk_secret("SUPER-secret-jwt-token-with-at-least-32-characters"
	    "-long", strlen(s));
	ck_assert(!jwt_verify(&t, other));
	jwk_free(other);
	jwk_free(key);
}
END_TEST

/* Every character of the token, changed to every neighbour it might have. */
START_TEST(tampering)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789-_.=";
	char *s = cx_dup(cx, vector("/es256/token"));
	size_t n = strlen(s), step = RUNNING_ON_VALGRIND ? 61 : 7;
	char was;

	for (size_t i = 0; i < n; i++) {
		was = s[i];
		for (size_t k = i % step; k < sizeof alphabet - 1; k += step) {
			if (alphabet[k] == was)
				continue;
			s[i] = alphabet[k];
			ck_assert_msg(!passes_alone(s, vector_keys),
			    "at %zu", i);
		}
		s[i] = was;
	}
	ck_assert(passes(s, vector_keys));
	for (size_t i = 0; i < n; i++) {
		was = s[i];
		s[i] = '\0';
		ck_assert(!passes_alone(s, vector_keys));
		s[i] = was;
	}
	ck_assert(!passes(cx_fmt(cx, "%sA", s), vector_keys));
	ck_assert(!passes(cx_fmt(cx, " %s", s), vector_keys));
	ck_assert(!passes(cx_fmt(cx, "%s ", s), vector_keys));
	ck_assert(!passes(cx_fmt(cx, "%s\n", s), vector_keys));
}
END_TEST

/* --- alg */

/* libjose verifies RS512 and PS256 with a key whose alg is RS256. */
START_TEST(other_algs)
{
	static const char *const alg[] = { "RS384", "RS512", "PS256", "PS512" };
	struct jwks *set;
	char *key = pair("RS256", &set), *token;

	token = minting_token("RS256", key, 0, "k", NULL, CLAIMS);
	ck_assert(passes(token, set));
	for (size_t i = 0; i < N_OF(alg); i++) {
		token = minting_token(alg[i], key, 0, "k", NULL, CLAIMS);
		ck_assert_msg(!passes(token, set), "%s", alg[i]);
	}
	jwks_free(set);
}
END_TEST

/* Key confusion: the public key used as the secret of HS256. */
START_TEST(public_key_as_secret)
{
	char *key = minting_key("ES256", "k"), *jwks, *token;
	struct jwks *set;
	struct jwk *secret;
	struct jwt t;

	jwks = minting_jwks((const char *const *)&key, 1);
	set = keys_of(jwks);
	token = minting_token("HS256", jwks, strlen(jwks), "k", NULL, CLAIMS);
	ck_assert(jwt_read(cx, token, &t) == E_OK);
	ck_assert_int_eq(t.alg, JWT_HS256);
	ck_assert(!jwt_verify(&t, jwks_find(set, "k")));
	/* With that secret the signature is right. */
	secret = jwk_secret(jwks, strlen(jwks));
	ck_assert(jwt_verify(&t, secret));
	/* A secret verifies HS256 only. */
	token = minting_token("ES256", key, 0, "k", NULL, CLAIMS);
	ck_assert(jwt_read(cx, token, &t) == E_OK);
	ck_assert(!jwt_verify(&t, secret));
	ck_assert(jwt_verify(&t, jwks_find(set, "k")));
	jwk_free(secret);
	jwks_free(set);
}
END_TEST

START_TEST(crossed_keys)
{
	struct jwks *ec, *rsa;
	char *e = pair("ES256", &ec), *r = pair("RS256", &rsa), *token;

	token = minting_token("ES256", e, 0, "k", NULL, CLAIMS);
	ck_assert(passes(token, ec) && !passes(token, rsa));
	token = minting_token("RS256", r, 0, "k", NULL, CLAIMS);
	ck_assert(!passes(token, ec) && passes(token, rsa));
	/* Another key with the same alg and kid. */
	token = minting_token("ES256", minting_key("ES256", "k"), 0, "k",
	    NULL, CLAIMS);
	ck_assert(!passes(token, ec));
	token = minting_token("ES256", e, 0, "K", NULL, CLAIMS);
	ck_assert(!passes(token, ec));
	jwks_free(ec);
	jwks_free(rsa);
}
END_TEST

START_TEST(no_alg)
{
	static const char *const alg[] = { "none", "None", "NONE", "nOnE", "",
	    "es256", "ES256 ", "HS384", "EdDSA", "A128KW" };
	char *token;
	struct jwt t;

	for (size_t i = 0; i < N_OF(alg); i++) {
		token = minting_token("none", "", 0, "k", cx_fmt(cx,
		    "{\"alg\":\"%s\"}", alg[i]), CLAIMS);
		ck_assert(jwt_read(cx, token, &t) == E_NOAUTH);
		/* With something where a signature would be, too. */
		ck_assert(jwt_read(cx, cx_fmt(cx, "%sAAAA", token),
		    &t) == E_NOAUTH);
	}
}
END_TEST

/* --- headers */

START_TEST(headers)
{
	static const struct {
		const char	*head;
		bool		 good;
	} c[] = {
		{ "{}", true },
		{ "{\"typ\":\"jwt\"}", true },
		{ "{\"cty\":\"JWT\",\"x\":[{}]}", true },
		{ "{\"typ\":\"JOSE\"}", false },
		{ "{\"typ\":1}", false },
		{ "{\"crit\":[\"b64\"],\"b64\":true}", false },
		{ "{\"crit\":[]}", false },
		{ "{\"crit\":[\"exp\"]}", false },
		{ "{\"crit\":null}", false },
		{ "{\"b64\":false}", false },
		{ "{\"b64\":true}", false },
		{ "{\"kid\":null}", false },
		{ "{\"kid\":\"\"}", false },
		{ "{\"kid\":7}", false },
		{ "{\"kid\":[\"k\"]}", false },
		{ "{\"kid\":\"k\",\"alg\":\"ES256\"}", true },
	};
	struct jwks *set;
	char *key = pair("ES256", &set), *token;

	for (size_t i = 0; i < N_OF(c); i++) {
		token = minting_token("ES256", key, 0, "k", c[i].head,
		    CLAIMS);
		ck_assert_msg(passes(token, set) == c[i].good, "%s",
		    c[i].head);
	}
	jwks_free(set);
}
END_TEST

/* A key in the header, or a URL of one. */
START_TEST(own_key)
{
	struct jwks *set;
	char *mine = minting_key("ES256", "k"), *token, *jwks;
	const char *head;

	(void)pair("ES256", &set);
	jwks = minting_jwks((const char *const *)&mine, 1);
	jwks[strlen(jwks) - 2] = '\0';		/* {"keys":[ and ]} */
	head = cx_fmt(cx, "{\"jwk\":%s,\"jku\":\"https://evil.example/\","
	    "\"x5u\":\"https://evil.example/\",\"x5c\":[\"MII\"]}", jwks + 9);
	token = minting_token("ES256", mine, 0, "k", head, CLAIMS);
	ck_assert(!passes(token, set));
	jwks_free(set);
}
END_TEST

START_TEST(forms)
{
	static const char *const bad[] = {
		"", ".", "..", "...", "a.b", "a.b.c.d", "a.b.c.d.e",
		/* {"alg":"ES256"}: padded, standard alphabet, stray bits */
		"eyJhbGciOiJFUzI1NiJ9=.e30.AAAA",
		"eyJhbGciOiJFUzI1NiJ9.e30=.AAAA",
		"eyJhbGciOiJFUzI1NiJ9.e30.AA+/",
		"eyJhbGciOiJFUzI1NiJ9.e31.AAAA",
		"eyJhbGciOiJFUzI1NiJ9.e30.AB",
		"eyJhbGciOiJFUzI1NiJ9.e30.A",
		"eyJhbGciOiJFUzI1NiJ9.e30.",
		"eyJhbGciOiJFUzI1NiJ9..AAAA",
		".e30.AAAA",
		"eyJhbGciOiJFUzI1NiJ9.e3\n0.AAAA",
		("eyJhbGciOiJFUzI1NiJ9.e3\x80" "0.AAAA"),
		/* [], "x", {"alg":"ES256", {"alg":"ES256"}x */
		"W10.e30.AAAA", "Ingi.e30.AAAA",
		"eyJhbGciOiJFUzI1NiI.e30.AAAA",
		"eyJhbGciOiJFUzI1NiJ9eA.e30.AAAA",
		/* {"alg":"none","alg":"ES256"} and the other way round */
		"eyJhbGciOiJub25lIiwiYWxnIjoiRVMyNTYifQ.e30.AAAA",
		"eyJhbGciOiJFUzI1NiIsImFsZyI6Im5vbmUifQ.e30.AAAA",
		/* {} {"alg":7} */
		"e30.e30.AAAA", "eyJhbGciOjd9.e30.AAAA",
	};
	struct jwt t;

	ck_assert(jwt_read(cx, "eyJhbGciOiJFUzI1NiJ9.e30.AAAA", &t) == E_OK);
	ck_assert_str_eq(t.payload, "{}");
	ck_assert_uint_eq(t.payloadlen, 2);
	ck_assert(t.kid == NULL);
	for (size_t i = 0; i < N_OF(bad); i++) {
		ck_assert_msg(jwt_read(cx, bad[i], &t) == E_NOAUTH, "%s",
		    bad[i]);
		/* The detail quotes nothing of the token. */
		ck_assert(bad[i][0] == '\0' || bad[i][1] == '\0' ||
		    strlen(bad[i]) < 5 ||
		    strstr(cx->err.detail, bad[i]) == NULL);
	}
}
END_TEST

START_TEST(sizes)
{
	char *key = minting_key("ES256", "k"), *claims, *token, *kid;
	struct jwt t;
	size_t n;

	/* 4/3 of the claims, a header and a signature. */
	claims = calloc(1, JWT_MAX);
	for (n = 5900; n < 6100; n++) {
		memset(claims, ' ', n);
		memcpy(claims, "{}", 2);
		token = minting_token("ES256", key, 0, "k", NULL, claims);
		ck_assert_msg((jwt_read(cx, token, &t) == E_OK) ==
		    (strlen(token) <= JWT_MAX), "%zu", strlen(token));
		free(token);
	}
	free(claims);
	kid = calloc(1, JWT_KID_MAX + 2);
	memset(kid, 'k', JWT_KID_MAX);
	token = minting_token("ES256", key, 0, kid, NULL, CLAIMS);
	ck_assert(jwt_read(cx, token, &t) == E_OK);
	kid[JWT_KID_MAX] = 'k';
	token = minting_token("ES256", key, 0, kid, NULL, CLAIMS);
	ck_assert(jwt_read(cx, token, &t) == E_NOAUTH);
	free(kid);
}
END_TEST

static void
deep_header(void *arg)
{
	char raw[6000], *b64, *token = calloc(1, JWT_MAX);
	size_t n = 0;
	struct jwt t;

	(void)arg;
	n += (size_t)snprintf(raw, sizeof raw, "{\"alg\":\"ES256\",\"x\":");
	memset(raw + n, '[', sizeof raw - n);
	/* "none" writes claims as they are: they are the header here. */
	raw[sizeof raw - 1] = '\0';
	b64 = strchr(minting_token("none", "", 0, NULL, NULL, raw), '.') + 1;
	snprintf(token, JWT_MAX, "%.*s.e30.AAAA", (int)strcspn(b64, "."),
	    b64);
	ck_assert(strlen(token) > 7900);
	ck_assert(jwt_read(cx, token, &t) == E_NOAUTH);
	free(token);
}

/* On a coroutine's stack, which jansson alone would overflow. */
START_TEST(depth)
{
	unit_loop(deep_header, NULL);
}
END_TEST

/* --- signatures with special values of r and s */

START_TEST(zeroes)
{
	char zero[87], *key, *token, *dot;
	struct jwks *set;

	memset(zero, 'A', 86);
	zero[86] = '\0';
	key = pair("ES256", &set);
	token = minting_token("ES256", key, 0, "k", NULL, CLAIMS);
	dot = strrchr(token, '.') + 1;
	ck_assert_uint_eq(strlen(dot), 86);
	memcpy(dot, zero, 86);
	ck_assert(!passes(token, set));
	/* The order of the curve, and r = s = 1. */
	memcpy(dot, "_____wAAAAD__________7zm-q2nF56E87nKwvxjJVH_____AAAAAP___"
	    "_______vOb6racXnoTzucrC_GMlUQ", 86);
	ck_assert(!passes(token, set));
	memset(dot, 'A', 86);
	dot[42] = 'B';		/* the 32nd byte is in 41 and 42 */
	ck_assert(!passes(token, set));
	jwks_free(set);
}
END_TEST

/* --- sets of keys */

#define EC_X	"\"x\":\"ZUzKrx9ucevr2cM2-vPAjq5TVbrzisLkZBcrXM2F0lw\""
#define EC_Y	"\"y\":\"ZR2qe7MmNGTQAIgEfzR0i91TPvLGJU7rW0X5o0MBAhk\""
#define EC	"\"kty\":\"EC\",\"crv\":\"P-256\"," EC_X "," EC_Y

START_TEST(taken)
{
	static const struct {
		const char	*key;
		bool		 good;
	} c[] = {
		{ "{\"kid\":\"k\"," EC "}", true },
		{ "{\"kid\":\"k\",\"alg\":\"ES256\",\"use\":\"sig\","
		    "\"key_ops\":[\"verify\"]," EC "}", true },
		{ "{\"kid\":\"k\",\"use\":\"enc\"," EC "}", false },
		{ "{\"kid\":\"k\",\"use\":null," EC "}", false },
		{ "{\"kid\":\"k\",\"key_ops\":[\"sign\"]," EC "}", false },
		{ "{\"kid\":\"k\",\"key_ops\":[]," EC "}", false },
		{ "{\"kid\":\"k\",\"key_ops\":\"verify\"," EC "}", false },
		{ "{\"kid\":\"k\",\"alg\":\"HS256\"," EC "}", false },
		{ "{\"kid\":\"k\",\"alg\":\"RS256\"," EC "}", false },
		{ "{\"kid\":\"k\",\"alg\":\"none\"," EC "}", false },
		{ "{\"kid\":\"k\",\"alg\":null," EC "}", false },
		{ "{" EC "}", false },
		{ "{\"kid\":\"\"," EC "}", false },
		{ "{\"kid\":1," EC "}", false },
		{ "{\"kid\":\"k\",\"d\":\"AA\"," EC "}", false },
		{ "{\"kid\":\"k\",\"kty\":\"EC\",\"crv\":\"P-384\"," EC_X ","
		    EC_Y "}", false },
		{ "{\"kid\":\"k\",\"kty\":\"EC\",\"crv\":\"P-256\"," EC_X
		    "}", false },
		{ "{\"kid\":\"k\",\"kty\":\"EC\",\"crv\":\"P-256\"," EC_X
		    ",\"y\":\"AQ\"}", false },
		{ "{\"kid\":\"k\",\"kty\":\"oct\",\"alg\":\"HS256\",\"k\":"
		    "\"c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0\"}",
		    false },
		{ "{\"kid\":\"k\",\"kty\":\"oct\",\"alg\":\"ES256\",\"k\":"
		    "\"c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0\"}",
		    false },
		{ "{\"kid\":\"k\",\"kty\":\"OKP\",\"crv\":\"Ed25519\","
		    EC_X "}", false },
		{ "{\"kid\":\"k\"}", false },
		{ "{}", false }, { "[]", false }, { "null", false },
		{ "7", false }, { "\"k\"", false },
	};

	for (size_t i = 0; i < N_OF(c); i++) {
		struct jwks *set = keys_of(cx_fmt(cx, "{\"keys\":[%s]}",
		    c[i].key));

		ck_assert_ptr_ne(set, NULL);
		ck_assert_msg(set->n == c[i].good, "%s", c[i].key);
		ck_assert_uint_eq(set->n + set->skipped, 1);
		jwks_free(set);
	}
}
END_TEST

/* n has this many bits; even and small ones are of no use. */
static size_t
rsa_taken(size_t bytes, unsigned char first, unsigned char last,
    const char *e)
{
	static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789-_";
	unsigned char n[1024];
	char b64[1400];
	size_t len = 0, took;
	struct jwks *set;
	unsigned acc = 0, bits = 0;

	memset(n, 0x55, sizeof n);
	n[0] = first;
	n[bytes - 1] = last;
	for (size_t i = 0; i < bytes; i++) {
		acc = acc << 8 | n[i];
		for (bits += 8; bits >= 6; bits -= 6)
			b64[len++] = digit[acc >> (bits - 6) & 63];
	}
	if (bits > 0)
		b64[len++] = digit[acc << (6 - bits) & 63];
	b64[len] = '\0';
	set = keys_of(cx_fmt(cx, "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"k\","
	    "\"n\":\"%s\",\"e\":\"%s\"}]}", b64, e));
	ck_assert(set != NULL);
	took = set->n;
	jwks_free(set);
	return took;
}

START_TEST(rsa_sizes)
{
	ck_assert_uint_eq(rsa_taken(256, 0x80, 1, "AQAB"), 1);
	ck_assert_uint_eq(rsa_taken(257, 0x01, 1, "AQAB"), 1);
	ck_assert_uint_eq(rsa_taken(512, 0xff, 1, "AQAB"), 1);
	ck_assert_uint_eq(rsa_taken(256, 0x7f, 1, "AQAB"), 0);
	ck_assert_uint_eq(rsa_taken(255, 0xff, 1, "AQAB"), 0);
	ck_assert_uint_eq(rsa_taken(128, 0xff, 1, "AQAB"), 0);
	ck_assert_uint_eq(rsa_taken(257, 0x00, 1, "AQAB"), 0);
	ck_assert_uint_eq(rsa_taken(513, 0x01, 1, "AQAB"), 0);
	ck_assert_uint_eq(rsa_taken(1024, 0xff, 1, "AQAB"), 0);
	ck_assert_uint_eq(rsa_taken(256, 0x80, 2, "AQAB"), 0);
	ck_assert_uint_eq(rsa_taken(256, 0x80, 1, "AQ"), 0);
	ck_assert_uint_eq(rsa_taken(256, 0x80, 1, "Aw"), 0);
	ck_assert_uint_eq(rsa_taken(256, 0x80, 1, ""), 0);
}
END_TEST

START_TEST(twins)
{
	char *key[3], *jwks, *token;
	struct jwks *set;

	key[0] = minting_key("ES256", "a");
	key[1] = minting_key("ES256", "b");
	key[2] = minting_key("RS256", "a");
	jwks = minting_jwks((const char *const *)key, 3);
	set = keys_of(jwks);
	ck_assert_uint_eq(set->n, 1);
	ck_assert_uint_eq(set->skipped, 2);
	ck_assert(jwks_find(set, "a") == NULL);
	ck_assert(jwks_find(set, "b") != NULL);
	token = minting_token("ES256", key[0], 0, "a", NULL, CLAIMS);
	ck_assert(!passes(token, set));
	token = minting_token("ES256", key[1], 0, "b", NULL, CLAIMS);
	ck_assert(passes(token, set));
	jwks_free(set);
}
END_TEST

/* A point that is not on the curve: taken, but nothing verifies. */
START_TEST(off_the_curve)
{
	struct jwks *set = keys_of("{\"keys\":[{\"kid\":"
	    "\"b81269f1-21d8-4f2e-b719-c2240a840d90\",\"kty\":\"EC\","
	    "\"crv\":\"P-256\"," EC_X ","
	    "\"y\":\"ZR2qe7MmNGTQAIgEfzR0i91TPvLGJU7rW0X5o0MBAhg\"}]}");

	ck_assert(!passes(vector("/es256/token"), set));
	jwks_free(set);
}
END_TEST

START_TEST(no_sets)
{
	static const char *const bad[] = {
		"", "{", "[]", "null", "{}", "{\"keys\":{}}",
		"{\"keys\":null}", "{\"keys\":[]", "{\"keys\":[]}x",
		"{\"keys\":[],\"keys\":[]}", "\xff",
	};
	struct jwks *set;
	const char *why;
	char *s;
	size_t n;

	for (size_t i = 0; i < N_OF(bad); i++) {
		ck_assert(jwks_new(bad[i], strlen(bad[i]), &why) == NULL);
		ck_assert(why != NULL);
	}
	set = keys_of("{\"keys\":[]}");
	ck_assert(set != NULL && set->n == 0);
	jwks_free(set);

	s = calloc(1, JWKS_MAX + 2);
	memset(s, ' ', JWKS_MAX + 1);
	memcpy(s, "{\"keys\":[]}", 11);
	ck_assert(jwks_new(s, JWKS_MAX + 1, &why) == NULL);
	set = jwks_new(s, JWKS_MAX, &why);
	ck_assert(set != NULL);
	jwks_free(set);
	n = (size_t)snprintf(s, JWKS_MAX, "{\"keys\":[{}");
	for (int i = 1; i < JWKS_KEYS; i++)
		n += (size_t)snprintf(s + n, JWKS_MAX - n, ",{}");
	snprintf(s + n, JWKS_MAX - n, "]}");
	set = keys_of(s);
	ck_assert(set != NULL && set->skipped == JWKS_KEYS);
	jwks_free(set);
	snprintf(s + n, JWKS_MAX - n, ",{}]}");
	ck_assert(keys_of(s) == NULL);
	free(s);
}
END_TEST

static void
deep_set(void *arg)
{
	char *s = calloc(1, JWKS_MAX + 1);
	const char *why;

	(void)arg;
	memset(s, '[', JWKS_MAX);
	memcpy(s, "{\"keys\":", 8);
	ck_assert(jwks_new(s, JWKS_MAX, &why) == NULL);
	free(s);
}

START_TEST(set_depth)
{
	unit_loop(deep_set, NULL);
}
END_TEST

START_TEST(secrets)
{
	char s[JWT_SECRET_MAX + 2], *token;
	struct jwk *key;
	struct jwt t;

	memset(s, 's', sizeof s);
	ck_assert(jwk_secret(s, 0) == NULL);
	ck_assert(jwk_secret(s, JWT_SECRET_MIN - 1) == NULL);
	ck_assert(jwk_secret(s, JWT_SECRET_MAX + 1) == NULL);
	for (size_t n = JWT_SECRET_MIN; n <= JWT_SECRET_MAX; n += 31) {
		ck_assert((key = jwk_secret(s, n)) != NULL);
		token = minting_token("HS256", s, n, NULL, NULL, CLAIMS);
		ck_assert(jwt_read(cx, token, &t) == E_OK);
		ck_assert(jwt_verify(&t, key));
		jwk_free(key);
		free(token);
	}
	ck_assert((key = jwk_secret(s, JWT_SECRET_MAX)) != NULL);
	ck_assert(!jwt_verify(&t, key) || JWT_SECRET_MAX % 31 == 1);
	jwk_free(key);
}
END_TEST

/* A key that stays keeps its print; a new one with its kid has another. */
START_TEST(prints)
{
	char *key[2], *jwks;
	struct jwks *a, *b;

	key[0] = minting_key("ES256", "k");
	key[1] = minting_key("ES256", "l");
	jwks = minting_jwks((const char *const *)key, 2);
	a = keys_of(jwks);
	jwks = minting_jwks((const char *const *)key + 1, 1);
	b = keys_of(jwks);
	ck_assert_mem_eq(jwks_find(a, "l")->print, jwks_find(b, "l")->print,
	    SHA256_LEN);
	ck_assert_mem_ne(jwks_find(a, "k")->print, jwks_find(a, "l")->print,
	    SHA256_LEN);
	jwks_free(b);
	key[0] = minting_key("ES256", "k");
	jwks = minting_jwks((const char *const *)key, 1);
	b = keys_of(jwks);
	ck_assert_mem_ne(jwks_find(a, "k")->print, jwks_find(b, "k")->print,
	    SHA256_LEN);
	jwks_free(a);
	jwks_free(b);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("jwt");
	TCase *tc = tcase_create("jwt");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 120);
	suite_add_tcase(s, tc);
	tcase_add_test(tc, public_vectors);
	tcase_add_test(tc, secret_vector);
	tcase_add_test(tc, tampering);
	tcase_add_test(tc, other_algs);
	tcase_add_test(tc, public_key_as_secret);
	tcase_add_test(tc, crossed_keys);
	tcase_add_test(tc, no_alg);
	tcase_add_test(tc, headers);
	tcase_add_test(tc, own_key);
	tcase_add_test(tc, forms);
	tcase_add_test(tc, sizes);
	tcase_add_test(tc, depth);
	tcase_add_test(tc, zeroes);
	tcase_add_test(tc, taken);
	tcase_add_test(tc, rsa_sizes);
	tcase_add_test(tc, twins);
	tcase_add_test(tc, off_the_curve);
	tcase_add_test(tc, no_sets);
	tcase_add_test(tc, set_depth);
	tcase_add_test(tc, secrets);
	tcase_add_test(tc, prints);
	return s;
}

int
main(void)
{
	return unit_main(suite());
}
