/*
 * predict - see predict.h
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "app.h"
#include "buf.h"
#include "cx.h"
#include "deliver.h"
#include "journal.h"
#include "json.h"
#include "knobs.h"
#include "log.h"
#include "loop.h"
#include "model.h"
#include "predict.h"
#include "str.h"
#include "tally.h"
#include "when.h"

#define MAGIC		0x50726564
#define BUCKETS		16384
#define LINE_MAX_	(4 << 20)

static struct prediction *table[BUCKETS], *newest, *oldest;
static int64_t		 last_seq;

static const char *const states[PREDICT__MAX] = {
	[PREDICT_STARTING] = "starting",
	[PREDICT_PROCESSING] = "processing",
	[PREDICT_SUCCEEDED] = "succeeded",
	[PREDICT_FAILED] = "failed",
	[PREDICT_CANCELED] = "canceled",
};

const char *
predict_state_name(enum predict_state s)
{
	return states[s];
}

bool
predict_final(const struct prediction *p)
{
	return p->state >= PREDICT_SUCCEEDED;
}

struct prediction *
predict_newest(void)
{
	return newest;
}

struct prediction *
predict_oldest(void)
{
	return oldest;
}

static unsigned
bucket(const char *id)
{
	uint32_t h = 2166136261u;

	while (*id != '\0')
		h = (h ^ (unsigned char)*id++) * 16777619u;
	return h % BUCKETS;
}

struct prediction *
predict_find(const char *id)
{
	struct prediction *p = table[bucket(id)];

	while (p != NULL && strcmp(p->id, id) != 0)
		p = p->chain;
	return p;
}

static char *
keep(const char *s)
{
	char *p = NULL;

	if (s != NULL)
		XXXAN(p = strdup(s));
	return p;
}

/* 26 characters like Replicate's. */
static void
new_id(char out[PREDICT_ID])
{
	static const char abc[] = "abcdefghijkmnpqrstvwxyz0123456789";
	unsigned char r[PREDICT_ID - 1];

	hash_random(r, sizeof r);
	for (size_t i = 0; i < sizeof r; i++)
		out[i] = abc[r[i] % 32];
	out[sizeof r] = '\0';
}

static struct prediction *
prediction_new(const char *id, const struct model *m, const char *input)
{
	struct prediction *p;

	XXXAN(p = calloc(1, sizeof *p));
	p->magic = MAGIC;
	p->refs = 1;
	if (id != NULL)
		memcpy(p->id, id, PREDICT_ID);
	else
		new_id(p->id);
	p->model = m;
	p->input = keep(input);
	return p;
}

static void
insert(struct prediction *p)
{
	unsigned h = bucket(p->id);

	p->seq = ++last_seq;
	p->chain = table[h];
	table[h] = p;
	if ((p->older = newest) != NULL)
		newest->newer = p;
	else
		oldest = p;
	newest = p;
}

struct prediction *
predict_ref(struct prediction *p)
{
	CHECK(p, MAGIC);
	p->refs++;
	return p;
}

void
predict_unref(struct prediction *p)
{
	CHECK(p, MAGIC);
	if (--p->refs > 0)
		return;
	p->magic = 0;
	free(p->input);
	free(p->webhook);
	free(p->events);
	free(p->output);
	free(p->error);
	free(p);
}

/* --- the journal */

static enum err
write_create(struct cx *cx, struct prediction *p)
{
	struct buf *b = buf_new(cx, LINE_MAX_);
	struct json js;

	json_init(&js, b);
	json_obj(&js, NULL);
	json_str(&js, "op", "create");
	json_str(&js, "id", p->id);
	json_str(&js, "model", p->model->name);
	json_str(&js, "sha256", p->sha);
	json_time(&js, "created_at", p->created);
	json_int(&js, "fate", p->fate);
	json_str(&js, "webhook", p->webhook);
	json_raw(&js, "events", p->events);
	json_raw(&js, "input", p->input);
	json_end(&js);
	if (!json_ok(&js) || !journal_write(b))
		return err_set(cx, E_STORAGE, "the journal cannot be written");
	return E_OK;
}

static void
write_end(struct prediction *p)
{
	struct json js;
	struct buf b;

	buf_init(&b, 65536);
	json_init(&js, &b);
	json_obj(&js, NULL);
	json_str(&js, "op", "end");
	json_str(&js, "id", p->id);
	json_str(&js, "status", states[p->state]);
	json_str(&js, "output", p->output);
	json_str(&js, "error", p->error);
	json_time(&js, "started_at", p->started);
	json_time(&js, "completed_at", p->completed);
	json_end(&js);
	if (!json_ok(&js) || !journal_write(&b))
		log_warn(NULL, "the journal cannot be written");
	buf_release(&b);
}

static int64_t
time_in(const struct cJSON *js, const char *key)
{
	const char *s = json_text(json_get(js, key));
	int64_t ms;

	return s != NULL && when_parse(s, &ms) ? ms : 0;
}

static void
replay_create(struct cx *cx, const struct cJSON *js, const char *id)
{
	const struct model *m = model_named(json_text(json_get(js, "model")));
	const char *sha = json_text(json_get(js, "sha256"));
	const struct cJSON *events = json_get(js, "events");
	struct prediction *p;

	if (m == NULL || sha == NULL || strlen(sha) != HASH_HEX - 1)
		return;
	p = prediction_new(id, m, json_print(cx, json_get(js, "input")));
	insert(p);
	memcpy(p->sha, sha, HASH_HEX);
	p->created = time_in(js, "created_at");
	p->fate = (enum predict_fate)json_int_or(json_get(js, "fate"), 0);
	p->webhook = keep(json_text(json_get(js, "webhook")));
	if (!json_is_null(events))
		p->events = keep(json_print(cx, events));
}

static void
replay_end(const struct cJSON *js, const char *id)
{
	const char *status = json_text(json_get(js, "status"));
	struct prediction *p = predict_find(id);

	if (p == NULL)
		return;
	for (int i = PREDICT_SUCCEEDED; i < PREDICT__MAX; i++)
		if (str_eq(status, states[i]))
			p->state = (enum predict_state)i;
	p->output = keep(json_text(json_get(js, "output")));
	p->error = keep(json_text(json_get(js, "error")));
	p->started = time_in(js, "started_at");
	p->completed = time_in(js, "completed_at");
}

static void
replay(const char *line, size_t len)
{
	struct cJSON *js = NULL;
	const char *id, *op;
	struct cx cx;

	app_cx(&cx, LINE_MAX_ * 4);
	if (json_parse(&cx, line, len, &js) == E_OK &&
	    (id = json_text(json_get(js, "id"))) != NULL &&
	    strlen(id) == PREDICT_ID - 1) {
		op = json_text(json_get(js, "op"));
		if (str_eq(op, "create") && predict_find(id) == NULL)
			replay_create(&cx, js, id);
		else if (str_eq(op, "end"))
			replay_end(js, id);
	}
	cx_release(&cx);
}

void
predict_load(bool run)
{
	journal_each(replay);
	if (run)
		predict_release();
}

/* --- life */

enum err
predict_create(struct cx *cx, const struct model *m, const struct cJSON *body,
    enum predict_fate fate, struct prediction **out)
{
	const char *input = json_print(cx, json_get(body, "input"));
	const struct cJSON *events = json_get(body, "webhook_events_filter");
	struct prediction *p = prediction_new(NULL, m, input);
	enum err er;

	hash_sha256_hex(input, strlen(input), p->sha);
	p->created = when_now();
	p->fate = fate;
	p->webhook = keep(json_text(json_get(body, "webhook")));
	if (events != NULL)
		p->events = keep(json_print(cx, events));
	if ((er = write_create(cx, p)) != E_OK) {
		predict_unref(p);
		return er;
	}
	insert(p);
	tally_create(p->sha);
	if (!knobs.hold)
		predict_run(p, true);
	*out = p;
	return E_OK;
}

static void
end(struct prediction *p, enum predict_state s)
{
	p->state = s;
	p->completed = when_now();
	if (!p->dropped)
		write_end(p);
	if (p->waiter != NULL)
		wait_wake(p->waiter, E_OK);
}

void
predict_end(struct prediction *p, enum predict_state s, const char *output,
    const char *error)
{
	CHECK(p, MAGIC);
	p->running = false;
	if (!predict_final(p)) {
		p->output = keep(output);
		p->error = keep(error);
		end(p, s);
	}
	predict_unref(p);
}

/* A coroutine that has it notices when it comes to its end. */
void
predict_cancel(struct prediction *p)
{
	if (!predict_final(p))
		end(p, PREDICT_CANCELED);
}

void
predict_release(void)
{
	for (struct prediction *p = oldest; p != NULL; p = p->newer)
		if (!predict_final(p) && !p->running)
			predict_run(p, false);
}

void
predict_forget_all(void)
{
	struct prediction *p, *next;

	for (p = newest; p != NULL; p = next) {
		next = p->older;
		p->dropped = true;
		if (p->waiter != NULL)
			wait_wake(p->waiter, E_OK);
		predict_unref(p);
	}
	newest = oldest = NULL;
	memset(table, 0, sizeof table);
	journal_truncate();
}

void
predict_sweep(void)
{
	int64_t before = when_now() - knobs.keep_ms;

	for (struct prediction *p = oldest; p != NULL && p->created < before;
	    p = p->newer) {
		if (p->removed || !predict_final(p) || p->completed >= before)
			continue;
		deliver_remove(p->output);
		free(p->output);
		free(p->input);
		p->output = NULL;
		p->input = keep("{}");
		p->removed = true;
	}
}

void
predict_count(int64_t out[PREDICT__MAX])
{
	memset(out, 0, sizeof *out * PREDICT__MAX);
	for (const struct prediction *p = newest; p != NULL; p = p->older)
		out[p->state]++;
}
