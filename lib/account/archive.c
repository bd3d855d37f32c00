/*
 * archive - pages through generations and deletes them, in SQL
 */
#include "config.h"

#include <string.h>

#include "account/archive.h"
#include "base/cx.h"
#include "base/str.h"
#include "pg/pg.h"
#include "web/cursor.h"

#define PREFIX		"generation:"
/* A statement of so many takes some 50 ms; others wait for the connection. */
#define ERASE_ROWS	200

/*
 * For each pass two ranges of the index mega_generations_pass: the rest of the
 * cursor's own microsecond, then everything older (cursor.h).  Filters apply
 * while the index is read, so a row they skip costs one read and no sort.
 */
#define MADE(where) \
    "(select mg_id, mg_type, mg_output_url, mg_prompt, mg_session_id, " \
    "mg_parent_id, mg_provider, mg_model, mg_cost, mg_created_at, mg_meta, " \
    "mg_title, mg_mma_vars, mg_payload from mega_generations " \
    "where mg_pass_id = p.pass and mg_record_type = 'generation' " \
    "and " where " and mg_status = 'succeeded' and mg_deleted_at is null " \
    "and ($5::text is null or mg_type = $5) " \
    "and ($6::text is null or mg_session_id = $6) " \
    "and ($7::timestamptz is null or mg_created_at >= $7::timestamptz) " \
    "and ($8::timestamptz is null or mg_created_at < $8::timestamptz) " \
    "and (not $9::bool or mg_meta->>'liked' = 'true') " \
    "and ($10::text is null or position(lower($10) in lower(concat_ws(' ', " \
    "mg_prompt, mg_title, mg_payload #>> '{request,brief}', " \
    "mg_payload #>> '{request,motionPrompt}'))) > 0) " \
    "order by mg_created_at desc, mg_id limit $4::int)"

static const struct stmt S_PAGE = STMT_READ("archive_page",
    "select t.mg_id, t.mg_type, t.mg_output_url, t.mg_prompt, "
    "coalesce(t.mg_payload #>> '{request,brief}', t.mg_title), "
    "t.mg_session_id, t.mg_parent_id, t.mg_provider, t.mg_model, "
    "coalesce(t.mg_mma_vars #>> '{scans,output_still_crt}', "
    "t.mg_mma_vars #>> '{scans,output_video_crt}'), "
    "t.mg_mma_vars->'outputs', t.mg_payload->'request', "
    "coalesce(t.mg_meta->>'liked', '') = 'true', coalesce(t.mg_cost, 0), "
    "(extract(epoch from t.mg_created_at) * 1000000)::bigint "
    "from unnest(mina_passes($1)) p (pass) cross join lateral ("
    MADE("mg_created_at = " CURSOR_TIME("$2") " and mg_id > $3")
    " union all "
    MADE("mg_created_at < " CURSOR_TIME("$2"))
    ") t order by t.mg_created_at desc, t.mg_id limit $4::int");

static const char *
bare(const char *id)
{
	return str_starts(id, PREFIX) ? id + strlen(PREFIX) : id;
}

static void
from_row(const struct row *row, struct archive_item *it)
{
	it->id = bare(row_text(row, 0));
	it->type = row_text(row, 1);
	it->url = row_text(row, 2);
	it->prompt = row_text(row, 3);
	it->brief = row_text(row, 4);
	it->session = row_text(row, 5);
	it->parent = row_null(row, 6) ? NULL : bare(row_text(row, 6));
	it->provider = row_text(row, 7);
	it->model = row_text(row, 8);
	it->alt = row_text(row, 9);
	it->outputs = row_text(row, 10);
	it->request = row_text(row, 11);
	it->liked = row_bool(row, 12);
	it->cost = row_int(row, 13);
	it->created = row_int(row, 14) / 1000;
}

coroutine_fn enum err
archive_page(struct cx *cx, const char *pass, const struct cursor *page,
    const struct archive_filter *f, struct archive_item **out, size_t *n,
    const char **next)
{
	const struct rows *rows;
	enum err er;

	if ((er = pg_each(cx, &S_PAGE, &rows, pg_text(pass),
	    pg_int(page->us), pg_text(page->id), pg_int(page->limit + 1),
	    pg_text(f->type), pg_text(f->session), pg_text(f->from),
	    pg_text(f->to), pg_bool(f->liked), pg_text(f->words))) != E_OK)
		return er;
	*n = cursor_rows(cx, page, rows, 14, 0, next);
	*out = cx_alloc(cx, (*n + 1) * sizeof **out);
	for (size_t i = 0; i < *n; i++)
		from_row(rows_at(rows, i), &(*out)[i]);
	return E_OK;
}

static const struct stmt S_FORGET = STMT("archive_forget",
    "select mina_forget($1, $2)");

coroutine_fn enum err
archive_forget(struct cx *cx, const char *pass, const char *id)
{
	const struct row *row;
	const char *what;
	enum err er;

	if ((er = pg_one(cx, &S_FORGET, &row, pg_text(id),
	    pg_text(pass))) != E_OK)
		return er;
	what = row_text(row, 0);
	if (str_eq(what, "busy"))
		return err_say(cx, E_CONFLICT, "That is still being made. "
		    "Cancel it first.");
	if (!str_eq(what, "gone"))
		return err_say(cx, E_NOTFOUND, "There is no such creation of "
		    "yours.");
	return E_OK;
}

static const struct stmt S_ERASE = STMT("archive_erase",
    "select mina_erase($1)");

coroutine_fn enum err
archive_erase(struct cx *cx, const char *pass)
{
	const struct row *row;
	enum err er;

	if ((er = pg_one(cx, &S_ERASE, &row, pg_text(pass))) != E_OK)
		return er;
	if (!row_bool(row, 0))
		return err_set(cx, E_NOTFOUND, "no such customer");
	return E_OK;
}

static const struct stmt S_SOME = STMT("archive_erase_some",
    "select mina_erase_some($1, $2::int)");

coroutine_fn enum err
archive_erase_some(struct cx *cx, const char *job, enum archive_erasing *state)
{
	const struct row *row;
	enum err er;

	if ((er = pg_one(cx, &S_SOME, &row, pg_text(job),
	    pg_int(ERASE_ROWS))) != E_OK)
		return er;
	*state = str_eq(row_text(row, 0), "done") ? ERASING_DONE :
	    str_eq(row_text(row, 0), "wait") ? ERASING_WAITS : ERASING_MORE;
	return E_OK;
}

static const struct stmt S_GONE = STMT("archive_uploads_gone",
    "select mina_erase_uploads_done($1)");

coroutine_fn enum err
archive_uploads_gone(struct cx *cx, const char *job)
{
	const struct row *row;

	return pg_one(cx, &S_GONE, &row, pg_text(job));
}

static const struct stmt S_REST = STMT("archive_sweep",
    "select mina_erase_rest($1::int)");

coroutine_fn enum err
archive_sweep(struct cx *cx, int64_t *n)
{
	const struct row *row;
	enum err er;

	if ((er = pg_one(cx, &S_REST, &row, pg_int(ARCHIVE_SWEEP))) == E_OK)
		*n = row_int(row, 0);
	return er;
}

static const struct stmt S_MINE = STMT_READ("archive_mine",
    "select mina_canonical($2) = $1");

coroutine_fn enum err
archive_mine(struct cx *cx, const char *pass, const char *whose, bool *mine)
{
	return pg_ask(cx, &S_MINE, mine, pg_text(pass), pg_text(whose));
}
