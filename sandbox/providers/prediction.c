/*
 * predict - see predict.h
 */
#include "config.h"

#include "core/request_log.h"
#include "core/sandbox.h"
#include "core/storage.h"
#include "core/settings.h"
#include "io/loop.h"
#include "providers/delivery.h"
#include "providers/prediction.h"
#include "providers/prediction_log.h"
#include "providers/providers.h"

#define MAGIC		0x50726564
#define BUCKETS		16384
#define HELD_STARTING	200		/* ms until a held one looks busy */

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
predict_find(enum face face, const char *id)
{
	struct prediction *p = table[bucket(id)];

	while (p != NULL && (p->model->face != face ||
	    strcmp(p->id, id) != 0))
		p = p->chain;
	return p;
}

/* Few are asked for this way, when an answer was lost. */
struct prediction *
predict_labelled(enum face face, const char *label)
{
	struct prediction *p = newest;

	while (p != NULL && (p->model->face != face || p->label == NULL ||
	    strcmp(p->label, label) != 0))
		p = p->older;
	return p;
}

struct prediction *
predict_new(const char *id, const struct model *m, const char *input)
{
	struct prediction *p;

	XXXAN(p = calloc(1, sizeof *p));
	p->magic = MAGIC;
	p->refs = 1;
	if (id != NULL)
		memcpy(p->id, id, strlen(id) + 1);
	else
		face_id(m->face, p->id);
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
	free(p->label);
	free(p->webhook);
	free(p->events);
	free(p->doom);
	free(p->output);
	free(p->error);
	free(p);
}

/* --- life */

enum predict_fate
predict_fate_of(const struct fault *f)
{
	return f->kind == FAULT_REFUSED ? FATE_REFUSED :
	    f->kind == FAULT_FAILED ? FATE_FAILED :
	    f->kind == FAULT_EXPIRED ? FATE_EXPIRED : FATE_FINE;
}

enum err
predict_create(struct cx *cx, const struct model *m,
    const struct predict_order *o, struct prediction **out)
{
	const char *input = json_print(cx, o->input);
	struct prediction *p = predict_new(NULL, m, input);
	enum err er;

	crypto_sha256_hex(input, strlen(input), p->sha);
	p->created = clock_now();
	p->fate = o->fate;
	p->label = keep(o->label);
	p->webhook = keep(o->webhook);
	p->doom = keep(o->doom);
	if (o->events != NULL)
		p->events = keep(json_print(cx, o->events));
	if ((er = predlog_create(cx, p)) != E_OK) {
		predict_unref(p);
		return er;
	}
	predict_insert(p);
	request_log_accepted(p->sha);
	if (!settings.hold)
		predict_run(p, true);
	*out = p;
	return E_OK;
}

enum predict_state
predict_state(struct prediction *p)
{
	if (p->state == PREDICT_STARTING && !p->running &&
	    clock_now() >= p->created + HELD_STARTING) {
		p->state = PREDICT_PROCESSING;
		p->started = p->created + HELD_STARTING;
	}
	return p->state;
}

enum err
predict_wait(struct req *rq, struct prediction *p, int64_t ms)
{
	struct wait w = WAIT_INIT(W_SANDBOX_JOB);
	enum err er;

	if (predict_final(p))
		return E_OK;
	p->waiter = &w;
	req_on_hup(rq, &w);
	er = wait_for(&w, ms > 0 ? loop_now() + ms : 0);
	req_on_hup(rq, NULL);
	p->waiter = NULL;
	return er == E_TIMEOUT ? E_OK : er;
}

void
predict_event(struct prediction *p, enum predict_event ev)
{
	if (p->webhook != NULL && !p->dropped)
		face_notify(p, ev);
}

static void
end(struct prediction *p, enum predict_state s)
{
	p->state = s;
	p->completed = clock_now();
	if (!p->dropped)
		predlog_end(p);
	predict_event(p, EVENT_END);
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
		if (s == PREDICT_SUCCEEDED)
			predict_event(p, EVENT_OUTPUT);
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

const struct cJSON *
predict_output(struct cx *cx, const struct prediction *p)
{
	struct cJSON *list;

	if (p->output == NULL || json_parse(cx, p->output, strlen(p->output),
	    &list) != E_OK)
		return NULL;
	return list;
}

const char *
predict_url(struct cx *cx, const struct prediction *p)
{
	return json_text(json_get(json_first(predict_output(cx, p)), "url"));
}

static void
remove_output(struct prediction *p)
{
	const struct cJSON *js;
	struct cx cx;

	cx_init(&cx, 1 << 20);
	js = json_first(predict_output(&cx, p));
	for (; js != NULL; js = json_next(js))
		deliver_remove(json_text(json_get(js, "url")));
	cx_release(&cx);
	free(p->output);
	p->output = NULL;
}

static void
predict_sweep(void)
{
	int64_t before = clock_now() - settings.keep_ms;

	for (struct prediction *p = oldest; p != NULL && p->created < before;
	    p = p->newer) {
		if (p->removed || !predict_final(p) || p->completed >= before)
			continue;
		remove_output(p);
		free(p->input);
		p->input = keep("{}");
		p->removed = true;
	}
}

static bool
open_all(struct cx *cx, bool serving)
{
	if (!file_parents(cx_fmt(cx, "%s/delivery/", conf_str(C_SANDBOX_DIR)))
	    || !predlog_open())
		return false;
	predict_load(serving);
	return true;
}

static bool
reset(void)
{
	predict_forget_all();
	return true;
}

static void
release_held(void)
{
	if (!settings.hold)
		predict_release();
}

static void
stats(struct json *js)
{
	int64_t n[PREDICT__MAX] = { 0 };

	for (const struct prediction *p = newest; p != NULL; p = p->older)
		n[p->state]++;
	json_obj(js, "predictions");
	for (int i = 0; i < PREDICT__MAX; i++)
		json_int(js, states[i], n[i]);
	json_end(js);
}

const struct emulator predictions_emulator = {
	.name = "predictions",
	.open = open_all,
	.reset = reset,
	.stats = stats,
	.settings_changed = release_held,
	.each_minute = predict_sweep,
	.route = (const struct emulated_route[]){
		{ M_GET, "/_sandbox/delivery/{dir}/{file}", EP_DELIVERY,
		    .fault_fn = deliver_get },
		{ 0 }
	},
};
