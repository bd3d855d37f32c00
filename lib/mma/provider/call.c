/*
 * call - calls a provider's API and maps its replies to our errors
 *
 * provider_fault is set where the provider, its key or its account is the
 * cause of an error, and not the request: the circuit breaker counts those.
 * E_PROVIDER is for what no request could change: our key, our account, or a
 * model that the provider does not have.
 */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/cx.h"
#include "base/encode.h"
#include "base/str.h"
#include "base/url.h"
#include "mma/provider/provider.h"
#include "pg/pgtime.h"

#define REPLY_MAX	(1 << 20)
#define SKIP_MAX	8		/* names in "skip" */
#define JWT_LIFE_S	1800
#define JWT_SKEW_S	5
#define INCOMPLETE	"is not configured completely, see the worker's log"

void
provider_cause(struct provider_job *pj, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(pj->cause, sizeof pj->cause, fmt, ap);
	va_end(ap);
}

/* --- authorization */

const char *
provider_jwt(struct cx *cx, const char *access, const char *secret,
    int64_t now_s)
{
	static const char head[] = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";
	struct buf *b = buf_new(cx, 4096);
	unsigned char mac[SHA256_LEN];
	struct json js;
	char *both;

	json_init(&js, b);
	json_obj(&js, NULL);
	json_str(&js, "iss", access);
	json_int(&js, "exp", now_s + JWT_LIFE_S);
	json_int(&js, "nbf", now_s - JWT_SKEW_S);
	json_end(&js);
	both = cx_fmt(cx, "%s.%s", encode_base64url(cx, head, strlen(head)),
	    encode_base64url(cx, b->data, b->len));
	crypto_hmac(secret, strlen(secret), both, strlen(both), mac);
	return cx_fmt(cx, "%s.%s", both, encode_base64url(cx, mac, sizeof mac));
}

static enum err
authorize(struct cx *cx, struct provider_job *pj, struct http_call *call)
{
	const struct cJSON *auth = json_get(pj->p.def, "auth");
	const char *env = run_text(auth, "/secret_env");
	const char *access_env = run_text(auth, "/access_env");
	const char *scheme = run_text(auth, "/scheme");
	const char *prefix = run_text(auth, "/prefix");
	const char *secret = env != NULL ? registry_env(env) : NULL;
	const char *access = access_env != NULL ? registry_env(access_env) :
	    NULL;

	if (auth == NULL)
		return E_OK;
	pj->provider_fault = true;	/* while an error is returned */
	provider_cause(pj, INCOMPLETE);
	if (secret == NULL)
		return err_set(cx, E_PROVIDER, "%s: %s is not set", pj->p.key,
		    env != NULL ? env : "secret_env");
	if (str_eq(scheme, "jwt_hs256")) {
		if (access == NULL)
			return err_set(cx, E_PROVIDER, "%s: %s is not set",
			    pj->p.key, access_env != NULL ?
			    access_env : "access_env");
		secret = provider_jwt(cx, access, secret, pgtime_now() / 1000);
		prefix = prefix != NULL ? prefix : "Bearer ";
	} else if (scheme != NULL && strcmp(scheme, "header") != 0)
		return err_set(cx, E_PROVIDER, "%s: unknown auth scheme %s",
		    pj->p.key, scheme);
	http_secret(cx, call, run_text(auth, "/header") != NULL ?
	    run_text(auth, "/header") : "Authorization", cx_fmt(cx, "%s%s",
	    prefix != NULL ? prefix : "", secret));
	pj->provider_fault = false;
	*pj->cause = '\0';
	return E_OK;
}

/* --- the call */

/* The call carries our key, so its URL must be under the base URL. */
static enum err
address(struct cx *cx, struct provider_job *pj, const char *path,
    const char **url)
{
	const char *base = registry_base(&pj->p), *filled;

	pj->provider_fault = true;
	provider_cause(pj, INCOMPLETE);
	if (base == NULL)
		return err_set(cx, E_PROVIDER, "%s: no base_url", pj->p.key);
	if (path == NULL || (filled = provider_path(cx, path, pj)) == NULL)
		return err_set(cx, E_PROVIDER, "%s: no URL for %s",
		    pj->p.key, path != NULL ? path : "a call");
	if (strstr(filled, "://") == NULL)
		*url = cx_fmt(cx, "%s%s", base, filled);
	else if (url_under(filled, base))
		*url = filled;
	else
		return err_set(cx, E_PROVIDER, "%s: a URL that is not under "
		    "its base_url", pj->p.key);
	pj->provider_fault = false;
	*pj->cause = '\0';
	return E_OK;
}

static bool
lease_lasts(void *run)
{
	return run_holds(run);
}

/* Members of replies that are not needed and may be large, such as logs. */
static const char *const *
skipped(struct cx *cx, const struct provider *p)
{
	const struct cJSON *js = json_first(json_get(p->def, "skip"));
	const char **names = cx_alloc(cx, (SKIP_MAX + 1) * sizeof *names);
	size_t n = 0;

	for (; js != NULL && n < SKIP_MAX; js = json_next(js))
		if (json_text(js) != NULL)
			names[n++] = json_text(js);
	names[n] = NULL;
	return names;
}

coroutine_fn enum err
provider_call(struct cx *cx, struct provider_job *pj, const char *method,
    const char *path, const char *body, int64_t timeout_ms,
    struct http_call *call, struct cJSON **tree)
{
	const char *url = NULL;
	int64_t date;
	enum err er;

	*tree = NULL;
	pj->provider_fault = false;
	if ((er = address(cx, pj, path, &url)) != E_OK)
		return er;
	*call = (struct http_call)HTTP_CALL(method, url);
	call->timeout_ms = timeout_ms;
	call->maxbody = REPLY_MAX;
	call->skip = skipped(cx, &pj->p);
	if ((er = authorize(cx, pj, call)) != E_OK)
		return er;
	if (body != NULL) {
		http_header(cx, call, "Content-Type", "application/json");
		call->body = body;
		call->bodylen = strlen(body);
	}
	if (pj->fence != NULL) {
		call->go = lease_lasts;
		call->go_arg = pj->fence;
	}
	if ((er = http_do(cx, call)) != E_OK) {
		pj->provider_fault = er != E_LOST;
		return er;
	}
	if (clock_parse_http(http_got(call, "date"), &date))
		pj->skew = date - pgtime_now();
	if (json_parse(cx, call->answer->data, call->answer->len,
	    tree) != E_OK)
		*tree = NULL;
	return E_OK;
}

/* --- the reply */

static bool
has_code(const struct cJSON *list, const char *code)
{
	const struct cJSON *js = json_first(list);
	const char *s;
	char num[24];
	size_t n;

	for (; js != NULL; js = json_next(js)) {
		if ((s = json_text(js)) == NULL) {
			snprintf(num, sizeof num, "%lld",
			    (long long)json_int_or(js, 0));
			s = num;
		}
		n = strlen(s);
		/* Ark: "InputTextSensitiveContentDetected.Suffix" */
		if (strncmp(code, s, n) == 0 && (code[n] == '\0' ||
		    code[n] == '.'))
			return true;
	}
	return false;
}

enum err
provider_code(const struct provider *p, const char *code)
{
	const struct cJSON *map = json_get(p->def, "errors");

	if (code == NULL)
		return E_OK;
	if (has_code(json_get(map, "moderated"), code))
		return E_MODERATED;
	if (has_code(json_get(map, "ours"), code))
		return E_PROVIDER;
	if (has_code(json_get(map, "rejected"), code))
		return E_REJECTED;
	if (has_code(json_get(map, "busy"), code))
		return E_BUSY;
	return has_code(json_get(map, "retry"), code) ? E_UPSTREAM : E_OK;
}

/* The first of the words of this member of the entry that message has. */
static const char *
find_word(const struct provider *p, const char *member, const char *message)
{
	const struct cJSON *js = json_first(json_get(p->def, member));

	for (; js != NULL && message != NULL; js = json_next(js))
		if (json_text(js) != NULL &&
		    strcasestr(message, json_text(js)) != NULL)
			return json_text(js);
	return NULL;
}

static bool
has_words(const struct provider *p, const char *member, const char *message)
{
	return find_word(p, member, message) != NULL;
}

bool
provider_declined(const struct provider *p, const char *message)
{
	return has_words(p, "refusal", message);
}

enum err
provider_failure(const struct provider *p, const char *message)
{
	enum err er = provider_code(p, message);

	if (er != E_OK)
		return er;
	if (provider_declined(p, message))
		return E_MODERATED;
	if (has_words(p, "our_trouble", message))
		return E_PROVIDER;
	return has_words(p, "bad_input", message) ? E_REJECTED : E_UPSTREAM;
}

enum err
provider_ended(struct provider_job *pj, const char *message)
{
	const char *word = find_word(&pj->p, "our_trouble", message);
	enum err er = provider_failure(&pj->p, message);

	pj->ended = true;
	pj->provider_fault = er != E_MODERATED && er != E_REJECTED;
	/* The words are the entry's. */
	if (er == E_PROVIDER && word != NULL)
		provider_cause(pj, "fails our jobs: \"%s\"", word);
	else if (er == E_PROVIDER)
		provider_cause(pj, "fails our jobs for a reason of our "
		    "account or of the model");
	return er;
}

static bool
is_success(const struct provider *p, long status, const struct cJSON *tree)
{
	const struct cJSON *want = json_get(p->def, "success");

	return status >= 200 && status <= 299 && (want == NULL ||
	    (tree != NULL && json_same(json_pointer(tree, run_text(want,
	    "/pointer")), json_get(want, "value"))));
}

/* May a reply with this status be a declined request, by its text only? */
static bool
text_may_decline(const struct provider *p, long status)
{
	const struct cJSON *js = json_first(json_pointer(p->def,
	    "/errors/words"));

	for (; js != NULL; js = json_next(js))
		if (json_int_or(js, 0) == status)
			return true;
	return false;
}

/*
 * What a status means that no code explains.  401 to 403 are about our key or
 * account; 404, 405 and 410 say that the model or the call is gone.
 */
static enum err
by_status(const struct provider *p, long status, const char *text)
{
	if (status == 429)
		return E_BUSY;
	if (status < 400 || status >= 500 || status == 408)
		return E_UPSTREAM;
	if (text_may_decline(p, status) && provider_declined(p, text))
		return E_MODERATED;
	if ((status >= 401 && status <= 405) || status == 410)
		return E_PROVIDER;
	return has_words(p, "our_trouble", text) ? E_PROVIDER : E_REJECTED;
}

/* For an operator; /ready is public, so not in the provider's words. */
static const char *
cause_of(long status)
{
	switch (status) {
	case 401:
		return "refuses our key (401)";
	case 402:
		return "says that our account has no credit (402)";
	case 403:
		return "denies us access (403)";
	case 404:
	case 405:
	case 410:
		return "does not have the model (404, 405 or 410)";
	default:
		return "reports a problem of our account or of the model";
	}
}

enum err
provider_status(struct cx *cx, struct provider_job *pj,
    const struct http_call *call, const struct cJSON *tree)
{
	const char *text = call->answer->data, *code;
	const char *ptr = run_text(pj->p.def, "/errors/pointer");
	long status = call->status;
	enum err er;

	if (is_success(&pj->p, status, tree))
		return E_OK;
	code = ptr != NULL && tree != NULL ? json_word(cx, tree, text, ptr) :
	    NULL;
	if ((er = provider_code(&pj->p, code)) == E_OK)
		er = by_status(&pj->p, status, text);
	pj->provider_fault = er == E_BUSY || er == E_UPSTREAM ||
	    er == E_PROVIDER;
	if (er == E_PROVIDER)
		provider_cause(pj, "%s", cause_of(status));
	return err_set(cx, er, "%s: http %ld %.200s", pj->p.key, status, text);
}

/* --- the output */

static const char *
one_url(const struct cJSON *one, const char *item)
{
	if (json_text(one) != NULL)
		return json_text(one);
	return json_text(json_pointer(one, item));
}

enum err
provider_output(struct cx *cx, struct provider_job *pj,
    const struct cJSON *out, const char *item, const char *message,
    const char **url)
{
	const char *ptr = run_text(pj->p.def, "/job/item_error");
	const char *said = NULL;
	const struct cJSON *js = json_is_list(out) ? json_first(out) : out;
	const struct cJSON *why;
	enum err er;

	if (item == NULL)
		item = "/url";
	for (*url = NULL; js != NULL; js = json_is_list(out) ?
	    json_next(js) : NULL) {
		if ((*url = one_url(js, item)) != NULL)
			return E_OK;
		why = ptr != NULL ? json_pointer(js, ptr) : NULL;
		if (said == NULL && !json_is_null(why))
			said = json_text(why) != NULL ? json_text(why) :
			    json_print(cx, why);
	}
	if (said == NULL && message != NULL && *message != '\0')
		said = message;
	er = provider_ended(pj, said);
	/* Only a job that says that it failed is free. */
	pj->paid = said == NULL;
	return err_set(cx, er, "%s: done without an output%s%.100s",
	    pj->p.key, said != NULL ? ": " : "", said != NULL ? said : "");
}
