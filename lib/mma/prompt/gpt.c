/*
 * gpt - writes the request, maps errors, validates and repairs the answer
 *
 * Retryable are, as in OpenAI's own SDK: 408, 409, 429 and 5xx, but not
 * insufficient_quota.
 */
#include "config.h"

#include <string.h>

#include "base/buf.h"
#include "base/conf.h"
#include "base/cx.h"
#include "base/json.h"
#include "base/str.h"
#include "config/settings.h"
#include "io/http.h"
#include "mma/prompt/gpt.h"
#include "mma/run.h"

#define ANSWER_MAX	(512 << 10)

static void
put_message(struct json *js, const char *role, const char *text)
{
	json_obj(js, NULL);
	json_str(js, "role", role);
	json_str(js, "content", text);
	json_end(js);
}

/* A JSON text between <data> and </data>, with every `<' escaped. */
static const char *
fenced(struct cx *cx, const char *data)
{
	struct buf *b = buf_new(cx, 256 << 10);

	buf_puts(b, "<data>");
	for (; *data != '\0'; data++)
		if (*data == '<')
			buf_puts(b, "\\u003c");
		else
			buf_putc(b, *data);
	buf_puts(b, "</data>");
	return buf_ok(b) ? b->data : NULL;
}

static void
put_user(struct json *js, const struct gpt_ask *ask, const char *data,
    const char *detail)
{
	json_obj(js, NULL);
	json_str(js, "role", "user");
	json_list(js, "content");
	json_obj(js, NULL);
	json_str(js, "type", "text");
	json_str(js, "text", data);
	json_end(js);
	for (size_t i = 0; i < ask->nimage; i++) {
		json_obj(js, NULL);
		json_str(js, "type", "image_url");
		json_obj(js, "image_url");
		json_str(js, "url", ask->image[i]);
		json_str(js, "detail", detail != NULL ? detail : "auto");
		json_end(js);
		json_end(js);
	}
	json_end(js);
	json_end(js);
}

/* said: an answer to be repaired, and what was wrong with it; or NULL. */
static const char *
request(struct cx *cx, const struct app_setting *ctx,
    const struct gpt_ask *ask, const char *said, const char *wrong)
{
	const struct cJSON *v = ctx->value;
	struct buf *b = buf_new(cx, 512 << 10);
	const char *data = fenced(cx, ask->data);
	struct json js;

	if (data == NULL)
		return NULL;
	json_init(&js, b);
	json_obj(&js, NULL);
	json_str(&js, "model", json_text(json_get(v, "model")));
	json_int(&js, "max_completion_tokens", json_int_or(json_get(v,
	    "max_completion_tokens"), 800));
	json_list(&js, "messages");
	put_message(&js, "developer", json_text(json_get(v,
	    "instructions")));
	put_user(&js, ask, data, json_text(json_get(v, "detail")));
	if (said != NULL) {
		put_message(&js, "assistant", said);
		put_message(&js, "developer", cx_fmt(cx, "That was not "
		    "usable: %s. Answer again with the JSON object alone.",
		    wrong));
	}
	json_end(&js);
	json_obj(&js, "response_format");
	json_str(&js, "type", "json_schema");
	json_obj(&js, "json_schema");
	json_str(&js, "name", json_text(json_get(v, "schema_name")));
	json_bool(&js, "strict", true);
	json_tree(&js, "schema", json_get(v, "schema"));
	json_end(&js);
	json_end(&js);
	json_end(&js);
	return json_ok(&js) ? b->data : NULL;
}

static enum err
status_error(struct cx *cx, const struct http_call *call)
{
	const char *body = call->answer->data;
	enum err er = E_REJECTED;

	if (call->status == 408 || call->status == 409 ||
	    call->status >= 500)
		er = E_UPSTREAM;
	if (call->status == 429 &&
	    strstr(body, "insufficient_quota") == NULL)
		er = E_BUSY;
	return err_set(cx, er, "gpt: http %ld %.200s", call->status, body);
}

static coroutine_fn enum err
post(struct cx *cx, struct io *io, const char *body, int64_t timeout,
    const struct cJSON **message)
{
	struct http_call call = HTTP_CALL("POST", cx_fmt(cx,
	    "%s/chat/completions", conf_str(C_OPENAI_URL)));
	const struct cJSON *choice;
	struct cJSON *tree;
	enum err er;

	http_header(cx, &call, "Content-Type", "application/json");
	http_secret(cx, &call, "Authorization", cx_fmt(cx, "Bearer %s",
	    conf_str(C_OPENAI_KEY)));
	http_header(cx, &call, "X-Client-Request-Id", cx->reqid);
	call.body = body;
	call.bodylen = strlen(body);
	call.timeout_ms = timeout;
	call.maxbody = ANSWER_MAX;
	if ((er = http_do(cx, &call)) != E_OK)
		return er;
	io->retry_after = http_retry_after(&call);
	if (call.status != 200)
		return status_error(cx, &call);
	if (json_parse(cx, call.answer->data, call.answer->len,
	    &tree) != E_OK)
		return err_set(cx, E_UPSTREAM, "gpt: the reply is not JSON: "
		    "%.100s", call.answer->data);
	io->in_tokens = json_int_or(json_pointer(tree,
	    "/usage/prompt_tokens"), -1);
	io->out_tokens = json_int_or(json_pointer(tree,
	    "/usage/completion_tokens"), -1);
	choice = json_pointer(tree, "/choices/0");
	if (json_text(json_pointer(choice, "/message/refusal")) != NULL ||
	    str_eq(json_text(json_get(choice, "finish_reason")),
	    "content_filter"))
		return err_set(cx, E_MODERATED, "gpt declined: %.200s",
		    run_text(choice, "/message/refusal") != NULL ?
		    run_text(choice, "/message/refusal") : "filter");
	if (json_get(choice, "message") == NULL)
		return err_set(cx, E_UPSTREAM, "gpt: no message in the reply");
	*message = choice;
	return E_OK;
}

/* What is wrong with the answer, or NULL.  Strings must not be empty. */
static const char *
validate(struct cx *cx, const struct cJSON *schema,
    const struct cJSON *answer)
{
	const struct cJSON *js, *v;
	const char *type;

	for (js = json_first(json_get(schema, "properties")); js != NULL;
	    js = json_next(js)) {
		type = json_text(json_get(js, "type"));
		v = json_get(answer, json_key(js));
		if (str_eq(type, "string") && (json_text(v) == NULL ||
		    *json_text(v) == '\0'))
			return cx_fmt(cx, "\"%s\" must be a string with "
			    "something in it", json_key(js));
		if (str_eq(type, "array") && !json_is_list(v))
			return cx_fmt(cx, "\"%s\" must be a list",
			    json_key(js));
	}
	return NULL;
}

static const char *
read_answer(struct cx *cx, const struct cJSON *schema,
    const struct cJSON *choice, struct cJSON **answer)
{
	const char *text = run_text(choice, "/message/content");

	if (text == NULL)
		return "there was no content";
	if (str_eq(json_text(json_get(choice, "finish_reason")), "length"))
		return "it was cut off; be shorter";
	if (json_parse(cx, text, strlen(text), answer) != E_OK)
		return "it was not a JSON object";
	return validate(cx, schema, *answer);
}

void
gpt_context(struct io *io, const struct app_setting *ctx)
{
	json_str(&io->in, "ctx_key", ctx->key);
	json_int(&io->in, "ctx_version", ctx->version);
	json_str(&io->in, "ctx_id", ctx->id);
}

coroutine_fn enum err
gpt_ask(struct cx *cx, struct io *io, const struct gpt_ask *ask,
    const struct cJSON **answer)
{
	const char *body, *said = NULL, *wrong = NULL;
	const struct cJSON *choice;
	struct app_setting ctx;
	struct cJSON *tree = NULL;
	enum err er;

	if ((er = settings_app(cx, ask->ctx, &ctx)) != E_OK)
		return er == E_NOTFOUND ? E_BUG : er;
	gpt_context(io, &ctx);
	io->provider = "openai";
	io->model = json_text(json_get(ctx.value, "model"));
	for (int try = 0; try < 2; try++) {
		if ((body = request(cx, &ctx, ask, said, wrong)) == NULL)
			return err_set(cx, E_REJECTED, "gpt: the request is "
			    "too large");
		if ((er = post(cx, io, body, json_int_or(json_get(ctx.value,
		    "timeout_ms"), 45000), &choice)) != E_OK)
			return er;
		wrong = read_answer(cx, json_get(ctx.value, "schema"), choice,
		    &tree);
		if (wrong == NULL) {
			*answer = tree;
			if (try > 0)
				json_bool(&io->out, "repaired", true);
			return E_OK;
		}
		said = run_text(choice, "/message/content");
		if (said == NULL)
			said = "";
	}
	return err_set(cx, E_REJECTED, "gpt: no usable answer: %s", wrong);
}
