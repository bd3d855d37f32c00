/*
 * predview - the prediction object, as Replicate's clients see it
 *
 * Members: the schema "schemas_prediction_response" of Replicate's
 * openapi.json.
 */
#include "config.h"

#include "core/sandbox.h"
#include "providers/prediction.h"

static void
output(struct cx *cx, struct json *js, const struct prediction *p)
{
	const struct cJSON *o = json_first(predict_output(cx, p));

	if (o == NULL || !p->model->list) {
		json_str(js, "output", json_text(json_get(o, "url")));
		return;
	}
	json_list(js, "output");
	for (; o != NULL; o = json_next(o))
		json_str(js, NULL, json_text(json_get(o, "url")));
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
	enum predict_state state = predict_state(p);

	json_str(js, "id", p->id);
	json_str(js, "model", p->model->name);
	json_str(js, "version", "hidden");
	json_str(js, "source", "api");
	json_raw(js, "input", p->input);
	output(cx, js, p);
	json_str(js, "logs", "");
	json_str(js, "error", p->error);
	json_bool(js, "data_removed", p->removed);
	json_str(js, "status", predict_state_name(state));
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
