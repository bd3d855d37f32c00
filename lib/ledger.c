/*
 * ledger - see ledger.h
 */
#include "config.h"

#include "cx.h"
#include "ledger.h"
#include "pg.h"
#include "settings.h"

static const struct stmt S_BALANCE = STMT_READ("ledger_balance",
    "select mg_credits, mg_held, mg_expires_at, "
    "mg_expires_at <= mina_now() and mg_credits > mg_held "
    "from mega_customers where mg_pass_id = $1");
static const struct stmt S_EXPIRE = STMT("ledger_expire",
    "select mina_expire($1)");

static enum err
read_balance(struct cx *cx, const char *pass, struct ledger_balance *out,
    bool *stale)
{
	const struct row *row;
	enum err er;

	if ((er = pg_maybe(cx, &S_BALANCE, &row, pg_text(pass))) != E_OK)
		return er;
	*out = (struct ledger_balance){ 0 };
	*stale = false;
	if (row == NULL)
		return E_OK;
	out->credits = row_int(row, 0);
	out->held = row_int(row, 1);
	out->expires = row_time(row, 2);
	*stale = !row_null(row, 3) && row_bool(row, 3);
	return E_OK;
}

enum err
ledger_balance(struct cx *cx, const char *pass, struct ledger_balance *out)
{
	const struct row *row;
	bool stale;
	enum err er;

	if ((er = read_balance(cx, pass, out, &stale)) != E_OK || !stale)
		return er;
	if ((er = pg_one(cx, &S_EXPIRE, &row, pg_text(pass))) != E_OK)
		return er;
	return read_balance(cx, pass, out, &stale);
}

static const struct stmt S_SWEEP = STMT("ledger_sweep",
    "select mina_expire_all($1::int)");

enum err
ledger_sweep(struct cx *cx, int64_t *n)
{
	const struct row *row;
	enum err er;

	if ((er = pg_one(cx, &S_SWEEP, &row, pg_int(LEDGER_SWEEP))) == E_OK)
		*n = row_int(row, 0);
	return er;
}

enum err
ledger_prices(struct cx *cx, struct ledger_prices *out)
{
	enum err er;

	if ((er = settings_int(cx, "price.still", 1, &out->still)) != E_OK ||
	    (er = settings_int(cx, "price.tweak", 1, &out->tweak)) != E_OK ||
	    (er = settings_int(cx, "price.video", 5, &out->video)) != E_OK)
		return er;
	return settings_int(cx, "price.suggest", 0, &out->suggest);
}
