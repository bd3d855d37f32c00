/*
 * suggestion - finds, limits and records suggested prompts, in SQL
 */
#include "config.h"

#include "account/ident.h"
#include "account/ledger.h"
#include "account/token.h"
#include "base/cx.h"
#include "base/str.h"
#include "config/settings.h"
#include "gen/suggestion.h"
#include "pg/pg.h"
#include "web/req.h"

static const struct stmt S_FIND = STMT_READ("suggestion_find",
    "select step, line from mina_suggested($1, $2)");

coroutine_fn enum err
suggestion_find(struct cx *cx, const char *pass, const char *prompt,
    struct suggestion *out)
{
	const struct row *row;
	enum err er;

	*out = (struct suggestion){ 0 };
	if (prompt == NULL)
		return E_OK;
	if ((er = pg_maybe(cx, &S_FIND, &row, pg_text(pass),
	    pg_text(prompt))) != E_OK || row == NULL)
		return er;
	out->step = row_text(row, 0);
	out->line = row_text(row, 1);
	return E_OK;
}

static const struct stmt S_MAY = STMT_READ("suggestion_may",
    "select available, verified from mina_suggest_may($1)");

/*
 * A suggestion costs us money and its customer, as a rule, nothing.  So the
 * customer must have something to lose: an account with a verified address, or
 * matcha for a still.  A token proves an account, but not for an anonymous pass
 * that it names: each of those has a cap of its own.
 */
static enum err
check_stake(struct cx *cx, struct req *rq, const struct ledger_prices *price,
    int64_t available, bool verified)
{
	bool anon = str_starts(req_pass(rq), "pass:anon:");

	if (verified || (!anon && rq->token != NULL && rq->token->verified) ||
	    available >= price->still)
		return E_OK;
	err_say(cx, E_NOMATCHA, "Suggestions are for those who have signed in "
	    "with a confirmed address, or have matcha for a still. Please "
	    "sign in, or top up. Nothing was charged.");
	cx->err.needed = price->still;
	cx->err.available = available;
	return E_NOMATCHA;
}

/* The welcome matcha that a pass without a row would get with it. */
static coroutine_fn enum err
welcome(struct cx *cx, const char *pass, int64_t *n)
{
	return settings_int(cx, str_starts(pass, "pass:anon:") ?
	    "credits.welcome_anonymous" : "credits.welcome", 0, n);
}

coroutine_fn enum err
suggestion_may(struct cx *cx, struct req *rq)
{
	const char *pass = req_pass(rq);
	struct ledger_prices price;
	const struct row *row;
	struct customer who;
	int64_t available;
	bool verified;
	enum err er;

	if ((er = ledger_prices(cx, &price)) != E_OK ||
	    (er = pg_one(cx, &S_MAY, &row, pg_text(pass))) != E_OK)
		return er;
	available = row_int(row, 0);
	verified = row_bool(row, 1);
	/* A refusal leaves no row behind: passes can be made up. */
	if (!rq->who->known && (er = welcome(cx, pass, &available)) != E_OK)
		return er;
	if ((er = check_stake(cx, rq, &price, available, verified)) != E_OK)
		return er;
	/* The step needs the customer's row, as GET /me creates it. */
	if ((er = ident_customer(cx, pass, &who)) != E_OK)
		return er;
	/* A new row need not have got the welcome matcha. */
	available = who.credits - who.held;
	if ((er = check_stake(cx, rq, &price, available, verified)) != E_OK)
		return er;
	if (price.suggest > available) {
		err_set(cx, E_NOMATCHA, "suggestion");
		cx->err.needed = price.suggest;
		cx->err.available = available;
		return E_NOMATCHA;
	}
	return E_OK;
}

static const struct stmt S_NOTE = STMT("suggestion_note",
    "select mina_suggest_note($1, $2, $3::jsonb, $4, $5, $6::int, $7::int, "
    "$8::int, $9::bool, $10::int)");

static struct param
tokens(int64_t n)
{
	return n >= 0 ? pg_int(n) : pg_null();
}

coroutine_fn enum err
suggestion_note(struct cx *cx, const char *pass, const struct suggestion_row *s)
{
	struct ledger_prices price;
	const struct row *row;
	enum err er;

	if ((er = ledger_prices(cx, &price)) != E_OK)
		return er;
	er = pg_one(cx, &S_NOTE, &row, pg_text(pass), pg_text(s->id),
	    pg_json(s->payload), pg_text(s->provider), pg_text(s->model),
	    pg_int(s->latency_ms), tokens(s->in_tokens),
	    tokens(s->out_tokens), pg_bool(s->failed),
	    pg_int(price.suggest));
	if (er == E_CONFLICT && str_eq(pg_sqlstate(cx), "MN402")) {
		err_set(cx, E_NOMATCHA, "suggestion");
		cx->err.needed = price.suggest;
		return E_NOMATCHA;
	}
	return er;
}
