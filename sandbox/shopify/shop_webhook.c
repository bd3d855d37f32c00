/* shop_webhook - makes deliveries, signs them, sends and repeats them */
#include "config.h"

#include <ctype.h>

#include "core/service.h"
#include "io/http.h"
#include "io/loop.h"
#include "shopify/shop_webhook.h"

#define SHUFFLE_MS	300
#define BATCH		64
#define CONNECT_MS	1000	/* as Shopify has it */
#define TOTAL_MS	5000
#define ANSWER_MAX	65536
#define ANSWER_KEPT	400	/* bytes */
#define WORK_MAX	(8 << 20)

static char	*new_secret;

void
shop_secret_set(const char *s)
{
	free(new_secret);
	new_secret = keep(s);
}

const char *
shop_secret(void)
{
	return new_secret != NULL ? new_secret : conf_str(C_SHOPIFY_SECRET);
}

const char *
shop_domain(struct cx *cx)
{
	const char *s = conf_str(C_SHOPIFY_SHOP);

	return cx_dupn(cx, s, strcspn(s, ", "));
}

/* --- one attempt */

/* More than was bought, or refunded, as an attacker on the way would say. */
static void
tamper(char *body)
{
	char *p = strstr(body, "\"quantity\":");

	if (p == NULL && (p = strstr(body, "\"amount\":\"")) == NULL)
		p = body;
	while (*p != '\0' && !isdigit((unsigned char)*p))
		p++;
	if (*p != '\0')
		*p = *p == '9' ? '8' : '9';
}

static void
sign(struct cx *cx, struct shop_delivery *d)
{
	const char *secret = d->old_secret ? conf_str(C_SHOPIFY_SECRET) :
	    shop_secret();
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
	http_header(cx, call, "X-Shopify-Topic", d->topic);
	http_secret(cx, call, "X-Shopify-Hmac-Sha256", d->hmac);
	http_header(cx, call, "X-Shopify-Shop-Domain", d->shop != NULL ?
	    d->shop : shop_domain(cx));
	http_header(cx, call, "X-Shopify-API-Version", "2026-07");
	http_header(cx, call, "X-Shopify-Webhook-Id", d->webhook);
	http_header(cx, call, "X-Shopify-Event-Id", d->event);
	http_header(cx, call, "X-Shopify-Triggered-At", d->triggered);
	if (d->order != 0)
		http_header(cx, call, "X-Shopify-Order-Id", cx_fmt(cx, "%lld",
		    (long long)d->order));
}

static void
note(struct shop_delivery *d, const struct http_call *call, const char *bad)
{
	const char *said = bad != NULL ? bad : call->answer->data;

	if (!str_is_utf8(said, strlen(said)))
		said = "(not text)";
	d->attempt[d->nattempt] = (struct delivery_attempt){
		clock_now() - call->us / 1000, call->us / 1000,
		bad != NULL ? 0 : call->status,
		strndup(said, str_utf8_cut(said, ANSWER_KEPT)) };
	XXXAN(d->attempt[d->nattempt++].answer);
}

/* True when it was taken. */
static bool
attempt(struct shop_delivery *d, const char *url)
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
	log_info(&cx, "shop: %s of order %lld: %s", d->topic,
	    (long long)d->order, er != E_OK ? cx.err.detail :
	    cx_fmt(&cx, "answered %ld", call.status));
	cx_release(&cx);
	return well;
}

/* --- a delivery from its first attempt to its last */

static enum delivery_state
carry_on(struct cx *cx, struct shop_delivery *d)
{
	int64_t pause = d->delay;
	const struct shop_sub *s;
	bool well;

	for (;;) {
		(void)loop_sleep(cx, pause);
		/* It may have gone while we slept. */
		s = shop_sub_find(d->sub);
		if (s == NULL && d->sub != 0)
			return DELIVERY_FAILED;
		well = attempt(d, shop_sub_uri(cx, s));
		if (!d->forged && s != NULL)
			shop_sub_told(cx, d->sub, well);
		if (well)
			return DELIVERY_DELIVERED;
		if (d->forged || d->nattempt == DELIVERY_ATTEMPTS ||
		    (d->sub != 0 && shop_sub_find(d->sub) == NULL))
			return DELIVERY_FAILED;
		pause = settings.shop_retry_ms << (d->nattempt - 1);
	}
}

static void
carry(void *arg)
{
	struct shop_delivery *d = arg;
	struct cx cx;

	app_cx(&cx, 1 << 20);
	d->state = carry_on(&cx, d);
	if (d->state == DELIVERY_DELIVERED && !d->forged &&
	    str_eq(d->topic, "orders/paid"))
		shop_order_told(&cx, d->order);
	delivery_done(&cx, d);
	cx_release(&cx);
}

/* --- making them */

static struct shop_delivery *
make(int64_t sub, const char *topic, int64_t order, int64_t refund,
    const struct shop_way *w)
{
	struct shop_delivery *d;

	XXXAN(d = calloc(1, sizeof *d));
	d->id = shop_id();
	d->sub = sub;
	d->topic = keep(topic);
	d->order = order;
	d->refund = refund;
	d->delay = w->delay_ms;
	d->tampered = w->tamper;
	d->old_secret = w->old_secret;
	d->shop = keep(w->shop);
	d->forged = w->tamper || w->shop != NULL;
	d->state = w->drop ? DELIVERY_DROPPED : DELIVERY_WAITING;
	return d;
}

/* Nanoseconds, as Shopify's are. */
static void
trigger_time(char out[CLOCK_LEN + 8])
{
	char t[CLOCK_LEN];
	uint32_t r;

	crypto_random(&r, sizeof r);
	clock_rfc3339(clock_now(), t);
	snprintf(out, CLOCK_LEN + 8, "%.23s%06uZ", t, r % 1000000);
}

static void
shuffle(struct shop_delivery **d, size_t n)
{
	struct shop_delivery *swap;
	uint32_t r;

	for (; n > 0; n--) {
		crypto_random(&r, sizeof r);
		swap = d[n - 1];
		d[n - 1] = d[r % n];
		d[r % n] = swap;
		d[n - 1]->delay += r / 64 % SHUFFLE_MS;
	}
}

static void
start(struct cx *cx, struct shop_delivery **batch, size_t n,
    const struct shop_way *w)
{
	if (w->shuffle)
		shuffle(batch, n);
	for (size_t i = 0; i < n; i++) {
		delivery_add(batch[i]);
		if (batch[i]->state == DELIVERY_DROPPED)
			continue;
		if (!batch[i]->forged)
			delivery_save(cx, batch[i]);
		loop_go(carry, batch[i]);
	}
}

void
shop_webhook_send(struct cx *cx, const struct shop_order *o,
    const struct shop_refund *r, const char *topics,
    const struct shop_way *w)
{
	char event[UUID_LEN], webhook[UUID_LEN], when[CLOCK_LEN + 8];
	struct shop_delivery *batch[BATCH], *d;
	const char *body, *topic;
	size_t n = 0;

	crypto_uuid(event);
	trigger_time(when);
	for (struct shop_sub *s = shop_sub_first(); s != NULL; s = s->next) {
		topic = s->topic->name;
		if (!word_in(topics, topic) || (w->topic[0] != NULL &&
		    !str_in(topic, w->topic)))
			continue;
		/* orders/updated goes with a refund, and gives the order. */
		body = r != NULL && str_eq(topic, "refunds/create") ?
		    shop_rest_refund(cx, o, r) : shop_rest_order(cx, o);
		crypto_uuid(webhook);
		for (int64_t i = 0; i < (w->copies > 0 ? w->copies : 1) &&
		    n < BATCH; i++) {
			d = batch[n++] = make(s->id, topic, o->id,
			    r != NULL ? r->id : 0, w);
			memcpy(d->webhook, webhook, sizeof webhook);
			memcpy(d->event, event, sizeof event);
			memcpy(d->triggered, when, sizeof when);
			d->body = keep(body);
		}
	}
	start(cx, batch, n, w);
}

void
shop_webhook_tell(struct cx *cx, int64_t order, const char *topic,
    const char *body, const struct shop_way *w)
{
	const struct shop_topic *t = shop_topic(topic);
	struct shop_delivery *batch[BATCH], *d;
	struct shop_sub *s = shop_sub_first();
	size_t n = 0;

	while (t->graph != NULL && s != NULL && s->topic != t)
		s = s->next;
	if (t->graph != NULL && s == NULL)
		return;
	for (int64_t i = 0; i < (w->copies > 0 ? w->copies : 1) && n < BATCH;
	    i++) {
		d = batch[n++] = make(t->graph != NULL ? s->id : 0, topic,
		    order, 0, w);
		crypto_uuid(d->webhook);
		crypto_uuid(d->event);
		trigger_time(d->triggered);
		d->body = keep(body);
	}
	start(cx, batch, n, w);
}

static void
again(struct shop_delivery *d)
{
	loop_go(carry, d);
}

void
shop_webhook_load(void)
{
	delivery_load(again);
}
