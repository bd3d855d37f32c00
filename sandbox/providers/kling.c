/*
 * kling - see kling.h
 *
 * Shapes and codes: Kling's own pages.  A number says what went wrong, and
 * the HTTP status follows from it.
 */
#include "config.h"

#include "core/sandbox.h"
#include "providers/kling.h"
#include "providers/prediction.h"
#include "providers/providers.h"
#include "providers/webhook_send.h"

#define COMPLAINTS	16
#define BODY_MAX	(1 << 20)
#define MODEL_DEFAULT	"kling-v1"

static const struct {
	int		 code, http;
	const char	*message;
} codes[] = {
	{ 1000, 401, "Authentication failed" },
	{ 1001, 401, "Authorization is empty" },
	{ 1002, 401, "Authorization is invalid" },
	{ 1003, 401, "Authorization is not yet valid" },
	{ 1004, 401, "Authorization has expired" },
	{ 1103, 403, "No permission for this resource" },
	{ 1201, 400, "Invalid parameters" },
	{ 1203, 404, "The requested resource does not exist" },
	{ 1302, 429, "api rate limit exceeded" },
	{ 1303, 429, "parallel task over resource pack limit" },
	{ 5000, 500, "Internal server error" },
	{ 5001, 503, "Server temporarily unavailable" },
	{ 5002, 504, "Server internal timeout" },
};

static enum err
problem(struct cx *cx, struct resp *rs, int code, const char *message)
{
	struct json *js;
	int http = 400;

	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
		if (codes[i].code == code) {
			http = codes[i].http;
			if (message == NULL)
				message = codes[i].message;
		}
	js = resp_json(rs, http);
	json_int(js, "code", code);
	json_str(js, "message", message);
	json_str(js, "request_id", cx->reqid);
	return resp_done(rs);
}

/* One of the codes, or the first code with that HTTP status. */
static enum err
status_error(struct cx *cx, struct req *rq, struct resp *rs, int status)
{
	enum err er;

	(void)rq;
	if (status >= 1000)
		return problem(cx, rs, status, NULL);
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
		if (codes[i].http == status)
			return problem(cx, rs, codes[i].code, NULL);
	er = problem(cx, rs, status >= 500 ? 5000 : 1201, NULL);
	rs->status = status;
	return er;
}

/* --- what a task looks like */

static const char *
status_of(struct prediction *p)
{
	static const char *const names[PREDICT__MAX] = {
		[PREDICT_STARTING] = "submitted",
		[PREDICT_PROCESSING] = "processing",
		[PREDICT_SUCCEEDED] = "succeed",
		[PREDICT_FAILED] = "failed",
		[PREDICT_CANCELED] = "failed",
	};

	return names[predict_state(p)];
}

static void
result(struct cx *cx, struct json *js, const struct prediction *p,
    const char *forged)
{
	const struct cJSON *o = json_first(predict_output(cx, p));
	const char *url = forged != NULL ? forged :
	    json_text(json_get(o, "url"));

	json_obj(js, "task_result");
	if (url != NULL) {
		json_list(js, "videos");
		json_obj(js, NULL);
		json_str(js, "id", cx_fmt(cx, "%s-0", p->id));
		json_str(js, "url", url);
		json_str(js, "duration", cx_fmt(cx, "%.1f", json_num_or(
		    json_get(o, "seconds"), 5)));
		json_end(js);
		json_end(js);
	}
	json_end(js);
}

/* in full: as it is asked for, and called back; not as it is created */
static void
members(struct cx *cx, struct json *js, struct prediction *p, bool full,
    const char *forged)
{
	const char *status = status_of(p);

	json_str(js, "task_id", p->id);
	json_str(js, "task_status", forged != NULL ? "succeed" : status);
	if (full)
		json_str(js, "task_status_msg", p->error != NULL ? p->error :
		    "");
	json_obj(js, "task_info");
	if (p->label != NULL)
		json_str(js, "external_task_id", p->label);
	json_end(js);
	if (full) {
		result(cx, js, p, forged);
		json_obj(js, "watermark_info");
		json_bool(js, "enabled", false);
		json_end(js);
		if (p->state == PREDICT_SUCCEEDED)
			json_str(js, "final_unit_deduction", "1");
	}
	json_int(js, "created_at", p->created);
	json_int(js, "updated_at", p->completed != 0 ? p->completed :
	    p->started != 0 ? p->started : p->created);
}

static struct json *
begin(struct cx *cx, struct resp *rs)
{
	struct json *js = resp_json(rs, 200);

	json_int(js, "code", 0);
	json_str(js, "message", "SUCCEED");
	json_str(js, "request_id", cx->reqid);
	return js;
}

static enum err
send_task(struct cx *cx, struct resp *rs, struct prediction *p, bool full)
{
	struct json *js = begin(cx, rs);

	json_obj(js, "data");
	members(cx, js, p, full, NULL);
	json_end(js);
	return resp_done(rs);
}

/*
 * At each change of status.  Nobody signs these, so a forged one is simply a
 * lie: that it is done, and that the film is somewhere else.
 */
static const char *
body(struct cx *cx, struct prediction *p, const char *forged)
{
	struct buf *b = buf_new(cx, BODY_MAX);
	struct json js;

	json_init(&js, b);
	json_obj(&js, NULL);
	members(cx, &js, p, true, forged);
	json_end(&js);
	return b->data;
}

void
kling_notify(struct prediction *p, enum predict_event ev)
{
	struct callback c = { .place = EP_KLING_CALLBACK, .url = p->webhook,
	    .id = p->id };
	struct cx cx;

	if (ev == EVENT_OUTPUT)
		return;
	app_cx(&cx, 3 * BODY_MAX);
	c.body = body(&cx, p, NULL);
	c.forged = body(&cx, p, cx_fmt(&cx, "%s/delivery/forged/out.mp4",
	    conf_str(C_SANDBOX_URL)));
	callback_send(&c);
	cx_release(&cx);
}

/* --- create */

static enum err
invalid(struct cx *cx, struct resp *rs, const struct complaint *c)
{
	return problem(cx, rs, 1201, *c->name != '\0' ? cx_fmt(cx,
	    "%s: %s", c->name, c->description) : c->description);
}

/* POST /kling/v1/videos/image2video */
static enum err
create(struct cx *cx, struct req *rq, struct resp *rs,
    const struct fault *f)
{
	struct predict_order o = { .fate = predict_fate_of(f) };
	struct complaint list[COMPLAINTS];
	struct prediction *p = NULL;
	const struct model *m;
	const char *name;
	enum err er;

	if (json_parse(cx, rq->body, rq->bodylen, &rq->json) != E_OK ||
	    !json_is_obj(rq->json))
		return problem(cx, rs, 1201, "The request body is not a "
		    "JSON object");
	name = json_text(json_get(rq->json, "model_name"));
	m = model_named(FACE_KLING, name != NULL ? name : MODEL_DEFAULT);
	if (m == NULL)
		return problem(cx, rs, 1203, "model is not supported");
	if (model_check(cx, m, rq->json, list, COMPLAINTS) > 0)
		return invalid(cx, rs, &list[0]);
	o.input = rq->json;
	o.label = json_text(json_get(rq->json, "external_task_id"));
	o.webhook = json_text(json_get(rq->json, "callback_url"));
	if (o.label != NULL && predict_labelled(FACE_KLING, o.label) != NULL)
		return problem(cx, rs, 1201, "external_task_id already "
		    "exists");
	if ((er = predict_create(cx, m, &o, &p)) != E_OK)
		return er;
	return send_task(cx, rs, p, false);
}

/* --- asking */

/* GET /kling/v1/videos/image2video/{id}: its own id, or external_task_id */
static enum err
get(struct cx *cx, struct req *rq, struct resp *rs)
{
	const char *id = rq->param[0];
	struct prediction *p;

	p = predict_find(FACE_KLING, id);
	if (p == NULL && (p = predict_labelled(FACE_KLING, id)) == NULL)
		return problem(cx, rs, 1203, NULL);
	return send_task(cx, rs, p, true);
}

/* GET /kling/v1/videos/image2video?pageNum=&pageSize= */
static enum err
list(struct cx *cx, struct req *rq, struct resp *rs)
{
	int64_t page = 1, size = 30, skip;
	struct prediction *p;
	struct json *js;

	if (req_int(cx, rq, "pageNum", 1, 1000, &page) != E_OK ||
	    req_int(cx, rq, "pageSize", 1, 500, &size) != E_OK)
		return problem(cx, rs, 1201, "pageNum is 1 to 1000, "
		    "pageSize 1 to 500");
	skip = (page - 1) * size;
	js = begin(cx, rs);
	json_list(js, "data");
	for (p = predict_newest(); p != NULL && size > 0; p = p->older) {
		if (p->model->face != FACE_KLING || skip-- > 0)
			continue;
		json_obj(js, NULL);
		members(cx, js, p, true, NULL);
		json_end(js);
		size--;
	}
	json_end(js);
	return resp_done(rs);
}

const struct emulator kling_emulator = {
	.name = "kling",
	.error = status_error,
	.authorize = kling_authorize,
	.route = (const struct emulated_route[]){
		{ M_POST, "/kling/v1/videos/image2video", EP_KLING_CREATE,
		    .fault_fn = create },
		{ M_GET, "/kling/v1/videos/image2video", EP_KLING_LIST,
		    .fn = list },
		{ M_GET, "/kling/v1/videos/image2video/{id}", EP_KLING_GET,
		    .fn = get },
		{ 0 }
	},
};
