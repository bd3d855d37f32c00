/*
 * confirm - asks the sign-in service in one coroutine, for all who wait
 */
#include "config.h"

#include "account/confirm.h"
#include "account/jwks.h"
#include "account/refresh.h"
#include "base/buf.h"
#include "base/conf.h"
#include "base/cx.h"
#include "base/json.h"
#include "base/log.h"
#include "io/http.h"
#include "io/loop.h"

#define FRESH_MS	300000		/* no fetch is started before */
#define KEEP_MS		600000		/* ..and none is waited for before */
#define RETRY_MS	30000		/* after a failure */
#define FETCH_MS	3000
#define ANSWER_MAX	65536

/* Moments are loop_now(). */
static enum confirm	 known;		/* what it said last */
static int64_t		 fetched;	/* when it said so */
static int64_t		 failed;	/* when a fetch failed; 0: it did not */
static struct refresh	 refresh;

static coroutine_fn enum err
fetch(struct cx *cx, bool *automatic)
{
	const char *key = conf_str(C_AUTH_APIKEY);
	struct http_call call = HTTP_CALL("GET", cx_fmt(cx, "%s/settings",
	    jwks_name(cx)));
	struct cJSON *js;
	enum err er;

	call.timeout_ms = FETCH_MS;
	call.maxbody = ANSWER_MAX;
	http_header(cx, &call, "Accept", "application/json");
	if (*key != '\0')
		http_header(cx, &call, "apikey", key);
	if ((er = http_do(cx, &call)) != E_OK)
		return er;
	if (call.status != 200)
		return err_set(cx, E_UPSTREAM, "http %ld", call.status);
	if (json_parse(cx, call.answer->data, call.answer->len, &js) != E_OK ||
	    json_is_null(json_get(js, "mailer_autoconfirm")) ||
	    json_may_bool(cx, js, "", "mailer_autoconfirm", automatic) !=
	    E_OK)
		return err_set(cx, E_UPSTREAM, "no mailer_autoconfirm in it");
	return E_OK;
}

/* A coroutine of its own: the request that started it may end first. */
static coroutine_fn void
fetch_settings(void *arg)
{
	bool automatic = true;
	struct cx cx;

	cx_init(&cx, 1 << 20);
	cx.http = arg;
	if (fetch(&cx, &automatic) == E_OK) {
		if (automatic && known != CONFIRM_NO)
			log_warn(&cx, "the sign-in service confirms no e-mail "
			    "addresses: who has a password is not verified");
		known = automatic ? CONFIRM_NO : CONFIRM_YES;
		fetched = loop_now();
		failed = 0;
	} else {
		log_warn(&cx, "no settings of the sign-in service: %s",
		    cx.err.detail);
		failed = loop_now();
	}
	refresh_end(&refresh);
	cx_release(&cx);
}

static void
start_fetch(struct cx *cx)
{
	if (failed != 0 && loop_now() - failed < RETRY_MS)
		return;
	if (refresh_begin(&refresh))
		loop_go(fetch_settings, cx->http);
}

static bool
known_for_less(int64_t ms)
{
	return known != CONFIRM_UNKNOWN && loop_now() - fetched < ms;
}

coroutine_fn enum confirm
confirm_ask(struct cx *cx)
{
	if (*jwks_name(cx) == '\0')
		return CONFIRM_UNKNOWN;
	if (!known_for_less(FRESH_MS))
		start_fetch(cx);
	if (!known_for_less(KEEP_MS) && refresh.running)
		refresh_wait(cx, &refresh, FETCH_MS + 2000);
	return known_for_less(KEEP_MS) ? known : CONFIRM_UNKNOWN;
}
