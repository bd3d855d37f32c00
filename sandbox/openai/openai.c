/*
 * openai - see openai.h
 *
 * Shapes: OpenAI's openapi.json.  The pictures are really fetched and looked
 * at, and the answer is made to fit the schema that was sent.
 */
#include "config.h"

#include "core/sandbox.h"
#include "core/settings.h"
#include "core/vision.h"
#include "io/loop.h"
#include "openai/chat.h"
#include "openai/chat_request.h"
#include "openai/openai.h"
#include "openai/schema_fill.h"
#include "openai/sentences.h"

#define WORK_MAX	(192 << 20)	/* bytes for one completion */
#define PICTURE_MAX	(20 << 20)
#define ANSWER_MAX	(256 << 10)
#define CHARS_A_TOKEN	4		/* the usual rule of thumb */
#define PICTURE_TOKENS	85		/* of one with detail low */

static enum err
problem(struct resp *rs, int status, const char *type, const char *message,
    const char *param, const char *code)
{
	struct json *js = resp_json(rs, status);

	json_obj(js, "error");
	json_str(js, "message", message);
	json_str(js, "type", type);
	json_str(js, "param", param);
	json_str(js, "code", code);
	json_end(js);
	return resp_done(rs);
}

static enum err
invalid(struct resp *rs, const char *message, const char *param,
    const char *code)
{
	return problem(rs, 400, "invalid_request_error", message, param, code);
}

static enum err
status_error(struct cx *cx, struct req *rq, struct resp *rs, int status)
{
	(void)cx;
	(void)rq;
	if (status == 429)
		return problem(rs, status, "requests", "Rate limit reached "
		    "for requests. Please try again later.", NULL,
		    "rate_limit_exceeded");
	if (status == 401)
		return problem(rs, status, "invalid_request_error",
		    "Incorrect API key provided.", NULL, "invalid_api_key");
	if (status >= 500)
		return problem(rs, status, "server_error", "The server had an "
		    "error while processing your request. Sorry about that!",
		    NULL, NULL);
	return problem(rs, status, "invalid_request_error", "That is not "
	    "possible.", NULL, NULL);
}

static enum err
unauthorised(struct cx *cx, struct req *rq, struct resp *rs)
{
	const char *h = req_header(rq, "Authorization");

	if (h == NULL)
		return problem(rs, 401, "invalid_request_error", "You didn't "
		    "provide an API key.", NULL, NULL);
	h += strcspn(h, " ");
	return problem(rs, 401, "invalid_request_error", cx_fmt(cx,
	    "Incorrect API key provided: %.4s***.", *h != '\0' ? h + 1 : h),
	    NULL, "invalid_api_key");
}

/* --- looking */

static enum err
look_at_all(struct cx *cx, const struct chat *c, struct ask *a,
    const char **why)
{
	struct buf *b = NULL;
	struct cx one;
	enum err er = E_OK;

	for (size_t i = 0; i < c->nurl && i < ASK_PICTURES; i++) {
		app_cx(&one, PICTURE_MAX * 3);
		er = vision_fetch(&one, c->url[i], PICTURE_MAX, &b);
		if (er == E_OK)
			er = vision_look(&one, b->data, b->len, &a->look[i]);
		if (er != E_OK)
			*why = cx_fmt(cx, "Error while downloading image %zu: "
			    "%s.", i + 1, one.err.say);
		cx_release(&one);
		if (er != E_OK)
			return er;
		a->nlook = i + 1;
	}
	return E_OK;
}

/* --- the answer */

struct answer {
	const char	*content, *refusal;
	const char	*finish;
	int64_t		 prompt, completion;	/* tokens */
};

static void
usage(struct json *js, const struct answer *an)
{
	json_obj(js, "usage");
	json_int(js, "prompt_tokens", an->prompt);
	json_int(js, "completion_tokens", an->completion);
	json_int(js, "total_tokens", an->prompt + an->completion);
	json_obj(js, "prompt_tokens_details");
	json_int(js, "cached_tokens", 0);
	json_int(js, "audio_tokens", 0);
	json_end(js);
	json_obj(js, "completion_tokens_details");
	json_int(js, "reasoning_tokens", 0);
	json_int(js, "audio_tokens", 0);
	json_int(js, "accepted_prediction_tokens", 0);
	json_int(js, "rejected_prediction_tokens", 0);
	json_end(js);
	json_end(js);
}

static enum err
completion(struct cx *cx, struct resp *rs, const char *model,
    const struct answer *an, int64_t us)
{
	char id[UUID_LEN];
	struct json *js;

	crypto_uuid(id);
	resp_header(rs, "openai-version", "2020-10-01");
	resp_header(rs, "openai-processing-ms", cx_fmt(cx, "%lld",
	    (long long)(us / 1000)));
	resp_header(rs, "x-ratelimit-limit-requests", "10000");
	resp_header(rs, "x-ratelimit-remaining-requests", "9999");
	resp_header(rs, "x-ratelimit-reset-requests", "6ms");
	js = resp_json(rs, 200);
	json_str(js, "id", cx_fmt(cx, "chatcmpl-%s", id));
	json_str(js, "object", "chat.completion");
	json_int(js, "created", clock_now() / 1000);
	json_str(js, "model", model);
	json_list(js, "choices");
	json_obj(js, NULL);
	json_int(js, "index", 0);
	json_obj(js, "message");
	json_str(js, "role", "assistant");
	json_str(js, "content", an->content);
	json_str(js, "refusal", an->refusal);
	json_list(js, "annotations");
	json_end(js);
	json_end(js);
	json_null(js, "logprobs");
	json_str(js, "finish_reason", an->finish);
	json_end(js);
	json_end(js);
	usage(js, an);
	json_str(js, "service_tier", "default");
	json_str(js, "system_fingerprint", "fp_mina_sandbox");
	return resp_done(rs);
}

/* An answer longer than its allowance ends in the middle. */
static void
cut(struct cx *cx, const struct chat *c, struct answer *an)
{
	size_t max = (size_t)c->max_tokens * CHARS_A_TOKEN;

	an->finish = "stop";
	if (c->max_tokens > 0 && strlen(an->content) > max) {
		an->content = cx_dupn(cx, an->content,
		    str_utf8_cut(an->content, max));
		an->finish = "length";
	}
	an->completion = (int64_t)strlen(an->content) / CHARS_A_TOKEN + 1;
}

static enum err
reply(struct cx *cx, struct resp *rs, const struct chat *c, struct ask *a,
    const struct fault *f, int64_t start)
{
	struct buf *b = buf_new(cx, ANSWER_MAX);
	struct answer an = { .prompt = (int64_t)(c->text / CHARS_A_TOKEN +
	    c->nurl * PICTURE_TOKENS + 8) };
	const char *why = NULL;

	if (look_at_all(cx, c, a, &why) != E_OK)
		return invalid(rs, why, "messages", "invalid_image_url");
	if (f->kind == FAULT_REFUSED) {
		an.refusal = f->body != NULL ? f->body :
		    "I'm sorry, I can't assist with that request.";
		an.finish = "stop";
		an.completion = 12;
	} else if (c->schema != NULL) {
		if (!fill(cx, b, c->schema, a))
			return invalid(rs, "The schema cannot be met.",
			    "response_format", NULL);
		an.content = b->data;
		cut(cx, c, &an);
	} else {
		an.content = say(cx, a, a->nlook > 0 ? "crt" : "message");
		cut(cx, c, &an);
	}
	if (loop_us() - start < settings.openai_ms * 1000)
		(void)loop_sleep(cx, settings.openai_ms -
		    (loop_us() - start) / 1000);
	return completion(cx, rs, c->model, &an, loop_us() - start);
}

static enum err
chat_in(struct cx *cx, struct req *rq, struct resp *rs,
    const struct fault *f)
{
	int64_t start = loop_us();
	struct chat_wrong w;
	struct chat c;

	if (json_parse(cx, rq->body, rq->bodylen, &rq->json) != E_OK ||
	    !json_is_obj(rq->json))
		return invalid(rs, "We could not parse the JSON body of your "
		    "request.", NULL, NULL);
	if (chat_read(cx, rq->json, &c, &w) == -1)
		return invalid(rs, w.message, w.param, w.code);
	if (str_ends(c.model, "-unknown"))
		return problem(rs, 404, "invalid_request_error", cx_fmt(cx,
		    "The model `%.80s` does not exist or you do not have "
		    "access to it.", c.model), NULL, "model_not_found");
	return reply(cx, rs, &c, ask_read(cx, c.messages), f, start);
}

/* POST /openai/v1/chat/completions */
static enum err
chat(struct cx *cx, struct req *rq, struct resp *rs,
    const struct fault *f)
{
	struct cx big;
	enum err er;

	if (!authorization_is(rq, "Bearer ", conf_str(C_OPENAI_KEY)))
		return unauthorised(cx, rq, rs);
	/* Pictures as data URLs need more room than a request has. */
	app_cx(&big, WORK_MAX);
	er = chat_in(&big, rq, rs, f);
	rq->json = NULL;
	cx_release(&big);
	return er;
}

const struct emulator openai_emulator = {
	.name = "openai",
	.error = status_error,
	.route = (const struct emulated_route[]){
		{ M_POST, "/openai/v1/chat/completions", EP_OPENAI,
		    .fault_fn = chat },
		{ 0 }
	},
};
