/*
 * run - a prediction on its way: started, drawn, delivered
 *
 * Few are drawn at once, as there are few processors; the others wait in
 * `processing', like at a busy provider.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "app.h"
#include "cx.h"
#include "deliver.h"
#include "json.h"
#include "knobs.h"
#include "log.h"
#include "loop.h"
#include "model.h"
#include "predict.h"
#include "tally.h"
#include "when.h"

#define WORK_MAX	(160 << 20)	/* bytes: ten pictures */
#define EASELS		2

#define SENSITIVE	"The input or output was flagged as sensitive. " \
			"Please try again with different inputs. (E005)"
#define BROKEN		"Prediction failed for an unknown reason. It might " \
			"have run out of memory. Please try again."

static struct gate easels;

static const char *
draw(struct cx *cx, struct prediction *p, const char **url)
{
	struct made made = { 0 };
	struct cJSON *input = NULL;
	const char *bad;

	if (p->fate == FATE_REFUSED)
		return SENSITIVE;
	if (p->fate == FATE_FAILED)
		return BROKEN;
	if (json_parse(cx, p->input, strlen(p->input), &input) != E_OK)
		return BROKEN;
	if (easels.tail == NULL)
		gate_init(&easels, EASELS);
	if (gate_enter(&easels, 0) != E_OK)
		return BROKEN;
	bad = predict_final(p) || p->dropped ? BROKEN :
	    p->model->make(cx, input, &made);
	gate_leave(&easels);
	if (bad != NULL)
		return bad;
	tally_render(made.us);
	bad = deliver(cx, &made, p->fate == FATE_EXPIRED, url);
	made.release(made.data);
	return bad;
}

static void
carry(void *arg)
{
	struct prediction *p = arg;
	int64_t start = loop_now(), left;
	const char *url = NULL, *bad;
	struct cx cx;

	app_cx(&cx, WORK_MAX);
	snprintf(cx.reqid, sizeof cx.reqid, "%s", p->id);
	(void)loop_sleep(&cx, knobs.predict_ms / 10);
	if (!predict_final(p)) {
		p->state = PREDICT_PROCESSING;
		p->started = when_now();
	}
	bad = draw(&cx, p, &url);
	left = start + knobs.predict_ms - loop_now();
	if (left > 0 && !predict_final(p))
		(void)loop_sleep(&cx, left);
	if (bad != NULL && !predict_final(p))
		log_info(&cx, "prediction failed: %s", bad);
	predict_end(p, bad == NULL ? PREDICT_SUCCEEDED : PREDICT_FAILED, url,
	    bad);
	cx_release(&cx);
}

/* For load tests: one picture for each size, drawn when first wanted. */
static void
at_once(struct prediction *p)
{
	struct cJSON *input = NULL;
	const char *url = NULL, *bad = NULL;
	struct cx cx;
	int w, h;

	app_cx(&cx, 4 << 20);
	if (p->fate == FATE_REFUSED)
		bad = SENSITIVE;
	else if (p->fate == FATE_FAILED)
		bad = BROKEN;
	else if (json_parse(&cx, p->input, strlen(p->input), &input) != E_OK)
		bad = BROKEN;
	else {
		p->model->measure(input, &w, &h);
		bad = deliver_stored(&cx, w, h, p->fate == FATE_EXPIRED, &url);
	}
	p->started = when_now();
	predict_end(p, bad == NULL ? PREDICT_SUCCEEDED : PREDICT_FAILED, url,
	    bad);
	cx_release(&cx);
}

static void
instant(void *arg)
{
	at_once(arg);
}

void
predict_run(struct prediction *p, bool now)
{
	predict_ref(p);
	p->running = true;
	if (!knobs.instant)
		loop_go(carry, p);
	else if (now)
		at_once(p);
	else
		loop_go(instant, p);
}
