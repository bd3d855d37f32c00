/*
 * falview - how fal's jobs end: results, errors, and the call about them
 */
#include "config.h"

#include "core/sandbox.h"
#include "providers/fal.h"
#include "providers/model.h"
#include "providers/webhook_send.h"

#define BODY_MAX	(1 << 20)

int
fal_outcome(const struct prediction *p)
{
	if (p->state == PREDICT_SUCCEEDED)
		return 200;
	if (p->state == PREDICT_CANCELED)
		return 499;
	return str_eq(p->error, face_broken(FACE_FAL)) ? 500 : 422;
}

/* A list is what the check of the input left; else it is a sentence. */
void
fal_detail(struct json *js, const struct prediction *p)
{
	if (p->state == PREDICT_CANCELED)
		json_str(js, "detail", "Request was cancelled by the client");
	else if (fal_outcome(p) == 500)
		json_str(js, "detail", p->error);
	else if (p->error[0] == '[')
		json_raw(js, "detail", p->error);
	else {
		json_list(js, "detail");
		json_obj(js, NULL);
		json_list(js, "loc");
		json_str(js, NULL, "body");
		json_end(js);
		json_str(js, "msg", p->error);
		json_str(js, "type", str_eq(p->error,
		    face_refused(FACE_FAL)) ? "content_policy_violation" :
		    "value_error");
		json_end(js);
		json_end(js);
	}
}

static void
file(struct json *js, const struct cJSON *o)
{
	const char *url = json_text(json_get(o, "url"));

	json_str(js, "url", url);
	json_str(js, "content_type", json_text(json_get(o, "type")));
	json_str(js, "file_name", strrchr(url, '/') + 1);
	json_int(js, "file_size", json_int_or(json_get(o, "bytes"), 0));
}

void
fal_result(struct cx *cx, struct json *js, const struct prediction *p)
{
	const struct cJSON *o = json_first(predict_output(cx, p));
	struct cJSON *input = NULL;

	if (o == NULL) {	/* deleted since */
		json_null(js, model_films(p->model) ? "video" : "images");
		return;
	}
	if (model_films(p->model)) {
		json_obj(js, "video");
		file(js, o);
		json_end(js);
		return;
	}
	json_list(js, "images");
	for (; o != NULL; o = json_next(o)) {
		json_obj(js, NULL);
		file(js, o);
		json_int(js, "width", json_int_or(json_get(o, "width"), 0));
		json_int(js, "height", json_int_or(json_get(o, "height"), 0));
		json_end(js);
	}
	json_end(js);
	if (json_parse(cx, p->input, strlen(p->input), &input) == E_OK)
		json_int(js, "seed", json_int_or(json_get(input, "seed"),
		    746406749));
}

void
fal_notify(struct prediction *p, enum predict_event ev)
{
	/* Ten more times within two hours. */
	static const int pauses[] = { 1000, 2000, 5000, 15000, 60000, 300000,
		600000, 1200000, 1800000, 3000000, -1 };
	struct callback c = { .place = EP_FAL_CALLBACK, .url = p->webhook,
	    .id = p->id, .pauses = pauses, .sign = fal_sign };
	int status = fal_outcome(p);
	struct json js;
	struct buf *b;
	struct cx cx;

	if (ev != EVENT_END || p->state == PREDICT_CANCELED)
		return;
	app_cx(&cx, 3 * BODY_MAX);
	b = buf_new(&cx, BODY_MAX);
	json_init(&js, b);
	json_obj(&js, NULL);
	json_str(&js, "request_id", p->id);
	json_str(&js, "gateway_request_id", p->id);
	json_str(&js, "status", status == 200 ? "OK" : "ERROR");
	if (status != 200)
		json_str(&js, "error", cx_fmt(&cx, "Invalid status code: %d",
		    status));
	json_obj(&js, "payload");
	if (status == 200)
		fal_result(&cx, &js, p);
	else
		fal_detail(&js, p);
	json_end(&js);
	json_end(&js);
	c.body = b->data;
	callback_send(&c);
	cx_release(&cx);
}
