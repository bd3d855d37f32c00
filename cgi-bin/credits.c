/*
 * credits - how much matcha a customer holds
 *
 * Nothing here moves matcha: the worker spends it.
 */
#include "config.h"
#include "mina.h"

/* GET /credits/balance */
static enum err
balance(struct cx *cx, struct req *rq, struct resp *rs)
{
	struct ledger_balance bal;
	struct ledger_prices price;
	struct json *js;
	enum err er;

	if ((er = ledger_balance(cx, req_pass(rq), &bal)) != E_OK ||
	    (er = ledger_prices(cx, &price)) != E_OK)
		return er;

	/* A stranger holds zero, not 404: the studio asks before sign-up. */
	js = resp_json(rs, 200);
	json_int(js, "credits", bal.credits);
	json_int(js, "held", bal.held);
	json_int(js, "available", bal.credits - bal.held);
	json_time(js, "expiresAt", bal.expires);
	json_obj(js, "prices");
	json_int(js, "still", price.still);
	json_int(js, "tweak", price.tweak);
	json_int(js, "video", price.video);
	json_int(js, "suggest", price.suggest);
	json_end(js);
	return resp_done_etag(rs, rq);
}

static const struct app credits = {
	.needs = APP_DB,
	.routes = {
		{ M_GET, "/credits/balance", balance, R_IDENT },
	},
};

MINA_MAIN(credits)
