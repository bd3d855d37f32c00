/*
 * web - asking, and asking again
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "io/http.h"
#include "mina.h"
#include "money.h"

#define GIVE_UP_MS	120000
/* Long enough to be sent, too short to be answered, most of the time. */
#define IMPATIENT_MS	12

static void
headers(struct cx *cx, struct ask *a, struct http_call *call)
{
	const char *secret = conf_str(C_SHOPIFY_SECRET);
	unsigned char mac[SHA256_LEN];

	if (a->body != NULL) {
		http_header(cx, call, "Content-Type", "application/json");
		call->body = a->body;
		call->bodylen = strlen(a->body);
	}
	if (a->key != NULL)
		http_header(cx, call, "Idempotency-Key", a->key);
	if (a->pass != NULL)
		http_header(cx, call, "X-Mina-Pass-Id", a->pass);
	if (a->token != NULL)
		http_secret(cx, call, "Authorization",
		    cx_fmt(cx, "Bearer %s", a->token));
	if (!a->control && strcmp(a->method, "GET") != 0 && a->topic == NULL)
		http_header(cx, call, "Prefer", a->wait ? "wait=25" :
		    "respond-async");
	if (a->topic == NULL)
		return;
	crypto_hmac(secret, strlen(secret), a->body, call->bodylen, mac);
	http_header(cx, call, "X-Shopify-Topic", a->topic);
	http_header(cx, call, "X-Shopify-Hmac-Sha256",
	    encode_base64(cx, mac, sizeof mac));
	http_header(cx, call, "X-Shopify-Shop-Domain",
	    conf_str(C_SHOPIFY_SHOP));
	http_header(cx, call, "X-Shopify-API-Version", "2026-07");
	http_header(cx, call, "X-Shopify-Webhook-Id", a->delivery);
}

void
ask_once(struct cx *cx, struct ask *a)
{
	const char *base = conf_str(a->control ? C_SANDBOX_URL : C_PUBLIC_URL);
	struct http_call call = HTTP_CALL(a->method,
	    cx_fmt(cx, "%s%s", base, a->path));
	struct cJSON *js;

	headers(cx, a, &call);
	if (a->lose && a->tries == 0)
		call.timeout_ms = IMPATIENT_MS;
	a->status = 0;
	a->js = NULL;
	if (a->tries++ > 0)
		totals.repeats++;
	if (http_do(cx, &call) != E_OK) {
		totals.lost += call.sent;
		return;
	}
	if (json_parse(cx, call.answer->data, call.answer->len, &js) == E_OK)
		a->js = js;
	a->status = (int)call.status;
}

/* Nobody said what became of it: a program died, or was busy. */
static bool
means_nothing(const struct ask *a)
{
	if (a->status == 0)
		return true;
	if (json_text(json_get(a->js, "generationId")) != NULL)
		return false;
	return a->status == 429 || a->status == 409 || a->status == 502 ||
	    a->status == 503 || a->status == 504;
}

void
ask(struct cx *cx, struct ask *a)
{
	int64_t until = loop_now() + GIVE_UP_MS;

	for (int64_t nap = 20;; nap = nap < 400 ? nap * 2 : nap) {
		ask_once(cx, a);
		if (!means_nothing(a))
			break;
		if (loop_now() > until) {
			differs("%s %s: no answer in %d s, the last is %d",
			    a->method, a->path, GIVE_UP_MS / 1000, a->status);
			return;
		}
		if (loop_sleep(cx, nap) != E_OK)
			return;
	}
	if (a->status >= 500 &&
	    json_text(json_get(a->js, "generationId")) == NULL)
		differs("%s %s: %d", a->method, a->path, a->status);
}
