/*
 * shopify - receives Shopify webhooks: paid orders and refunds
 *
 * The signature is checked over the raw bytes before anything is parsed.  No
 * other service is called here: Shopify wants the response within five
 * seconds, and removes subscriptions that fail too often.
 */
#include "config.h"
#include "mina.h"

#define BODY_MAX	(4 << 20)
#define DELIVERY_MAX	200

static enum err
want_header(struct cx *cx, struct req *rq, const char *name, const char **out)
{
	const char *v = req_header(rq, name);
	size_t n = v != NULL ? strlen(v) : 0;

	if (n == 0 || n > DELIVERY_MAX || !str_is_utf8(v, n))
		return err_say(cx, E_BADREQ, "The header %s is missing or "
		    "not usable. Nothing was credited.", name);
	if (out != NULL)
		*out = v;
	return E_OK;
}

/* The headers that Shopify's own validator requires. */
static enum err
check_headers(struct cx *cx, struct req *rq, struct shop_notice *no,
    const char **topic)
{
	enum err er;

	if ((er = want_header(cx, rq, "X-Shopify-Topic", topic)) != E_OK ||
	    (er = want_header(cx, rq, "X-Shopify-Shop-Domain",
	    &no->shop)) != E_OK ||
	    (er = want_header(cx, rq, "X-Shopify-API-Version",
	    NULL)) != E_OK ||
	    (er = want_header(cx, rq, "X-Shopify-Webhook-Id",
	    &no->delivery)) != E_OK)
		return er;
	if (!shop_known(no->shop))
		return err_say(cx, E_FORBIDDEN, "This shop is not one that "
		    "sells our matcha. Nothing was credited.");
	return E_OK;
}

static enum err
answer_order(struct resp *rs, const struct shop_outcome *out)
{
	struct json *js = resp_json(rs, 200);

	json_bool(js, "ok", true);
	json_str(js, "outcome", out->outcome);
	json_int(js, "credited", out->credited);
	return resp_done(rs);
}

static enum err
answer_refund(struct resp *rs, const struct shop_outcome *out)
{
	struct json *js = resp_json(rs, 200);

	json_bool(js, "ok", true);
	json_str(js, "outcome", out->outcome);
	json_int(js, "taken", out->taken);
	json_int(js, "debt", out->debt);
	return resp_done(rs);
}

/* Accepts other topics: Shopify would count an error as a failure. */
static enum err
answer_ignored(struct resp *rs)
{
	struct json *js = resp_json(rs, 200);

	json_bool(js, "ok", true);
	json_str(js, "ignored", "topic");
	return resp_done(rs);
}

/* POST /api/credits/shopify-order */
static coroutine_fn enum err
webhook(struct cx *cx, struct req *rq, struct resp *rs)
{
	struct shop_notice no = { .source = "webhook", .text = rq->body,
	    .len = rq->bodylen };
	struct shop_outcome out;
	const char *topic;
	enum err er;

	if (!shop_webhooks_enabled())
		return err_say(cx, E_FORBIDDEN, "This Mina has no shop. "
		    "Nothing was credited.");
	if ((er = shop_signed(cx, req_header(rq, "X-Shopify-Hmac-Sha256"),
	    rq->body, rq->bodylen)) != E_OK ||
	    (er = check_headers(cx, rq, &no, &topic)) != E_OK)
		return er;
	if (str_eq(topic, "orders/paid") || str_eq(topic, "orders/create")) {
		if ((er = shop_order(cx, &no, &out)) != E_OK)
			return er;
		return answer_order(rs, &out);
	}
	if (str_eq(topic, "refunds/create")) {
		if ((er = shop_refund(cx, &no, &out)) != E_OK)
			return er;
		return answer_refund(rs, &out);
	}
	return answer_ignored(rs);
}

static const struct app shopify = {
	.needs = APP_DB,
	.maxbody = BODY_MAX,
	.routes = {
		{ M_POST, SHOP_HOOK_PATH, webhook, R_OPEN | R_RAW },
	},
};

MINA_MAIN(shopify)
