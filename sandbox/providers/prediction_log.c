/*
 * predlog - see predlog.h
 */
#include "config.h"

#include "core/request_log.h"
#include "core/sandbox.h"
#include "core/storage.h"
#include "providers/model.h"
#include "providers/prediction.h"
#include "providers/prediction_log.h"

#define LINE_BYTES	(4 << 20)

static struct journal journal;

enum err
predlog_create(struct cx *cx, struct prediction *p)
{
	struct buf *b = buf_new(cx, LINE_BYTES);
	struct json js;

	json_init(&js, b);
	json_obj(&js, NULL);
	json_str(&js, "op", "create");
	json_str(&js, "id", p->id);
	json_str(&js, "face", face_name(p->model->face));
	json_str(&js, "model", p->model->name);
	json_str(&js, "sha256", p->sha);
	json_time(&js, "created_at", p->created);
	json_int(&js, "fate", p->fate);
	json_str(&js, "label", p->label);
	json_str(&js, "webhook", p->webhook);
	json_str(&js, "doom", p->doom);
	json_raw(&js, "events", p->events);
	json_raw(&js, "input", p->input);
	json_end(&js);
	if (!json_ok(&js) || !journal_write(&journal, b))
		return err_set(cx, E_STORAGE, "the journal cannot be written");
	return E_OK;
}

void
predlog_end(struct prediction *p)
{
	struct json js;
	struct buf b;

	buf_init(&b, 65536);
	json_init(&js, &b);
	json_obj(&js, NULL);
	json_str(&js, "op", "end");
	json_str(&js, "id", p->id);
	json_str(&js, "face", face_name(p->model->face));
	json_str(&js, "status", predict_state_name(p->state));
	json_raw(&js, "output", p->output);
	json_str(&js, "error", p->error);
	json_time(&js, "started_at", p->started);
	json_time(&js, "completed_at", p->completed);
	json_end(&js);
	if (!json_ok(&js) || !journal_write(&journal, &b))
		log_warn(NULL, "the journal cannot be written");
	buf_release(&b);
}

static int64_t
time_in(const struct cJSON *js, const char *key)
{
	const char *s = json_text(json_get(js, key));
	int64_t ms;

	return s != NULL && clock_parse(s, &ms) ? ms : 0;
}

static void
replay_create(struct cx *cx, const struct cJSON *js, enum face face,
    const char *id)
{
	const struct model *m = model_named(face, json_text(json_get(js,
	    "model")));
	const char *sha = json_text(json_get(js, "sha256"));
	const struct cJSON *events = json_get(js, "events");
	struct prediction *p;

	if (m == NULL || sha == NULL || strlen(sha) != SHA256_HEX - 1)
		return;
	p = predict_new(id, m, json_print(cx, json_get(js, "input")));
	predict_insert(p);
	memcpy(p->sha, sha, SHA256_HEX);
	request_log_accepted(p->sha);
	p->created = time_in(js, "created_at");
	p->fate = (enum predict_fate)json_int_or(json_get(js, "fate"), 0);
	p->label = keep(json_text(json_get(js, "label")));
	p->webhook = keep(json_text(json_get(js, "webhook")));
	p->doom = keep(json_text(json_get(js, "doom")));
	if (!json_is_null(events))
		p->events = keep(json_print(cx, events));
}

static void
replay_end(struct cx *cx, const struct cJSON *js, struct prediction *p)
{
	const char *status = json_text(json_get(js, "status"));
	const struct cJSON *output = json_get(js, "output");

	for (int i = PREDICT_SUCCEEDED; i < PREDICT__MAX; i++)
		if (str_eq(status, predict_state_name((enum predict_state)i)))
			p->state = (enum predict_state)i;
	if (!json_is_null(output))
		p->output = keep(json_print(cx, output));
	p->error = keep(json_text(json_get(js, "error")));
	p->started = time_in(js, "started_at");
	p->completed = time_in(js, "completed_at");
}

static void
replay(const char *line, size_t len)
{
	struct cJSON *js = NULL;
	struct prediction *p;
	const char *id, *op;
	enum face face;
	struct cx cx;

	app_cx(&cx, LINE_BYTES * 4);
	if (json_parse(&cx, line, len, &js) == E_OK &&
	    (id = json_text(json_get(js, "id"))) != NULL &&
	    strlen(id) < PREDICT_ID &&
	    face_find(json_text(json_get(js, "face")), &face)) {
		op = json_text(json_get(js, "op"));
		p = predict_find(face, id);
		if (str_eq(op, "create") && p == NULL)
			replay_create(&cx, js, face, id);
		else if (str_eq(op, "end") && p != NULL)
			replay_end(&cx, js, p);
	}
	cx_release(&cx);
}

bool
predlog_open(void)
{
	return journal_open(&journal, "journal.ndjson", 0644);
}

void
predlog_forget(void)
{
	journal_truncate(&journal);
}

void
predict_load(bool run)
{
	journal_each(&journal, replay);
	if (run)
		predict_release();
}
