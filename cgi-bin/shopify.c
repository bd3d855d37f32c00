/*
 * shopify - receives Shopify webhooks: orders, refunds, disputes, privacy
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
	if (out->set_off != 0)
		json_int(js, "setOff", out->set_off);
	if (out->taken != 0 || out->debt != 0) {
		json_int(js, "taken", out->taken);
		json_int(js, "debt", out->debt);
	}
	return resp_done(rs);
}

static enum err
answer_taken(struct resp *rs, const struct shop_outcome *out)
{
	struct json *js = resp_json(rs, 200);

	json_bool(js, "ok", true);
	json_str(js, "outcome", out->outcome);
	json_int(js, "taken", out->taken);
	json_int(js, "debt", out->debt);
	return resp_done(rs);
}

/* It was done: there is no more to say. */
static enum err
answer_done(struct resp *rs)
{
	struct json *js = resp_json(rs, 200);

	json_bool(js, "ok", true);
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

/* --- by topic */

static coroutine_fn enum err
take_order(struct cx *cx, const struct shop_notice *no, struct resp *rs)
{
	struct shop_outcome out;
	enum err er;

	if ((er = shop_order(cx, no, &out)) != E_OK)
		return er;
	return answer_order(rs, &out);
}

static coroutine_fn enum err
take_refund(struct cx *cx, const struct shop_notice *no, struct resp *rs)
{
	struct shop_outcome out;
	enum err er;

	if ((er = shop_refund(cx, no, &out)) != E_OK)
		return er;
	return answer_taken(rs, &out);
}

static coroutine_fn enum err
take_dispute(struct cx *cx, const struct shop_notice *no, struct resp *rs)
{
	struct shop_outcome out;
	enum err er;

	if ((er = shop_dispute(cx, no, &out)) != E_OK)
		return er;
	return answer_taken(rs, &out);
}

static coroutine_fn enum err
redact_customer(struct cx *cx, const struct shop_notice *no, struct resp *rs)
{
	enum err er = shop_redact_customer(cx, no);

	return er != E_OK ? er : answer_done(rs);
}

static coroutine_fn enum err
redact_shop(struct cx *cx, const struct shop_notice *no, struct resp *rs)
{
	enum err er = shop_redact(cx, no);

	return er != E_OK ? er : answer_done(rs);
}

static coroutine_fn enum err
data_request(struct cx *cx, const struct shop_notice *no, struct resp *rs)
{
	enum err er = shop_data_request(cx, no);

	return er != E_OK ? er : answer_done(rs);
}

/*
 * orders/edited is not here: it has the changes and not the order, which
 * orders/updated brings at the same time.
 */
static const struct {
	const char	*name;
	coroutine_fn enum err (*fn)(struct cx *, const struct shop_notice *,
			    struct resp *);
} topics[] = {
	{ "orders/paid", take_order },
	{ "orders/create", take_order },
	{ "orders/updated", take_order },
	{ "orders/cancelled", take_order },
	{ "refunds/create", take_refund },
	{ "disputes/create", take_dispute },
	{ "disputes/update", take_dispute },
	{ "customers/redact", redact_customer },
	{ "shop/redact", redact_shop },
	{ "customers/data_request", data_request },
};

/* POST /api/credits/shopify-order */
static coroutine_fn enum err
webhook(struct cx *cx, struct req *rq, struct resp *rs)
{
	struct shop_notice no = { .source = "webhook", .text = rq->body,
	    .len = rq->bodylen };
	const char *topic;
	enum err er;

	if (!shop_webhooks_enabled())
		return err_say(cx, E_FORBIDDEN, "This Mina has no shop. "
		    "Nothing was credited.");
	if ((er = shop_signed(cx, req_header(rq, "X-Shopify-Hmac-Sha256"),
	    rq->body, rq->bodylen)) != E_OK ||
	    (er = check_headers(cx, rq, &no, &topic)) != E_OK)
		return er;
	for (size_t i = 0; i < sizeof topics / sizeof *topics; i++)
		if (str_eq(topic, topics[i].name))
			return topics[i].fn(cx, &no, rs);
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
