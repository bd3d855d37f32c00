/*
 * callback - verifies provider webhooks by the scheme of their entry
 *
 * Published keys (fal) are cached for an hour.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/crypto.h"
#include "base/cx.h"
#include "base/encode.h"
#include "base/json.h"
#include "base/log.h"
#include "base/str.h"
#include "base/url.h"
#include "config/registry.h"
#include "gen/callback.h"
#include "io/http.h"
#include "io/loop.h"
#include "pg/pg.h"
#include "web/req.h"

#define GEN_MAX		80		/* bytes of a generation's id */
#define KEYS_MAX	16
#define KEYS_FRESH_MS	3600000		/* fal's documentation: 24 h at most */
#define KEYS_AGAIN_MS	30000		/* between fetches for unknown keys */
#define KEYS_BYTES	65536

static const char *
member(const struct provider *p, const char *name)
{
	return json_text(json_get(json_get(p->def, "callback"), name));
}

static const char *
secret_of(const struct provider *p)
{
	return registry_env(member(p, "secret_env"));
}

static const char *
keys_url(const struct provider *p)
{
	const char *env = registry_env(member(p, "jwks_url_env"));

	return env != NULL ? env : member(p, "jwks_url");
}

/* --- the address */

static const char *
token(struct cx *cx, const struct provider *p, const char *gen)
{
	const char *secret = secret_of(p);
	const char *what = cx_fmt(cx, "mina callback %s %s", p->key, gen);
	char *hex = cx_alloc(cx, SHA256_HEX);
	unsigned char mac[SHA256_LEN];

	crypto_hmac(secret, strlen(secret), what, strlen(what), mac);
	encode_hex(mac, sizeof mac, hex);
	return hex;
}

const char *
callback_url(struct cx *cx, const struct provider *p, const char *gen)
{
	const char *scheme = member(p, "scheme");
	const char *base = getenv(conf_name(C_PUBLIC_URL));
	const char *url;

	if (scheme == NULL || base == NULL || *base == '\0')
		return NULL;
	url = cx_fmt(cx, "%s/api/webhooks/%s", base, p->key);
	if (strcmp(scheme, "ed25519-jwks") == 0)
		return keys_url(p) != NULL ? url : NULL;
	if (secret_of(p) == NULL)
		return NULL;
	if (strcmp(scheme, "token") == 0)
		return cx_fmt(cx, "%s?g=%s&t=%s", url, gen, token(cx, p,
		    gen));
	return url;
}

/* --- signatures */

static enum err
refuse(struct cx *cx, const struct provider *p, const char *why)
{
	log_info(cx, "callback of %s refused: %s", p->key, why);
	return err_say(cx, E_NOAUTH, "This callback does not prove that it "
	    "comes from %s.", p->key);
}

static bool
in_time(const char *stamp)
{
	int64_t at, now = clock_now() / 1000;

	return stamp != NULL && str_int(stamp, 0, INT64_MAX / 1000, &at) &&
	    at >= now - CALLBACK_AGE_S && at <= now + CALLBACK_AGE_S;
}

/* Is want one of "v1,<base64> v1,<base64>"?  Other versions are skipped. */
static bool
any_signature(const char *list, const char *want)
{
	size_t n, len = strlen(want);
	bool hit = false;

	for (; *list != '\0'; list += n + (list[n] == ' ')) {
		n = strcspn(list, " ");
		if (n == len + 3 && strncmp(list, "v1,", 3) == 0)
			hit |= crypto_eq(list + 3, want, len);
	}
	return hit;
}

bool
callback_standard(struct cx *cx, const char *secret, const char *id,
    const char *at, const char *body, size_t len, const char *signatures)
{
	unsigned char mac[SHA256_LEN], *key;
	struct buf *b;
	size_t n;

	if (str_starts(secret, "whsec_"))
		secret += strlen("whsec_");
	if ((key = decode_base64(cx, secret, &n)) == NULL || n == 0)
		return false;
	b = buf_new(cx, len + strlen(id) + strlen(at) + 8);
	buf_fmt(b, "%s.%s.", id, at);
	buf_put(b, body, len);
	crypto_hmac(key, n, b->data, b->len, mac);
	return any_signature(signatures, encode_base64(cx, mac, sizeof mac));
}

static enum err
check_standard(struct cx *cx, struct req *rq, const struct provider *p)
{
	const char *id = req_header(rq, "Webhook-Id");
	const char *at = req_header(rq, "Webhook-Timestamp");
	const char *sig = req_header(rq, "Webhook-Signature");

	if (secret_of(p) == NULL)
		return refuse(cx, p, "no secret is set");
	if (id == NULL || sig == NULL || !in_time(at))
		return refuse(cx, p, "not signed, or timestamp out of range");
	return callback_standard(cx, secret_of(p), id, at, rq->body,
	    rq->bodylen, sig) ? E_OK : refuse(cx, p, "bad signature");
}

static enum err
check_token(struct cx *cx, struct req *rq, const struct provider *p,
    const char **gen)
{
	const char *g = req_query(cx, rq, "g"), *t = req_query(cx, rq, "t");

	if (secret_of(p) == NULL)
		return refuse(cx, p, "no secret is set");
	if (g == NULL || t == NULL || strlen(g) > GEN_MAX ||
	    !crypto_str_eq(t, token(cx, p, g)))
		return refuse(cx, p, "bad token");
	*gen = g;
	return E_OK;
}

/* --- published keys */

/* The keys of one address; a program knows one or two. */
struct keyring {
	struct keyring	*next;
	char		 url[256];
	unsigned char	 key[KEYS_MAX][CRYPTO_ED25519_KEY];
	size_t		 n;
	int64_t		 fetched, tried;	/* loop_now(); 0: never */
};

static struct keyring *keyrings;

static struct keyring *
keyring(const char *url)
{
	struct keyring *k;

	for (k = keyrings; k != NULL; k = k->next)
		if (strcmp(k->url, url) == 0)
			return k;
	XXXAN(k = calloc(1, sizeof *k));
	snprintf(k->url, sizeof k->url, "%s", url);
	k->next = keyrings;
	return keyrings = k;
}

static void
read_keys(struct cx *cx, struct keyring *k, const struct cJSON *set)
{
	const struct cJSON *js = json_first(json_get(set, "keys"));
	unsigned char *x;
	size_t len;

	for (k->n = 0; js != NULL && k->n < KEYS_MAX; js = json_next(js)) {
		if (!str_eq(json_text(json_get(js, "kty")), "OKP") ||
		    !str_eq(json_text(json_get(js, "crv")), "Ed25519") ||
		    json_text(json_get(js, "x")) == NULL ||
		    (x = decode_base64url(cx, json_text(json_get(js, "x")),
		    &len)) == NULL || len != CRYPTO_ED25519_KEY)
			continue;
		memcpy(k->key[k->n++], x, len);
	}
	k->fetched = loop_now();
}

/* On failure the keys fetched before stay. */
static coroutine_fn enum err
fetch_keys(struct cx *cx, struct keyring *k)
{
	struct http_call call = HTTP_CALL("GET", k->url);
	struct cJSON *set;
	enum err er;

	k->tried = loop_now();
	call.maxbody = KEYS_BYTES;
	call.timeout_ms = 5000;
	if ((er = http_do(cx, &call)) != E_OK)
		return er;
	if (call.status != 200 || json_parse(cx, call.answer->data,
	    call.answer->len, &set) != E_OK || !json_is_list(json_get(set,
	    "keys")))
		return err_set(cx, E_UPSTREAM, "no keys at %s: http %ld",
		    k->url, call.status);
	read_keys(cx, k, set);
	return E_OK;
}

static bool
any_key(const struct keyring *k, const unsigned char *sig, const char *what)
{
	for (size_t i = 0; i < k->n; i++)
		if (crypto_ed25519(k->key[i], sig, what, strlen(what)))
			return true;
	return false;
}

const char *
callback_fal_text(struct cx *cx, const char *id, const char *user,
    const char *at, const char *body, size_t len)
{
	char sha[SHA256_HEX];

	crypto_sha256_hex(body, len, sha);
	return cx_fmt(cx, "%s\n%s\n%s\n%s", id, user, at, sha);
}

static coroutine_fn enum err
check_ed25519(struct cx *cx, struct req *rq, const struct provider *p)
{
	const char *id = req_header(rq, "X-Fal-Webhook-Request-Id");
	const char *user = req_header(rq, "X-Fal-Webhook-User-Id");
	const char *at = req_header(rq, "X-Fal-Webhook-Timestamp");
	const char *hex = req_header(rq, "X-Fal-Webhook-Signature");
	unsigned char sig[CRYPTO_ED25519_SIG];
	const char *what;
	struct keyring *k;

	if (keys_url(p) == NULL || strlen(keys_url(p)) >= sizeof k->url)
		return refuse(cx, p, "no jwks_url is set");
	if (id == NULL || user == NULL || hex == NULL || !in_time(at) ||
	    !decode_hex(hex, sizeof sig, sig))
		return refuse(cx, p, "not signed, or timestamp out of range");
	what = callback_fal_text(cx, id, user, at, rq->body, rq->bodylen);
	k = keyring(keys_url(p));
	if (k->fetched != 0 && loop_now() - k->fetched < KEYS_FRESH_MS &&
	    any_key(k, sig, what))
		return E_OK;
	/* Old keys, or an unknown one: fetch, but not for every callback. */
	if ((k->tried == 0 || loop_now() - k->tried > KEYS_AGAIN_MS) &&
	    fetch_keys(cx, k) != E_OK && k->fetched == 0)
		return err_set(cx, E_UPSTREAM, "%s", cx_dup(cx,
		    cx->err.detail));
	if (k->fetched == 0)
		return err_set(cx, E_UPSTREAM, "no keys of %s yet", p->key);
	return any_key(k, sig, what) ? E_OK : refuse(cx, p, "bad signature");
}

/* --- the generation */

static const struct stmt S_FIND = STMT_READ("callback_find",
    "select mina_job_find($1, $2)");

static coroutine_fn enum err
find(struct cx *cx, struct req *rq, const struct provider *p,
    const char **gen)
{
	const char *ptr = member(p, "id"), *id;
	const struct row *row;
	struct cJSON *tree;
	enum err er;

	if (json_parse_request(cx, rq->body, rq->bodylen, &tree) != E_OK)
		return err_set(cx, E_BADREQ, "callback of %s: not JSON",
		    p->key);
	id = ptr != NULL ? json_word(cx, tree, rq->body, ptr) : NULL;
	if (id == NULL)
		return E_OK;
	if ((er = pg_maybe(cx, &S_FIND, &row, pg_text(p->key),
	    pg_text(id))) != E_OK)
		return er;
	*gen = row != NULL && !row_null(row, 0) ? row_text(row, 0) : NULL;
	return E_OK;
}

coroutine_fn enum err
callback_read(struct cx *cx, struct req *rq, const struct provider *p,
    const char **gen)
{
	const char *scheme = member(p, "scheme");
	enum err er;

	*gen = NULL;
	if (scheme == NULL)
		return err_set(cx, E_NOTFOUND, "%s has no callback", p->key);
	if (strcmp(scheme, "token") == 0)
		return check_token(cx, rq, p, gen);
	if (strcmp(scheme, "standard-webhooks") == 0)
		er = check_standard(cx, rq, p);
	else if (strcmp(scheme, "ed25519-jwks") == 0)
		er = check_ed25519(cx, rq, p);
	else
		er = refuse(cx, p, "unknown scheme");
	return er != E_OK ? er : find(cx, rq, p, gen);
}

static const struct stmt S_WAKE = STMT("callback_wake",
    "select true from pg_notify('mina_wake', $1)");

coroutine_fn enum err
callback_wake(struct cx *cx, const char *gen)
{
	const struct row *row;

	return pg_one(cx, &S_WAKE, &row, pg_text(gen));
}
