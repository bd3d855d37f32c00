/*
 * keptkeys - calls of the SQL functions of sql/schema/083-keys.sql
 */
#include "config.h"

#include "account/keptkeys.h"
#include "base/cx.h"
#include "base/log.h"
#include "base/str.h"
#include "pg/pg.h"

static const struct stmt S_PUT = STMT("keptkeys_put",
    "select mina_keys_put($1, $2)");
static const struct stmt S_GET = STMT_READ("keptkeys_get",
    "select keys, read_at from mina_keys($1, $2::int)");

coroutine_fn void
keptkeys_put(struct cx *cx, const char *url, const char *text, size_t len)
{
	const struct row *row;

	if (cx->db == NULL || !str_is_utf8(text, len))
		return;
	if (pg_one(cx, &S_PUT, &row, pg_text(url),
	    pg_text(cx_dupn(cx, text, len))) != E_OK)
		log_warn(cx, "jwks: the keys cannot be kept: %s",
		    cx->err.detail);
}

coroutine_fn enum err
keptkeys_get(struct cx *cx, const char *url, const char **text,
    const char **when)
{
	const struct row *row;
	enum err er;

	if (cx->db == NULL)
		return err_set(cx, E_NOTFOUND, "no database");
	if ((er = pg_maybe(cx, &S_GET, &row, pg_text(url),
	    pg_int(KEPTKEYS_HOURS))) != E_OK)
		return er;
	if (row == NULL)
		return err_set(cx, E_NOTFOUND, "none are kept");
	*text = row_text(row, 0);
	*when = row_text(row, 1);
	return E_OK;
}
