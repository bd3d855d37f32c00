/*
 * shopattempt - a webhook of the emulated shop, signed and sent once
 */
#include "config.h"

#include <ctype.h>

#include "core/sandbox.h"
#include "io/http.h"
#include "shopify/subscription.h"
#include "shopify/webhook_delivery.h"
#include "shopify/webhook_queue.h"

#define CONNECT_MS	1000	/* as Shopify has it */
#define TOTAL_MS	5000
#define ANSWER_MAX	65536
#define ANSWER_KEPT	400	/* bytes */
#define WORK_MAX	(8 << 20)

/* Somebody on the way gives himself more than he bought. */
static void
tamper(char *body)
{
	char *p = strstr(body, "\"quantity\":");

	if (p == NULL)
		p = strstr(body, "\"amount\":\"") != NULL ?
		    strstr(body, "\"amount\":\"") - 1 : body;
	while (*p != '\0' && !isdigit((unsigned char)*p))
		p++;
	if (*p != '\0')
		*p = *p == '9' ? '8' : '9';
}

static void
sign(struct cx *cx, struct shop_delivery *d)
{
	const char *secret = d->old_secret ? shop_secret_old() : shop_secret();
	unsigned char md[SHA256_LEN];

	crypto_hmac(secret, strlen(secret), d->body, strlen(d->body), md);
	snprintf(d->hmac, sizeof d->hmac, "%s", encode_base64(cx, md,
	    sizeof md));
}

static void
headers(struct cx *cx, struct http_call *call, const struct shop_delivery *d)
{
	http_header(cx, call, "Content-Type", "application/json");
	http_header(cx, call, "Accept", "*/*");
	http_header(cx, call, "User-Agent", "Shopify-Captain-Hook");
	http_header(cx, call, "X-Shopify-Topic", d->topic->name);
	http_secret(cx, call, "X-Shopify-Hmac-Sha256", d->hmac);
	http_header(cx, call, "X-Shopify-Shop-Domain", d->shop != NULL ?
	    d->shop : shop_domain(cx));
	http_header(cx, call, "X-Shopify-API-Version", "2026-07");
	http_header(cx, call, "X-Shopify-Webhook-Id", d->webhook);
	http_header(cx, call, "X-Shopify-Event-Id", d->event);
	http_header(cx, call, "X-Shopify-Triggered-At", d->triggered);
	http_header(cx, call, "X-Shopify-Order-Id", cx_fmt(cx, "%lld",
	    (long long)d->order));
}

static void
note(struct shop_delivery *d, const struct http_call *call, const char *bad)
{
	struct shop_attempt *a = &d->attempt[d->nattempt++];
	const char *said = bad != NULL ? bad : call->answer->data;

	a->at = clock_now() - call->us / 1000;
	a->status = bad != NULL ? 0 : call->status;
	a->ms = call->us / 1000;
	if (!str_is_utf8(said, strlen(said)))
		said = "(not text)";
	XXXAN(a->answer = strndup(said, str_utf8_cut(said, ANSWER_KEPT)));
}

bool
shop_attempt(struct shop_delivery *d, const char *url)
{
	struct http_call call = HTTP_CALL("POST", url);
	struct cx cx;
	char *body;
	bool well;
	enum err er;

	app_cx(&cx, WORK_MAX);
	sign(&cx, d);
	body = cx_dup(&cx, d->body);
	if (d->tampered)
		tamper(body);
	headers(&cx, &call, d);
	call.body = body;
	call.bodylen = strlen(body);
	call.connect_ms = CONNECT_MS;
	call.timeout_ms = TOTAL_MS;
	call.maxbody = ANSWER_MAX;
	er = http_do(&cx, &call);
	note(d, &call, er != E_OK ? cx.err.detail : NULL);
	well = er == E_OK && call.status >= 200 && call.status <= 299;
	log_info(&cx, "shop: %s of order %lld: %s", d->topic->name,
	    (long long)d->order, er != E_OK ? cx.err.detail :
	    cx_fmt(&cx, "answered %ld", call.status));
	cx_release(&cx);
	return well;
}
