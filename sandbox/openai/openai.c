/*
 * openai - answers chat completions
 *
 * Shapes: OpenAI's openapi.json.  The pictures are really fetched and looked
 * at, and the answer is made to fit the schema that was sent.
 */
#include "config.h"

#include "core/service.h"
#include "core/vision.h"
#include "io/loop.h"
#include "openai/chat.h"
#include "openai/openai.h"

#define WORK_MAX	(192 << 20)	/* bytes for one completion */
#define PICTURE_MAX	(20 << 20)
#define ANSWER_MAX	(256 << 10)
#define CHARS_A_TOKEN	4		/* the usual rule of thumb */
#define PICTURE_TOKENS	85		/* of one with detail low */
#define INVALID		"invalid_request_error"

static enum err
problem(struct resp *rs, int status, const char *type, const char *message,
    const char *param, const char *code)
{
	return json_reply(rs, status, j_obj("error"), j_str("message", message),
	    j_str("type", type), j_str("param", param), j_str("code", code),
	    j_end());
}

static enum err
status_error(struct cx *cx, struct req *rq, struct resp *rs, int status)
{
	static const struct status_words words[] = {
		{ 401, "invalid_api_key", INVALID,
		    "Incorrect API key provided." },
		{ 429, "rate_limit_exceeded", "requests", "Rate limit "
		    "reached for requests. Please try again later." },
		{ 500, NULL, "server_error", "The server had an error while "
		    "processing your request. Sorry about that!" },
		{ 0, NULL, INVALID, "That is not possible." },
	};
	const struct status_words *w = status_words(words, status);

	(void)cx;
	(void)rq;
	return problem(rs, status, w->type, w->message, NULL, w->code);
}

static enum err
unauthorised(struct cx *cx, struct req *rq, struct resp *rs)
{
	const char *h = req_header(rq, "Authorization");

	if (h == NULL)
		return problem(rs, 401, INVALID, "You didn't provide an API "
		    "key.", NULL, NULL);
	h += strcspn(h, " ");
	return problem(rs, 401, INVALID, cx_fmt(cx, "Incorrect API key "
	    "provided: %.4s***.", *h != '\0' ? h + 1 : h), NULL,
	    "invalid_api_key");
}

/* NULL, or why one of the pictures could not be looked at. */
static const char *
look_at_all(struct cx *cx, const struct chat *c, struct material *a)
{
	const char *bad = NULL;
	struct buf *b = NULL;
	struct cx one;

	for (size_t i = 0; bad == NULL && i < c->nurl &&
	    i < MATERIAL_PICTURES; i++) {
		app_cx(&one, PICTURE_MAX * 3);
		if (vision_fetch(&one, c->url[i], PICTURE_MAX, &b) != E_OK ||
		    vision_look(&one, b->data, b->len, &a->look[i]) != E_OK)
			bad = cx_fmt(cx, "Error while downloading image %zu: "
			    "%s.", i + 1, one.err.say);
		else
			a->nlook = i + 1;
		cx_release(&one);
	}
	return bad;
}

/* --- the answer */

struct answer {
	const char	*content, *refusal, *finish;
	int64_t		 prompt, completion;	/* tokens */
};

static enum err
completion(struct cx *cx, struct resp *rs, const char *model,
    const struct answer *an, int64_t us)
{
	char id[UUID_LEN];

	crypto_uuid(id);
	resp_header(rs, "openai-version", "2020-10-01");
	resp_header(rs, "openai-processing-ms", cx_fmt(cx, "%lld",
	    (long long)(us / 1000)));
	resp_header(rs, "x-ratelimit-limit-requests", "10000");
	resp_header(rs, "x-ratelimit-remaining-requests", "9999");
	resp_header(rs, "x-ratelimit-reset-requests", "6ms");
	return json_reply(rs, 200, j_str("id", cx_fmt(cx, "chatcmpl-%s", id)),
	    j_str("object", "chat.completion"),
	    j_int("created", clock_now() / 1000), j_str("model", model),
	    j_list("choices"), j_obj(NULL), j_int("index", 0),
	    j_obj("message"), j_str("role", "assistant"),
	    j_str("content", an->content), j_str("refusal", an->refusal),
	    j_const("annotations:[]"), j_end(), j_const("logprobs:null"),
	    j_str("finish_reason", an->finish), j_end(), j_end(),
	    j_obj("usage"), j_int("prompt_tokens", an->prompt),
	    j_int("completion_tokens", an->completion),
	    j_int("total_tokens", an->prompt + an->completion),
	    j_obj("prompt_tokens_details"),
	    j_const("cached_tokens:0 audio_tokens:0"), j_end(),
	    j_obj("completion_tokens_details"),
	    j_const("reasoning_tokens:0 audio_tokens:0 "
	    "accepted_prediction_tokens:0 rejected_prediction_tokens:0"),
	    j_end(), j_end(), j_const("service_tier:'default' "
	    "system_fingerprint:'fp_mina_sandbox'"));
}

/* An answer longer than its allowance ends in the middle. */
static void
cut(struct cx *cx, const struct chat *c, struct answer *an)
{
	size_t max = (size_t)c->max_tokens * CHARS_A_TOKEN;

	if (c->max_tokens > 0 && strlen(an->content) > max) {
		an->content = cx_dupn(cx, an->content,
		    str_utf8_cut(an->content, max));
		an->finish = "length";
	}
	an->completion = (int64_t)strlen(an->content) / CHARS_A_TOKEN + 1;
}

static enum err
answer(struct cx *cx, struct resp *rs, const struct chat *c,
    const struct fault *f, int64_t start)
{
	struct material *a = material_read(cx, c->messages);
	struct buf *b = buf_new(cx, ANSWER_MAX);
	struct answer an = { .finish = "stop", .completion = 12,
	    .prompt = (int64_t)(c->text / CHARS_A_TOKEN +
	    c->nurl * PICTURE_TOKENS + 8) };
	const char *bad = look_at_all(cx, c, a);

	if (bad != NULL)
		return problem(rs, 400, INVALID, bad, "messages",
		    "invalid_image_url");
	if (f->kind == FAULT_REFUSED)
		an.refusal = f->body != NULL ? f->body :
		    "I'm sorry, I can't assist with that request.";
	else if (c->schema == NULL)
		an.content = sentence_for(cx, a, a->nlook > 0 ? "crt" :
		    "message");
	else if (schema_fill(cx, b, c->schema, a))
		an.content = b->data;
	else
		return problem(rs, 400, INVALID, "The schema cannot be met.",
		    "response_format", NULL);
	if (an.content != NULL)
		cut(cx, c, &an);
	if (loop_us() - start < settings.openai_ms * 1000)
		(void)loop_sleep(cx, settings.openai_ms -
		    (loop_us() - start) / 1000);
	return completion(cx, rs, c->model, &an, loop_us() - start);
}

static enum err
chat_in(struct cx *cx, struct req *rq, struct resp *rs, const struct fault *f)
{
	int64_t start = loop_us();
	struct chat_wrong w;
	struct chat c;

	if (!body_is_object(cx, rq))
		return problem(rs, 400, INVALID, "We could not parse the JSON "
		    "body of your request.", NULL, NULL);
	if (!chat_read(cx, rq->json, &c, &w))
		return problem(rs, 400, INVALID, w.message, w.param, w.code);
	if (str_ends(c.model, "-unknown"))
		return problem(rs, 404, INVALID, cx_fmt(cx, "The model "
		    "`%.80s` does not exist or you do not have access to it.",
		    c.model), NULL, "model_not_found");
	return answer(cx, rs, &c, f, start);
}

static enum err
chat(struct cx *cx, struct req *rq, struct resp *rs, const struct fault *f)
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
		FAULT_ROUTE(POST, "/openai/v1/chat/completions", OPENAI, chat),
		{ 0 }
	},
};
