/*
 * archive_export - streams all data kept about a customer as NDJSON
 *
 * Ten thousand generations with their steps are some hundred megabytes, so
 * pages are read one at a time, each into memory of its own, after the page
 * before it was sent.  The status has been sent by then: an error in the
 * middle ends the stream with a line that says so.
 */
#include "config.h"

#include <string.h>

#include "account/archive.h"
#include "base/buf.h"
#include "base/cx.h"
#include "pg/pg.h"
#include "web/cursor.h"
#include "web/req.h"
#include "web/resp.h"

#define PAGE_ROWS	50
#define PAGE_CAP	(64 << 20)

static const char *const kinds[] = {
	"session", "generation", "mma_step", "mma_event", "feedback",
	"credit_transaction",
};

/* Columns of the queue, which say nothing about the customer. */
#define INTERNAL \
    "array['mg_lease_owner', 'mg_lease_until', 'mg_due_at', 'mg_attempts', " \
    "'mg_record_type']"

static const struct stmt S_WHO = STMT_READ("history_export_who",
    "select jsonb_build_object('kind', 'customer', 'row', "
    "jsonb_strip_nulls(to_jsonb(c))) from mega_customers c "
    "where mg_pass_id = any (mina_passes($1)) order by mg_pass_id");

#define ROWS(where) \
    "(select * from mega_generations g where g.mg_pass_id = p.pass " \
    "and g.mg_record_type = $5 and " where \
    " order by g.mg_created_at desc, g.mg_id limit $4::int)"

static const struct stmt S_ROWS = STMT_READ("history_export_rows",
    "select jsonb_build_object('kind', $5::text, 'row', "
    "jsonb_strip_nulls(to_jsonb(t)) - " INTERNAL "), t.mg_id, "
    "(extract(epoch from t.mg_created_at) * 1000000)::bigint "
    "from unnest(mina_passes($1)) p (pass) cross join lateral ("
    ROWS("g.mg_created_at = " CURSOR_TIME("$2") " and g.mg_id > $3")
    " union all "
    ROWS("g.mg_created_at < " CURSOR_TIME("$2"))
    ") t order by t.mg_created_at desc, t.mg_id limit $4::int");

static coroutine_fn enum err
put_rows(struct cx *cx, struct req *rq, const struct rows *rows)
{
	struct buf *b = buf_new(cx, PAGE_CAP);

	for (size_t i = 0; i < rows_n(rows); i++) {
		buf_puts(b, row_text(rows_at(rows, i), 0));
		buf_putc(b, '\n');
	}
	if (!buf_ok(b))
		return err_set(cx, E_NOMEM, "export page");
	return resp_piece(rq, b->data, b->len);
}

/* Sends one page; *us is 0 after the last. */
static coroutine_fn enum err
send_page(struct cx *cx, struct req *rq, const char *pass, const char *kind,
    int64_t *us, char id[CURSOR_ID_MAX])
{
	struct cx tmp = cx_fork(cx, PAGE_CAP);
	const struct rows *rows;
	const struct row *last;
	enum err er;

	if ((er = pg_each(&tmp, &S_ROWS, &rows, pg_text(pass), pg_int(*us),
	    pg_text(id), pg_int(PAGE_ROWS), pg_text(kind))) == E_OK &&
	    (er = put_rows(&tmp, rq, rows)) == E_OK) {
		*us = 0;
		if (rows_n(rows) == PAGE_ROWS) {
			last = rows_at(rows, PAGE_ROWS - 1);
			snprintf(id, CURSOR_ID_MAX, "%s", row_text(last, 1));
			*us = row_int(last, 2);
		}
	}
	cx->err = tmp.err;
	cx_release(&tmp);
	return er;
}

static coroutine_fn enum err
send_all(struct cx *cx, struct req *rq, const char *pass)
{
	char id[CURSOR_ID_MAX] = "";
	const struct rows *rows;
	int64_t us;
	enum err er;

	if ((er = pg_each(cx, &S_WHO, &rows, pg_text(pass))) != E_OK ||
	    (er = put_rows(cx, rq, rows)) != E_OK)
		return er;
	for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
		id[0] = '\0';
		for (us = CURSOR_START; us != 0;)
			if ((er = send_page(cx, rq, pass, kinds[k], &us,
			    id)) != E_OK)
				return er;
	}
	return E_OK;
}

coroutine_fn enum err
archive_export(struct cx *cx, struct req *rq, struct resp *rs,
    const char *pass)
{
	static const char broken[] = "{\"kind\":\"error\",\"message\":"
	    "\"This export is not complete. Please try again.\"}\n";
	enum err er;

	resp_header(rs, "Content-Disposition",
	    "attachment; filename=\"mina.ndjson\"");
	if ((er = resp_stream(rs, rq, "application/x-ndjson")) != E_OK ||
	    rq->method == M_HEAD)
		return er;
	er = send_all(cx, rq, pass);
	if (er != E_OK && er != E_HUP && resp_piece(rq, broken,
	    sizeof broken - 1) != E_OK)
		return E_HUP;
	return er;
}
