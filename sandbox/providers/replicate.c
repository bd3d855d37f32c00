/*
 * replicate - creating, reading and cancelling predictions
 *
 * Shapes: Replicate's openapi.json; errors as its clients have met them.
 */
#include "config.h"

#include "core/sandbox.h"
#include "providers/model.h"
#include "providers/prediction.h"
#include "providers/providers.h"
#include "providers/replicate.h"

#define COMPLAINTS	16

enum err
replicate_problem(struct resp *rs, int status, const char *title,
    const char *detail)
{
	struct json *js = resp_json(rs, status);

	rs->type = "application/problem+json";
	json_str(js, "title", title);
	json_str(js, "detail", detail);
	json_int(js, "status", status);
	return resp_done(rs);
}

enum err
replicate_status(struct cx *cx, struct req *rq, struct resp *rs, int status)
{
	(void)cx;
	(void)rq;
	switch (status) {
	case 401:
		return replicate_problem(rs, status, "Unauthenticated",
		    "You did not pass a valid authentication token");
	case 402:
		return replicate_problem(rs, status, "Insufficient credit",
		    "You have insufficient credit to run this model.");
	case 404:
		return replicate_problem(rs, status, "Not found",
		    "The requested resource could not be found.");
	case 429:
		return replicate_problem(rs, status, "Too many requests",
		    "Request was throttled. Your rate limit resets in ~1s.");
	default:
		return replicate_problem(rs, status, status >= 500 ?
		    "Internal server error" : "Bad request", status >= 500 ?
		    "An unexpected error occurred." : "That is not possible.");
	}
}

static enum err
send_prediction(struct cx *cx, struct resp *rs, int status,
    struct prediction *p)
{
	predict_members(cx, resp_json(rs, status), p);
	return resp_done(rs);
}

/* --- create */

static enum err
invalid(struct cx *cx, struct resp *rs, const struct complaint *c, size_t n)
{
	struct buf *detail = buf_new(cx, 65536);
	struct json *js;

	for (size_t i = 0; i < n; i++)
		buf_fmt(detail, "- %s: %s\n", c[i].field, c[i].description);
	js = resp_json(rs, 422);
	rs->type = "application/problem+json";
	json_str(js, "title", "Input validation failed");
	json_str(js, "detail", detail->data);
	json_int(js, "status", 422);
	json_list(js, "invalid_fields");
	for (size_t i = 0; i < n; i++) {
		json_obj(js, NULL);
		json_str(js, "type", c[i].type);
		json_str(js, "field", c[i].field);
		json_str(js, "description", c[i].description);
		json_end(js);
	}
	json_end(js);
	return resp_done(rs);
}

/* What is wrong with the body around the input; NULL when nothing is. */
static const char *
body_wrong(struct cx *cx, const struct cJSON *body)
{
	static const char *const known[] = { "input", "webhook",
		"webhook_events_filter", "stream", NULL };
	static const char *const events[] = { "start", "output", "logs",
		"completed", NULL };
	const struct cJSON *list = json_get(body, "webhook_events_filter");
	const struct cJSON *hook = json_get(body, "webhook");

	for (const struct cJSON *m = json_first(body); m != NULL;
	    m = json_next(m))
		if (!str_in(json_key(m), known))
			return cx_fmt(cx, "Additional property %.60s is not "
			    "allowed", json_key(m));
	if (!json_is_obj(json_get(body, "input")))
		return "input is required and must be an object";
	if (hook != NULL && (json_text(hook) == NULL ||
	    !str_starts(json_text(hook), "https://")))
		return "webhook must be an https URL";
	if (list != NULL && !json_is_list(list))
		return "webhook_events_filter must be an array";
	for (const struct cJSON *m = json_first(list); m != NULL;
	    m = json_next(m))
		if (json_text(m) == NULL || !str_in(json_text(m), events))
			return "webhook_events_filter takes start, output, "
			    "logs and completed";
	return NULL;
}

/* "Prefer: wait" or "wait=20": seconds, 0 without it, -1 when malformed. */
static int
wait_seconds(struct req *rq)
{
	const char *h = req_header(rq, "Prefer");
	int64_t s;

	if (h == NULL || !str_starts(h, "wait"))
		return 0;
	if (h[4] == '\0')
		return 60;
	return h[4] == '=' && str_int(h + 5, 1, 60, &s) ? (int)s : -1;
}

/* POST /replicate/v1/models/{owner}/{name}/predictions */
static enum err
create(struct cx *cx, struct req *rq, struct resp *rs,
    const struct fault *f)
{
	const struct model *m = model_named(FACE_REPLICATE, cx_fmt(cx,
	    "%s/%s", rq->param[0], rq->param[1]));
	struct predict_order o = { 0 };
	struct complaint list[COMPLAINTS];
	struct prediction *p = NULL;
	const char *bad;
	size_t n;
	int wait = wait_seconds(rq);
	enum err er;

	if (m == NULL)
		return replicate_status(cx, rq, rs, 404);
	if (json_parse(cx, rq->body, rq->bodylen, &rq->json) != E_OK ||
	    !json_is_obj(rq->json))
		return replicate_problem(rs, 400, "Bad request",
		    "The request body is not a JSON object.");
	if (wait == -1)
		return replicate_problem(rs, 400, "Bad request",
		    "Prefer: wait takes 1 to 60 seconds.");
	if ((bad = body_wrong(cx, rq->json)) != NULL) {
		list[0] = (struct complaint){ "invalid", "body", bad, "" };
		return invalid(cx, rs, list, 1);
	}
	n = model_check(cx, m, json_get(rq->json, "input"), list, COMPLAINTS);
	if (n > 0)
		return invalid(cx, rs, list, n);
	o.input = json_get(rq->json, "input");
	o.webhook = json_text(json_get(rq->json, "webhook"));
	o.events = json_get(rq->json, "webhook_events_filter");
	o.fate = predict_fate_of(f);
	if ((er = predict_create(cx, m, &o, &p)) != E_OK)
		return er;
	predict_ref(p);
	if (wait > 0)
		er = predict_wait(rq, p, wait * 1000);
	if (er == E_OK)
		er = send_prediction(cx, rs, 201, p);
	predict_unref(p);
	return er;
}

/* --- one prediction */

/* *p stays NULL when that is answered already. */
static enum err
find(struct cx *cx, struct req *rq, struct resp *rs, struct prediction **p)
{
	*p = predict_find(FACE_REPLICATE, rq->param[0]);
	return *p != NULL ? E_OK : replicate_status(cx, rq, rs, 404);
}

/* GET /replicate/v1/predictions/{id} */
static enum err
get(struct cx *cx, struct req *rq, struct resp *rs)
{
	struct prediction *p = NULL;
	enum err er = find(cx, rq, rs, &p);

	return p != NULL ? send_prediction(cx, rs, 200, p) : er;
}

/* POST /replicate/v1/predictions/{id}/cancel */
static enum err
cancel(struct cx *cx, struct req *rq, struct resp *rs)
{
	struct prediction *p = NULL;
	enum err er = find(cx, rq, rs, &p);

	if (p == NULL)
		return er;
	predict_cancel(p);
	return send_prediction(cx, rs, 200, p);
}

/* GET /replicate/v1/account */
static enum err
account(struct cx *cx, struct req *rq, struct resp *rs)
{
	struct json *js;

	(void)cx;
	(void)rq;
	js = resp_json(rs, 200);
	json_str(js, "type", "organization");
	json_str(js, "username", "mina-sandbox");
	json_str(js, "name", "Mina sandbox");
	return resp_done(rs);
}

const struct emulator replicate_emulator = {
	.name = "replicate",
	.error = replicate_status,
	.key_scheme = "Bearer ",
	.key_env = "MINA_PROVIDER_REPLICATE_TOKEN",
	.route = (const struct emulated_route[]){
		{ M_POST, "/replicate/v1/models/{owner}/{name}/predictions",
		    EP_REPLICATE_CREATE, .fault_fn = create },
		{ M_GET, "/replicate/v1/predictions/{id}", EP_REPLICATE_GET,
		    .fn = get },
		{ M_POST, "/replicate/v1/predictions/{id}/cancel",
		    EP_REPLICATE_CANCEL, .fn = cancel },
		{ M_GET, "/replicate/v1/predictions", EP_REPLICATE_LIST,
		    .fn = replicate_list },
		{ M_GET, "/replicate/v1/account", EP_REPLICATE_ACCOUNT,
		    .fn = account },
		{ M_GET, "/replicate/v1/webhooks/default/secret",
		    EP_REPLICATE_SECRET, .fn = replicate_secret },
		{ 0 }
	},
};
