/*
 * budget - reserves what costs us something, and says why it may not be
 */
#include "config.h"

#include <string.h>

#include "account/budget.h"
#include "base/clock.h"
#include "base/cx.h"
#include "base/log.h"
#include "config/settings.h"
#include "pg/pg.h"
#include "web/req.h"

#define DAY_MS		86400000
#define OFF_S		600		/* the kill switch: look again */
/*
 * 200 US dollars: over 3 000 stills or 400 films, several times what a studio
 * of one machine sells in a day, and a loss it survives if all of it was
 * stolen in one night.
 */
#define DAILY_CENTS	20000

struct budget_kind {
	const char	*kind, *what, *instead;
	const char	*pass, *address, *cents;	/* settings */
	int64_t		 npass, naddress, ncents;	/* their defaults */
};

static const struct budget_kind kinds[] = {
#define BUDGET(code, kind, pass, npass, address, naddress, cents, ncents, \
    what, instead) \
	[code] = { kind, what, instead, pass, address, cents, npass, \
	    naddress, ncents },
#include "account/budget.def"
#undef BUDGET
};

/* Counters are 32 bits wide. */
static coroutine_fn enum err
cap(struct cx *cx, const char *key, int64_t other, int64_t *out)
{
	enum err er;

	if ((er = settings_int(cx, key, other, out)) != E_OK)
		return er;
	if (*out < 0)
		*out = 0;
	if (*out > INT32_MAX)
		*out = INT32_MAX;
	return E_OK;
}

coroutine_fn enum err
budget_caps(struct cx *cx, enum budget what, struct budget_caps *out)
{
	const struct budget_kind *k = &kinds[what];
	enum err er;

	out->cents = -1;
	if ((er = cap(cx, k->pass, k->npass, &out->per_pass)) != E_OK ||
	    (er = cap(cx, k->address, k->naddress,
	    &out->per_address)) != E_OK ||
	    (er = cap(cx, "spend.daily", DAILY_CENTS, &out->daily)) != E_OK)
		return er;
	return k->cents != NULL ? cap(cx, k->cents, k->ncents, &out->cents) :
	    E_OK;
}

/* Seconds until the UTC day ends, and the counters with it. */
static int
rest_of_day(void)
{
	return (int)((DAY_MS - clock_now() % DAY_MS) / 1000) + 1;
}

enum err
budget_verdict(struct cx *cx, enum budget what, const struct budget_caps *c,
    const char *verdict, bool loud)
{
	const struct budget_kind *k = &kinds[what];

	if (loud)
		log_warn(cx, "spending today has reached %d %% of "
		    "spend.daily, %lld US cents", BUDGET_LOUD,
		    (long long)c->daily);
	if (strcmp(verdict, "ok") == 0)
		return E_OK;
	if (strcmp(verdict, "house") == 0) {
		if (c->daily > 0)
			err_set(cx, E_SPENT, "spend.daily is used up: %lld",
			    (long long)c->daily);
		else
			err_say(cx, E_SPENT, "This is switched off for the "
			    "moment. Nothing was charged. Please try again "
			    "later.");
		cx->err.retry_after = c->daily > 0 ? rest_of_day() : OFF_S;
		return E_SPENT;
	}
	if (strcmp(verdict, "address") == 0)
		err_say(cx, E_QUEUE, "Your network has had today's %lld %s. "
		    "Nothing was charged. %s", (long long)c->per_address,
		    k->what, k->instead);
	else if (strcmp(verdict, "pass") == 0)
		err_say(cx, E_QUEUE, "You have had today's %lld %s. Nothing "
		    "was charged. %s", (long long)c->per_pass, k->what,
		    k->instead);
	else
		return err_set(cx, E_BUG, "mina_reserve says %s", verdict);
	cx->err.retry_after = rest_of_day();
	return E_QUEUE;
}

static const struct stmt S_RESERVE = STMT("budget_reserve",
    "select verdict, loud from mina_reserve($1, $2, $3, $4::int, $5::int, "
    "$6::int, $7::int)");

coroutine_fn enum err
budget_take(struct cx *cx, struct req *rq, enum budget what)
{
	struct budget_caps c;
	const struct row *row;
	enum err er;

	if ((er = budget_caps(cx, what, &c)) != E_OK ||
	    (er = pg_one(cx, &S_RESERVE, &row, pg_text(kinds[what].kind),
	    pg_text(req_pass(rq)), pg_text(req_address(cx, rq)),
	    pg_int(c.per_pass), pg_int(c.per_address),
	    c.cents >= 0 ? pg_int(c.cents) : pg_null(),
	    pg_int(c.daily))) != E_OK)
		return er;
	return budget_verdict(cx, what, &c, row_text(row, 0),
	    row_bool(row, 1));
}

static const struct stmt S_HOUSE = STMT_READ("budget_house",
    "select mina_counted('spend', 'house')");

coroutine_fn enum err
budget_house(struct cx *cx, int64_t *spent, int64_t *out)
{
	const struct row *row;
	enum err er;

	if ((er = cap(cx, "spend.daily", DAILY_CENTS, out)) != E_OK ||
	    (er = pg_one(cx, &S_HOUSE, &row)) != E_OK)
		return er;
	*spent = row_int(row, 0);
	return E_OK;
}

static const struct stmt S_SWEEP = STMT("budget_sweep",
    "select mina_count_sweep($1::int)");

coroutine_fn enum err
budget_sweep(struct cx *cx, int64_t *n)
{
	const struct row *row;
	enum err er;

	if ((er = pg_one(cx, &S_SWEEP, &row, pg_int(BUDGET_SWEEP))) == E_OK)
		*n = row_int(row, 0);
	return er;
}
