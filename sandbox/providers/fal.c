/*
 * fal - see fal.h
 *
 * Shapes: fal's own clients.  A path is that of a model, owner/app/..., or
 * owner/app/requests/<id>[/status|/cancel], which keeps the first two parts
 * of the model's only.  What is wrong with an input is found when it is
 * worked on, so a submit is taken whatever it says.
 */
#include "config.h"

#include "core/sandbox.h"
#include "providers/fal.h"
#include "providers/model.h"
#include "providers/providers.h"

#define COMPLAINTS	16
#define DETAIL_MAX	65536

static enum err
status_error(struct cx *cx, struct req *rq, struct resp *rs, int status)
{
	const char *why = status == 401 ?
	    "Authentication is required to access this application." :
	    status == 404 ? "Not Found" : status == 429 ?
	    "Too Many Requests" : status >= 500 ? "Internal Server Error" :
	    "That is not possible.";

	(void)cx;
	(void)rq;
	json_str(resp_json(rs, status), "detail", why);
	return resp_done(rs);
}

/* "owner/app" of "owner/app/any/thing". */
static const char *
app_of(struct cx *cx, const char *path)
{
	const char *s = strchr(path, '/');
	size_t n = s != NULL ? (size_t)(s + 1 - path) : 0;

	return cx_dupn(cx, path, n + strcspn(path + n, "/"));
}

/* --- submit */

static const char *
invalid(struct cx *cx, const struct complaint *c, size_t n)
{
	struct buf *b = buf_new(cx, DETAIL_MAX);
	struct json js;

	json_init(&js, b);
	json_list(&js, NULL);
	for (size_t i = 0; i < n; i++) {
		bool missing = str_eq(c[i].type, "required");

		json_obj(&js, NULL);
		json_list(&js, "loc");
		json_str(&js, NULL, "body");
		json_str(&js, NULL, c[i].name);
		json_end(&js);
		json_str(&js, "msg", missing ? "field required" :
		    c[i].description);
		json_str(&js, "type", missing ? "value_error.missing" :
		    "value_error");
		json_end(&js);
	}
	json_end(&js);
	return b->data;
}

static void
urls(struct cx *cx, struct json *js, const struct prediction *p)
{
	const char *base = cx_fmt(cx, "%s/fal/%s/requests/%s",
	    conf_str(C_SANDBOX_URL), app_of(cx, p->model->name), p->id);

	json_str(js, "response_url", base);
	json_str(js, "status_url", cx_fmt(cx, "%s/status", base));
	json_str(js, "cancel_url", cx_fmt(cx, "%s/cancel", base));
}

/* POST /fal/{model...}?fal_webhook= */
static enum err
submit(struct cx *cx, struct req *rq, struct resp *rs,
    const struct fault *f)
{
	const struct model *m = model_named(FACE_FAL, rq->param[0]);
	struct predict_order o = { .fate = predict_fate_of(f) };
	struct complaint list[COMPLAINTS];
	struct prediction *p = NULL;
	struct json *js;
	size_t n;
	enum err er;

	if (m == NULL)
		return status_error(cx, rq, rs, 404);
	o.webhook = req_query(cx, rq, "fal_webhook");
	if (json_parse(cx, rq->body, rq->bodylen, &rq->json) != E_OK ||
	    !json_is_obj(rq->json) || (o.webhook != NULL &&
	    !str_starts(o.webhook, "https://")))
		return status_error(cx, rq, rs, 400);
	o.input = rq->json;
	if ((n = model_check(cx, m, rq->json, list, COMPLAINTS)) > 0)
		o.doom = invalid(cx, list, n);
	if ((er = predict_create(cx, m, &o, &p)) != E_OK)
		return er;
	js = resp_json(rs, 200);
	json_str(js, "status", "IN_QUEUE");
	json_str(js, "request_id", p->id);
	json_str(js, "gateway_request_id", p->id);
	urls(cx, js, p);
	json_int(js, "queue_position", 0);
	resp_header(rs, "x-fal-request-id", p->id);
	return resp_done(rs);
}

/* --- asking */

/* The request a path is about, and what of it: "", "/status", "/cancel". */
static struct prediction *
find(struct cx *cx, struct req *rq, const char **what)
{
	const char *app = app_of(cx, rq->param[0]);
	const char *s = rq->param[0] + strlen(app), *id;
	struct prediction *p;
	size_t n;

	if (!str_starts(s, "/requests/"))
		return NULL;
	id = s + strlen("/requests/");
	n = strcspn(id, "/");
	*what = id + n;
	p = predict_find(FACE_FAL, cx_dupn(cx, id, n));
	/* Somebody else's request is none at all. */
	return p != NULL && str_eq(app_of(cx, p->model->name), app) ? p :
	    NULL;
}

static enum err
send_status(struct cx *cx, struct resp *rs, struct prediction *p)
{
	bool over = predict_final(p);
	struct json *js = resp_json(rs, over ? 200 : 202);

	json_str(js, "status", over ? "COMPLETED" :
	    predict_state(p) == PREDICT_STARTING ? "IN_QUEUE" :
	    "IN_PROGRESS");
	json_str(js, "request_id", p->id);
	urls(cx, js, p);
	if (predict_state(p) == PREDICT_STARTING)
		json_int(js, "queue_position", 0);
	else {
		json_list(js, "logs");
		json_end(js);
	}
	if (over) {
		json_obj(js, "metrics");
		if (p->started != 0)
			json_num(js, "inference_time",
			    (double)(p->completed - p->started) / 1000);
		json_end(js);
	}
	if (over && fal_outcome(p) != 200) {
		json_str(js, "error", cx_fmt(cx, "Invalid status code: %d",
		    fal_outcome(p)));
		json_str(js, "error_type", fal_outcome(p) == 499 ?
		    "request_cancelled" : fal_outcome(p) == 500 ?
		    "internal_error" : "bad_request");
	}
	return resp_done(rs);
}

static enum err
send_result(struct cx *cx, struct resp *rs, struct prediction *p)
{
	int status = fal_outcome(p);
	struct json *js;

	if (!predict_final(p)) {
		json_str(resp_json(rs, 400), "detail", "Request is still in "
		    "progress");
		return resp_done(rs);
	}
	resp_header(rs, "x-fal-request-id", p->id);
	js = resp_json(rs, status);
	if (status == 200)
		fal_result(cx, js, p);
	else
		fal_detail(js, p);
	return resp_done(rs);
}

/* GET /fal/{owner}/{app}/requests/{id}, and the same with /status */
static enum err
ask(struct cx *cx, struct req *rq, struct resp *rs)
{
	struct prediction *p;
	const char *what = "";

	if ((p = find(cx, rq, &what)) == NULL)
		return status_error(cx, rq, rs, 404);
	if (str_eq(what, "/status"))
		return send_status(cx, rs, p);
	return *what == '\0' ? send_result(cx, rs, p) :
	    status_error(cx, rq, rs, 404);
}

/* PUT /fal/{owner}/{app}/requests/{id}/cancel */
static enum err
cancel(struct cx *cx, struct req *rq, struct resp *rs)
{
	const char *what = "", *say = "CANCELLATION_REQUESTED";
	struct prediction *p;
	int status = 202;

	p = find(cx, rq, &what);
	if (p == NULL || !str_eq(what, "/cancel")) {
		say = "NOT_FOUND";
		status = 404;
	} else if (predict_final(p)) {
		say = "ALREADY_COMPLETED";
		status = 400;
	} else
		predict_cancel(p);
	json_str(resp_json(rs, status), "status", say);
	return resp_done(rs);
}

/* GET /fal/.well-known/jwks.json */
static enum err
jwks(struct cx *cx, struct req *rq, struct resp *rs)
{
	struct json *js = resp_json(rs, 200);

	(void)rq;
	json_list(js, "keys");
	json_obj(js, NULL);
	json_str(js, "kty", "OKP");
	json_str(js, "crv", "Ed25519");
	json_str(js, "x", fal_key(cx));
	json_end(js);
	json_end(js);
	resp_header(rs, "Cache-Control", "public, max-age=86400");
	return resp_done(rs);
}

static enum endpoint
result_or_status(const struct req *rq)
{
	return str_ends(rq->param[0], "/status") ? EP_FAL_STATUS :
	    EP_FAL_RESULT;
}

const struct emulator fal_emulator = {
	.name = "fal",
	.error = status_error,
	.key_scheme = "Key ",
	.key_env = "MINA_PROVIDER_FAL_KEY",
	.route = (const struct emulated_route[]){
		{ M_GET, "/fal/.well-known/jwks.json", EP_FAL_JWKS,
		    .fn = jwks, .open = true },
		{ M_POST, "/fal/{model...}", EP_FAL_SUBMIT,
		    .fault_fn = submit },
		{ M_GET, "/fal/{request...}", EP_FAL_RESULT, .fn = ask,
		    .endpoint_of = result_or_status },
		{ M_PUT, "/fal/{request...}", EP_FAL_CANCEL, .fn = cancel },
		{ 0 }
	},
};
