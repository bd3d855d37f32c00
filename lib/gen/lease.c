/*
 * lease - calls the SQL functions of the queue, and maps a lost lease
 */
#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "base/cx.h"
#include "gen/lease.h"
#include "gen/step.h"
#include "pg/pg.h"
#include "pg/pgtime.h"

static const struct stmt S_CLAIM = STMT("lease_claim",
    "select generation_id, pass, session, mode, parent, status, "
    "money = 'succeeded', cost, attempts, age_ms, vars, request, meta, "
    "crashes, clock from mina_claim($1, $2::int, $3::int, $4::int, $5::int, "
    "$6::int, to_timestamp($7::bigint / 1000.0))");

coroutine_fn enum err
lease_claim(struct cx *cx, const char *owner, const struct lease_terms *lt,
    struct claim **out, size_t *n)
{
	int64_t sent = clock_boot(), now;
	bool known = pgtime_calm(lt->lease_ms, &now);
	const struct rows *rows;
	enum err er;

	if ((er = pg_each(cx, &S_CLAIM, &rows, pg_text(owner), pg_int(lt->max),
	    pg_int(lt->lease_ms), pg_int(lt->per_pass), pg_int(lt->try),
	    pg_int(lt->crashes), known ? pg_int(now) : pg_null())) != E_OK)
		return er;
	*n = rows_n(rows);
	*out = cx_alloc(cx, (*n + 1) * sizeof **out);
	for (size_t i = 0; i < *n; i++) {
		const struct row *r = rows_at(rows, i);
		struct claim *c = &(*out)[i];

		c->id = row_text(r, 0);
		c->pass = row_text(r, 1);
		c->session = row_text(r, 2);
		c->mode = row_text(r, 3);
		c->parent = row_text(r, 4);
		c->status = row_text(r, 5);
		c->delivered = row_bool(r, 6);
		c->cost = row_int(r, 7);
		c->attempts = row_int(r, 8);
		c->age = row_int(r, 9);
		c->claimed = sent;
		c->vars = row_null(r, 10) ? "{}" : row_text(r, 10);
		c->request = row_null(r, 11) ? "{}" : row_text(r, 11);
		c->meta = row_null(r, 12) ? "{}" : row_text(r, 12);
		c->crashes = row_int(r, 13);
		if (i == 0)
			pgtime_note(sent, row_time(r, 14));
	}
	return E_OK;
}

static const struct stmt S_RENEW = STMT("lease_renew",
    "select mina_clock(), r.generation_id, r.cancel "
    "from (select 1) once left join mina_renew($1, $2::int) r on true");

coroutine_fn enum err
lease_renew(struct cx *cx, const char *owner, int64_t lease_ms,
    struct lease_state **out, size_t *n)
{
	int64_t sent = clock_boot();
	const struct rows *rows;
	const struct row *row;
	enum err er;

	if ((er = pg_each(cx, &S_RENEW, &rows, pg_text(owner),
	    pg_int(lease_ms))) != E_OK)
		return er;
	*n = 0;
	*out = cx_alloc(cx, (rows_n(rows) + 1) * sizeof **out);
	for (size_t i = 0; i < rows_n(rows); i++) {
		row = rows_at(rows, i);
		if (i == 0)
			pgtime_note(sent, row_time(row, 0));
		if (row_null(row, 1))	/* nothing is leased */
			break;
		(*out)[*n].id = row_text(row, 1);
		(*out)[*n].renewed = !row_null(row, 2);
		(*out)[*n].cancel = (*out)[*n].renewed && row_bool(row, 2);
		(*n)++;
	}
	return E_OK;
}

static const struct stmt S_RELEASE = STMT("lease_release",
    "select mina_release($1, $2, $3::bool)");

coroutine_fn enum err
lease_release(struct cx *cx, const char *owner, const char *id, bool keep)
{
	const struct row *row;

	return pg_one(cx, &S_RELEASE, &row, pg_text(owner), pg_text(id),
	    pg_bool(keep));
}

/* Each function below returns whether the lease was still held. */
static enum err
check_lease(struct cx *cx, enum err er, bool held, const char *id)
{
	if (er != E_OK)
		return er;
	return held ? E_OK :
	    err_set(cx, E_LOST, "the lease on %s is lost", id);
}

static const struct stmt S_HOLD = STMT("lease_hold",
    "select mina_hold($1, $2, $3::int) is not null");

coroutine_fn enum err
lease_hold(struct cx *cx, const char *owner, const char *id, int64_t lease_ms)
{
	bool held = false;
	enum err er;

	er = pg_ask(cx, &S_HOLD, &held, pg_text(owner), pg_text(id),
	    pg_int(lease_ms));
	return check_lease(cx, er, held, id);
}

static const struct stmt S_PROGRESS = STMT("lease_progress",
    "select mina_progress($1, $2)");

coroutine_fn enum err
lease_progress(struct cx *cx, const char *owner, const char *id)
{
	bool held = false;
	enum err er;

	er = pg_ask(cx, &S_PROGRESS, &held, pg_text(owner), pg_text(id));
	return check_lease(cx, er, held, id);
}

static const struct stmt S_STAGE = STMT("lease_stage",
    "select mina_stage($1, $2, $3, $4::jsonb, $5)");

coroutine_fn enum err
lease_stage(struct cx *cx, const char *owner, const char *id,
    const char *status, const char *patch, const char *line)
{
	bool held = false;
	enum err er;

	er = pg_ask(cx, &S_STAGE, &held, pg_text(id), pg_text(owner),
	    pg_text(status), pg_json(patch), pg_text(line));
	return check_lease(cx, er, held, id);
}

static const struct stmt S_LINE = STMT("lease_line",
    "select mina_line($1, $2, $3)");

coroutine_fn enum err
lease_line(struct cx *cx, const char *owner, const char *id,
    const char *line)
{
	bool held = false;
	enum err er;

	er = pg_ask(cx, &S_LINE, &held, pg_text(id), pg_text(owner),
	    pg_text(line));
	return check_lease(cx, er, held, id);
}

static const struct stmt S_PICTURE = STMT("lease_picture",
    "select mina_picture($1, $2, $3, $4)");

coroutine_fn enum err
lease_picture(struct cx *cx, const char *owner, const char *id,
    const char *from, const char *to)
{
	bool held = false;
	enum err er;

	er = pg_ask(cx, &S_PICTURE, &held, pg_text(id), pg_text(owner),
	    pg_text(from), pg_text(to));
	return check_lease(cx, er, held, id);
}

static const struct stmt S_JOB = STMT("lease_job",
    "select mina_job($1, $2, $3, $4::jsonb, true)");

coroutine_fn enum err
lease_job(struct cx *cx, const char *owner, const char *id,
    const char *provider, const char *job, enum job_saved *saved)
{
	struct cx tmp = cx_fork(cx, 1 << 20);
	bool lost = false, canceled = false;
	const struct row *row;
	const char *verdict;
	enum err er;

	if ((er = pg_one(&tmp, &S_JOB, &row, pg_text(id), pg_text(owner),
	    pg_text(provider), pg_json(job))) == E_OK) {
		verdict = row_text(row, 0);
		*saved = strcmp(verdict, "taken") == 0 ? JOB_TAKEN :
		    strcmp(verdict, "over") == 0 ? JOB_OVER : JOB_SAVED;
		lost = strcmp(verdict, "lost") == 0;
		canceled = strcmp(verdict, "canceled") == 0;
	} else
		cx->err = tmp.err;
	cx_release(&tmp);
	if (canceled)
		return err_set(cx, E_CANCELED, "canceled before its job was "
		    "created");
	return check_lease(cx, er, !lost, id);
}

static const struct stmt S_JOB_END = STMT("lease_job_end",
    "select verdict, loud, over, nowhere from mina_job_end($1, $2, $3, "
    "$4::bool, $5::jsonb, $6::int, $7::int, $8::int)");

coroutine_fn enum err
lease_job_end(struct cx *cx, const char *owner, const char *id,
    const struct job_end *e, struct job_ended *out)
{
	const struct row *row;
	enum err er;

	if ((er = pg_one(cx, &S_JOB_END, &row, pg_text(id), pg_text(owner),
	    pg_text(e->provider), pg_bool(e->paid), pg_json(e->why),
	    pg_int(e->per_pass), e->cents >= 0 ? pg_int(e->cents) : pg_null(),
	    pg_int(e->daily))) != E_OK)
		return er;
	out->verdict = row_text(row, 0);
	out->loud = row_bool(row, 1);
	out->over = row_bool(row, 2);
	out->none = row_bool(row, 3);
	return check_lease(cx, er, strcmp(out->verdict, "lost") != 0, id);
}

static const struct stmt S_LATE = STMT("lease_late_job",
    "select mina_late_job($1, $2, $3, $4, $5::jsonb, $6, $7, $8::jsonb, "
    "$9::int)");

coroutine_fn enum err
lease_late_job(struct cx *cx, const char *id, const char *job,
    const struct step_row *s, const char *state, int64_t cents, bool *unused)
{
	const char *body = step_payload(cx, s);

	if (body == NULL)
		return err_set(cx, E_NOMEM, "step %s is too large", s->type);
	return pg_ask(cx, &S_LATE, unused, pg_text(id), pg_text(job),
	    pg_text(s->type), pg_text(s->key), pg_json(body),
	    pg_text(s->provider), pg_text(s->model), pg_json(state),
	    pg_int(cents));
}

static const struct stmt S_OFF = STMT("lease_call_off",
    "select mina_call_off($1, $3::jsonb || jsonb_build_object('provider', "
    "$2::text), 'failed')");

coroutine_fn enum err
lease_call_off(struct cx *cx, const char *id, const char *provider,
    const char *job)
{
	const struct row *row;

	return pg_one(cx, &S_OFF, &row, pg_text(id), pg_text(provider),
	    pg_json(job));
}

static const struct stmt S_CALLED_OFF = STMT("lease_called_off",
    "select mina_called_off($1, $2)");

coroutine_fn enum err
lease_called_off(struct cx *cx, const char *id, const char *job)
{
	const struct row *row;

	return pg_one(cx, &S_CALLED_OFF, &row, pg_text(id), pg_text(job));
}

static const struct stmt S_SETTLE = STMT("lease_settle",
    "select settled from mina_settle($1, $2, $3::jsonb, $4::jsonb)");

coroutine_fn enum err
lease_settle(struct cx *cx, const char *owner, const char *id,
    const char *out, const char *patch)
{
	bool held = false;
	enum err er;

	er = pg_ask(cx, &S_SETTLE, &held, pg_text(id), pg_text(owner),
	    pg_json(out), pg_json(patch));
	return check_lease(cx, er, held, id);
}

static const struct stmt S_VOID = STMT("lease_void",
    "select mina_void($1, $2, $3, $4, $5, null, $6::bool)");

coroutine_fn enum err
lease_void(struct cx *cx, const char *owner, const char *id,
    const char *status, const char *code, const char *message, bool refused)
{
	bool held = false;
	enum err er;

	er = pg_ask(cx, &S_VOID, &held, pg_text(id), pg_text(owner),
	    pg_text(status), pg_text(code), pg_text(message),
	    pg_bool(refused));
	return check_lease(cx, er, held, id);
}

static const struct stmt S_FINISH = STMT("lease_finish",
    "select mina_finish($1, $2, $3::jsonb)");

coroutine_fn enum err
lease_finish(struct cx *cx, const char *owner, const char *id,
    const char *patch)
{
	bool held = false;
	enum err er;

	er = pg_ask(cx, &S_FINISH, &held, pg_text(id), pg_text(owner),
	    pg_json(patch));
	return check_lease(cx, er, held, id);
}
