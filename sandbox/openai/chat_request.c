/* chat_request - refuses what a strict server refuses */
#include "config.h"

#include "core/service.h"
#include "openai/chat.h"

static bool
wrong(struct chat_wrong *w, const char *param, const char *code,
    const char *message)
{
	*w = (struct chat_wrong){ message, param, code };
	return false;
}

/* CreateChatCompletionRequest in OpenAI's openapi.json. */
static const char known[] = "audio frequency_penalty function_call functions "
    "logit_bias logprobs max_completion_tokens max_tokens messages metadata "
    "modalities model moderation n parallel_tool_calls prediction "
    "presence_penalty prompt_cache_key prompt_cache_options "
    "prompt_cache_retention reasoning_effort response_format "
    "safety_identifier seed service_tier stop store stream stream_options "
    "temperature tool_choice tools top_logprobs top_p user verbosity "
    "web_search_options";

static bool
read_image(struct cx *cx, const struct cJSON *part, const char *at,
    struct chat *c, struct chat_wrong *w)
{
	const struct cJSON *img = json_get(part, "image_url");
	const char *url = json_text(json_get(img, "url"));
	const struct cJSON *detail = json_get(img, "detail");

	if (url == NULL)
		return wrong(w, cx_fmt(cx, "%s.image_url", at), NULL,
		    "Invalid type: expected an object with a 'url'.");
	if (detail != NULL && (json_text(detail) == NULL ||
	    !word_in("auto low high", json_text(detail))))
		return wrong(w, cx_fmt(cx, "%s.image_url.detail", at),
		    "invalid_value", "Invalid value: 'detail' must be one of "
		    "'auto', 'low' and 'high'.");
	if (!str_starts(url, "https://") && !str_starts(url, "data:image/"))
		return wrong(w, cx_fmt(cx, "%s.image_url.url", at),
		    "invalid_image_url", "Invalid image URL: expected an "
		    "https URL or a base64 data URL of an image.");
	if (c->nurl == COUNT_OF(c->url))
		return wrong(w, at, "invalid_value", "Too many images.");
	c->url[c->nurl++] = url;
	return true;
}

static bool
read_content(struct cx *cx, const struct cJSON *m, int i, struct chat *c,
    struct chat_wrong *w)
{
	const struct cJSON *content = json_get(m, "content");
	const char *type, *text, *at;
	int k = 0;

	if ((text = json_text(content)) != NULL) {
		c->text += strlen(text);
		return true;
	}
	if (!json_is_list(content) || json_count(content) == 0)
		return wrong(w, cx_fmt(cx, "messages.[%d].content", i), NULL,
		    cx_fmt(cx, "Invalid value for 'messages.[%d].content': "
		    "expected a string or an array of parts.", i));
	for (const struct cJSON *p = json_first(content); p != NULL;
	    p = json_next(p), k++) {
		at = cx_fmt(cx, "messages.[%d].content.[%d]", i, k);
		type = json_text(json_get(p, "type"));
		if (str_eq(type, "text")) {
			text = json_text(json_get(p, "text"));
			if (text == NULL)
				return wrong(w, cx_fmt(cx, "%s.text", at), NULL,
				    "Invalid type: 'text' must be a string.");
			c->text += strlen(text);
		} else if (str_eq(type, "image_url")) {
			if (!str_eq(json_text(json_get(m, "role")), "user"))
				return wrong(w, at, "invalid_value", "Images "
				    "are only allowed in messages with role "
				    "'user'.");
			if (!read_image(cx, p, at, c, w))
				return false;
		} else
			return wrong(w, cx_fmt(cx, "%s.type", at),
			    "invalid_value", "Invalid value: supported are "
			    "'text' and 'image_url'.");
	}
	return true;
}

static bool
read_messages(struct cx *cx, struct chat *c, struct chat_wrong *w)
{
	const char *role;
	int i = 0;

	if (!json_is_list(c->messages) || json_count(c->messages) == 0)
		return wrong(w, "messages", c->messages == NULL ?
		    "missing_required_parameter" : "empty_array",
		    "Invalid 'messages': a non-empty array is required.");
	for (const struct cJSON *m = json_first(c->messages); m != NULL;
	    m = json_next(m), i++) {
		role = json_text(json_get(m, "role"));
		if (role == NULL || !word_in(
		    "developer system user assistant tool", role))
			return wrong(w, cx_fmt(cx, "messages.[%d].role", i),
			    "invalid_value", "Invalid value: supported are "
			    "'developer', 'system', 'user', 'assistant' and "
			    "'tool'.");
		if (!read_content(cx, m, i, c, w))
			return false;
	}
	return true;
}

static bool
read_format(struct cx *cx, const struct cJSON *body, struct chat *c,
    struct chat_wrong *w)
{
	const struct cJSON *f = json_get(body, "response_format"), *s;
	const char *type = json_text(json_get(f, "type")), *name, *bad;

	if (f == NULL || str_eq(type, "text"))
		return true;
	if (!str_eq(type, "json_schema"))
		return wrong(w, "response_format.type", "invalid_value",
		    "Invalid value: this server takes 'text' and "
		    "'json_schema'.");
	s = json_get(f, "json_schema");
	name = json_text(json_get(s, "name"));
	if (name == NULL)
		return wrong(w, "response_format.json_schema.name",
		    "missing_required_parameter", "Missing required "
		    "parameter: 'response_format.json_schema.name'.");
	if (*name == '\0' || strlen(name) > 64 || strspn(name,
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "0123456789_-") != strlen(name))
		return wrong(w, "response_format.json_schema.name",
		    "invalid_value", "Invalid "
		    "'response_format.json_schema.name': string does not "
		    "match pattern '^[a-zA-Z0-9_-]{1,64}$'.");
	c->schema = json_get(s, "schema");
	if (!json_is_obj(c->schema))
		return wrong(w, "response_format.json_schema.schema",
		    "missing_required_parameter", "Missing required "
		    "parameter: 'response_format.json_schema.schema'.");
	if (json_true(json_get(s, "strict")) &&
	    (bad = schema_not_strict(cx, c->schema)) != NULL)
		return wrong(w, "response_format", NULL, cx_fmt(cx, "Invalid "
		    "schema for response_format '%s': %s", name, bad));
	return true;
}

static bool
read_numbers(struct cx *cx, const struct cJSON *body, struct chat *c,
    struct chat_wrong *w)
{
	int64_t n = 1;

	if (json_may_int(cx, body, "", "max_tokens", 1, 1000000,
	    &c->max_tokens) != E_OK ||
	    json_may_int(cx, body, "", "max_completion_tokens", 1, 1000000,
	    &c->max_tokens) != E_OK)
		return wrong(w, "max_completion_tokens", "invalid_value",
		    "Invalid 'max_completion_tokens': a whole number of at "
		    "least 1 is expected.");
	if (json_may_int(cx, body, "", "n", 1, 1, &n) != E_OK)
		return wrong(w, "n", "invalid_value", "This server takes "
		    "'n' = 1 only.");
	if (json_true(json_get(body, "stream")))
		return wrong(w, "stream", "unsupported_value", "This server "
		    "does not stream.");
	return true;
}

bool
chat_read(struct cx *cx, const struct cJSON *body, struct chat *c,
    struct chat_wrong *w)
{
	memset(c, 0, sizeof *c);
	JSON_EACH(m, body)
		if (!word_in(known, json_key(m)))
			return wrong(w, json_key(m), "unknown_parameter",
			    cx_fmt(cx, "Unknown parameter: '%.60s'.",
			    json_key(m)));
	c->model = json_text(json_get(body, "model"));
	c->messages = json_get(body, "messages");
	if (c->model == NULL || *c->model == '\0')
		return wrong(w, "model", NULL,
		    "you must provide a model parameter");
	if (!read_messages(cx, c, w) || !read_numbers(cx, body, c, w))
		return false;
	return read_format(cx, body, c, w);
}
