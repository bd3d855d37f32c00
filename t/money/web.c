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

/* --- without the network: what the route would call */

static const struct stmt S_ORDER = STMT("machine_order",
    "select mina_shopify_order($1::jsonb, $2, $3, false, 'webhook', $4, "
    "false)");
static const struct stmt S_REFUND = STMT("machine_refund",
    "select mina_shopify_refund($1::jsonb, $2, 'webhook', $3)");
static const struct stmt S_DISPUTE = STMT("machine_dispute",
    "select mina_shopify_dispute($1::jsonb, $2, 'webhook', $3)");
static const struct stmt S_REDACT = STMT("machine_redact",
    "select mina_shopify_redact($1::jsonb)");

static enum err
call(struct cx *cx, const struct ask *a, const struct row **row)
{
	struct param body = pg_json(a->body);
	struct param shop = pg_text(conf_str(C_SHOPIFY_SHOP));
	struct param from = pg_text(a->delivery);

	if (str_starts(a->topic, "orders/"))
		return pg_one(cx, &S_ORDER, row, body, shop,
		    pg_text(a->pass), from);
	if (str_starts(a->topic, "refunds/"))
		return pg_one(cx, &S_REFUND, row, body, shop, from);
	if (str_starts(a->topic, "disputes/"))
		return pg_one(cx, &S_DISPUTE, row, body, shop, from);
	return pg_one(cx, &S_REDACT, row, body);
}

/* Of two transactions that wait for each other one is repeated. */
static void
ask_database(struct cx *cx, struct ask *a)
{
	const struct row *row;
	struct cJSON *js;
	enum err er;

	do
		er = call(cx, a, &row);
	while (er != E_OK && strcmp(pg_sqlstate(cx), "40P01") == 0);
	a->status = er == E_OK ? 200 : 500;
	a->js = NULL;
	if (er != E_OK)
		differs("%s: %s", a->topic, cx->err.detail);
	else if (!row_null(row, 0) && *row_text(row, 0) != '\0' &&
	    json_parse(cx, row_text(row, 0), strlen(row_text(row, 0)), &js) ==
	    E_OK)
		a->js = js;
}

/* --- over HTTPS */

int64_t web_share;

bool
over_web(uint64_t *dice)
{
	return (int64_t)roll(dice, 100) < web_share;
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
	if (json_text(json_get(a->js, "generationId")) != NULL ||
	    str_eq(json_text(json_get(a->js, "code")), "TOO_LATE"))
		return false;
	return a->status == 429 || a->status == 409 || a->status == 502 ||
	    a->status == 503 || a->status == 504;
}

void
ask(struct cx *cx, struct ask *a)
{
	int64_t until = loop_now() + GIVE_UP_MS;

	if (a->direct) {
		ask_database(cx, a);
		return;
	}
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
