/*
 * step - loads a generation's step log, and appends to it
 */
#include "config.h"

#include <string.h>

#include "base/buf.h"
#include "base/cx.h"
#include "base/json.h"
#include "base/str.h"
#include "gen/step.h"
#include "pg/pg.h"

struct step_record {
	struct step_record *next;
	const char	*type, *key;
	const struct cJSON *output;	/* NULL: a failed attempt */
};

static const struct stmt S_LOAD = STMT_READ("step_load",
    "select no, type, key, status, payload->'output' from mina_steps($1)");

coroutine_fn enum err
step_load(struct cx *cx, struct step_log *log, const char *id,
    const char *owner)
{
	const struct rows *rows;
	struct step_record *s;
	struct cJSON *out;
	enum err er;

	memset(log, 0, sizeof *log);
	log->id = id;
	log->owner = owner;
	log->next_no = 1;
	if ((er = pg_each(cx, &S_LOAD, &rows, pg_text(id))) != E_OK)
		return er;
	for (size_t i = 0; i < rows_n(rows); i++) {
		const struct row *r = rows_at(rows, i);

		XXXAN(s = cx_alloc(cx, sizeof *s));
		log->next_no = (int)row_int(r, 0) + 1;
		s->type = row_text(r, 1);
		s->key = row_text(r, 2);
		if (str_eq(row_text(r, 3), "succeeded") && !row_null(r, 4)) {
			if ((er = json_parse(cx, row_text(r, 4),
			    strlen(row_text(r, 4)), &out)) != E_OK)
				return er;
			s->output = out;
		}
		s->next = log->records;
		log->records = s;
	}
	return E_OK;
}

static const struct stmt S_LAST = STMT_READ("step_last",
    "select coalesce(max(no), 0) from mina_steps($1)");

coroutine_fn enum err
step_last(struct cx *cx, struct step_log *log)
{
	const struct row *row;
	enum err er;

	if ((er = pg_one(cx, &S_LAST, &row, pg_text(log->id))) == E_OK)
		log->next_no = (int)row_int(row, 0) + 1;
	return er;
}

static bool
matches(const struct step_record *s, const char *type, const char *key)
{
	return str_eq(s->type, type) && str_eq(s->key, key);
}

const struct cJSON *
step_output(const struct step_log *log, const char *type, const char *key)
{
	for (const struct step_record *s = log->records; s != NULL; s = s->next)
		if (s->output != NULL && matches(s, type, key))
			return s->output;
	return NULL;
}

int
step_failures(const struct step_log *log, const char *type, const char *key)
{
	int n = 0;

	for (const struct step_record *s = log->records; s != NULL; s = s->next)
		if (s->output == NULL && matches(s, type, key))
			n++;
	return n;
}

static const struct stmt S_STEP = STMT("step_record",
    "select mina_step($1, $2, $3::int, $4, $5, $6::jsonb, $7, $8, $9::int, "
    "$10::int, $11::int, $12, $13, $14::jsonb)");

const char *
step_payload(struct cx *cx, const struct step_row *s)
{
	struct buf *b = buf_new(cx, 1 << 20);
	struct json js;

	json_init(&js, b);
	json_obj(&js, NULL);
	json_raw(&js, "input", s->input);
	json_raw(&js, "output", s->output);
	json_obj(&js, "timing");
	json_time(&js, "started_at", s->started);
	json_time(&js, "ended_at", s->started + s->took);
	json_int(&js, "duration_ms", s->took);
	json_end(&js);
	json_raw(&js, "error", s->error);
	json_end(&js);
	return json_ok(&js) ? b->data : NULL;
}

static struct param
tokens(int64_t n)
{
	return n >= 0 ? pg_int(n) : pg_null();
}

coroutine_fn enum err
step_add(struct cx *cx, struct step_log *log, const struct step_row *s)
{
	const char *body = step_payload(cx, s);
	int no = log->next_no++;
	bool held = false;
	enum err er;

	if (body == NULL)
		return err_set(cx, E_NOMEM, "step %s is too large", s->type);
	if ((er = pg_ask(cx, &S_STEP, &held, pg_text(log->id),
	    pg_text(log->owner), pg_int(no), pg_text(s->type),
	    pg_text(s->key), pg_json(body), pg_text(s->provider),
	    pg_text(s->model), pg_int(s->took),
	    tokens(s->in_tokens),
	    tokens(s->out_tokens), pg_text(s->er == E_OK ? "succeeded" :
	    "failed"), pg_text(s->er == E_OK ? NULL : err_slug(s->er)),
	    pg_json(cx_fmt(cx, "{\"request_id\":\"%s\"}", cx->reqid)))) != E_OK)
		return er;
	if (!held)
		return err_set(cx, E_LOST, "step %d of %s: the lease is "
		    "lost", no, log->id);
	return E_OK;
}
