/*
 * credits - balance and transactions of a customer
 *
 * Read-only: credits are moved by SQL functions that shopify and the worker
 * call.
 */
#include "config.h"
#include "mina.h"

/* GET /credits/balance */
static coroutine_fn enum err
balance(struct cx *cx, struct req *rq, struct resp *rs)
{
	const struct customer *who = rq->who;
	struct ledger_balance bal;
	struct ledger_prices price;
	struct customer unused;
	struct json *js;
	enum err er;

	/* As GET /me tells it. */
	if (ident_is_unused(who)) {
		if ((er = ident_unused(cx, who->pass, &unused)) != E_OK)
			return er;
		who = &unused;
	}
	if ((er = ledger_balance(cx, who, &bal)) != E_OK ||
	    (er = ledger_prices(cx, &price)) != E_OK)
		return er;

	/* 0 for a new pass, not 404: the studio asks before sign-up. */
	js = resp_json(rs, 200);
	json_int(js, "credits", bal.credits);
	json_int(js, "held", bal.held);
	json_int(js, "available", bal.credits - bal.held);
	json_time(js, "expiresAt", bal.expires);
	ledger_prices_json(js, &price);
	return resp_done_etag(rs, rq);
}

static void
entry(struct json *js, const struct ledger_entry *e)
{
	json_obj(js, NULL);
	json_str(js, "id", e->id);
	json_int(js, "delta", e->delta);
	json_str(js, "reason", e->reason);
	if (e->after >= 0)
		json_int(js, "balanceAfter", e->after);
	else
		json_null(js, "balanceAfter");
	json_time(js, "createdAt", e->created);
	if (e->generation != NULL)
		json_str(js, "generationId", e->generation);
	if (e->order != NULL) {
		/* A string: JavaScript's numbers have 53 bits. */
		json_obj(js, "order");
		json_str(js, "id", e->order);
		json_str(js, "name", e->order_name);
		json_str(js, "sku", e->sku);
		json_int(js, "quantity", e->quantity);
		json_end(js);
	}
	if (e->expires != 0)
		json_time(js, "expiresAt", e->expires);
	json_end(js);
}

/* GET /credits/transactions */
static coroutine_fn enum err
transactions(struct cx *cx, struct req *rq, struct resp *rs)
{
	struct ledger_entry *e;
	struct cursor cur;
	struct json *js;
	const char *next;
	size_t n;
	enum err er;

	if ((er = cursor_page(cx, rq, 100, 25, &cur)) != E_OK ||
	    (er = ledger_page(cx, req_pass(rq), &cur, &e, &n, &next)) != E_OK)
		return er;

	js = resp_json(rs, 200);
	json_list(js, "items");
	for (size_t i = 0; i < n; i++)
		entry(js, &e[i]);
	json_end(js);
	json_str(js, "nextCursor", next);
	return resp_done(rs);
}

static const struct app credits = {
	.needs = APP_DB,
	.routes = {
		{ M_GET, "/credits/balance", balance, R_IDENT },
		{ M_GET, "/credits/transactions", transactions, R_OWNER },
	},
};

MINA_MAIN(credits)
