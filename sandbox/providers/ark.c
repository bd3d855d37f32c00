/*
 * ark - see ark.h
 *
 * Shapes: the images resource of Volcengine's SDK; codes: BytePlus' table of
 * them.  Inside it is a prediction like the others, so that it is counted,
 * journalled and drawn like them; the request waits for its end.
 */
#include "config.h"

#include "core/sandbox.h"
#include "providers/prediction.h"
#include "providers/providers.h"

#define COMPLAINTS	16
#define MODEL_DEFAULT	"seedream-4-0-250828"
#define TOKEN_PIXELS	256		/* 2048 x 2048 are 16384 tokens */

static enum err
problem(struct cx *cx, struct resp *rs, int status, const char *code,
    const char *type, const char *param, const char *message)
{
	struct json *js = resp_json(rs, status);

	json_obj(js, "error");
	json_str(js, "code", code);
	json_str(js, "message", cx_fmt(cx, "%s Request id: %s", message,
	    cx->reqid));
	json_str(js, "param", param);
	json_str(js, "type", type);
	json_end(js);
	return resp_done(rs);
}

static enum err
status_error(struct cx *cx, struct req *rq, struct resp *rs, int status)
{
	(void)rq;
	switch (status) {
	case 401:
		return problem(cx, rs, status, "AuthenticationError",
		    "Unauthorized", "", "The API key in the request is "
		    "missing or invalid.");
	case 403:
		return problem(cx, rs, status, "AccountOverdueError",
		    "Forbidden", "", "The request failed because your "
		    "account has an overdue balance.");
	case 404:
		return problem(cx, rs, status,
		    "InvalidEndpointOrModel.NotFound", "NotFound", "model",
		    "The model or endpoint does not exist or you do not have "
		    "access to it.");
	case 429:
		return problem(cx, rs, status,
		    "RateLimitExceeded.EndpointRPMExceeded",
		    "TooManyRequests", "", "The Requests Per Minute (RPM) "
		    "limit of the associated endpoint for your account has "
		    "been exceeded.");
	default:
		if (status >= 500)
			return problem(cx, rs, status, "InternalServiceError",
			    "InternalServerError", "",
			    face_broken(FACE_ARK));
		return problem(cx, rs, status, "InvalidParameter",
		    "BadRequest", "", "That is not possible.");
	}
}

static enum err
invalid(struct cx *cx, struct resp *rs, const struct complaint *c)
{
	if (str_eq(c->type, "required"))
		return problem(cx, rs, 400, "MissingParameter", "BadRequest",
		    c->name, cx_fmt(cx, "The request failed because it is "
		    "missing `%s` parameter.", c->name));
	return problem(cx, rs, 400, "InvalidParameter", "BadRequest", c->name,
	    cx_fmt(cx, "The parameter `%s` specified in the request is not "
	    "valid: %s.", c->name, c->description));
}

/* --- the answer */

static void
one(struct cx *cx, struct json *js, const struct cJSON *o)
{
	const char *bad = json_text(json_get(o, "error"));

	json_obj(js, NULL);
	if (bad != NULL) {
		json_obj(js, "error");
		json_str(js, "code", str_eq(bad, face_refused(FACE_ARK)) ?
		    "OutputImageSensitiveContentDetected" :
		    "InternalServiceError");
		json_str(js, "message", cx_fmt(cx, "%s Request id: %s", bad,
		    cx->reqid));
		json_end(js);
	} else {
		json_str(js, "url", json_text(json_get(o, "url")));
		json_str(js, "size", cx_fmt(cx, "%lldx%lld",
		    (long long)json_int_or(json_get(o, "width"), 0),
		    (long long)json_int_or(json_get(o, "height"), 0)));
	}
	json_end(js);
}

/* What was wrong with the pictures that were sent spoils all of it. */
static const char *
spoilt(const struct cJSON *list)
{
	const char *bad = json_text(json_get(json_first(list), "error"));

	return bad != NULL && strstr(bad, "image.") != NULL ? bad : NULL;
}

static enum err
answer(struct cx *cx, struct resp *rs, const struct prediction *p,
    const char *model)
{
	const struct cJSON *list = predict_output(cx, p), *o;
	int64_t n = 0, pixels = 0;
	struct json *js;

	if (list == NULL)
		return status_error(cx, NULL, rs, 500);
	if (spoilt(list) != NULL)
		return problem(cx, rs, 400, "InvalidParameter", "BadRequest",
		    "image", cx_fmt(cx, "%s.", spoilt(list)));
	js = resp_json(rs, 200);
	json_str(js, "model", model);
	json_int(js, "created", p->created / 1000);
	json_list(js, "data");
	for (o = json_first(list); o != NULL; o = json_next(o)) {
		one(cx, js, o);
		if (json_get(o, "url") == NULL)
			continue;
		n++;
		pixels += json_int_or(json_get(o, "width"), 0) *
		    json_int_or(json_get(o, "height"), 0);
	}
	json_end(js);
	json_obj(js, "usage");
	json_int(js, "generated_images", n);
	json_int(js, "output_tokens", pixels / TOKEN_PIXELS);
	json_int(js, "total_tokens", pixels / TOKEN_PIXELS);
	json_end(js);
	return resp_done(rs);
}

/* --- create */

/* An endpoint of one's own stands for a model; here for that one. */
static const struct model *
model_of(const char *name)
{
	return model_named(FACE_ARK, name != NULL && str_starts(name, "ep-") ?
	    MODEL_DEFAULT : name);
}

/* POST /ark/api/v3/images/generations */
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
		return problem(cx, rs, 400, "InvalidParameter", "BadRequest",
		    "body", "The request body is not a JSON object.");
	if ((name = json_text(json_get(rq->json, "model"))) == NULL)
		return invalid(cx, rs, &(struct complaint){ "required",
		    "input", "", "model" });
	if ((m = model_of(name)) == NULL)
		return status_error(cx, rq, rs, 404);
	if (model_check(cx, m, rq->json, list, COMPLAINTS) > 0)
		return invalid(cx, rs, &list[0]);
	o.input = rq->json;
	if ((er = predict_create(cx, m, &o, &p)) != E_OK)
		return er;
	predict_ref(p);
	er = predict_wait(rq, p, 0);
	if (er == E_OK)
		er = answer(cx, rs, p, name);
	predict_unref(p);
	return er;
}

const struct emulator ark_emulator = {
	.name = "ark",
	.error = status_error,
	.key_scheme = "Bearer ",
	.key_env = "MINA_PROVIDER_ARK_KEY",
	.route = (const struct emulated_route[]){
		{ M_POST, "/ark/api/v3/images/generations", EP_ARK_CREATE,
		    .fault_fn = create },
		{ 0 }
	},
};
