/*
 * fal - the emulated fal.ai queue, under /fal
 *
 * Shapes: fal's own clients.  A path is that of a model, owner/app/..., or
 * owner/app/requests/<id>[/status|/cancel], which keeps the first two parts
 * of the model's only.  What is wrong with an input is found when it is
 * worked on, so a submit is taken whatever it says.
 */
#include "config.h"

#include <openssl/evp.h>

#include "core/service.h"
#include "io/http.h"
#include "providers/prediction.h"
#include "providers/providers.h"
#include "providers/webhook.h"

#define KEY_ENV		"MINA_PROVIDER_FAL_KEY"
#define DETAIL_MAX	65536
#define SEED		746406749	/* of one that was asked for none */
#define USER		"user_sandbox"
#define SIGNATURE	64		/* bytes */
#define PURPOSE		"mina sandbox: fal's webhooks"

static enum err
status_error(struct cx *cx, struct req *rq, struct resp *rs, int status)
{
	static const struct status_words words[] = {
		{ 401, NULL, NULL, "Authentication is required to access "
		    "this application." },
		{ 404, NULL, NULL, "Not Found" },
		{ 429, NULL, NULL, "Too Many Requests" },
		{ 500, NULL, NULL, "Internal Server Error" },
		{ 0, NULL, NULL, "That is not possible." },
	};

	(void)cx;
	(void)rq;
	return json_reply(rs, status, j_str("detail",
	    status_words(words, status)->message));
}

/* "owner/app" of "owner/app/any/thing". */
static const char *
app_of(struct cx *cx, const char *path)
{
	const char *s = strchr(path, '/');
	size_t n = s != NULL ? (size_t)(s + 1 - path) : 0;

	return cx_dupn(cx, path, n + strcspn(path + n, "/"));
}

/* --- how a request ends */

/* The HTTP status of a result: 200, or what went wrong. */
static int
outcome(const struct prediction *p)
{
	if (p->state == PREDICTION_SUCCEEDED)
		return 200;
	if (p->state == PREDICTION_CANCELED)
		return 499;
	return str_eq(p->error, fal_provider.broken) ? 500 : 422;
}

/* A list is what the check of the input left; else it is a sentence. */
static void
print_detail(struct json *js, const struct prediction *p)
{
	if (p->state == PREDICTION_CANCELED)
		json_str(js, "detail", "Request was cancelled by the client");
	else if (outcome(p) == 500)
		json_str(js, "detail", p->error);
	else if (p->error[0] == '[')
		json_raw(js, "detail", p->error);
	else
		json_put(js, j_list("detail"), j_obj(NULL), j_list("loc"),
		    j_str(NULL, "body"), j_end(), j_str("msg", p->error),
		    j_str("type", str_eq(p->error, fal_provider.refused) ?
		    "content_policy_violation" : "value_error"), j_end(),
		    j_end());
}

static void
print_file(struct json *js, const struct cJSON *o)
{
	const char *url = text_of(o, "url");

	json_put(js, j_str("url", url),
	    j_str("content_type", text_of(o, "type")),
	    j_str("file_name", strrchr(url, '/') + 1),
	    j_int("file_size", json_int_or(json_get(o, "bytes"), 0)));
}

static void
print_result(struct cx *cx, struct json *js, const struct prediction *p)
{
	const struct cJSON *list = prediction_output(cx, p);
	struct cJSON *input = NULL;

	if (list == NULL) {	/* deleted since */
		json_null(js, p->model->film ? "video" : "images");
		return;
	}
	if (p->model->film) {
		json_obj(js, "video");
		print_file(js, json_first(list));
		json_end(js);
		return;
	}
	json_list(js, "images");
	JSON_EACH(o, list) {
		json_obj(js, NULL);
		print_file(js, o);
		json_put(js,
		    j_int("width", json_int_or(json_get(o, "width"), 0)),
		    j_int("height", json_int_or(json_get(o, "height"), 0)),
		    j_end());
	}
	json_end(js);
	if (json_parse(cx, p->input, strlen(p->input), &input) == E_OK)
		json_int(js, "seed", json_int_or(json_get(input, "seed"),
		    SEED));
}

static const char *
status_code(struct cx *cx, const struct prediction *p)
{
	return cx_fmt(cx, "Invalid status code: %d", outcome(p));
}

/* --- webhooks */

/*
 * Ed25519.  The key follows from fal's API key, so that it is the same after
 * a restart and not on any disk.
 */
static EVP_PKEY *
webhook_key(void)
{
	static EVP_PKEY *k;
	const char *s = env_secret(KEY_ENV);
	unsigned char seed[SHA256_LEN];

	if (k == NULL) {
		if (s == NULL)
			s = "";
		crypto_hmac(s, strlen(s), PURPOSE, strlen(PURPOSE), seed);
		XXXAN(k = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL,
		    seed, sizeof seed));
	}
	return k;
}

/* Signed are the lines request id, user id, second, and hex of SHA-256. */
static void
sign(struct cx *cx, struct http_call *call, const char *id, const char *body,
    int64_t at)
{
	const char *when = cx_fmt(cx, "%lld", (long long)at), *text;
	char sha[SHA256_HEX], hex[2 * SIGNATURE + 1];
	unsigned char sig[SIGNATURE];
	size_t n = sizeof sig;
	EVP_MD_CTX *md;

	crypto_sha256_hex(body, strlen(body), sha);
	text = cx_fmt(cx, "%s\n%s\n%s\n%s", id, USER, when, sha);
	XXXAN(md = EVP_MD_CTX_new());
	XXXAN(EVP_DigestSignInit(md, NULL, NULL, NULL, webhook_key()) == 1);
	XXXAN(EVP_DigestSign(md, sig, &n, (const unsigned char *)text,
	    strlen(text)) == 1);
	EVP_MD_CTX_free(md);
	encode_hex(sig, sizeof sig, hex);
	http_header(cx, call, "X-Fal-Webhook-Request-Id", id);
	http_header(cx, call, "X-Fal-Webhook-User-Id", USER);
	http_header(cx, call, "X-Fal-Webhook-Timestamp", when);
	http_header(cx, call, "X-Fal-Webhook-Signature", hex);
}

static void
print_webhook(struct cx *cx, struct json *js, struct prediction *p,
    bool forged)
{
	int status = outcome(p);

	(void)forged;
	json_put(js, j_str("request_id", p->id),
	    j_str("gateway_request_id", p->id),
	    j_str("status", status == 200 ? "OK" : "ERROR"));
	if (status != 200)
		json_str(js, "error", status_code(cx, p));
	json_obj(js, "payload");
	if (status == 200)
		print_result(cx, js, p);
	else
		print_detail(js, p);
	json_end(js);
}

static void
notify(struct prediction *p, enum prediction_event ev)
{
	/* Ten more times within two hours. */
	static const int pauses[] = { 1000, 2000, 5000, 15000, 60000, 300000,
		600000, 1200000, 1800000, 3000000, -1 };
	static const struct webhook webhook = { EP_FAL_CALLBACK, pauses,
		.print = print_webhook, .sign = sign };

	if (ev == EVENT_END && p->state != PREDICTION_CANCELED)
		webhook_send(&webhook, p, p->id);
}

/* GET /fal/.well-known/jwks.json */
static enum err
jwks(struct cx *cx, struct req *rq, struct resp *rs)
{
	unsigned char pub[SHA256_LEN];
	size_t n = sizeof pub;

	(void)rq;
	XXXAN(EVP_PKEY_get_raw_public_key(webhook_key(), pub, &n) == 1);
	resp_header(rs, "Cache-Control", "public, max-age=86400");
	return json_reply(rs, 200, j_list("keys"), j_obj(NULL),
	    j_const("kty:'OKP' crv:'Ed25519'"),
	    j_str("x", encode_base64url(cx, pub, n)), j_end(), j_end());
}

/* --- submit */

static const char *
invalid(struct cx *cx, const struct complaint *c, size_t n)
{
	struct buf *b = buf_new(cx, DETAIL_MAX);
	struct json js;

	json_init(&js, b);
	json_list(&js, NULL);
	for (; n > 0; n--, c++) {
		bool missing = str_eq(c->type, "required");

		json_put(&js, j_obj(NULL), j_list("loc"), j_str(NULL, "body"),
		    j_str(NULL, c->name), j_end(),
		    j_str("msg", missing ? "field required" : c->description),
		    j_str("type", missing ? "value_error.missing" :
		    "value_error"), j_end());
	}
	json_end(&js);
	return b->data;
}

static void
urls(struct cx *cx, struct json *js, const struct prediction *p)
{
	const char *base = cx_fmt(cx, "%s/fal/%s/requests/%s",
	    conf_str(C_SANDBOX_URL), app_of(cx, p->model->name), p->id);

	json_put(js, j_str("response_url", base),
	    j_str("status_url", cx_fmt(cx, "%s/status", base)),
	    j_str("cancel_url", cx_fmt(cx, "%s/cancel", base)));
}

static enum err
submit(struct cx *cx, struct req *rq, struct resp *rs, const struct fault *f)
{
	const struct model *m = model_find(&fal_provider, rq->param[0]);
	struct prediction_order o = { 0 };
	struct complaint list[COMPLAINTS];
	struct prediction *p = NULL;
	struct json *js;
	size_t n;
	enum err er;

	if (m == NULL)
		return status_error(cx, rq, rs, 404);
	o.webhook = req_query(cx, rq, "fal_webhook");
	if (!body_is_object(cx, rq) || (o.webhook != NULL &&
	    !str_starts(o.webhook, "https://")))
		return status_error(cx, rq, rs, 400);
	o.input = rq->json;
	if ((n = model_check(cx, m, rq->json, list)) > 0)
		o.doom = invalid(cx, list, n);
	if ((er = prediction_create(cx, m, &o, f, &p)) != E_OK)
		return er;
	js = resp_json(rs, 200);
	json_put(js, j_str("status", "IN_QUEUE"), j_str("request_id", p->id),
	    j_str("gateway_request_id", p->id));
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

	*what = "";
	if (!str_starts(s, "/requests/"))
		return NULL;
	id = s + strlen("/requests/");
	n = strcspn(id, "/");
	*what = id + n;
	p = prediction_find(&fal_provider, cx_dupn(cx, id, n));
	/* A request to another application is none at all. */
	return p != NULL && str_eq(app_of(cx, p->model->name), app) ? p :
	    NULL;
}

static enum err
send_status(struct cx *cx, struct resp *rs, struct prediction *p)
{
	bool over = prediction_final(p);
	bool waiting = prediction_state(p) == PREDICTION_STARTING;
	struct json *js = resp_json(rs, over ? 200 : 202);
	int code = outcome(p);

	json_put(js, j_str("status", over ? "COMPLETED" : waiting ?
	    "IN_QUEUE" : "IN_PROGRESS"), j_str("request_id", p->id));
	urls(cx, js, p);
	json_put(js, waiting ? j_int("queue_position", 0) :
	    j_const("logs:[]"));
	if (over) {
		json_obj(js, "metrics");
		if (p->started != 0)
			json_num(js, "inference_time",
			    (double)(p->completed - p->started) / 1000);
		json_end(js);
	}
	if (over && code != 200)
		json_put(js, j_str("error", status_code(cx, p)),
		    j_str("error_type", code == 499 ? "request_cancelled" :
		    code == 500 ? "internal_error" : "bad_request"));
	return resp_done(rs);
}

static enum err
send_result(struct cx *cx, struct resp *rs, struct prediction *p)
{
	int status = outcome(p);
	struct json *js;

	if (!prediction_final(p))
		return json_reply(rs, 400,
		    j_str("detail", "Request is still in progress"));
	resp_header(rs, "x-fal-request-id", p->id);
	js = resp_json(rs, status);
	if (status == 200)
		print_result(cx, js, p);
	else
		print_detail(js, p);
	return resp_done(rs);
}

/* GET /fal/{owner}/{app}/requests/{id}, and the same with /status */
static enum err
ask(struct cx *cx, struct req *rq, struct resp *rs)
{
	const char *what;
	struct prediction *p = find(cx, rq, &what);

	if (p != NULL && str_eq(what, "/status"))
		return send_status(cx, rs, p);
	return p != NULL && *what == '\0' ? send_result(cx, rs, p) :
	    status_error(cx, rq, rs, 404);
}

static enum endpoint
result_or_status(const struct req *rq)
{
	return str_ends(rq->param[0], "/status") ? EP_FAL_STATUS :
	    EP_FAL_RESULT;
}

/* PUT /fal/{owner}/{app}/requests/{id}/cancel */
static enum err
cancel(struct cx *cx, struct req *rq, struct resp *rs)
{
	const char *what;
	struct prediction *p = find(cx, rq, &what);

	if (p == NULL || !str_eq(what, "/cancel"))
		return json_reply(rs, 404, j_str("status", "NOT_FOUND"));
	if (prediction_final(p))
		return json_reply(rs, 400,
		    j_str("status", "ALREADY_COMPLETED"));
	prediction_cancel(p);
	return json_reply(rs, 202, j_str("status", "CANCELLATION_REQUESTED"));
}

const struct provider fal_provider = {
	.name = "fal",
	.models = fal_models,
	.make_id = crypto_uuid,
	.notify = notify,
	.data_url_max = DATA_URL_10MB,
	.refused = "The content could not be processed because it contained "
	    "material flagged by a content checker.",
	.broken = "Internal Server Error",
};

const struct emulator fal_emulator = {
	.name = "fal",
	.error = status_error,
	.key_scheme = "Key ",
	.key_env = KEY_ENV,
	.route = (const struct emulated_route[]){
		ROUTE(GET, "/fal/.well-known/jwks.json", FAL_JWKS, jwks,
		    .open = true),
		FAULT_ROUTE(POST, "/fal/{model...}", FAL_SUBMIT, submit),
		ROUTE(GET, "/fal/{request...}", FAL_RESULT, ask,
		    .endpoint_of = result_or_status),
		ROUTE(PUT, "/fal/{request...}", FAL_CANCEL, cancel),
		{ 0 }
	},
};
