/*
 * test-token - claims and their limits, the cache of valid tokens, how often
 * keys are fetched (jwks), which addresses are verified (confirm)
 *
 * The clock, http_do() and jwt_verify() are wrapped by the linker (--wrap in
 * t/t.am): time passes when a test says so, and fetches and signature checks
 * are counted.
 */
#include "config.h"

#include "../../tools/minting.h"
#include "../unit.h"
#include "account/jwks.h"
#include "account/token.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "io/http.h"
#include "io/jwt.h"

#define ISSUER	"https://ref.example/auth/v1"
#define USER	"11111111-1111-4111-8111-111111111111"
#define NOW	INT64_C(1767229200000)		/* exp of the vectors */
/* The same in every test: a program reads it once. */
#define SECRET	"super-secret-jwt-token-with-at-least-32-characters-long"
#define HOUR	INT64_C(3600000)

int64_t	 __wrap_clock_now(void);
int64_t	 __wrap_loop_now(void);
int64_t	 __real_loop_now(void);
enum err __wrap_http_do(struct cx *, struct http_call *);
bool	 __wrap_jwt_verify(const struct jwt *, const struct jwk *);
bool	 __real_jwt_verify(const struct jwt *, const struct jwk *);

/* --- wrapped functions */

static int64_t		 wall = NOW, passed;
static const char	*served;	/* the body of the reply.. */
static long		 served_status = 200;
static enum err		 served_err;	/* ..or how the call fails */
static int		 fetches, checks;
static int64_t		 slow_ms;
static char		*url_asked;
/* The service's settings; NULL: they cannot be had. */
static const char	*settings;
static int		 settings_asked;

int64_t
__wrap_clock_now(void)
{
	return wall;
}

int64_t
__wrap_loop_now(void)
{
	return __real_loop_now() + passed;
}

enum err
__wrap_http_do(struct cx *mine, struct http_call *call)
{
	ck_assert_str_eq(call->method, "GET");
	if (strcmp(call->url, ISSUER "/settings") == 0) {
		settings_asked++;
		if (settings == NULL)
			return err_set(mine, E_AWAY, "as the test says");
		call->status = 200;
		call->answer = buf_new(mine, call->maxbody);
		ck_assert(buf_puts(call->answer, settings));
		return E_OK;
	}
	fetches++;
	ck_assert(!call->guarded);
	free(url_asked);
	url_asked = strdup(call->url);
	if (slow_ms > 0)
		ck_assert(loop_sleep(mine, slow_ms) == E_OK);
	if (served_err != E_OK)
		return err_set(mine, served_err, "as the test says");
	call->status = served_status;
	call->answer = buf_new(mine, call->maxbody);
	if (!buf_puts(call->answer, served))
		return err_set(mine, E_TOOBIG, "as http_do() has it");
	return E_OK;
}

bool
__wrap_jwt_verify(const struct jwt *t, const struct jwk *key)
{
	checks++;
	return __real_jwt_verify(t, key);
}

static void
pass_time(int64_t ms)
{
	wall += ms;
	passed += ms;
}

static char *key_a, *key_b, *set_a, *set_b, *set_ab;

static void
setup(void)
{
	const char *both[2];

	unit_setup();
	setenv("MINA_AUTH_URL", ISSUER, 1);
	unsetenv("MINA_AUTH_JWKS_URL");
	unsetenv("MINA_AUTH_AUDIENCE");
	unsetenv("MINA_AUTH_SECRET");
	/* Caches of an earlier test in this process are out of date. */
	wall = NOW;
	passed += 100 * HOUR;
	both[0] = key_a = minting_key("ES256", "a");
	both[1] = key_b = minting_key("ES256", "b");
	set_a = minting_jwks(both, 1);
	set_b = minting_jwks(both + 1, 1);
	set_ab = minting_jwks(both, 2);
	served = set_a;
	served_status = 200;
	served_err = E_OK;
	slow_ms = 0;
	fetches = checks = 0;
	settings = NULL;
	settings_asked = 0;
}

/* --- tokens */

struct claim {
	const char	*name, *value;	/* JSON; NULL: leave it out */
};

static const struct claim base[] = {
	{ "iss", "\"" ISSUER "\"" }, { "sub", "\"" USER "\"" },
	{ "aud", "\"authenticated\"" }, { "exp", NULL }, { "iat", NULL },
	{ "role", "\"authenticated\"" }, { "email", "\"a@b.co\"" },
	{ "app_metadata", "{\"provider\":\"google\"}" },
	{ "is_anonymous", "false" },
	{ "amr", "[{\"method\":\"oauth\",\"timestamp\":1767225600}]" },
	{ "user_metadata", "{\"role\":\"admin\",\"email_verified\":true}" },
};

/* The claims of a valid token, one of them replaced. */
static char *
claims(const char *name, const char *value)
{
	struct buf *b = buf_new(cx, 65536);
	const char *v;

	buf_puts(b, "{\"x\":1");
	for (size_t i = 0; i < N_OF(base); i++) {
		v = base[i].value;
		if (strcmp(base[i].name, "exp") == 0)
			v = cx_fmt(cx, "%lld", (long long)(wall / 1000 +
			    3600));
		if (strcmp(base[i].name, "iat") == 0)
			v = cx_fmt(cx, "%lld", (long long)(wall / 1000));
		if (name == NULL || strcmp(base[i].name, name) != 0)
			buf_fmt(b, ",\"%s\":%s", base[i].name, v);
	}
	if (name != NULL && value != NULL)
		buf_fmt(b, ",\"%s\":%s", name, value);
	buf_puts(b, "}");
	ck_assert(buf_ok(b));
	return b->data;
}

static char *
token_of(const char *key, const char *kid, const char *js)
{
	return minting_token("ES256", key, 0, kid, NULL, js);
}

/* A valid token of key A, a different one each time. */
static char *
fresh(void)
{
	static int n;

	return token_of(key_a, "a", claims("jti", cx_fmt(cx, "%d", n++)));
}

static enum err
check(const char *bearer, struct token *t)
{
	enum err er = token_check(cx, bearer, t);

	if (er == E_NOAUTH) {
		ck_assert_int_eq(cx->err.code, E_NOAUTH);
		ck_assert(strlen(cx->err.say) > 20);
		ck_assert(strncmp(cx->err.detail, "token: ", 7) == 0);
		ck_assert(strstr(cx->err.detail, "eyJ") == NULL);
	}
	if (er == E_AWAY)
		ck_assert_int_gt(cx->err.retry_after, 0);
	return er;
}

#define is(bearer, want)	do {					\
	struct token t_;						\
	ck_assert_str_eq(err_name(check(bearer, &t_)), #want);		\
} while (0)

#define IN_LOOP(name)				\
	static void name##_(void *);		\
	START_TEST(name)			\
	{					\
		unit_loop(name##_, NULL);	\
	}					\
	END_TEST				\
	static void				\
	name##_(void *arg __attribute__((unused)))

/* --- claims */

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

IN_LOOP(vectors)
{
	static const char *const ptr[] = { "/es256/token", "/rs256/token",
	    "/hs256/token" };
	char *file = slurp("supabase-vectors.json");
	struct cJSON *js;
	struct token t;

	ck_assert(json_parse(cx, file, strlen(file), &js) == E_OK);
	setenv("MINA_AUTH_URL", "https://ref.supabase.co/auth/v1/", 1);
	setenv("MINA_AUTH_SECRET", json_text(json_pointer(js,
	    "/hs256/secret")), 1);
	ck_assert(jwks_complaint() == NULL);
	served = json_print(cx, json_get(js, "jwks"));
	wall = NOW - 1000;
	for (size_t i = 0; i < N_OF(ptr); i++) {
		ck_assert_str_eq(err_name(check(json_text(json_pointer(js,
		    ptr[i])), &t)), "E_OK");
		ck_assert_str_eq(t.user, USER);
		ck_assert_str_eq(t.email, "a@b.co");
		ck_assert_str_eq(t.method, "email");
		ck_assert(t.verified && !t.anonymous);
		ck_assert_int_eq(t.expires, NOW);
	}
	ck_assert_str_eq(url_asked, "https://ref.supabase.co/auth/v1/"
	    ".well-known/jwks.json");
	ck_assert_int_eq(fetches, 1);
	/* 5 s past exp, from the cache or not. */
	wall = NOW + 4999;
	for (size_t i = 0; i < N_OF(ptr); i++)
		is(json_text(json_pointer(js, ptr[i])), E_OK);
	wall = NOW + 5000;
	for (size_t i = 0; i < N_OF(ptr); i++)
		is(json_text(json_pointer(js, ptr[i])), E_NOAUTH);
	ck_assert(strstr(cx->err.say, "expired") != NULL);
	free(file);
}

IN_LOOP(claim_by_claim)
{
	static const struct {
		const char	*name, *value;
		bool		 good;
	} c[] = {
		{ "jti", "1", true },
		{ "iss", NULL, false },
		{ "iss", "\"" ISSUER "/\"", false },
		{ "iss", "\"https://REF.example/auth/v1\"", false },
		{ "iss", "\"https://ref.example/auth\"", false },
		{ "iss", "\"\"", false },
		{ "iss", "[\"" ISSUER "\"]", false },
		{ "iss", "null", false },
		{ "aud", NULL, false },
		{ "aud", "\"\"", false },
		{ "aud", "\"Authenticated\"", false },
		{ "aud", "\"authenticated \"", false },
		{ "aud", "[\"authenticated\"]", true },
		{ "aud", "[\"x\",\"authenticated\",\"y\"]", true },
		{ "aud", "[]", false },
		{ "aud", "[\"x\",7,null,[\"authenticated\"]]", false },
		{ "aud", "{\"authenticated\":true}", false },
		{ "aud", "true", false },
		{ "role", NULL, false },
		{ "role", "\"anon\"", false },
		{ "role", "\"service_role\"", false },
		{ "role", "\"admin\"", false },
		{ "role", "[\"authenticated\"]", false },
		{ "sub", NULL, false },
		{ "sub", "\"\"", false },
		{ "sub", "\"11111111-1111-4111-8111-11111111111\"", false },
		{ "sub", "\"11111111-1111-4111-8111-1111111111111\"", false },
		{ "sub", "\"11111111-1111-4111-8111-11111111111G\"", false },
		{ "sub", "\"11111111-1111-4111-8111-11111111111A\"", true },
		{ "sub", "\"11111111-1111-4111-8111-111111111111'\"", false },
		{ "sub", "7", false },
		{ "sub", "null", false },
		{ "exp", NULL, false },
		{ "exp", "null", false },
		{ "exp", "\"9999999999\"", false },
		{ "exp", "0", false },
		{ "exp", "-1", false },
		{ "exp", "-9999999999", false },
		{ "exp", "1e999", false },
		{ "exp", "100000000001", false },
		{ "exp", "100000000000", true },
		{ "exp", "true", false },
		{ "exp", "[9999999999]", false },
		{ "exp", "9999999999.5", true },
		{ "nbf", "\"0\"", false },
		{ "nbf", "null", false },
		{ "nbf", "1e999", false },
		{ "nbf", "0", true },
		{ "iat", NULL, true },
		{ "iat", "\"now\"", false },
		{ "iat", "1e300", false },
		{ "is_anonymous", NULL, true },
		{ "is_anonymous", "true", true },
		{ "is_anonymous", "\"true\"", false },
		{ "is_anonymous", "0", false },
		{ "email", NULL, true },
		{ "email", "7", true },
		{ "app_metadata", NULL, true },
		{ "app_metadata", "7", true },
	};

	for (size_t i = 0; i < N_OF(c); i++) {
		struct token t;
		char *s = token_of(key_a, "a", claims(c[i].name, c[i].value));

		ck_assert_msg((check(s, &t) == E_OK) == c[i].good,
		    "%s %s: %s", c[i].name, c[i].value, cx->err.detail);
		free(s);
	}
	/* Signed, but no claims. */
	is(token_of(key_a, "a", "[]"), E_NOAUTH);
	is(token_of(key_a, "a", "\"x\""), E_NOAUTH);
	is(token_of(key_a, "a", "x"), E_NOAUTH);
	is(token_of(key_a, "a", "{"), E_NOAUTH);
	is(token_of(key_a, "a", "{\"exp\":\xff}"), E_NOAUTH);
	is("", E_NOAUTH);
	is("x", E_NOAUTH);
	setenv("MINA_AUTH_AUDIENCE", "studio", 1);
	is(fresh(), E_NOAUTH);
	is(token_of(key_a, "a", claims("aud", "\"studio\"")), E_OK);
}

IN_LOOP(edges)
{
	char *s = fresh(), *early;
	struct token t;

	ck_assert(check(s, &t) == E_OK);
	ck_assert_int_eq(t.expires, NOW + HOUR);
	early = token_of(key_a, "a", claims("nbf", cx_fmt(cx, "%lld",
	    (long long)(NOW / 1000 + 100))));
	wall = NOW + 100000 - TOKEN_LEEWAY_MS - 1;
	is(early, E_NOAUTH);
	wall++;
	is(early, E_OK);
	wall = NOW + HOUR + TOKEN_LEEWAY_MS - 1;
	is(s, E_OK);
	wall++;
	is(s, E_NOAUTH);
	/* Nor without the cache. */
	is(token_of(key_a, "a", claims("exp", cx_fmt(cx, "%lld",
	    (long long)(wall / 1000 - 5)))), E_NOAUTH);
	is(token_of(key_a, "a", claims("exp", cx_fmt(cx, "%lld",
	    (long long)(wall / 1000 - 4)))), E_OK);
}

/* The user's data are the same when they come from the cache. */
static void
look(const char *name, const char *value, const char *email, bool verified,
    const char *method)
{
	char *s = token_of(key_a, "a", claims(name, value));
	struct token t;

	for (int i = 0; i < 2; i++) {
		ck_assert(check(s, &t) == E_OK);
		ck_assert_str_eq(t.user, USER);
		ck_assert_pstr_eq(t.email, email);
		ck_assert_msg(t.verified == verified, "%s %s", name, value);
		ck_assert_str_eq(t.method, method);
	}
}

IN_LOOP(user_data)
{
	look("jti", "2", "a@b.co", true, "google");
	look("is_anonymous", "true", "a@b.co", false, "google");
	look("is_anonymous", "null", "a@b.co", true, "google");
	look("email", NULL, NULL, false, "google");
	look("email", "\"\"", NULL, false, "google");
	look("email", "\"@\"", NULL, false, "google");
	look("email", "\"a@\"", NULL, false, "google");
	look("email", "\"a b@c\"", NULL, false, "google");
	look("email", "\"a@b\\n\"", NULL, false, "google");
	look("email", "\"\xc3\xa4@b.co\"", "\xc3\xa4@b.co", true, "google");
	look("app_metadata", "{}", "a@b.co", true, "token");
	look("app_metadata", "{\"provider\":\"Evil Corp\"}", "a@b.co", true,
	    "token");
	look("app_metadata", "{\"provider\":\"email\"}", "a@b.co", true,
	    "email");
}

/* --- whose address it is */

/* A token with these claims; NULL for one leaves it out. */
static bool
verified(const char *amr, const char *claim, const char *metadata)
{
	struct token t;
	const char *js = claims("amr", amr);

	js = cx_fmt(cx, "%.*s%s%s,\"user_metadata\":{\"name\":\"A\"%s%s}}",
	    (int)(strstr(js, ",\"user_metadata\"") - js), js,
	    claim != NULL ? ",\"email_verified\":" : "",
	    claim != NULL ? claim : "",
	    metadata != NULL ? ",\"email_verified\":" : "",
	    metadata != NULL ? metadata : "");
	if (amr != NULL)
		js = cx_fmt(cx, "%.*s,\"amr\":%s}", (int)strlen(js) - 1, js,
		    amr);
	ck_assert_str_eq(err_name(check(token_of(key_a, "a", js), &t)),
	    "E_OK");
	return t.verified;
}

#define AMR(method)	"[{\"method\":\"" method "\",\"timestamp\":1}]"

IN_LOOP(proof)
{
	static const struct {
		const char	*settings;
		bool		 confirms;
	} service[] = {
		{ "{\"mailer_autoconfirm\":false}", true }, { NULL, false },
		{ "{\"mailer_autoconfirm\":true}", false },
		{ "{}", false }, { "{\"mailer_autoconfirm\":null}", false },
		{ "{\"mailer_autoconfirm\":0}", false }, { "x", false },
		{ "[]", false },
	};
	static const struct {
		const char	*amr;
		bool		 sure, maybe;
	} way[] = {
		{ NULL, false, false }, { "null", false, false },
		{ "[]", false, false }, { "\"otp\"", false, false },
		{ "{\"method\":\"otp\"}", false, false },
		{ "[7,null,[\"otp\"],{\"otp\":1}]", false, false },
		{ "[\"otp\"]", true, true }, { AMR("otp"), true, true },
		{ AMR("magiclink"), true, true }, { AMR("oauth"), true, true },
		{ AMR("sso"), true, true }, { AMR("sso/saml"), true, true },
		{ AMR("OTP"), false, false }, { AMR("totp"), false, false },
		{ AMR("web3"), false, false }, { AMR("password"), false, true },
		{ AMR("token_refresh"), false, false },
		{ "[\"password\"]", false, true },
		{ AMR("email/signup"), false, true },
		{ "[{\"method\":\"totp\"},{\"method\":\"password\"}]", false,
		    true },
		{ "[{\"method\":\"password\"},{\"method\":\"otp\"}]", true,
		    true },
	};
	bool want;

	for (size_t s = 0; s < N_OF(service); s++) {
		settings = service[s].settings;
		pass_time(HOUR);
		for (size_t i = 0; i < N_OF(way); i++) {
			want = service[s].confirms ? way[i].maybe :
			    way[i].sure;
			/* Users write it themselves. */
			for (int by = 0; by < 4; by++)
				ck_assert_msg(verified(way[i].amr, by & 1 ?
				    "true" : NULL, by & 2 ? "true" : NULL) ==
				    want, "%s %s %d", service[s].settings,
				    way[i].amr, by);
			ck_assert(!verified(way[i].amr, "false", NULL));
			ck_assert(!verified(way[i].amr, "false", "true"));
			ck_assert(!verified(way[i].amr, NULL, "false"));
			ck_assert(!verified(way[i].amr, "\"true\"", NULL));
			ck_assert(verified(way[i].amr, "null", NULL) == want);
		}
	}
}

/* Asked once and again, and no more than that. */
IN_LOOP(settings_are_kept)
{
	char *s = token_of(key_a, "a", claims("amr", AMR("password")));
	struct token t;

	settings = "{\"mailer_autoconfirm\":false}";
	for (int i = 0; i < 5; i++)
		ck_assert(check(s, &t) == E_OK && t.verified);
	ck_assert_int_eq(settings_asked, 1);
	/* The token is cached, what it is worth is not. */
	settings = "{\"mailer_autoconfirm\":true}";
	pass_time(601000);
	ck_assert(check(s, &t) == E_OK && !t.verified);
	ck_assert_int_eq(settings_asked, 2);
	settings = NULL;
	pass_time(601000);
	for (int i = 0; i < 5; i++)
		ck_assert(check(s, &t) == E_OK && !t.verified);
	ck_assert_int_eq(settings_asked, 3);
	settings = "{\"mailer_autoconfirm\":false}";
	pass_time(31000);
	ck_assert(check(s, &t) == E_OK && t.verified);
	/* Known and not that old: the request goes on. */
	settings = NULL;
	pass_time(301000);
	ck_assert(check(s, &t) == E_OK && t.verified);
	pass_time(300000);
	ck_assert(check(s, &t) == E_OK && !t.verified);
}

/* --- secrets */

IN_LOOP(secret)
{
	static const char s[] = SECRET;
	char *token = minting_token("HS256", s, strlen(s), NULL, NULL,
	    claims(NULL, NULL)), *jwks = set_a;

	is(token, E_NOAUTH);
	setenv("MINA_AUTH_SECRET", s, 1);
	is(token, E_OK);
	is(token, E_OK);
	ck_assert_int_eq(checks, 1);
	/* The kid is ignored: there is one secret. */
	is(minting_token("HS256", s, strlen(s), "old", NULL,
	    claims(NULL, NULL)), E_OK);
	is(minting_token("HS384", s, strlen(s), NULL, NULL,
	    claims(NULL, NULL)), E_NOAUTH);
	ck_assert_int_eq(fetches, 0);
	/* The public key set as an HMAC key. */
	is(minting_token("HS256", jwks, strlen(jwks), "a", NULL,
	    claims(NULL, NULL)), E_NOAUTH);
}

START_TEST(complaints)
{
	ck_assert(jwks_complaint() == NULL);
	setenv("MINA_AUTH_URL", "http://ref.example/auth/v1", 1);
	ck_assert(jwks_complaint() != NULL);
	setenv("MINA_AUTH_URL", "ref.example", 1);
	ck_assert(jwks_complaint() != NULL);
	setenv("MINA_AUTH_URL", ISSUER "/", 1);
	ck_assert(jwks_complaint() == NULL);
	ck_assert_str_eq(jwks_name(cx), ISSUER);
	setenv("MINA_AUTH_JWKS_URL", "http://ref.example/jwks", 1);
	ck_assert(jwks_complaint() != NULL);
	setenv("MINA_AUTH_JWKS_URL", "https://ref.example/jwks", 1);
	setenv("MINA_AUTH_SECRET", "0123456789abcdef0123456789abcde", 1);
	ck_assert(jwks_complaint() != NULL);
	setenv("MINA_AUTH_SECRET", "0123456789abcdef0123456789abcdef", 1);
	ck_assert(jwks_complaint() == NULL);
	setenv("MINA_AUTH_URL", "", 1);
	ck_assert(jwks_complaint() == NULL);
}
END_TEST

/* Without an issuer an empty iss is refused too. */
IN_LOOP(no_issuer)
{
	static const char s[] = SECRET;

	setenv("MINA_AUTH_SECRET", s, 1);
	setenv("MINA_AUTH_URL", "", 1);
	is(fresh(), E_AWAY);
	is(minting_token("HS256", s, strlen(s), NULL, NULL,
	    claims("iss", "\"\"")), E_AWAY);
	ck_assert_int_eq(fetches, 0);
}

/* --- tokens seen before */

IN_LOOP(seen)
{
	char *s = fresh();

	for (int i = 0; i < 100; i++)
		is(s, E_OK);
	ck_assert_int_eq(checks, 1);
	ck_assert_int_eq(fetches, 1);
	/* A refused token is checked each time. */
	s = token_of(key_b, "a", claims(NULL, NULL));
	is(s, E_NOAUTH);
	is(s, E_NOAUTH);
	ck_assert_int_eq(checks, 3);
}

IN_LOOP(seen_bounded)
{
	static const char s[] = SECRET;
	char *first = NULL, *token, *last = NULL;

	setenv("MINA_AUTH_SECRET", s, 1);
	for (int i = 0; i <= TOKEN_SEEN_MAX; i++) {
		struct cx *outer = cx, mine;

		cx_init(&mine, 1 << 20);
		cx = &mine;
		token = minting_token("HS256", s, strlen(s), NULL, NULL,
		    claims("jti", cx_fmt(cx, "%d", i)));
		is(token, E_OK);
		cx = outer;
		cx_release(&mine);
		if (i == 0)
			first = token;
		else if (i == 1)
			last = token;
	}
	ck_assert_int_eq(checks, TOKEN_SEEN_MAX + 1);
	is(last, E_OK);
	ck_assert_int_eq(checks, TOKEN_SEEN_MAX + 1);
	is(first, E_OK);
	ck_assert_int_eq(checks, TOKEN_SEEN_MAX + 2);
}

/* --- fetching */

IN_LOOP(kept_and_refreshed)
{
	char *s = fresh();

	is(s, E_OK);
	pass_time(599000);
	is(s, E_OK);
	is(fresh(), E_OK);
	ck_assert_int_eq(fetches, 1);
	pass_time(2000);
	/* The request that starts the fetch does not wait for it. */
	slow_ms = 50;
	is(s, E_OK);
	is(fresh(), E_OK);
	ck_assert_int_eq(fetches, 0 + 1);
	loop_sleep(NULL, 10);
	ck_assert_int_eq(fetches, 2);
	is(fresh(), E_OK);
	loop_sleep(NULL, 100);
	is(fresh(), E_OK);
	ck_assert_int_eq(fetches, 2);
}

IN_LOOP(withdrawn)
{
	char *s = fresh(), *b = token_of(key_b, "b", claims(NULL, NULL));

	served = set_ab;
	is(s, E_OK);
	is(b, E_OK);
	ck_assert_int_eq(checks, 2);
	served = set_b;
	pass_time(601000);
	is(s, E_OK);		/* old keys serve during the fetch */
	loop_sleep(NULL, 10);
	is(s, E_NOAUTH);
	is(b, E_OK);
	ck_assert_int_eq(checks, 2);
	/* The same key published again: its tokens are valid again. */
	served = set_ab;
	pass_time(601000);
	is(b, E_OK);
	loop_sleep(NULL, 10);
	is(s, E_OK);
	ck_assert_int_eq(checks, 2);
}

/* The same kid, another key. */
IN_LOOP(replaced)
{
	char *s = fresh(), *other = minting_key("ES256", "a");

	is(s, E_OK);
	served = minting_jwks((const char *const *)&other, 1);
	pass_time(601000);
	is(s, E_OK);
	loop_sleep(NULL, 10);
	is(s, E_NOAUTH);
	is(token_of(other, "a", claims(NULL, NULL)), E_OK);
}

/* After hours without requests a fetch comes before an old key is used. */
IN_LOOP(long_asleep)
{
	char *s = token_of(key_a, "a", claims("exp", "9999999999"));

	is(s, E_OK);
	served = set_b;
	pass_time(2 * HOUR);
	is(s, E_NOAUTH);
	ck_assert_int_eq(fetches, 2);
	/* ..unless the fetch fails. */
	served = set_a;
	pass_time(601000);
	is(token_of(key_b, "b", claims(NULL, NULL)), E_OK);
	loop_sleep(NULL, 10);
	is(s, E_OK);
	served_err = E_UPSTREAM;
	pass_time(2 * HOUR);
	is(s, E_OK);
	ck_assert_int_eq(fetches, 4);
}

static enum err	 outcome[100];
static char	*asked_with;
static struct cx *children;

static void
one_of_many(void *arg)
{
	struct cx *mine = *(struct cx **)arg;
	struct token t;

	outcome[mine - children] = token_check(mine, asked_with, &t);
}

/* Many requests at once with one token: how many ended with want? */
static int
crowd(char *token, enum err want)
{
	struct cx child[N_OF(outcome)], *p[N_OF(outcome)];
	int n = 0;

	asked_with = token;
	children = child;
	for (size_t i = 0; i < N_OF(outcome); i++) {
		child[i] = cx_fork(cx, 1 << 20);
		p[i] = &child[i];
	}
	loop_all(one_of_many, p, sizeof *p, N_OF(outcome));
	for (size_t i = 0; i < N_OF(outcome); i++) {
		n += outcome[i] == want;
		cx_release(&child[i]);
	}
	return n;
}

IN_LOOP(first_of_all)
{
	slow_ms = 20;
	ck_assert_int_eq(crowd(fresh(), E_OK), N_OF(outcome));
	ck_assert_int_eq(fetches, 1);
}

IN_LOOP(unknown_kid)
{
	char *b = token_of(key_b, "b", claims(NULL, NULL));

	slow_ms = 20;
	is(fresh(), E_OK);
	/* Fetched a moment ago: no second fetch. */
	is(b, E_NOAUTH);
	ck_assert_int_eq(fetches, 1);
	pass_time(1500);
	ck_assert_int_eq(crowd(b, E_NOAUTH), N_OF(outcome));
	ck_assert_int_eq(fetches, 2);
	pass_time(29000);
	ck_assert_int_eq(crowd(b, E_NOAUTH), N_OF(outcome));
	ck_assert_int_eq(fetches, 2);
	is(fresh(), E_OK);
	pass_time(1500);
	served = set_ab;
	ck_assert_int_eq(crowd(b, E_OK), N_OF(outcome));
	ck_assert_int_eq(fetches, 3);
	is(token_of(key_b, "c", claims(NULL, NULL)), E_NOAUTH);
	ck_assert_int_eq(fetches, 3);
}

IN_LOOP(away)
{
	char *s = fresh();

	served_err = E_UPSTREAM;
	slow_ms = 20;
	ck_assert_int_eq(crowd(s, E_AWAY), N_OF(outcome));
	ck_assert_int_eq(fetches, 1);
	/* Once in two seconds while there are no keys. */
	is(s, E_AWAY);
	ck_assert_int_eq(fetches, 1);
	pass_time(2100);
	is(s, E_AWAY);
	ck_assert_int_eq(fetches, 2);
	pass_time(2100);
	served_err = E_OK;
	is(s, E_OK);
	ck_assert_int_eq(fetches, 3);
}

/* Old keys serve while the service is down. */
IN_LOOP(away_later)
{
	static const enum err how[] = { E_UPSTREAM, E_TIMEOUT, E_TOOBIG };
	char *b = token_of(key_b, "b", claims("exp", "9999999999")), *big;

	is(fresh(), E_OK);
	for (size_t i = 0; i < N_OF(how) + 4; i++) {
		pass_time(601000);
		served_err = i < N_OF(how) ? how[i] : E_OK;
		big = calloc(1, JWKS_MAX + 2);
		memset(big, ' ', JWKS_MAX + 1);
		served = i == 3 ? "<html>" : i == 4 ? "{}" : i == 5 ? big :
		    set_ab;
		served_status = i == 6 ? 503 : 200;
		fetches = 0;
		is(fresh(), E_OK);
		loop_sleep(NULL, 5);
		is(fresh(), E_OK);
		/* b may be a new key: unknown until a fetch succeeds. */
		is(b, E_AWAY);
		ck_assert_int_eq(fetches, 1);
		pass_time(31000);
		is(b, E_AWAY);
		ck_assert_int_eq(fetches, 2);
		is(fresh(), E_OK);
		free(big);
	}
	served = set_ab;
	served_status = 200;
	pass_time(31000);
	is(b, E_OK);
}

/* A project that signs with a secret publishes an empty set. */
IN_LOOP(empty_set)
{
	served = "{\"keys\":[]}";
	is(fresh(), E_NOAUTH);
	ck_assert_int_eq(fetches, 1);
	is(fresh(), E_NOAUTH);
	ck_assert_int_eq(fetches, 1);
}

IN_LOOP(other_address)
{
	setenv("MINA_AUTH_JWKS_URL", "https://keys.example/set", 1);
	is(fresh(), E_OK);
	ck_assert_str_eq(url_asked, "https://keys.example/set");
	/* A token without a kid matches no key. */
	is(token_of(key_a, NULL, claims(NULL, NULL)), E_NOAUTH);
	ck_assert_int_eq(fetches, 1);
}

static Suite *
suite(void)
{
	Suite *s = suite_create("token");
	TCase *tc = tcase_create("token");

	tcase_add_checked_fixture(tc, setup, unit_teardown);
	tcase_set_timeout(tc, 120);
	suite_add_tcase(s, tc);
	/* First, before any keys were fetched in this process. */
	tcase_add_test(tc, away);
	tcase_add_test(tc, vectors);
	tcase_add_test(tc, claim_by_claim);
	tcase_add_test(tc, edges);
	tcase_add_test(tc, user_data);
	tcase_add_test(tc, proof);
	tcase_add_test(tc, settings_are_kept);
	tcase_add_test(tc, secret);
	tcase_add_test(tc, complaints);
	tcase_add_test(tc, no_issuer);
	tcase_add_test(tc, seen);
	tcase_add_test(tc, seen_bounded);
	tcase_add_test(tc, kept_and_refreshed);
	tcase_add_test(tc, withdrawn);
	tcase_add_test(tc, replaced);
	tcase_add_test(tc, long_asleep);
	tcase_add_test(tc, first_of_all);
	tcase_add_test(tc, unknown_kid);
	tcase_add_test(tc, away_later);
	tcase_add_test(tc, empty_set);
	tcase_add_test(tc, other_address);
	return s;
}

int
main(void)
{
	return unit_main(suite());
}
