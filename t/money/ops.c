/*
 * ops - matcha that is given by hand, and runs out
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "mina.h"
#include "money.h"

/* --- by hand, and by time */

static const struct stmt S_ADJUST = STMT("machine_adjust",
    "select applied, balance_after from mina_move($1, $2::int, "
    "'admin_adjust', 'admin', 'machine', $3, 'admin', null)");

void
op_adjust(struct cx *cx, struct client *cl)
{
	struct account *u = user[roll(&cl->dice, nuser)];
	int64_t delta = (int64_t)roll(&cl->dice, 61) - 30;
	const char *id = cx_fmt(cx, "adjust:%d:%" PRId64, cl->no,
	    ++cl->serial);
	int times = roll(&cl->dice, 4) == 0 ? 2 : 1;
	const struct row *row;
	enum err er;

	if (delta == 0)
		delta = 31;
	account_enter(u, false);
	for (int i = 0; i < times; i++) {
		er = pg_one(cx, &S_ADJUST, &row, pg_text(u->pass),
		    pg_int(delta), pg_text(id));
		if (er == E_OK && row_bool(row, 0))
			u->credits += delta;
		else if (er != E_OK && !(delta < 0 &&
		    strcmp(pg_sqlstate(cx), "MN402") == 0))
			differs("%s: %s: %s", u->pass, id, cx->err.detail);
	}
	account_leave(u);
}

static const struct stmt S_LATE = STMT("machine_late",
    "update mega_customers set mg_expires_at = now() - interval '1 minute' "
    "where mg_pass_id = $1");

static int64_t
balance(struct cx *cx, const struct account *u, const char *path)
{
	struct ask a = { .method = "GET", .path = path, .token = u->token };

	ask(cx, &a);
	return json_int_or(json_get(a.js, "credits"), -1);
}

/* Nobody else is at the account, so its balance is known to the matcha. */
void
op_expire(struct cx *cx, struct client *cl)
{
	struct account *u = user[roll(&cl->dice, nuser)];
	uint64_t touch = roll(&cl->dice, 3);
	struct purchase p;
	int64_t n;

	account_enter(u, true);
	model_settle(cx, u);
	if ((n = balance(cx, u, "/credits/balance")) != u->credits)
		differs("%s: GET /credits/balance says %" PRId64 ", the model "
		    "%" PRId64, u->pass, n, u->credits);
	if (pg_none(cx, &S_LATE, pg_text(u->pass)) != E_OK)
		differs("%s: %s", u->pass, cx->err.detail);
	u->credits = 0;
	if (touch == 0)
		sign_in(cx, u, NULL, false);
	else if (touch == 1)
		buy_for(cx, cl, u, &p);
	if ((n = balance(cx, u, "/credits/balance")) != u->credits)
		differs("%s, run out: GET /credits/balance says %" PRId64
		    ", the model %" PRId64, u->pass, n, u->credits);
	account_leave(u);
	if (touch == 1)
		bought(cl, &p);
}
