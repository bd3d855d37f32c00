/*
 * admin_api - tokens, rate limit points and errors of a GraphQL call
 */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/conf.h"
#include "base/crypto.h"
#include "base/cx.h"
#include "base/json.h"
#include "base/log.h"
#include "base/str.h"
#include "base/url.h"
#include "io/http.h"
#include "io/loop.h"
#include "shop/admin_api.h"
#include "shop/shop.h"

#define CALL_MS		20000
#define TOKEN_MS	10000
#define REPLY_MAX	(4 << 20)
#define BUSY_TRIES	3
#define WAIT_MOST	60000
#define TOKEN_LIFE_S	3600		/* when the reply has none */
#define TOKEN_SPARE_S	3600		/* renewed so long before its end */
#define TOKEN_PAUSE_MS	5000		/* after a token was denied */

/* The state of a shop in this process. */
struct store {
	struct store	*next;
	char		*shop;
	char		*token;		/* NULL: none yet */
	int64_t		 until;		/* loop_now() to renew the token at */
	int64_t		 not_before;	/* loop_now() to ask for one again */
	struct gate	 gate;		/* one caller at a time asks */
	struct shop_bucket bucket;
};

static struct store *stores;

static struct store *
store(const char *shop)
{
	struct store *st;

	for (st = stores; st != NULL; st = st->next)
		if (strcmp(st->shop, shop) == 0)
			return st;
	XXXAN(st = calloc(1, sizeof *st));
	XXXAN(st->shop = strdup(shop));
	gate_init(&st->gate, W_SHOP_TOKEN, 1);
	st->next = stores;
	stores = st;
	return st;
}

static const char *
address(struct cx *cx, const char *shop, const char *path)
{
	const char *base = conf_str(C_SHOPIFY_URL);

	return *base != '\0' ? cx_fmt(cx, "%s%s", base, path) :
	    cx_fmt(cx, "https://%s%s", shop, path);
}

/* --- points */

void
shop_bucket_learn(struct shop_bucket *b, const struct cJSON *reply,
    int64_t now)
{
	const struct cJSON *js = json_pointer(reply,
	    "/extensions/cost/throttleStatus");
	double rate = json_num_or(json_get(js, "restoreRate"), 0);
	double most = json_num_or(json_get(js, "maximumAvailable"), 0);

	if (!(rate > 0) || !(most > 0))
		return;
	b->rate = rate;
	b->most = most;
	b->available = json_num_or(json_get(js, "currentlyAvailable"), 0);
	b->at = now;
}

static double
available(const struct shop_bucket *b, int64_t now)
{
	double have = b->available + b->rate * (double)(now - b->at) / 1000;

	return have < b->most ? have : b->most;
}

int64_t
shop_bucket_wait(const struct shop_bucket *b, double cost, int64_t now)
{
	double ms;

	if (b->most <= 0)
		return 0;
	/* More than the maximum: wait until the bucket is full. */
	if (cost > b->most)
		cost = b->most;
	ms = ceil((cost - available(b, now)) / b->rate * 1000);
	if (!(ms > 0))
		return 0;
	return ms < WAIT_MOST ? (int64_t)ms : WAIT_MOST;
}

void
shop_bucket_take(struct shop_bucket *b, double cost, int64_t now)
{
	if (b->most <= 0)
		return;
	b->available = available(b, now) - cost;
	b->at = now;
}

double
shop_reply_cost(const struct cJSON *reply, double other)
{
	return json_num_or(json_pointer(reply,
	    "/extensions/cost/requestedQueryCost"), other);
}

/* --- the token */

static bool
usable(const struct store *st, const char *stale)
{
	return st->token != NULL && loop_now() < st->until &&
	    (stale == NULL || strcmp(st->token, stale) != 0);
}

/* It is sent as a header's value. */
static bool
is_token(const char *s)
{
	if (s == NULL || *s == '\0' || strlen(s) > 1000)
		return false;
	for (; *s != '\0'; s++)
		if (*s <= ' ' || *s > '~')
			return false;
	return true;
}

/* The error code of a reply: {"error":"app_not_installed"}. */
static const char *
oauth_error(const struct cJSON *js)
{
	const char *s = json_text(json_get(js, "error"));

	return s != NULL && strlen(s) < 60 && strspn(s,
	    "abcdefghijklmnopqrstuvwxyz_") == strlen(s) ? s : "no reason";
}

static enum err
keep_token(struct cx *cx, struct store *st, const struct cJSON *js)
{
	const char *token = json_text(json_get(js, "access_token"));
	int64_t life = json_int_or(json_get(js, "expires_in"), TOKEN_LIFE_S);
	int64_t spare = life / 10;

	if (!is_token(token))
		return err_set(cx, E_UPSTREAM, "%s: the reply has no token",
		    st->shop);
	if (spare > TOKEN_SPARE_S)
		spare = TOKEN_SPARE_S;
	free(st->token);
	XXXAN(st->token = strdup(token));
	st->until = loop_now() + (life - spare) * 1000;
	log_info(cx, "shop %s: a token for %lld s", st->shop,
	    (long long)life);
	return E_OK;
}

static coroutine_fn enum err
ask_token(struct cx *cx, struct store *st)
{
	const char *secret = conf_str(C_SHOPIFY_CLIENT_SECRET);
	struct http_call call = HTTP_CALL("POST", address(cx, st->shop,
	    "/admin/oauth/access_token"));
	struct buf *b = buf_new(cx, 8192);
	struct cJSON *js;
	enum err er;

	buf_puts(b, "grant_type=client_credentials&client_id=");
	url_encode(b, conf_str(C_SHOPIFY_CLIENT_ID), NULL);
	buf_puts(b, "&client_secret=");
	url_encode(b, *secret != '\0' ? secret : conf_str(C_SHOPIFY_SECRET),
	    NULL);
	http_header(cx, &call, "Content-Type",
	    "application/x-www-form-urlencoded");
	http_header(cx, &call, "Accept", "application/json");
	call.body = b->data;
	call.bodylen = b->len;
	call.timeout_ms = TOKEN_MS;
	call.maxbody = 65536;
	if ((er = http_do(cx, &call)) != E_OK)
		return er;
	if (json_parse(cx, call.answer->data, call.answer->len, &js) != E_OK)
		js = NULL;
	if (call.status == 200)
		return keep_token(cx, st, js);
	return err_set(cx, call.status == 429 ? E_BUSY : call.status >= 500 ?
	    E_UPSTREAM : E_NOAUTH, "%s: token denied: http %ld, %s",
	    st->shop, call.status, oauth_error(js));
}

/* stale: a token that was just refused, or NULL. */
static coroutine_fn enum err
get_token(struct cx *cx, struct store *st, const char *stale,
    const char **token)
{
	const char *fixed = conf_str(C_SHOPIFY_TOKEN);
	enum err er = E_OK;

	if (*fixed != '\0') {
		*token = fixed;
		return stale == NULL ? E_OK : err_set(cx, E_NOAUTH,
		    "%s refuses MINA_SHOPIFY_TOKEN", st->shop);
	}
	if (!usable(st, stale)) {
		if (gate_enter(&st->gate, loop_deadline(cx,
		    2 * TOKEN_MS)) != E_OK)
			return err_set(cx, E_TIMEOUT, "%s: no token in time",
			    st->shop);
		/* The caller before may have got one, or been denied. */
		if (!usable(st, stale)) {
			er = loop_now() >= st->not_before ?
			    ask_token(cx, st) : err_set(cx, E_NOAUTH,
			    "%s: token denied a moment ago", st->shop);
			if (er == E_NOAUTH && loop_now() >= st->not_before)
				st->not_before = loop_now() + TOKEN_PAUSE_MS;
		}
		gate_leave(&st->gate);
	}
	if (er == E_OK)
		*token = cx_dup(cx, st->token);
	return er;
}

/* --- a call */

static const char *
body_of(struct cx *cx, const struct shop_call *call)
{
	struct buf *b = buf_new(cx, 65536);
	struct json js;

	json_init(&js, b);
	json_obj(&js, NULL);
	json_str(&js, "query", call->query);
	json_raw(&js, "variables", call->variables);
	json_end(&js);
	return json_ok(&js) ? b->data : NULL;
}

/* Up to a quarter longer, so that callers do not return all at once. */
static int64_t
add_jitter(int64_t ms)
{
	unsigned char chance;

	crypto_random(&chance, sizeof chance);
	return ms + ms * chance / 1024;
}

/*
 * If only some fields were denied (personal data, to an app not approved for
 * it), the rest of the reply is valid.
 */
static bool
all_denied(const struct cJSON *errors)
{
	const struct cJSON *e;

	for (e = json_first(errors); e != NULL; e = json_next(e))
		if (!str_eq(json_text(json_pointer(e, "/extensions/code")),
		    "ACCESS_DENIED"))
			return false;
	return json_is_list(errors);
}

static enum err
graphql_error(struct cx *cx, struct store *st, struct shop_call *call,
    const struct cJSON *reply, const struct cJSON *errors)
{
	const struct cJSON *e = json_is_list(errors) ? json_first(errors) :
	    NULL;
	const char *code = json_text(json_pointer(e, "/extensions/code"));
	const char *message = json_text(json_get(e, "message"));
	enum err er = E_REJECTED;

	if (message == NULL)
		message = json_text(errors);
	if (str_eq(code, "THROTTLED") || str_eq(message, "Throttled")) {
		er = E_BUSY;
		call->retry_ms = add_jitter(shop_bucket_wait(&st->bucket,
		    shop_reply_cost(reply, call->cost), loop_now()) + 1);
	} else if (str_eq(code, "INTERNAL_SERVER_ERROR") ||
	    str_eq(code, "TIMEOUT"))
		er = E_UPSTREAM;
	else if (str_eq(code, "RESOURCE_NOT_FOUND"))
		er = E_NOTFOUND;
	return err_set(cx, er, "%s: %.40s %.160s", st->shop, code != NULL ?
	    code : "", message != NULL ? message : "an error without message");
}

static enum err
read_reply(struct cx *cx, struct store *st, struct shop_call *call,
    const struct cJSON *reply)
{
	const struct cJSON *errors = json_get(reply, "errors");

	shop_bucket_learn(&st->bucket, reply, loop_now());
	call->data = json_get(reply, "data");
	if (!json_is_null(errors)) {
		if (json_is_null(json_first(call->data)) ||
		    !all_denied(errors))
			return graphql_error(cx, st, call, reply, errors);
		log_warn(cx, "shop %s: access to some fields is denied: %.160s",
		    st->shop, json_text(json_get(json_first(errors),
		    "message")) != NULL ? json_text(json_get(json_first(
		    errors), "message")) : "");
	}
	if (!json_is_obj(call->data))
		return err_set(cx, E_UPSTREAM, "%s: a reply without data",
		    st->shop);
	return E_OK;
}

static enum err
http_error(struct cx *cx, struct store *st, struct shop_call *call,
    const struct http_call *hc)
{
	enum err er = E_REJECTED;

	call->retry_ms = http_retry_after(hc);
	if (hc->status == 401)
		er = E_NOAUTH;
	else if (hc->status == 429)
		er = E_BUSY;
	else if (hc->status >= 500 || hc->status == 408)
		er = E_UPSTREAM;
	if (er == E_BUSY && call->retry_ms == 0)
		call->retry_ms = add_jitter(1000);
	return err_set(cx, er, "%s: http %ld", st->shop, hc->status);
}

static coroutine_fn enum err
post(struct cx *cx, struct store *st, const char *token, const char *body,
    struct shop_call *call)
{
	struct http_call hc = HTTP_CALL("POST", address(cx, st->shop,
	    cx_fmt(cx, "/admin/api/%s/graphql.json",
	    conf_str(C_SHOPIFY_VERSION))));
	struct cJSON *reply;
	enum err er;

	http_header(cx, &hc, "Content-Type", "application/json");
	http_header(cx, &hc, "Accept", "application/json");
	http_secret(cx, &hc, "X-Shopify-Access-Token", token);
	hc.body = body;
	hc.bodylen = strlen(body);
	hc.timeout_ms = CALL_MS;
	hc.maxbody = REPLY_MAX;
	/* The sweep leaves out an order whose reply is too large. */
	if ((er = http_too_large(cx, http_do(cx, &hc))) != E_OK)
		return er;
	if (hc.status != 200)
		return http_error(cx, st, call, &hc);
	if (json_parse(cx, hc.answer->data, hc.answer->len, &reply) != E_OK)
		return err_set(cx, E_UPSTREAM, "%s: the reply is not JSON",
		    st->shop);
	return read_reply(cx, st, call, reply);
}

/* E_BUSY instead of sleeping past the deadline. */
static coroutine_fn enum err
pause_for(struct cx *cx, struct store *st, struct shop_call *call, int64_t ms)
{
	if (ms <= 0)
		return E_OK;
	if (loop_deadline(cx, ms) < loop_now() + ms) {
		call->retry_ms = ms;
		return err_set(cx, E_BUSY, "%s: over the rate limit for "
		    "%lld ms", st->shop, (long long)ms);
	}
	return loop_sleep(cx, ms);
}

/* Other callers may take points while this one sleeps. */
static coroutine_fn enum err
wait_for_points(struct cx *cx, struct store *st, struct shop_call *call)
{
	int64_t ms;
	enum err er;

	while ((ms = shop_bucket_wait(&st->bucket, call->cost,
	    loop_now())) > 0)
		if ((er = pause_for(cx, st, call, ms)) != E_OK)
			return er;
	shop_bucket_take(&st->bucket, call->cost, loop_now());
	return E_OK;
}

coroutine_fn enum err
shop_call(struct cx *cx, const char *shop, struct shop_call *call)
{
	const char *body = body_of(cx, call), *token = NULL, *stale = NULL;
	struct store *st;
	enum err er;
	int busy = 0;

	if (!shop_known(shop) || !shop_admin_enabled())
		return err_set(cx, E_REJECTED, "%.100s is not a configured "
		    "shop", shop);
	if (body == NULL)
		return err_set(cx, E_BUG, "the query is too large");
	st = store(shop);
	for (;;) {
		call->retry_ms = 0;
		if ((er = get_token(cx, st, stale, &token)) != E_OK ||
		    (er = wait_for_points(cx, st, call)) != E_OK)
			return er;
		er = post(cx, st, token, body, call);
		if (er == E_NOAUTH && stale == NULL)
			stale = token;
		else if (er != E_BUSY || ++busy >= BUSY_TRIES ||
		    (er = pause_for(cx, st, call, call->retry_ms)) != E_OK)
			return er;
	}
}

coroutine_fn enum err
shop_mutation(struct cx *cx, const char *shop, struct shop_call *call,
    const char *name)
{
	const struct cJSON *payload;
	const char *why;
	enum err er;

	if ((er = shop_call(cx, shop, call)) != E_OK)
		return er;
	payload = json_get(call->data, name);
	if ((why = shop_user_error(payload)) != NULL)
		return err_set(cx, E_CONFLICT, "%s: %s: %.160s", shop, name,
		    why);
	if (!json_is_obj(payload))
		return err_set(cx, E_UPSTREAM, "%s: %s: an empty reply", shop,
		    name);
	call->data = payload;
	return E_OK;
}

const char *
shop_user_error(const struct cJSON *payload)
{
	const struct cJSON *e = json_first(json_get(payload, "userErrors"));
	const char *message = json_text(json_get(e, "message"));

	if (e == NULL)
		return NULL;
	return message != NULL ? message : "an error without message";
}
