/*
 * note - calls of the SQL functions of sql/schema/083-notes.sql
 */
#include "config.h"

#include "base/cx.h"
#include "pg/pg.h"
#include "queue/note.h"

static const struct stmt S_PUT = STMT("note_put", "select mina_note($1, $2)");

coroutine_fn enum err
note_put(struct cx *cx, const char *owner, const char *text)
{
	const struct row *row;

	return pg_one(cx, &S_PUT, &row, pg_text(owner), pg_text(text));
}

static const struct stmt S_LIST = STMT_READ("note_list",
    "select note from mina_notes($1::int)");

coroutine_fn enum err
note_list(struct cx *cx, int64_t ms, const char ***out, size_t *n)
{
	const struct rows *rows;
	enum err er;

	if ((er = pg_each(cx, &S_LIST, &rows, pg_int(ms))) != E_OK)
		return er;
	*n = rows_n(rows);
	*out = cx_alloc(cx, (*n + 1) * sizeof **out);
	for (size_t i = 0; i < *n; i++)
		(*out)[i] = row_text(rows_at(rows, i), 0);
	return E_OK;
}

static const struct stmt S_TROUBLE = STMT("note_trouble",
    "select mina_trouble($1, $2)");

coroutine_fn enum err
note_trouble(struct cx *cx, const char *provider, const char *text)
{
	const struct row *row;

	return pg_one(cx, &S_TROUBLE, &row, pg_text(provider), pg_text(text));
}

static const struct stmt S_TROUBLES = STMT_READ("note_troubles",
    "select provider || ' ' || note || ', since ' || "
    "to_char(since, 'YYYY-MM-DD HH24:MI') || ' UTC' from mina_troubles()");

coroutine_fn enum err
note_troubles(struct cx *cx, const struct rows **out)
{
	return pg_each(cx, &S_TROUBLES, out);
}
