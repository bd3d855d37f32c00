/*
 * suggestion - finds, limits and records suggested prompts, in SQL
 */
#include "config.h"

#include "account/ident.h"
#include "account/ledger.h"
#include "base/cx.h"
#include "base/str.h"
#include "config/settings.h"
#include "gen/suggestion.h"
#include "pg/pg.h"

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
    "select today, available from mina_suggest_may($1)");

coroutine_fn enum err
suggestion_may(struct cx *cx, const char *pass)
{
	struct ledger_prices price;
	const struct row *row;
	struct customer who;
	int64_t cap;
	enum err er;

	/* The step needs the customer's row, as GET /me creates it. */
	if ((er = ident_customer(cx, pass, &who)) != E_OK ||
	    (er = settings_int(cx, "suggest.daily", 50, &cap)) != E_OK ||
	    (er = ledger_prices(cx, &price)) != E_OK ||
	    (er = pg_one(cx, &S_MAY, &row, pg_text(pass))) != E_OK)
		return er;
	if (row_int(row, 0) >= cap) {
		err_say(cx, E_QUEUE, "That was the last of today's %lld "
		    "suggestions. Please write your own words, or come back "
		    "tomorrow.", (long long)cap);
		cx->err.retry_after = 3600;
		return E_QUEUE;
	}
	if (price.suggest > row_int(row, 1)) {
		err_set(cx, E_NOMATCHA, "suggestion");
		cx->err.needed = price.suggest;
		cx->err.available = row_int(row, 1);
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
