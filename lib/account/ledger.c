/*
 * ledger - the queries behind balances, entry pages and the expiry sweep
 */
#include "config.h"

#include <string.h>

#include "account/ident.h"
#include "account/ledger.h"
#include "base/cx.h"
#include "base/json.h"
#include "config/settings.h"
#include "pg/pg.h"
#include "web/cursor.h"

static const struct stmt S_BALANCE = STMT_READ("ledger_balance",
    "select mg_credits, mg_held, mg_expires_at from mega_customers "
    "where mg_pass_id = $1");
static const struct stmt S_EXPIRE = STMT("ledger_expire",
    "select mina_expire($1)");

coroutine_fn enum err
ledger_balance(struct cx *cx, const struct customer *who,
    struct ledger_balance *out)
{
	const struct row *row;
	enum err er;

	out->credits = who->credits;
	out->held = who->held;
	out->expires = who->expires;
	if (!who->stale)
		return E_OK;
	if ((er = pg_one(cx, &S_EXPIRE, &row, pg_text(who->pass))) != E_OK ||
	    (er = pg_one(cx, &S_BALANCE, &row, pg_text(who->pass))) != E_OK)
		return er;
	out->credits = row_int(row, 0);
	out->held = row_int(row, 1);
	out->expires = row_time(row, 2);
	return E_OK;
}

#define PREFIX	"credit_transaction:"

/*
 * For each pass two ranges of the index mega_generations_pass, each read from
 * its first row and no further than the page: the rest of the cursor's own
 * microsecond (an order of many lines has one time), then everything older.
 */
#define ENTRIES(where) \
    "(select mg_id, mg_delta, mg_reason, mg_created_at, mg_ref_type, " \
    "mg_ref_id, mg_meta from mega_generations " \
    "where mg_pass_id = p.pass and mg_record_type = 'credit_transaction' " \
    "and " where " order by mg_created_at desc, mg_id limit $4::int)"

static const struct stmt S_PAGE = STMT_READ("ledger_page",
    "select t.mg_id, coalesce(t.mg_delta, 0), "
    "(t.mg_meta->>'balance_after')::int, t.mg_reason, "
    "(extract(epoch from t.mg_created_at) * 1000000)::bigint, "
    "(t.mg_meta->>'expires_at')::timestamptz, "
    "case when t.mg_ref_type = 'generation' then t.mg_ref_id end, "
    "case t.mg_ref_type when 'shopify_order' then t.mg_ref_id "
    "when 'shopify_refund' then t.mg_meta->>'order' end, "
    "t.mg_meta->>'order_name', t.mg_meta->>'sku', "
    "coalesce((t.mg_meta->>'quantity')::int, 0) "
    "from unnest(mina_passes($1)) p (pass) cross join lateral ("
    ENTRIES("mg_created_at = " CURSOR_TIME("$2") " and mg_id > $3")
    " union all "
    ENTRIES("mg_created_at < " CURSOR_TIME("$2"))
    ") t order by t.mg_created_at desc, t.mg_id limit $4::int");

static void
from_row(const struct row *row, struct ledger_entry *e)
{
	e->id = row_text(row, 0) + strlen(PREFIX);
	e->delta = row_int(row, 1);
	e->after = row_null(row, 2) ? -1 : row_int(row, 2);
	e->reason = row_text(row, 3);
	e->created = row_int(row, 4) / 1000;
	e->expires = row_time(row, 5);
	e->generation = row_text(row, 6);
	e->order = row_text(row, 7);
	e->order_name = row_text(row, 8);
	e->sku = row_text(row, 9);
	e->quantity = row_int(row, 10);
}

coroutine_fn enum err
ledger_page(struct cx *cx, const char *pass, const struct cursor *page,
    struct ledger_entry **out, size_t *n, const char **next)
{
	const struct rows *rows;
	enum err er;

	if ((er = pg_each(cx, &S_PAGE, &rows, pg_text(pass),
	    pg_int(page->us), pg_text(page->id),
	    pg_int(page->limit + 1))) != E_OK)
		return er;
	*n = cursor_rows(cx, page, rows, 4, 0, next);
	*out = cx_alloc(cx, (*n + 1) * sizeof **out);
	for (size_t i = 0; i < *n; i++)
		from_row(rows_at(rows, i), &(*out)[i]);
	return E_OK;
}

static const struct stmt S_SWEEP = STMT("ledger_sweep",
    "select mina_expire_all($1::int)");

coroutine_fn enum err
ledger_sweep(struct cx *cx, int64_t *n)
{
	const struct row *row;
	enum err er;

	if ((er = pg_one(cx, &S_SWEEP, &row, pg_int(LEDGER_SWEEP))) == E_OK)
		*n = row_int(row, 0);
	return er;
}

coroutine_fn enum err
ledger_prices(struct cx *cx, struct ledger_prices *out)
{
	enum err er;

	if ((er = settings_int(cx, "price.still", 1, &out->still)) != E_OK ||
	    (er = settings_int(cx, "price.tweak", 1, &out->tweak)) != E_OK ||
	    (er = settings_int(cx, "price.video", 5, &out->video)) != E_OK)
		return er;
	return settings_int(cx, "price.suggest", 0, &out->suggest);
}

void
ledger_prices_json(struct json *js, const struct ledger_prices *p)
{
	json_obj(js, "prices");
	json_int(js, "still", p->still);
	json_int(js, "tweak", p->tweak);
	json_int(js, "video", p->video);
	json_int(js, "suggest", p->suggest);
	json_end(js);
}
