/*
 * feedback - likes, downloads, comments and preferences of customers
 *
 * They are stored as events, which later prompts make use of
 * (lib/mma/taste.c).  Events are kept for ever, so each is reserved before it
 * is written, also one that turns out to change nothing.
 */
#include "config.h"
#include "mina.h"

#define TEXT_MAX	2000

/* The members that both routes have, beside the type. */
static enum err
take_event(struct cx *cx, struct req *rq, struct feedback_event *e)
{
	const struct cJSON *body = req_json(rq);
	const char *session = NULL;
	enum err er;

	if ((er = json_may_str(cx, body, "", "generationId", 1, 80,
	    &e->generation)) != E_OK ||
	    (er = json_may_str(cx, body, "", "sessionId", 1, 64,
	    &session)) != E_OK ||
	    (er = request_session(cx, session, &e->session)) != E_OK ||
	    (er = json_may_bool(cx, body, "", "value", &e->value)) != E_OK ||
	    (er = json_may_str(cx, body, "", "text", 0, TEXT_MAX,
	    &e->text)) != E_OK)
		return er;
	return json_may_str(cx, body, "", "context", 0, 100, &e->context);
}

/* All but preferences are about a generation, and a comment has a text. */
static enum err
check_subject(struct cx *cx, const struct feedback_event *e)
{
	if (e->generation == NULL)
		return err_field(cx, "generationId", "is required");
	if (str_eq(e->type, "feedback") &&
	    (e->text == NULL || *e->text == '\0'))
		return err_field(cx, "text", "is required");
	return E_OK;
}

static enum err
answer(struct resp *rs, bool liked)
{
	struct json *js = resp_json(rs, 200);

	json_bool(js, "ok", true);
	json_bool(js, "liked", liked);
	return resp_done(rs);
}

/* POST /feedback/like */
static coroutine_fn enum err
like(struct cx *cx, struct req *rq, struct resp *rs)
{
	struct feedback_event e = { .type = "like", .value = true };
	char id[UUID_LEN];
	bool liked;
	enum err er;

	idempotency_uuid(rq, "event", id);
	e.id = id;
	if ((er = json_may_str(cx, req_json(rq), "", "event", 1, 40,
	    &e.type)) != E_OK || (er = take_event(cx, rq, &e)) != E_OK)
		return er;
	if (str_eq(e.type, "unlike")) {
		e.type = "like";
		e.value = false;
	}
	if (!str_eq(e.type, "like") && !str_eq(e.type, "dislike") &&
	    !str_eq(e.type, "download") && !str_eq(e.type, "feedback"))
		return err_field(cx, "event", "must be like, unlike, dislike, "
		    "download or feedback");
	if ((er = check_subject(cx, &e)) != E_OK ||
	    (er = budget_take(cx, rq, BUDGET_EVENT)) != E_OK ||
	    (er = feedback_note(cx, req_pass(rq), &e, &liked)) != E_OK)
		return er;
	return answer(rs, liked);
}

/* POST /mma/events */
static coroutine_fn enum err
events(struct cx *cx, struct req *rq, struct resp *rs)
{
	static const char *const names[] = { "eventType", "event_type",
	    "type" };
	struct feedback_event e = { .value = true };
	char id[UUID_LEN];
	bool liked = false;
	enum err er;

	idempotency_uuid(rq, "event", id);
	e.id = id;
	for (size_t i = 0; i < 3; i++)
		if ((er = json_may_str(cx, req_json(rq), "", names[i], 1, 40,
		    &e.type)) != E_OK)
			return er;
	if (str_eq(e.type, "unlike")) {
		e.type = "like";
		e.value = false;
		if ((er = take_event(cx, rq, &e)) != E_OK)
			return er;
		e.value = false;
	} else if (!feedback_type(e.type))
		return err_field(cx, "eventType", "must be like, unlike, "
		    "dislike, download, preference_set, create, tweak or "
		    "feedback");
	else if ((er = take_event(cx, rq, &e)) != E_OK)
		return er;
	if (str_eq(e.type, "preference_set")) {
		if ((er = budget_take(cx, rq, BUDGET_EVENT)) != E_OK ||
		    (er = feedback_prefer(cx, req_pass(rq), &e,
		    req_json(rq))) != E_OK)
			return er;
		return answer(rs, false);
	}
	if ((er = check_subject(cx, &e)) != E_OK ||
	    (er = budget_take(cx, rq, BUDGET_EVENT)) != E_OK ||
	    (er = feedback_note(cx, req_pass(rq), &e, &liked)) != E_OK)
		return er;
	return answer(rs, liked);
}

static const struct app feedback = {
	.needs = APP_DB,
	.routes = {
		{ M_POST, "/feedback/like", like, R_OWNER },
		{ M_POST, "/mma/events", events, R_OWNER },
	},
};

MINA_MAIN(feedback)
