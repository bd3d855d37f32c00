/*
 * replicate - the emulated Replicate, under /replicate/v1
 *
 * Shapes: Replicate's openapi.json; errors as its clients have met them.
 */
#include "config.h"

#include "core/service.h"
#include "io/http.h"
#include "providers/providers.h"
#include "providers/replicate.h"
#include "providers/webhook.h"

#define DATA_URL_MAX	(256 << 10)
#define SECRET_PREFIX	"whsec_"

enum err
replicate_problem(struct resp *rs, int status, const char *title,
    const char *detail)
{
	struct json *js = resp_json(rs, status);

	rs->type = "application/problem+json";
	json_put(js, j_str("title", title), j_str("detail", detail),
	    j_int("status", status));
	return resp_done(rs);
}

static enum err
status_error(struct cx *cx, struct req *rq, struct resp *rs, int status)
{
	static const struct status_words words[] = {
		{ 401, "Unauthenticated", NULL,
		    "You did not pass a valid authentication token" },
		{ 402, "Insufficient credit", NULL,
		    "You have insufficient credit to run this model." },
		{ 404, "Not found", NULL,
		    "The requested resource could not be found." },
		{ 429, "Too many requests", NULL,
		    "Request was throttled. Your rate limit resets in ~1s." },
		{ 500, "Internal server error", NULL,
		    "An unexpected error occurred." },
		{ 0, "Bad request", NULL, "That is not possible." },
	};
	const struct status_words *w = status_words(words, status);

	(void)cx;
	(void)rq;
	return replicate_problem(rs, status, w->code, w->message);
}

/* --- the prediction object: schemas_prediction_response */

/* A model that writes much while it works; quotes and brackets among it. */
static const char *
log_of(struct cx *cx)
{
	static const char line[] = "step: {\"at\": [1, 2]} \\ ...........\n";
	size_t n = (size_t)settings.log_kb * 1024;
	char *s = cx_alloc(cx, n + 1);

	XXXAN(s);
	for (size_t i = 0; i < n; i++)
		s[i] = line[i % (sizeof line - 1)];
	return s;
}

void
replicate_print(struct cx *cx, struct json *js, struct prediction *p,
    bool forged)
{
	const char *state = prediction_state_name(prediction_state(p));
	const struct cJSON *list = prediction_output(cx, p);
	const char *base = conf_str(C_SANDBOX_URL);

	(void)forged;
	json_put(js, j_str("id", p->id), j_str("model", p->model->name),
	    j_const("version:'hidden' source:'api'"),
	    j_raw("input", p->input));
	if (list != NULL && p->model->list) {
		json_list(js, "output");
		JSON_EACH(o, list)
			json_str(js, NULL, json_text(json_get(o, "url")));
		json_end(js);
	} else
		json_str(js, "output", json_text(json_get(json_first(list),
		    "url")));
	json_put(js, j_str("logs", log_of(cx)), j_str("error", p->error),
	    j_bool("data_removed", p->removed), j_str("status", state),
	    j_time("created_at", p->created), j_time("started_at", p->started),
	    j_time("completed_at", p->completed), j_const("deadline:null"),
	    j_obj("metrics"));
	if (p->completed != 0) {
		if (p->started != 0)
			json_num(js, "predict_time",
			    (double)(p->completed - p->started) / 1000);
		json_num(js, "total_time",
		    (double)(p->completed - p->created) / 1000);
	}
	json_put(js, j_end(), j_obj("urls"), j_str("cancel", cx_fmt(cx,
	    "%s/replicate/v1/predictions/%s/cancel", base, p->id)),
	    j_str("get", cx_fmt(cx, "%s/replicate/v1/predictions/%s", base,
	    p->id)), j_str("web", cx_fmt(cx, "%s/replicate/p/%s", base,
	    p->id)), j_end());
}

static enum err
send_prediction(struct cx *cx, struct resp *rs, int status,
    struct prediction *p)
{
	replicate_print(cx, resp_json(rs, status), p, false);
	return resp_done(rs);
}

/* --- webhooks */

static const char *
webhook_secret(void)
{
	const char *s = env_secret("MINA_PROVIDER_REPLICATE_WEBHOOK_SECRET");

	return s != NULL && str_starts(s, SECRET_PREFIX) ? s : NULL;
}

/* Standard Webhooks: "id.timestamp.body" under the key behind whsec_. */
static void
sign(struct cx *cx, struct http_call *call, const char *id, const char *body,
    int64_t at)
{
	const char *text, *s = webhook_secret();
	const char *when = cx_fmt(cx, "%lld", (long long)at);
	unsigned char mac[SHA256_LEN], *key;
	size_t n;

	http_header(cx, call, "webhook-id", id);
	http_header(cx, call, "webhook-timestamp", when);
	if (s == NULL || (key = decode_base64(cx, s + strlen(SECRET_PREFIX),
	    &n)) == NULL)
		return;
	text = cx_fmt(cx, "%s.%s.%s", id, when, body);
	crypto_hmac(key, n, text, strlen(text), mac);
	http_header(cx, call, "webhook-signature", cx_fmt(cx, "v1,%s",
	    encode_base64(cx, mac, sizeof mac)));
}

static bool
wants(const struct prediction *p, const char *event)
{
	struct cJSON *list;
	struct cx cx;
	bool yes;

	app_cx(&cx, 1 << 20);
	yes = p->events == NULL || json_parse(&cx, p->events,
	    strlen(p->events), &list) != E_OK || list_has(list, event);
	cx_release(&cx);
	return yes;
}

static void
notify(struct prediction *p, enum prediction_event ev)
{
	static const char *const names[] = { [EVENT_START] = "start",
		[EVENT_OUTPUT] = "output", [EVENT_END] = "completed" };
	/* Only the last one is tried again, for about a minute. */
	static const int pauses[] = { 1000, 2000, 4000, 8000, 16000, 30000,
		-1 };
	static const struct webhook once = { EP_REPLICATE_CALLBACK,
		.print = replicate_print, .sign = sign };
	static const struct webhook repeated = { EP_REPLICATE_CALLBACK,
		pauses, .print = replicate_print, .sign = sign };
	unsigned char r[12];
	char id[8 + 2 * sizeof r] = "msg_";

	if (!wants(p, names[ev]))
		return;
	crypto_random(r, sizeof r);
	encode_hex(r, sizeof r, id + strlen(id));
	webhook_send(ev == EVENT_END ? &repeated : &once, p, id);
}

/* GET /replicate/v1/webhooks/default/secret */
static enum err
get_secret(struct cx *cx, struct req *rq, struct resp *rs)
{
	return webhook_secret() != NULL ? json_reply(rs, 200,
	    j_str("key", webhook_secret())) : status_error(cx, rq, rs, 404);
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
	json_put(js, j_str("title", "Input validation failed"),
	    j_str("detail", detail->data), j_int("status", 422),
	    j_list("invalid_fields"));
	for (; n > 0; n--, c++)
		json_put(js, j_obj(NULL), j_str("type", c->type),
		    j_str("field", c->field),
		    j_str("description", c->description), j_end());
	json_end(js);
	return resp_done(rs);
}

/* What is wrong with the body around the input; NULL when nothing is. */
static const char *
body_wrong(struct cx *cx, const struct cJSON *body)
{
	const struct cJSON *list = json_get(body, "webhook_events_filter");
	const struct cJSON *hook = json_get(body, "webhook");

	JSON_EACH(m, body)
		if (!word_in("input webhook webhook_events_filter stream",
		    json_key(m)))
			return cx_fmt(cx, "Additional property %.60s is not "
			    "allowed", json_key(m));
	if (!json_is_obj(json_get(body, "input")))
		return "input is required and must be an object";
	if (hook != NULL && (json_text(hook) == NULL ||
	    !str_starts(json_text(hook), "https://")))
		return "webhook must be an https URL";
	if (list != NULL && !json_is_list(list))
		return "webhook_events_filter must be an array";
	JSON_EACH(m, list)
		if (json_text(m) == NULL ||
		    !word_in("start output logs completed", json_text(m)))
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

static enum err
create(struct cx *cx, struct req *rq, struct resp *rs, const struct fault *f)
{
	const struct model *m = model_find(&replicate_provider, cx_fmt(cx,
	    "%s/%s", rq->param[0], rq->param[1]));
	struct prediction_order o = { 0 };
	struct complaint list[COMPLAINTS];
	struct prediction *p = NULL;
	const char *bad;
	size_t n;
	int wait = wait_seconds(rq);
	enum err er;

	if (m == NULL)
		return status_error(cx, rq, rs, 404);
	if (!body_is_object(cx, rq))
		return replicate_problem(rs, 400, "Bad request",
		    "The request body is not a JSON object.");
	if (wait == -1)
		return replicate_problem(rs, 400, "Bad request",
		    "Prefer: wait takes 1 to 60 seconds.");
	if ((bad = body_wrong(cx, rq->json)) != NULL)
		return invalid(cx, rs, &(struct complaint){ "invalid", "body",
		    bad, "" }, 1);
	o.input = json_get(rq->json, "input");
	if ((n = model_check(cx, m, o.input, list)) > 0)
		return invalid(cx, rs, list, n);
	o.webhook = json_text(json_get(rq->json, "webhook"));
	o.events = json_get(rq->json, "webhook_events_filter");
	if ((er = prediction_create(cx, m, &o, f, &p)) != E_OK)
		return er;
	prediction_ref(p);
	if (wait > 0)
		er = prediction_wait(rq, p, wait * 1000);
	if (er == E_OK)
		er = send_prediction(cx, rs, 201, p);
	prediction_unref(p);
	return er;
}

/* --- one prediction, and the account */

static enum err
get(struct cx *cx, struct req *rq, struct resp *rs)
{
	struct prediction *p = prediction_find(&replicate_provider,
	    rq->param[0]);

	return p != NULL ? send_prediction(cx, rs, 200, p) :
	    status_error(cx, rq, rs, 404);
}

static enum err
cancel(struct cx *cx, struct req *rq, struct resp *rs)
{
	struct prediction *p = prediction_find(&replicate_provider,
	    rq->param[0]);

	if (p != NULL)
		prediction_cancel(p);
	return get(cx, rq, rs);
}

static enum err
account(struct cx *cx, struct req *rq, struct resp *rs)
{
	(void)cx;
	(void)rq;
	return json_reply(rs, 200, j_str("type", "organization"),
	    j_str("username", "mina-sandbox"), j_str("name", "Mina sandbox"));
}

void
provider_short_id(char out[PREDICTION_ID])
{
	static const char abc[] = "abcdefghijkmnpqrstvwxyz0123456789";
	unsigned char r[26];

	crypto_random(r, sizeof r);
	for (size_t i = 0; i < sizeof r; i++)
		out[i] = abc[r[i] % 32];
	out[sizeof r] = '\0';
}

const struct provider replicate_provider = {
	.name = "replicate",
	.models = replicate_models,
	.make_id = provider_short_id,
	.notify = notify,
	.data_url_max = DATA_URL_MAX,
	.refused = "The input or output was flagged as sensitive. Please try "
	    "again with different inputs. (E005)",
	.broken = "Prediction failed for an unknown reason. It might have run "
	    "out of memory. Please try again.",
};

const struct emulator replicate_emulator = {
	.name = "replicate",
	.error = status_error,
	.key_scheme = "Bearer ",
	.key_env = "MINA_PROVIDER_REPLICATE_TOKEN",
	.route = (const struct emulated_route[]){
		FAULT_ROUTE(POST,
		    "/replicate/v1/models/{owner}/{name}/predictions",
		    REPLICATE_CREATE, create),
		ROUTE(GET, "/replicate/v1/predictions/{id}", REPLICATE_GET,
		    get),
		ROUTE(POST, "/replicate/v1/predictions/{id}/cancel",
		    REPLICATE_CANCEL, cancel),
		ROUTE(GET, "/replicate/v1/predictions", REPLICATE_LIST,
		    replicate_list),
		ROUTE(GET, "/replicate/v1/account", REPLICATE_ACCOUNT, account),
		ROUTE(GET, "/replicate/v1/webhooks/default/secret",
		    REPLICATE_SECRET, get_secret),
		{ 0 }
	},
};
