/*
 * predict - see predict.h
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "cx.h"
#include "deliver.h"
#include "json.h"
#include "knobs.h"
#include "loop.h"
#include "predict.h"
#include "predlog.h"
#include "tally.h"
#include "when.h"

#define MAGIC		0x50726564
#define BUCKETS		16384

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

struct prediction *
predict_new(const char *id, const struct model *m, const char *input)
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

void
predict_insert(struct prediction *p)
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

/* --- life */

enum err
predict_create(struct cx *cx, const struct model *m, const struct cJSON *body,
    enum predict_fate fate, struct prediction **out)
{
	const char *input = json_print(cx, json_get(body, "input"));
	const struct cJSON *events = json_get(body, "webhook_events_filter");
	struct prediction *p = predict_new(NULL, m, input);
	enum err er;

	hash_sha256_hex(input, strlen(input), p->sha);
	p->created = when_now();
	p->fate = fate;
	p->webhook = keep(json_text(json_get(body, "webhook")));
	if (events != NULL)
		p->events = keep(json_print(cx, events));
	if ((er = predlog_create(cx, p)) != E_OK) {
		predict_unref(p);
		return er;
	}
	predict_insert(p);
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
		predlog_end(p);
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
	predlog_forget();
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
