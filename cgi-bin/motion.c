/*
 * motion - requests for films, and suggestions of a motion prompt
 *
 * A suggestion is made by this program itself, not by the worker.
 */
#include "config.h"
#include "mina.h"

#define BRIEF_MAX	2000
#define URL_MAX		2048

static coroutine_fn enum err
take_suggest(struct cx *cx, const struct cJSON *body, struct suggest_ask *a)
{
	const char *complexity = NULL;
	enum err er;

	if ((er = json_may_str(cx, body, "", "inputStillUrl", 0, URL_MAX,
	    &a->still)) != E_OK)
		return er;
	if (a->still == NULL || *a->still == '\0')
		return err_set(cx, E_NOSTILL, "no inputStillUrl");
	if (s3_key_of(a->still) == NULL)
		return err_field(cx, "inputStillUrl", "must be a picture on "
		    "our storage: upload it first");
	if ((er = json_may_str(cx, body, "", "movementStyle", 0, 60,
	    &a->style)) != E_OK ||
	    (er = request_choice(cx, "movement_styles", "movementStyle",
	    &a->style)) != E_OK ||
	    (er = json_may_str(cx, body, "", "userMotionBrief", 0, BRIEF_MAX,
	    &a->brief)) != E_OK ||
	    (er = json_may_str(cx, body, "", "maxPromptComplexity", 0, 40,
	    &complexity)) != E_OK)
		return er;
	if (complexity != NULL && *complexity != '\0' &&
	    !str_eq(complexity, "simple_english"))
		return err_field(cx, "maxPromptComplexity",
		    "must be \"simple_english\"");
	return E_OK;
}

/* POST /motion/suggest */
static coroutine_fn enum err
suggest(struct cx *cx, struct req *rq, struct resp *rs)
{
	struct suggest_ask a = { 0 };
	const char *prompt, *line;
	char id[UUID_LEN];
	struct json *js;
	enum err er;

	crypto_uuid(id);
	if ((er = take_suggest(cx, req_json(rq), &a)) != E_OK ||
	    (er = suggestion_may(cx, rq)) != E_OK ||
	    (er = mma_suggest(cx, rq, id, &a, &prompt, &line)) != E_OK)
		return er;

	js = resp_json(rs, 200);
	json_str(js, "motionPrompt", prompt);
	json_str(js, "userMessage", line);
	json_str(js, "suggestionId", cx_fmt(cx, "sugg_%s", id));
	return resp_done(rs);
}

/* POST /motion/generate */
static coroutine_fn enum err
generate(struct cx *cx, struct req *rq, struct resp *rs)
{
	struct request o;
	enum err er;

	if ((er = request_film(cx, req_pass(rq), req_json(rq), &o)) != E_OK)
		return er;
	return gen_place(cx, rq, rs, &o);
}

static void
start(struct cx *cx)
{
	gen_watch(cx->db);
}

static const struct app motion = {
	.needs = APP_DB | APP_HTTP | APP_LISTEN,
	.start = start,
	.routes = {
		{ M_POST, "/motion/suggest", suggest, R_OWNER },
		{ M_POST, "/motion/generate", generate,
		    R_OWNER | R_IDEMPOTENT },
	},
};

MINA_MAIN(motion)
