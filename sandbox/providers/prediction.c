/* prediction - accepts, journals, finds, ends and deletes predictions */
#include "config.h"

#include "core/record.h"
#include "core/request_log.h"
#include "core/service.h"
#include "core/storage.h"
#include "core/strmap.h"
#include "io/loop.h"
#include "providers/delivery.h"
#include "providers/prediction.h"
#include "providers/providers.h"

#define MAGIC		0x50726564
#define LINE_BYTES	(4 << 20)
#define HELD_STARTING	200		/* ms until a held one looks busy */

static const struct provider *const providers[] = {
	&replicate_provider, &ark_provider, &kling_provider, &fal_provider,
};

static const char *const states[PREDICTION__MAX] = {
	"starting", "processing", "succeeded", "failed", "canceled"
};

static struct strmap	 by_id;
static struct prediction *newest, *oldest;
static int64_t		 last_seq;
static struct journal	 journal;

#define PREDICTION(key, type, member)					\
	FIELD(key, type, struct prediction, member)

/* What the journal says of an accepted one, and of its end. */
static const struct record_field create_fields[] = {
	PREDICTION("id", REC_CHARS, id),
	PREDICTION("sha256", REC_CHARS, sha),
	PREDICTION("created_at", REC_TIME, created),
	PREDICTION("fate", REC_INT, fate),
	PREDICTION("label", REC_STR, label),
	PREDICTION("webhook", REC_STR, webhook),
	PREDICTION("doom", REC_STR, doom),
	PREDICTION("flaw", REC_STR, flaw),
	PREDICTION("events", REC_JSON, events),
	PREDICTION("input", REC_JSON, input),
	{ 0 }
};
static const struct record_field end_fields[] = {
	PREDICTION("output", REC_JSON, output),
	PREDICTION("error", REC_STR, error),
	PREDICTION("started_at", REC_TIME, started),
	PREDICTION("completed_at", REC_TIME, completed),
	{ 0 }
};

const char *
prediction_state_name(enum prediction_state s)
{
	return states[s];
}

bool
prediction_final(const struct prediction *p)
{
	return p->state >= PREDICTION_SUCCEEDED;
}

struct prediction *
prediction_newest(void)
{
	return newest;
}

struct prediction *
prediction_oldest(void)
{
	return oldest;
}

struct prediction *
prediction_find(const struct provider *provider, const char *id)
{
	struct prediction *p = strmap_get(&by_id, id);

	return p != NULL && p->model->provider == provider ? p : NULL;
}

/* Few are asked for this way, when an answer was lost. */
struct prediction *
prediction_labelled(const struct provider *provider, const char *label)
{
	struct prediction *p = newest;

	while (p != NULL && (p->model->provider != provider ||
	    p->label == NULL || strcmp(p->label, label) != 0))
		p = p->older;
	return p;
}

static struct prediction *
make(const struct model *m)
{
	struct prediction *p;

	XXXAN(p = calloc(1, sizeof *p));
	p->magic = MAGIC;
	p->refs = 1;
	p->model = m;
	return p;
}

static void
insert(struct prediction *p)
{
	p->seq = ++last_seq;
	strmap_put(&by_id, p->id, p);
	if ((p->older = newest) != NULL)
		newest->newer = p;
	else
		oldest = p;
	newest = p;
	request_log_accepted(p->sha);
}

struct prediction *
prediction_ref(struct prediction *p)
{
	CHECK(p, MAGIC);
	p->refs++;
	return p;
}

void
prediction_unref(struct prediction *p)
{
	CHECK(p, MAGIC);
	if (--p->refs > 0)
		return;
	p->magic = 0;
	record_free(create_fields, p);
	record_free(end_fields, p);
	free(p);
}

/* --- the journal */

static bool
write_line(const struct prediction *p, const char *op,
    const struct record_field *fields)
{
	struct json js;
	struct buf b;
	bool ok;

	buf_init(&b, LINE_BYTES);
	json_init(&js, &b);
	json_put(&js, j_obj(NULL), j_str("op", op),
	    j_str("face", p->model->provider->name),
	    j_str("model", p->model->name), j_str("status", states[p->state]));
	if (fields == end_fields)
		json_str(&js, "id", p->id);
	record_write(&js, fields, p);
	json_end(&js);
	ok = json_ok(&js) && journal_write(&journal, &b);
	buf_release(&b);
	return ok;
}

static void
replay_create(struct cx *cx, const struct cJSON *js,
    const struct provider *provider)
{
	const struct model *m = model_find(provider, text_of(js, "model"));
	struct prediction *p;

	if (m == NULL || strlen(text_of(js, "sha256")) != SHA256_HEX - 1)
		return;
	p = make(m);
	record_read(cx, js, create_fields, p);
	insert(p);
}

static void
replay_end(struct cx *cx, const struct cJSON *js, struct prediction *p)
{
	record_read(cx, js, end_fields, p);
	for (int i = PREDICTION_SUCCEEDED; i < PREDICTION__MAX; i++)
		if (str_eq(text_of(js, "status"), states[i]))
			p->state = (enum prediction_state)i;
}

static void
replay(const char *line, size_t len)
{
	const struct provider *provider = NULL;
	struct cJSON *js = NULL;
	struct prediction *p;
	const char *id;
	struct cx cx;

	app_cx(&cx, LINE_BYTES * 4);
	if (json_parse(&cx, line, len, &js) == E_OK)
		for (size_t i = 0; i < COUNT_OF(providers); i++)
			if (str_eq(text_of(js, "face"), providers[i]->name))
				provider = providers[i];
	id = text_of(js, "id");
	if (provider != NULL && *id != '\0' && strlen(id) < PREDICTION_ID) {
		p = prediction_find(provider, id);
		if (p == NULL && str_eq(text_of(js, "op"), "create"))
			replay_create(&cx, js, provider);
		else if (p != NULL && str_eq(text_of(js, "op"), "end"))
			replay_end(&cx, js, p);
	}
	cx_release(&cx);
}

/* --- life */

enum err
prediction_create(struct cx *cx, const struct model *m,
    const struct prediction_order *o, const struct fault *f,
    struct prediction **out)
{
	struct prediction *p = make(m);

	m->provider->make_id(p->id);
	p->input = keep(json_print(cx, o->input));
	crypto_sha256_hex(p->input, strlen(p->input), p->sha);
	p->created = clock_now();
	p->fate = f->kind == FAULT_REFUSED ? FATE_REFUSED :
	    f->kind == FAULT_FAILED ? FATE_FAILED :
	    f->kind == FAULT_EXPIRED ? FATE_EXPIRED : FATE_FINE;
	p->label = keep(o->label);
	p->webhook = keep(o->webhook);
	p->doom = keep(f->kind == FAULT_FAILED && f->body != NULL ? f->body :
	    o->doom);
	if (f->kind == FAULT_FLAWED)
		p->flaw = keep(f->body != NULL ? f->body : "black");
	if (o->events != NULL)
		p->events = keep(json_print(cx, o->events));
	if (!write_line(p, "create", create_fields)) {
		prediction_unref(p);
		return err_set(cx, E_STORAGE, "the journal cannot be written");
	}
	insert(p);
	if (!settings.hold)
		prediction_run(p, true);
	*out = p;
	return E_OK;
}

enum prediction_state
prediction_state(struct prediction *p)
{
	if (p->state == PREDICTION_STARTING && !p->running &&
	    clock_now() >= p->created + HELD_STARTING) {
		p->state = PREDICTION_PROCESSING;
		p->started = p->created + HELD_STARTING;
	}
	return p->state;
}

enum err
prediction_wait(struct req *rq, struct prediction *p, int64_t ms)
{
	struct wait w = WAIT_INIT(W_SANDBOX_JOB);
	enum err er;

	if (prediction_final(p))
		return E_OK;
	p->waiter = &w;
	req_on_hup(rq, &w);
	er = wait_for(&w, ms > 0 ? loop_now() + ms : 0);
	req_on_hup(rq, NULL);
	p->waiter = NULL;
	return er == E_TIMEOUT ? E_OK : er;
}

void
prediction_event(struct prediction *p, enum prediction_event ev)
{
	if (p->webhook != NULL && !p->dropped &&
	    p->model->provider->notify != NULL)
		p->model->provider->notify(p, ev);
}

static void
end(struct prediction *p, enum prediction_state s)
{
	p->state = s;
	p->completed = clock_now();
	if (!p->dropped && !write_line(p, "end", end_fields))
		log_warn(NULL, "the journal cannot be written");
	prediction_event(p, EVENT_END);
	if (p->waiter != NULL)
		wait_wake(p->waiter, E_OK);
}

void
prediction_end(struct prediction *p, enum prediction_state s,
    const char *output, const char *error)
{
	CHECK(p, MAGIC);
	p->running = false;
	if (!prediction_final(p)) {
		p->output = keep(output);
		p->error = keep(error);
		if (s == PREDICTION_SUCCEEDED)
			prediction_event(p, EVENT_OUTPUT);
		end(p, s);
	}
	prediction_unref(p);
}

/* A coroutine that has it notices when it comes to its end. */
void
prediction_cancel(struct prediction *p)
{
	if (!prediction_final(p))
		end(p, PREDICTION_CANCELED);
}

const struct cJSON *
prediction_output(struct cx *cx, const struct prediction *p)
{
	struct cJSON *list;

	return p->output != NULL && json_parse(cx, p->output,
	    strlen(p->output), &list) == E_OK ? list : NULL;
}

/* --- all of them */

static void
run_held(void)
{
	if (settings.hold)
		return;
	for (struct prediction *p = oldest; p != NULL; p = p->newer)
		if (!prediction_final(p) && !p->running)
			prediction_run(p, false);
}

static bool
open_all(struct cx *cx, bool serving)
{
	if (!file_parents(cx_fmt(cx, "%s/delivery/", conf_str(C_SANDBOX_DIR)))
	    || !journal_open(&journal, "journal.ndjson", 0644))
		return false;
	journal_each(&journal, replay);
	if (serving)
		run_held();
	return true;
}

static bool
reset(void)
{
	struct prediction *p;

	while ((p = newest) != NULL) {
		newest = p->older;
		strmap_drop(&by_id, p->id);
		p->dropped = true;
		if (p->waiter != NULL)
			wait_wake(p->waiter, E_OK);
		prediction_unref(p);
	}
	oldest = NULL;
	journal_truncate(&journal);
	return true;
}

static void
remove_data(struct prediction *p)
{
	struct cx cx;

	cx_init(&cx, 1 << 20);
	JSON_EACH(js, prediction_output(&cx, p))
		delivery_remove(text_of(js, "url"));
	cx_release(&cx);
	free(p->output);
	p->output = NULL;
	free(p->input);
	p->input = keep("{}");
	p->removed = true;
}

static void
remove_old_data(void)
{
	int64_t before = clock_now() - settings.keep_ms;

	for (struct prediction *p = oldest; p != NULL && p->created < before;
	    p = p->newer)
		if (!p->removed && prediction_final(p) &&
		    p->completed < before)
			remove_data(p);
}

static void
stats(struct json *js)
{
	int64_t n[PREDICTION__MAX] = { 0 };

	for (const struct prediction *p = newest; p != NULL; p = p->older)
		n[p->state]++;
	json_obj(js, "predictions");
	for (int i = 0; i < PREDICTION__MAX; i++)
		json_int(js, states[i], n[i]);
	json_end(js);
}

const struct emulator predictions_emulator = {
	.name = "predictions",
	.open = open_all,
	.reset = reset,
	.stats = stats,
	.settings_changed = run_held,
	.each_minute = remove_old_data,
	.route = (const struct emulated_route[]){
		FAULT_ROUTE(GET, "/_sandbox/delivery/{dir}/{file}", DELIVERY,
		    delivery_get),
		{ 0 }
	},
};
