/*
 * run - a prediction on its way: started, drawn, delivered
 *
 * Few are drawn at once, as there are few processors; the others wait in
 * `processing', like at a busy provider.
 */
#include "config.h"

#include "core/request_log.h"
#include "core/sandbox.h"
#include "core/settings.h"
#include "io/loop.h"
#include "providers/delivery.h"
#include "providers/model.h"
#include "providers/prediction.h"
#include "web/transport.h"

#define WORK_MAX	(160 << 20)	/* bytes: ten pictures */
#define OUTPUT_MAX	65536		/* bytes of JSON about the outputs */
#define EASELS		2

static struct gate easels;

/* Films may take another time than stills. */
static int64_t
least_ms(const struct prediction *p)
{
	return model_films(p->model) && settings.film_ms >= 0 ?
	    settings.film_ms : settings.predict_ms;
}

static void
note(struct json *js, const struct delivered *d, int seconds)
{
	json_obj(js, NULL);
	json_str(js, "url", d->url);
	json_str(js, "type", d->type);
	json_int(js, "bytes", (int64_t)d->bytes);
	json_int(js, "width", d->w);
	json_int(js, "height", d->h);
	if (seconds > 0)
		json_int(js, "seconds", seconds);
	json_end(js);
}

static const char *
draw_one(struct cx *cx, struct prediction *p, const struct cJSON *input,
    int nth, struct delivered *d)
{
	struct made made = { 0 };
	const char *bad;

	if (easels.tail == NULL)
		gate_init(&easels, W_SANDBOX_ROOM, EASELS);
	if (gate_enter(&easels, 0) != E_OK)
		return face_broken(p->model->face);
	bad = predict_final(p) || p->dropped ? face_broken(p->model->face) :
	    p->model->make(cx, p->model, input, nth, &made);
	gate_leave(&easels);
	if (bad != NULL)
		return bad;
	request_log_rendered(made.us);
	bad = deliver(cx, &made, p->fate == FATE_EXPIRED, d);
	made.release(made.data);
	return bad;
}

/*
 * Ark says of each picture whether it came out; with the others one that did
 * not is the end of all.  What fails on order there is the first one.
 */
static const char *
draw(struct cx *cx, struct prediction *p, const struct cJSON *input,
    const struct outline *o, struct json *js)
{
	enum face face = p->model->face;
	struct delivered d;
	const char *bad;

	json_list(js, NULL);
	for (int i = 0; i < o->count; i++) {
		bad = i == 0 && p->fate == FATE_REFUSED ? face_refused(face) :
		    i == 0 && p->fate == FATE_FAILED ? face_broken(face) :
		    settings.instant ? deliver_stored(cx, o,
		    p->fate == FATE_EXPIRED, &d) :
		    draw_one(cx, p, input, i, &d);
		if (bad == NULL)
			note(js, &d, o->seconds);
		else if (face != FACE_ARK)
			return bad;
		else {
			json_obj(js, NULL);
			json_str(js, "error", bad);
			json_end(js);
		}
	}
	json_end(js);
	return json_ok(js) ? NULL : face_broken(face);
}

static void
make(struct cx *cx, struct prediction *p, const char **output,
    const char **bad)
{
	struct buf *b = buf_new(cx, OUTPUT_MAX);
	struct cJSON *input = NULL;
	struct outline o;
	struct json js;

	if ((*bad = p->doom) != NULL)
		return;
	json_init(&js, b);
	if (json_parse(cx, p->input, strlen(p->input), &input) != E_OK) {
		*bad = face_broken(p->model->face);
		return;
	}
	p->model->outline(input, &o);
	*bad = draw(cx, p, input, &o, &js);
	*output = *bad == NULL ? b->data : NULL;
}

/*
 * What fails because this program is being stopped is not over: the journal
 * has it, and the next one begins it again.
 */
static void
finish(struct cx *cx, struct prediction *p, const char *output,
    const char *bad)
{
	if (bad != NULL && fcgi_stopping()) {
		predict_unref(p);
		return;
	}
	if (bad != NULL && !predict_final(p))
		log_info(cx, "prediction failed: %s", bad);
	predict_end(p, bad == NULL ? PREDICT_SUCCEEDED : PREDICT_FAILED,
	    output, bad);
}

static void
begin(struct prediction *p)
{
	if (predict_final(p))
		return;
	p->state = PREDICT_PROCESSING;
	p->started = clock_now();
	predict_event(p, EVENT_START);
}

/* Nothing is held on to while it only waits: there may be thousands. */
static void
carry(void *arg)
{
	struct prediction *p = arg;
	int64_t start = loop_now(), ms = least_ms(p), left;
	const char *output = NULL, *bad = NULL;
	struct cx cx;

	app_cx(&cx, WORK_MAX);
	snprintf(cx.reqid, sizeof cx.reqid, "%s", p->id);
	(void)loop_sleep(&cx, ms / 10);
	begin(p);
	if (settings.instant && (left = start + ms - loop_now()) > 0 &&
	    !predict_final(p))
		(void)loop_sleep(&cx, left);
	make(&cx, p, &output, &bad);
	if ((left = start + ms - loop_now()) > 0 && !predict_final(p))
		(void)loop_sleep(&cx, left);
	finish(&cx, p, output, bad);
	cx_release(&cx);
}

/* For load tests: one output for each size, drawn when first wanted. */
static void
at_once(struct prediction *p)
{
	const char *output = NULL, *bad = NULL;
	struct cx cx;

	app_cx(&cx, 4 << 20);
	p->started = clock_now();
	make(&cx, p, &output, &bad);
	finish(&cx, p, output, bad);
	cx_release(&cx);
}

static void
instant(void *arg)
{
	at_once(arg);
}

/* Instant ones take no time, but for films that were told to take some. */
static bool
takes_no_time(struct prediction *p)
{
	return settings.instant && (settings.film_ms <= 0 ||
	    !model_films(p->model));
}

void
predict_run(struct prediction *p, bool now)
{
	predict_ref(p);
	p->running = true;
	if (!takes_no_time(p))
		loop_go(carry, p);
	else if (now)
		at_once(p);
	else
		loop_go(instant, p);
}
