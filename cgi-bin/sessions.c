/*
 * sessions - records the start of a studio session
 *
 * The end of a session is not recorded.
 */
#include "config.h"
#include "mina.h"

/* POST /sessions/start */
static coroutine_fn enum err
start(struct cx *cx, struct req *rq, struct resp *rs)
{
	const struct cJSON *body = req_json(rq), *meta = NULL;
	struct session s = { .user_agent = req_header(rq, "User-Agent") };
	char uuid[UUID_LEN];
	const char *id;
	struct json *js;
	enum err er;

	if ((er = json_may_str(cx, body, "", "platform", 0, 40,
	    &s.platform)) != E_OK ||
	    (er = json_may_str(cx, body, "", "clientVersion", 0, 40,
	    &s.version)) != E_OK ||
	    (er = json_may_obj(cx, body, "", "meta", &meta)) != E_OK)
		return er;
	if (meta != NULL)
		s.meta = json_print(cx, meta);
	if (s.meta != NULL && strlen(s.meta) > 8192)
		return err_field(cx, "meta", "must be smaller than 8 kB");
	if (s.user_agent != NULL)
		s.user_agent = cx_dupn(cx, s.user_agent,
		    str_utf8_cut(s.user_agent, 300));
	idempotency_uuid(rq, "session", uuid);
	if ((er = budget_take(cx, rq, BUDGET_SESSION)) != E_OK ||
	    (er = session_start(cx, req_pass(rq), uuid, &s, &id)) != E_OK)
		return er;

	js = resp_json(rs, 200);
	json_str(js, "sessionId", id);
	return resp_done(rs);
}

static const struct app sessions = {
	.needs = APP_DB,
	.routes = {
		{ M_POST, "/sessions/start", start, R_OWNER },
	},
};

MINA_MAIN(sessions)
