/*
 * schedule - calls of the SQL functions of sql/schema/085-schedule.sql
 */
#include "config.h"

#include "base/cx.h"
#include "pg/pg.h"
#include "queue/schedule.h"

static const struct stmt S_TAKE = STMT("schedule_take",
    "select mina_chore_take($1, $2, $3::int, $4::bool)");

coroutine_fn enum err
schedule_take(struct cx *cx, const char *name, const char *owner,
    int64_t lease_ms, bool now, const char **state)
{
	const struct row *row;
	enum err er;

	if ((er = pg_one(cx, &S_TAKE, &row, pg_text(name), pg_text(owner),
	    pg_int(lease_ms), pg_bool(now))) == E_OK)
		*state = row_text(row, 0);
	return er;
}

static enum err
kept(struct cx *cx, enum err er, bool ours, const char *name)
{
	if (er != E_OK)
		return er;
	return ours ? E_OK :
	    err_set(cx, E_LOST, "another worker has taken %s", name);
}

static const struct stmt S_KEEP = STMT("schedule_keep",
    "select mina_chore_keep($1, $2, $3::jsonb, $4::int)");

coroutine_fn enum err
schedule_keep(struct cx *cx, const char *name, const char *owner,
    const char *state, int64_t lease_ms)
{
	bool ours = false;
	enum err er;

	er = pg_ask(cx, &S_KEEP, &ours, pg_text(name), pg_text(owner),
	    pg_json(state), pg_int(lease_ms));
	return kept(cx, er, ours, name);
}

static const struct stmt S_DONE = STMT("schedule_done",
    "select mina_chore_done($1, $2, $3::jsonb, $4::int)");

coroutine_fn enum err
schedule_done(struct cx *cx, const char *name, const char *owner,
    const char *state, int64_t next_ms)
{
	bool ours = false;
	enum err er;

	er = pg_ask(cx, &S_DONE, &ours, pg_text(name), pg_text(owner),
	    pg_json(state), pg_int(next_ms));
	return kept(cx, er, ours, name);
}
