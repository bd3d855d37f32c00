/*
 * outbox - calls of the SQL functions of sql/schema/082-outbox.sql; backoff
 */
#include "config.h"

#include "base/crypto.h"
#include "base/cx.h"
#include "pg/pg.h"
#include "queue/outbox.h"

#define PAUSE_FIRST	2000
#define PAUSE_MOST	INT64_C(3600000)

static const struct stmt S_PUT = STMT("outbox_put",
    "select mina_outbox_put($1, $2, $3::jsonb, $4::int)");

coroutine_fn enum err
outbox_put(struct cx *cx, const char *id, const char *action,
    const char *payload, int64_t delay_ms, bool *put)
{
	return pg_ask(cx, &S_PUT, put, pg_text(id), pg_text(action),
	    pg_json(payload), pg_int(delay_ms));
}

static const struct stmt S_AGAIN = STMT("outbox_again",
    "select mina_outbox_again()");

coroutine_fn enum err
outbox_again(struct cx *cx, int64_t *n)
{
	const struct row *row;
	enum err er;

	if ((er = pg_one(cx, &S_AGAIN, &row)) == E_OK)
		*n = row_int(row, 0);
	return er;
}

static const struct stmt S_CLAIM = STMT("outbox_claim",
    "select id, action, payload, attempts "
    "from mina_outbox_claim($1, $2::int, $3::int)");

coroutine_fn enum err
outbox_claim(struct cx *cx, const char *owner, int64_t max,
    int64_t lease_ms, struct outbox **out, size_t *n)
{
	const struct rows *rows;
	enum err er;

	if ((er = pg_each(cx, &S_CLAIM, &rows, pg_text(owner), pg_int(max),
	    pg_int(lease_ms))) != E_OK)
		return er;
	*n = rows_n(rows);
	*out = cx_alloc(cx, (*n + 1) * sizeof **out);
	for (size_t i = 0; i < *n; i++) {
		const struct row *r = rows_at(rows, i);

		(*out)[i].id = row_text(r, 0);
		(*out)[i].action = row_text(r, 1);
		(*out)[i].payload = row_null(r, 2) ? "{}" : row_text(r, 2);
		(*out)[i].attempts = row_int(r, 3);
	}
	return E_OK;
}

static enum err
kept(struct cx *cx, enum err er, bool ours)
{
	if (er != E_OK)
		return er;
	return ours ? E_OK : err_set(cx, E_LOST, "another worker has claimed "
	    "it");
}

static const struct stmt S_DONE = STMT("outbox_done",
    "select mina_outbox_done($1, $2, $3::jsonb)");

coroutine_fn enum err
outbox_done(struct cx *cx, const char *owner, const char *id,
    const char *result)
{
	bool ours = false;
	enum err er;

	er = pg_ask(cx, &S_DONE, &ours, pg_text(id), pg_text(owner),
	    pg_json(result));
	return kept(cx, er, ours);
}

static const struct stmt S_LATER = STMT("outbox_later",
    "select mina_outbox_later($1, $2, $3, $4::int)");

coroutine_fn enum err
outbox_later(struct cx *cx, const char *owner, const char *id,
    const char *why, int64_t delay_ms)
{
	bool ours = false;
	enum err er;

	er = pg_ask(cx, &S_LATER, &ours, pg_text(id), pg_text(owner),
	    pg_text(why), pg_int(delay_ms));
	return kept(cx, er, ours);
}

static const struct stmt S_FAILED = STMT("outbox_failed",
    "select mina_outbox_failed($1, $2, $3)");

coroutine_fn enum err
outbox_failed(struct cx *cx, const char *owner, const char *id,
    const char *why)
{
	bool ours = false;
	enum err er;

	er = pg_ask(cx, &S_FAILED, &ours, pg_text(id), pg_text(owner),
	    pg_text(why));
	return kept(cx, er, ours);
}

int64_t
outbox_pause(int64_t attempts, int64_t retry_after)
{
	int64_t ms = PAUSE_FIRST;
	unsigned char r;

	for (int64_t i = 1; i < attempts && ms < PAUSE_MOST; i++)
		ms *= 2;
	if (ms > PAUSE_MOST)
		ms = PAUSE_MOST;
	crypto_random(&r, sizeof r);
	ms -= ms * r / 1024;
	return ms > retry_after ? ms : retry_after;
}
