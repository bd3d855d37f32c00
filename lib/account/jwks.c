/*
 * jwks - fetches the keys in one coroutine, for all requests that wait
 */
#include "config.h"

#include <string.h>

#include "account/jwks.h"
#include "account/keptkeys.h"
#include "account/refresh.h"
#include "base/buf.h"
#include "base/conf.h"
#include "base/cx.h"
#include "base/log.h"
#include "base/str.h"
#include "base/url.h"
#include "io/http.h"
#include "io/jwt.h"
#include "io/loop.h"

#define FRESH_MS	600000		/* keys are kept so long */
#define STALE_MS	3600000		/* ..and used without a fetch */
#define ASK_MS		30000		/* between fetches while keys serve */
#define RETRY_MS	2000		/* ..and while there are none */
#define JUST_MS		1000		/* keys so new are not fetched again */
#define FETCH_MS	5000

/* Moments are loop_now(). */
static struct jwks	*keys;		/* NULL: never fetched */
static int64_t		 fetched;	/* when keys arrived */
static bool		 kept;		/* keys are from a row (keptkeys.h) */
static int64_t		 failed;	/* when a fetch failed; 0: it did not */
static int64_t		 asked;		/* for an unknown kid; 0: never */
static struct refresh	 refresh;

static const char *
secret(void)
{
	return conf_str(C_AUTH_SECRET);
}

static bool
is_https(const char *s)
{
	struct cx cx;
	struct url u;
	bool ok;

	cx_init(&cx, 1 << 16);
	ok = url_parse(&cx, s, &u) && str_eq(u.scheme, "https");
	cx_release(&cx);
	return ok;
}

const char *
jwks_complaint(void)
{
	const char *url = conf_str(C_AUTH_URL);
	const char *jwks = conf_str(C_AUTH_JWKS_URL);
	size_t n = strlen(secret());

	if ((*url != '\0' && !is_https(url)) ||
	    (*jwks != '\0' && !is_https(jwks)))
		return "MINA_AUTH_URL and MINA_AUTH_JWKS_URL must begin with "
		    "https://";
	if (n > 0 && (n < JWT_SECRET_MIN || n > JWT_SECRET_MAX))
		return "MINA_AUTH_SECRET must have 32 to 1024 bytes";
	return NULL;
}

const char *
jwks_name(struct cx *cx)
{
	const char *s = conf_str(C_AUTH_URL);
	size_t n = strlen(s);

	while (n > 0 && s[n - 1] == '/')
		n--;
	return cx_dupn(cx, s, n);
}

static enum err
away(struct cx *cx, const char *why)
{
	err_set(cx, E_AWAY, "jwks: %s", why);
	cx->err.retry_after = RETRY_MS / 1000;
	return E_AWAY;
}

/* --- fetching */

static const char *
keys_url(struct cx *cx)
{
	const char *url = conf_str(C_AUTH_JWKS_URL);

	return *url != '\0' ? url : cx_fmt(cx, "%s/.well-known/jwks.json",
	    jwks_name(cx));
}

/* text lives as long as cx. */
static coroutine_fn enum err
fetch(struct cx *cx, struct jwks **out, const struct buf **text)
{
	struct http_call call = HTTP_CALL("GET", keys_url(cx));
	const char *why;
	enum err er;

	call.timeout_ms = FETCH_MS;
	call.maxbody = JWKS_MAX;
	http_header(cx, &call, "Accept", "application/json");
	if ((er = http_do(cx, &call)) != E_OK)
		return er;
	if (call.status != 200)
		return err_set(cx, E_UPSTREAM, "http %ld", call.status);
	*out = jwks_new(call.answer->data, call.answer->len, &why);
	if (*out == NULL)
		return err_set(cx, E_UPSTREAM, "%s", why);
	*text = call.answer;
	return E_OK;
}

/* While there are none: what was read last, by any program. */
static coroutine_fn void
use_kept(struct cx *cx)
{
	const char *text, *when, *why;
	struct jwks *set;

	if (keptkeys_get(cx, keys_url(cx), &text, &when) != E_OK) {
		log_warn(cx, "jwks: no keys of before: %s", cx->err.detail);
		return;
	}
	if ((set = jwks_new(text, strlen(text), &why)) == NULL) {
		log_err(cx, "jwks: keys of before: %s", why);
		return;
	}
	log_warn(cx, "jwks: using the keys read at %s", when);
	keys = set;
	kept = true;
	/* Due for a fetch, and not so old that requests wait for it. */
	fetched = loop_now() - FRESH_MS;
}

/* What a fetch uses of the request that started it, for as long as it runs. */
static struct {
	struct http	*http;
	struct pg	*db;
} with;

/* A coroutine of its own: the request that started it may end first. */
static coroutine_fn void
fetch_keys(void *arg)
{
	const struct buf *text = NULL;
	struct jwks *set;
	struct cx cx;

	(void)arg;
	cx_init(&cx, 1 << 20);
	cx.http = with.http;
	cx.db = with.db;
	if (fetch(&cx, &set, &text) == E_OK) {
		if (keys == NULL || keys->n != set->n ||
		    keys->skipped != set->skipped)
			log_info(&cx, "jwks: %zu keys, %zu not supported",
			    set->n, set->skipped);
		jwks_free(keys);
		keys = set;
		kept = false;
		fetched = loop_now();
		failed = 0;
	} else {
		log_warn(&cx, "jwks: no keys: %s", cx.err.detail);
		failed = loop_now();
		if (keys == NULL)
			use_kept(&cx);
	}
	refresh_end(&refresh);
	if (text != NULL)
		keptkeys_put(&cx, keys_url(&cx), text->data, text->len);
	cx_release(&cx);
}

static void
start_fetch(struct cx *cx)
{
	if (!refresh_begin(&refresh))
		return;
	with.http = cx->http;
	with.db = cx->db;
	loop_go(fetch_keys, NULL);
}

/* The result is in keys and failed. */
static coroutine_fn void
fetch_and_wait(struct cx *cx)
{
	start_fetch(cx);
	refresh_wait(cx, &refresh, FETCH_MS + 2000);
}

static bool
failed_within(int64_t ms)
{
	return failed != 0 && loop_now() - failed < ms;
}

/* Between fetches: keys of before are replaced as soon as it can be. */
static int64_t
ask_ms(void)
{
	return kept ? RETRY_MS : ASK_MS;
}

/* On E_OK there are keys, and not older than they may be. */
static coroutine_fn enum err
need_keys(struct cx *cx)
{
	int64_t age = loop_now() - fetched;

	if (keys == NULL) {
		if (refresh.running || !failed_within(RETRY_MS))
			fetch_and_wait(cx);
	} else if (age >= STALE_MS && !failed_within(ask_ms()))
		fetch_and_wait(cx);
	else if (age >= FRESH_MS && !failed_within(ask_ms()))
		start_fetch(cx);
	return keys != NULL ? E_OK : away(cx, "no keys could be fetched");
}

/* --- finding a key */

static bool
may_fetch(void)
{
	int64_t now = loop_now();

	return (asked == 0 || now - asked >= ask_ms()) &&
	    now - fetched >= JUST_MS && !failed_within(ask_ms());
}

static coroutine_fn enum err
public_key(struct cx *cx, const char *kid, const struct jwk **key)
{
	enum err er;

	if ((er = need_keys(cx)) != E_OK)
		return er;
	if ((*key = jwks_find(keys, kid)) != NULL)
		return E_OK;
	if (refresh.running)
		fetch_and_wait(cx);
	else if (may_fetch()) {
		asked = loop_now();
		fetch_and_wait(cx);
	}
	if ((*key = jwks_find(keys, kid)) != NULL)
		return E_OK;
	if (failed != 0)
		return away(cx, "an unknown kid, and keys cannot be fetched");
	return err_set(cx, E_NOAUTH, "token: kid is unknown");
}

static enum err
secret_key(struct cx *cx, const struct jwk **key)
{
	static struct jwk *mine;

	if (*secret() == '\0')
		return err_set(cx, E_NOAUTH, "token: HS256, and no secret");
	if (mine == NULL)
		mine = jwk_secret(secret(), strlen(secret()));
	AN(mine);		/* jwks_complaint() checked its length */
	*key = mine;
	return E_OK;
}

coroutine_fn enum err
jwks_key(struct cx *cx, const struct jwt *t, const struct jwk **key)
{
	if (*jwks_name(cx) == '\0')
		return away(cx, "MINA_AUTH_URL is not set");
	if (t->alg == JWT_HS256)
		return secret_key(cx, key);
	if (t->kid == NULL)
		return err_set(cx, E_NOAUTH, "token: no kid");
	return public_key(cx, t->kid, key);
}

bool
jwks_has(struct cx *cx, const unsigned char print[SHA256_LEN])
{
	int64_t age = loop_now() - fetched;

	if (keys == NULL || age >= STALE_MS)
		return false;
	if (age >= FRESH_MS && !failed_within(ask_ms()))
		start_fetch(cx);
	for (size_t i = 0; i < keys->n; i++)
		if (memcmp(keys->key[i].print, print, SHA256_LEN) == 0)
			return true;
	return false;
}
