/*
 * prediction_run - carries a prediction on: started, drawn, delivered
 *
 * Few are drawn at once, as there are few processors; the others wait in
 * `processing', like at a busy provider.
 */
#include "config.h"

#include "core/request_log.h"
#include "core/service.h"
#include "io/loop.h"
#include "providers/delivery.h"
#include "providers/prediction.h"
#include "web/transport.h"

#define WORK_MAX	(160 << 20)	/* bytes: ten pictures */
#define OUTPUT_MAX	65536		/* bytes of JSON about the outputs */
#define DRAWN_AT_ONCE	2

static struct gate drawing;

static const char *
draw_one(struct cx *cx, struct prediction *p, const struct cJSON *input,
    int nth, struct delivered *d)
{
	const char *bad = p->model->provider->broken;
	struct made made = { 0 };

	if (drawing.tail == NULL)
		gate_init(&drawing, W_SANDBOX_ROOM, DRAWN_AT_ONCE);
	if (gate_enter(&drawing, 0) != E_OK)
		return bad;
	if (!prediction_final(p) && !p->dropped)
		bad = p->model->film ? film_make(cx, p->model, input, &made) :
		    still_make(cx, input, nth, &made);
	gate_leave(&drawing);
	if (bad != NULL)
		return bad;
	request_log_rendered(made.us);
	bad = delivery_put(cx, &made, p->fate == FATE_EXPIRED, d);
	made.release(made.data);
	return bad;
}

/* What fails on order is the first output. */
static const char *
draw_nth(struct cx *cx, struct prediction *p, const struct cJSON *input,
    const struct outline *o, int nth, struct delivered *d)
{
	if (nth == 0 && p->fate == FATE_REFUSED)
		return p->model->provider->refused;
	if (nth == 0 && p->fate == FATE_FAILED)
		return p->model->provider->broken;
	if (nth == 0 && p->flaw != NULL)
		return delivery_flawed(cx, o, p->flaw, d);
	return settings.instant ?
	    delivery_stored(cx, o, p->fate == FATE_EXPIRED, d) :
	    draw_one(cx, p, input, nth, d);
}

/* NULL and *output, or the error it ends with. */
static const char *
draw_all(struct cx *cx, struct prediction *p, const char **output)
{
	const struct provider *provider = p->model->provider;
	struct buf *b = buf_new(cx, OUTPUT_MAX);
	struct cJSON *input = NULL;
	struct delivered d;
	struct outline o;
	const char *bad;
	struct json js;

	if (p->doom != NULL)
		return p->doom;
	if (json_parse(cx, p->input, strlen(p->input), &input) != E_OK)
		return provider->broken;
	if (p->model->film)
		film_outline(cx, input, &o);
	else
		still_outline(input, &o);
	json_init(&js, b);
	json_list(&js, NULL);
	for (int i = 0; i < o.count; i++) {
		bad = draw_nth(cx, p, input, &o, i, &d);
		if (bad != NULL && !provider->each_output)
			return bad;
		json_obj(&js, NULL);
		if (bad != NULL)
			json_str(&js, "error", bad);
		else
			json_put(&js, j_str("url", d.url),
			    j_str("type", d.type),
			    j_int("bytes", (int64_t)d.bytes),
			    j_int("width", d.w), j_int("height", d.h));
		if (bad == NULL && o.seconds > 0)
			json_int(&js, "seconds", o.seconds);
		json_end(&js);
	}
	json_end(&js);
	*output = b->data;
	return json_ok(&js) ? NULL : provider->broken;
}

/*
 * What fails because this program is being stopped is not over: the journal
 * has it, and the next one begins it again.
 */
static void
draw_and_finish(struct cx *cx, struct prediction *p, int64_t not_before)
{
	const char *output = NULL, *bad = draw_all(cx, p, &output);
	int64_t left = not_before - loop_now();

	if (left > 0 && !prediction_final(p))
		(void)loop_sleep(cx, left);
	if (bad != NULL && fcgi_stopping()) {
		prediction_unref(p);
		return;
	}
	if (bad != NULL && !prediction_final(p))
		log_info(cx, "prediction failed: %s", bad);
	prediction_end(p, bad == NULL ? PREDICTION_SUCCEEDED :
	    PREDICTION_FAILED, bad == NULL ? output : NULL, bad);
}

/* Nothing is held on to while it only waits: there may be thousands. */
static void
carry(void *arg)
{
	struct prediction *p = arg;
	int64_t ms = p->model->film && settings.film_ms >= 0 ?
	    settings.film_ms : settings.predict_ms;
	int64_t end = loop_now() + ms;
	struct cx cx;

	app_cx(&cx, WORK_MAX);
	snprintf(cx.reqid, sizeof cx.reqid, "%s", p->id);
	(void)loop_sleep(&cx, ms / 10);
	if (!prediction_final(p)) {
		p->state = PREDICTION_PROCESSING;
		p->started = clock_now();
		prediction_event(p, EVENT_START);
	}
	if (settings.instant && end > loop_now() && !prediction_final(p))
		(void)loop_sleep(&cx, end - loop_now());
	draw_and_finish(&cx, p, end);
	cx_release(&cx);
}

/* For load tests: one output for each size, drawn when first wanted. */
static void
at_once(void *arg)
{
	struct prediction *p = arg;
	struct cx cx;

	app_cx(&cx, 4 << 20);
	p->started = clock_now();
	draw_and_finish(&cx, p, 0);
	cx_release(&cx);
}

void
prediction_run(struct prediction *p, bool now)
{
	prediction_ref(p);
	p->running = true;
	/* Instant ones take no time, but for films told to take some. */
	if (!settings.instant || (p->model->film && settings.film_ms > 0))
		loop_go(carry, p);
	else if (now)
		at_once(p);
	else
		loop_go(at_once, p);
}
