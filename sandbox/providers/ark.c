/*
 * ark - the emulated BytePlus ModelArk, under /ark/api/v3
 *
 * Shapes: the images resource of Volcengine's SDK; codes: BytePlus' table of
 * them.  Pictures are made while the client waits, and no job is ever seen;
 * inside each is a prediction like the others, so that it is counted,
 * journalled and drawn like them.
 */
#include "config.h"

#include "core/service.h"
#include "providers/prediction.h"
#include "providers/providers.h"

#define MODEL_DEFAULT	"seedream-4-0-250828"
#define TOKEN_PIXELS	256		/* 2048 x 2048 are 16384 tokens */

static enum err
problem(struct cx *cx, struct resp *rs, int status, const char *code,
    const char *type, const char *param, const char *message)
{
	return json_reply(rs, status, j_obj("error"), j_str("code", code),
	    j_str("message", cx_fmt(cx, "%s Request id: %s", message,
	    cx->reqid)), j_str("param", param), j_str("type", type), j_end());
}

static enum err
status_error(struct cx *cx, struct req *rq, struct resp *rs, int status)
{
	static const struct status_words words[] = {
		{ 401, "AuthenticationError", "Unauthorized",
		    "The API key in the request is missing or invalid." },
		{ 403, "AccountOverdueError", "Forbidden", "The request "
		    "failed because your account has an overdue balance." },
		{ 404, "InvalidEndpointOrModel.NotFound", "NotFound",
		    "The model or endpoint does not exist or you do not have "
		    "access to it." },
		{ 429, "RateLimitExceeded.EndpointRPMExceeded",
		    "TooManyRequests", "The Requests Per Minute (RPM) limit "
		    "of the associated endpoint for your account has been "
		    "exceeded." },
		{ 500, "InternalServiceError", "InternalServerError", NULL },
		{ 0, "InvalidParameter", "BadRequest",
		    "That is not possible." },
	};
	const struct status_words *w = status_words(words, status);

	(void)rq;
	return problem(cx, rs, status, w->code, w->type,
	    status == 404 ? "model" : "", w->message != NULL ? w->message :
	    ark_provider.broken);
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
print_image(struct cx *cx, struct json *js, const struct cJSON *o,
    int64_t w, int64_t h)
{
	const char *bad = json_text(json_get(o, "error"));

	json_obj(js, NULL);
	if (bad != NULL)
		json_put(js, j_obj("error"), j_str("code", str_eq(bad,
		    ark_provider.refused) ?
		    "OutputImageSensitiveContentDetected" :
		    "InternalServiceError"), j_str("message", cx_fmt(cx,
		    "%s Request id: %s", bad, cx->reqid)), j_end());
	else
		json_put(js, j_str("url", text_of(o, "url")), j_str("size",
		    cx_fmt(cx, "%lldx%lld", (long long)w, (long long)h)));
	json_end(js);
}

static enum err
answer(struct cx *cx, struct req *rq, struct resp *rs,
    const struct prediction *p, const char *model)
{
	const struct cJSON *list = prediction_output(cx, p);
	const char *bad = text_of(json_first(list), "error");
	int64_t n = 0, pixels = 0, w, h;
	struct json *js;

	if (list == NULL)
		return status_error(cx, rq, rs, 500);
	/* What was wrong with the pictures that were sent spoils all of it. */
	if (strstr(bad, "image.") != NULL)
		return problem(cx, rs, 400, "InvalidParameter", "BadRequest",
		    "image", cx_fmt(cx, "%s.", bad));
	js = resp_json(rs, 200);
	json_put(js, j_str("model", model), j_int("created", p->created / 1000),
	    j_list("data"));
	JSON_EACH(o, list) {
		w = json_int_or(json_get(o, "width"), 0);
		h = json_int_or(json_get(o, "height"), 0);
		print_image(cx, js, o, w, h);
		n += json_get(o, "url") != NULL;
		pixels += w * h;
	}
	json_put(js, j_end(), j_obj("usage"), j_int("generated_images", n),
	    j_int("output_tokens", pixels / TOKEN_PIXELS),
	    j_int("total_tokens", pixels / TOKEN_PIXELS), j_end());
	return resp_done(rs);
}

/* --- POST /ark/api/v3/images/generations */

static enum err
create(struct cx *cx, struct req *rq, struct resp *rs, const struct fault *f)
{
	struct prediction_order o = { 0 };
	struct complaint list[COMPLAINTS];
	struct prediction *p = NULL;
	const struct model *m;
	const char *name;
	enum err er;

	if (!body_is_object(cx, rq))
		return problem(cx, rs, 400, "InvalidParameter", "BadRequest",
		    "body", "The request body is not a JSON object.");
	if ((name = json_text(json_get(rq->json, "model"))) == NULL)
		return invalid(cx, rs, &(struct complaint){ "required",
		    "input", "", "model" });
	/* An endpoint of one's own stands for a model; here for that one. */
	m = model_find(&ark_provider, str_starts(name, "ep-") ?
	    MODEL_DEFAULT : name);
	if (m == NULL)
		return status_error(cx, rq, rs, 404);
	if (model_check(cx, m, rq->json, list) > 0)
		return invalid(cx, rs, &list[0]);
	o.input = rq->json;
	if ((er = prediction_create(cx, m, &o, f, &p)) != E_OK)
		return er;
	prediction_ref(p);
	er = prediction_wait(rq, p, 0);
	if (er == E_OK)
		er = answer(cx, rq, rs, p, name);
	prediction_unref(p);
	return er;
}

const struct provider ark_provider = {
	.name = "ark",
	.models = ark_models,
	.make_id = provider_short_id,	/* clients never see it */
	.each_output = true,
	.refused = "The request failed because the output image may contain "
	    "sensitive information.",
	.broken = "The service encountered an unexpected internal error. "
	    "Please retry your request later.",
};

const struct emulator ark_emulator = {
	.name = "ark",
	.error = status_error,
	.key_scheme = "Bearer ",
	.key_env = "MINA_PROVIDER_ARK_KEY",
	.route = (const struct emulated_route[]){
		FAULT_ROUTE(POST, "/ark/api/v3/images/generations", ARK_CREATE,
		    create),
		{ 0 }
	},
};
