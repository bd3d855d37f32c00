/*
 * kling - the emulated Kling, under /kling
 *
 * Shapes and codes: Kling's own pages.  A number says what went wrong, and
 * the HTTP status follows from it.
 */
#include "config.h"

#include "core/service.h"
#include "providers/prediction.h"
#include "providers/providers.h"
#include "providers/webhook.h"

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

enum {
	AUTH_FAILED = 1000, AUTH_EMPTY, AUTH_INVALID, AUTH_EARLY,
	AUTH_EXPIRED, INVALID = 1201, NOT_FOUND = 1203, BROKEN = 5000
};

static enum err
problem(struct cx *cx, struct resp *rs, int code, const char *message)
{
	size_t i = 0;

	while (codes[i].code != code)
		i++;
	return json_reply(rs, codes[i].http, j_int("code", code),
	    j_str("message", message != NULL ? message : codes[i].message),
	    j_str("request_id", cx->reqid));
}

/* One of the codes, or the first code with that HTTP status. */
static enum err
status_error(struct cx *cx, struct req *rq, struct resp *rs, int status)
{
	enum err er;

	(void)rq;
	for (size_t i = 0; i < COUNT_OF(codes); i++)
		if (codes[i].http == status || codes[i].code == status)
			return problem(cx, rs, codes[i].code, NULL);
	er = problem(cx, rs, status >= 500 ? BROKEN : INVALID, NULL);
	rs->status = status;
	return er;
}

/* --- authorization: one key, or a token made of two */

static const struct cJSON *
token_part(struct cx *cx, const char *s, size_t n)
{
	struct cJSON *js = NULL;
	char *text;
	size_t len;

	text = (char *)decode_base64url(cx, cx_dupn(cx, s, n), &len);
	return text != NULL && json_parse(cx, text, len, &js) == E_OK ? js :
	    NULL;
}

static bool
token_verified(struct cx *cx, const char *token, const char *dot)
{
	const char *key = env_secret("MINA_PROVIDER_KLING_SECRET_KEY");
	unsigned char mac[SHA256_LEN], *theirs;
	size_t n;

	theirs = decode_base64url(cx, dot + 1, &n);
	if (theirs == NULL || n != sizeof mac || key == NULL)
		return false;
	crypto_hmac(key, strlen(key), token, (size_t)(dot - token), mac);
	return crypto_eq(mac, theirs, sizeof mac);
}

/*
 * A JWT with HS256 under the secret key, whose issuer is the access key, good
 * from nbf to exp.
 */
static int
check_token(struct cx *cx, const char *token)
{
	const char *access = env_secret("MINA_PROVIDER_KLING_ACCESS_KEY");
	const char *one = strchr(token, '.');
	const char *two = one != NULL ? strchr(one + 1, '.') : NULL;
	const struct cJSON *head, *claims;
	const char *iss;
	int64_t now = clock_now() / 1000;

	if (two == NULL || strchr(two + 1, '.') != NULL)
		return AUTH_INVALID;
	head = token_part(cx, token, (size_t)(one - token));
	claims = token_part(cx, one + 1, (size_t)(two - one - 1));
	if (!str_eq(text_of(head, "alg"), "HS256") || !json_is_obj(claims))
		return AUTH_INVALID;
	iss = json_text(json_get(claims, "iss"));
	if (iss == NULL || access == NULL || !crypto_str_eq(iss, access) ||
	    !token_verified(cx, token, two))
		return AUTH_FAILED;
	if (json_int_or(json_get(claims, "nbf"), 0) > now)
		return AUTH_EARLY;
	if (json_int_or(json_get(claims, "exp"), 0) <= now)
		return AUTH_EXPIRED;
	return 0;
}

static int
authorize(struct cx *cx, struct req *rq)
{
	const char *h = req_header(rq, "Authorization");

	if (h == NULL || *h == '\0')
		return AUTH_EMPTY;
	if (!str_starts(h, "Bearer "))
		return AUTH_INVALID;
	if (authorization_is(rq, "Bearer ",
	    env_secret("MINA_PROVIDER_KLING_KEY")))
		return 0;
	return check_token(cx, h + strlen("Bearer "));
}

/* --- what a task looks like */

/* in full: when it is asked for, and in webhooks; not when it is created */
static void
print_task(struct cx *cx, struct json *js, struct prediction *p, bool full,
    const char *forged)
{
	static const char *const states[PREDICTION__MAX] = { "submitted",
		"processing", "succeed", "failed", "failed" };
	const struct cJSON *o = json_first(prediction_output(cx, p));
	const char *url = forged != NULL ? forged :
	    json_text(json_get(o, "url"));

	json_put(js, j_str("task_id", p->id), j_str("task_status",
	    forged != NULL ? "succeed" : states[prediction_state(p)]));
	if (full)
		json_str(js, "task_status_msg", p->error != NULL ? p->error :
		    "");
	json_obj(js, "task_info");
	if (p->label != NULL)
		json_str(js, "external_task_id", p->label);
	json_end(js);
	if (full) {
		json_obj(js, "task_result");
		if (url != NULL)
			json_put(js, j_list("videos"), j_obj(NULL),
			    j_str("id", cx_fmt(cx, "%s-0", p->id)),
			    j_str("url", url), j_str("duration", cx_fmt(cx,
			    "%.1f", json_num_or(json_get(o, "seconds"), 5))),
			    j_end(), j_end());
		json_put(js, j_end(), j_obj("watermark_info"),
		    j_bool("enabled", false), j_end());
		if (p->state == PREDICTION_SUCCEEDED)
			json_str(js, "final_unit_deduction", "1");
	}
	json_put(js, j_int("created_at", p->created), j_int("updated_at",
	    p->completed != 0 ? p->completed : p->started != 0 ? p->started :
	    p->created));
}

static struct json *
begin(struct cx *cx, struct resp *rs)
{
	struct json *js = resp_json(rs, 200);

	json_put(js, j_const("code:0 message:'SUCCEED'"),
	    j_str("request_id", cx->reqid));
	return js;
}

static enum err
send_task(struct cx *cx, struct resp *rs, struct prediction *p, bool full)
{
	struct json *js = begin(cx, rs);

	json_obj(js, "data");
	print_task(cx, js, p, full, NULL);
	json_end(js);
	return resp_done(rs);
}

/*
 * At each change of status.  They are not signed, so a forged one is simply a
 * lie: that it is done, and that the film is somewhere else.
 */
static void
print_webhook(struct cx *cx, struct json *js, struct prediction *p,
    bool forged)
{
	print_task(cx, js, p, true, forged ? cx_fmt(cx,
	    "%s/delivery/forged/out.mp4", conf_str(C_SANDBOX_URL)) : NULL);
}

static void
notify(struct prediction *p, enum prediction_event ev)
{
	static const struct webhook webhook = { EP_KLING_CALLBACK,
		.print = print_webhook, .prints_forged = true };

	if (ev != EVENT_OUTPUT)
		webhook_send(&webhook, p, p->id);
}

/* --- /kling/v1/videos/image2video */

static enum err
create(struct cx *cx, struct req *rq, struct resp *rs, const struct fault *f)
{
	struct prediction_order o = { 0 };
	struct complaint list[COMPLAINTS], *c = &list[0];
	struct prediction *p = NULL;
	const struct model *m;
	const char *name;
	enum err er;

	if (!body_is_object(cx, rq))
		return problem(cx, rs, INVALID, "The request body is not a "
		    "JSON object");
	name = json_text(json_get(rq->json, "model_name"));
	m = model_find(&kling_provider, name != NULL ? name : MODEL_DEFAULT);
	if (m == NULL)
		return problem(cx, rs, NOT_FOUND, "model is not supported");
	if (model_check(cx, m, rq->json, list) > 0)
		return problem(cx, rs, INVALID, *c->name != '\0' ? cx_fmt(cx,
		    "%s: %s", c->name, c->description) : c->description);
	o.input = rq->json;
	o.label = json_text(json_get(rq->json, "external_task_id"));
	o.webhook = json_text(json_get(rq->json, "callback_url"));
	if (o.label != NULL &&
	    prediction_labelled(&kling_provider, o.label) != NULL)
		return problem(cx, rs, INVALID, "external_task_id already "
		    "exists");
	if ((er = prediction_create(cx, m, &o, f, &p)) != E_OK)
		return er;
	return send_task(cx, rs, p, false);
}

/* GET ../{id}: its own id, or external_task_id */
static enum err
get(struct cx *cx, struct req *rq, struct resp *rs)
{
	const char *id = rq->param[0];
	struct prediction *p = prediction_find(&kling_provider, id);

	if (p == NULL)
		p = prediction_labelled(&kling_provider, id);
	return p != NULL ? send_task(cx, rs, p, true) :
	    problem(cx, rs, NOT_FOUND, NULL);
}

/* GET ?pageNum=&pageSize= */
static enum err
list(struct cx *cx, struct req *rq, struct resp *rs)
{
	int64_t page = 1, size = 30, skip;
	struct prediction *p;
	struct json *js;

	if (req_int(cx, rq, "pageNum", 1, 1000, &page) != E_OK ||
	    req_int(cx, rq, "pageSize", 1, 500, &size) != E_OK)
		return problem(cx, rs, INVALID, "pageNum is 1 to 1000, "
		    "pageSize 1 to 500");
	skip = (page - 1) * size;
	js = begin(cx, rs);
	json_list(js, "data");
	for (p = prediction_newest(); p != NULL && size > 0; p = p->older) {
		if (p->model->provider != &kling_provider || skip-- > 0)
			continue;
		json_obj(js, NULL);
		print_task(cx, js, p, true, NULL);
		json_end(js);
		size--;
	}
	json_end(js);
	return resp_done(rs);
}

/* Eighteen digits: more than a double can tell apart. */
static void
make_id(char out[PREDICTION_ID])
{
	unsigned char r[18];

	crypto_random(r, sizeof r);
	out[0] = '8';
	for (size_t i = 1; i < sizeof r; i++)
		out[i] = (char)('0' + r[i] % 10);
	out[sizeof r] = '\0';
}

const struct provider kling_provider = {
	.name = "kling",
	.models = kling_models,
	.make_id = make_id,
	.notify = notify,
	.data_url_max = DATA_URL_10MB,
	.refused = "Failure to pass the risk control system",
	.broken = "Internal server error, please try again later",
};

const struct emulator kling_emulator = {
	.name = "kling",
	.error = status_error,
	.authorize = authorize,
	.route = (const struct emulated_route[]){
		FAULT_ROUTE(POST, "/kling/v1/videos/image2video", KLING_CREATE,
		    create),
		ROUTE(GET, "/kling/v1/videos/image2video", KLING_LIST, list),
		ROUTE(GET, "/kling/v1/videos/image2video/{id}", KLING_GET, get),
		{ 0 }
	},
};
