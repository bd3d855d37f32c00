/*
 * webhooks - receives callbacks of image and film providers
 *
 * A callback only wakes the generation; the worker then polls the provider.
 */
#include "config.h"
#include "mina.h"

#define BODY_MAX	(2 << 20)	/* the whole job is in it */

/*
 * POST /api/webhooks/{provider}
 *
 * 200 for an unknown job as well: otherwise the provider would repeat it.
 */
static coroutine_fn enum err
callback(struct cx *cx, struct req *rq, struct resp *rs)
{
	const char *gen;
	struct provider p;
	struct json *js;
	enum err er;

	if ((er = registry_named(cx, rq->param[0], &p)) != E_OK ||
	    (er = callback_read(cx, rq, &p, &gen)) != E_OK)
		return er;
	if (gen != NULL && (er = callback_wake(cx, gen)) != E_OK)
		return er;
	js = resp_json(rs, 200);
	json_bool(js, "ok", true);
	return resp_done(rs);
}

static const struct app webhooks = {
	.needs = APP_DB | APP_HTTP,
	.maxbody = BODY_MAX,
	.routes = {
		{ M_POST, "/api/webhooks/{provider}", callback, R_RAW },
	},
};

MINA_MAIN(webhooks)
