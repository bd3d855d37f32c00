/*
 * predview - the prediction object, as Replicate's clients see it
 *
 * Members: the schema "schemas_prediction_response" of Replicate's
 * openapi.json.
 */
#include "config.h"

#include "conf.h"
#include "cx.h"
#include "json.h"
#include "knobs.h"
#include "model.h"
#include "predict.h"
#include "when.h"

#define HELD_STARTING	200		/* ms until a held one looks busy */

static void
output(struct json *js, const struct prediction *p)
{
	if (p->output == NULL || !p->model->output_list) {
		json_str(js, "output", p->output);
		return;
	}
	json_list(js, "output");
	json_str(js, NULL, p->output);
	json_end(js);
}

static void
urls(struct cx *cx, struct json *js, const struct prediction *p)
{
	const char *base = cx_fmt(cx, "%s/replicate/v1/predictions/%s",
	    conf_str(C_SANDBOX_URL), p->id);

	json_obj(js, "urls");
	json_str(js, "cancel", cx_fmt(cx, "%s/cancel", base));
	json_str(js, "get", base);
	json_str(js, "web", cx_fmt(cx, "%s/replicate/p/%s",
	    conf_str(C_SANDBOX_URL), p->id));
	json_end(js);
}

void
predict_members(struct cx *cx, struct json *js, struct prediction *p)
{
	if (p->state == PREDICT_STARTING && !p->running &&
	    when_now() >= p->created + HELD_STARTING) {
		p->state = PREDICT_PROCESSING;
		p->started = p->created + HELD_STARTING;
	}
	json_str(js, "id", p->id);
	json_str(js, "model", p->model->name);
	json_str(js, "version", "hidden");
	json_str(js, "source", "api");
	json_raw(js, "input", p->input);
	output(js, p);
	json_str(js, "logs", "");
	json_str(js, "error", p->error);
	json_bool(js, "data_removed", p->removed);
	json_str(js, "status", predict_state_name(p->state));
	json_time(js, "created_at", p->created);
	json_time(js, "started_at", p->started);
	json_time(js, "completed_at", p->completed);
	json_null(js, "deadline");
	json_obj(js, "metrics");
	if (p->completed != 0) {
		if (p->started != 0)
			json_num(js, "predict_time",
			    (double)(p->completed - p->started) / 1000);
		json_num(js, "total_time",
		    (double)(p->completed - p->created) / 1000);
	}
	json_end(js);
	urls(cx, js, p);
}
