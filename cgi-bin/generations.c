/*
 * generations - status, events, cancelling and retrying of generations
 */
#include "config.h"
#include "mina.h"

/* GET /generations?active=1 */
static coroutine_fn enum err
list(struct cx *cx, struct req *rq, struct resp *rs)
{
	struct json *js;
	int64_t active = 0;
	struct gen *g;
	size_t n;
	enum err er;

	if ((er = req_int(cx, rq, "active", 0, 1, &active)) != E_OK)
		return er;
	if (!active)
		return err_field(cx, "active", "must be 1: this lists what "
		    "is still running");
	if ((er = gen_active(cx, req_pass(rq), &g, &n)) != E_OK)
		return er;

	js = resp_json(rs, 200);
	json_list(js, "items");
	for (size_t i = 0; i < n; i++) {
		json_obj(js, NULL);
		gen_full(cx, js, &g[i]);
		json_end(js);
	}
	json_end(js);
	return resp_done(rs);
}

static enum err
show(struct cx *cx, struct resp *rs, const struct gen *g)
{
	gen_full(cx, resp_json(rs, 200), g);
	return resp_done(rs);
}

/* GET /generations/{id} */
static coroutine_fn enum err
one(struct cx *cx, struct req *rq, struct resp *rs)
{
	struct gen g;
	enum err er;

	if ((er = gen_read(cx, req_pass(rq), rq->param[0], &g)) != E_OK)
		return er;
	return show(cx, rs, &g);
}

/* GET /generations/{id}/events, GET /mma/stream/{id} */
static coroutine_fn enum err
events(struct cx *cx, struct req *rq, struct resp *rs)
{
	return gen_events(cx, rq, rs, rq->param[0]);
}

/* POST /generations/{id}/cancel */
static coroutine_fn enum err
cancel(struct cx *cx, struct req *rq, struct resp *rs)
{
	struct gen g;
	enum err er;

	if ((er = gen_cancel(cx, req_pass(rq), rq->param[0], &g)) != E_OK)
		return er;
	return show(cx, rs, &g);
}

/* POST /generations/{id}/retry */
static coroutine_fn enum err
retry(struct cx *cx, struct req *rq, struct resp *rs)
{
	struct request o;
	struct gen g;
	enum err er;

	if ((er = gen_read(cx, req_pass(rq), rq->param[0], &g)) != E_OK)
		return er;
	if (!str_eq(g.status, "error") && !str_eq(g.status, "canceled"))
		return err_say(cx, E_CONFLICT, "Only what failed or was "
		    "canceled can be tried again. Nothing was charged.");
	if ((er = str_eq(g.type, "motion") ? request_film_again(cx, &g, &o) :
	    request_still_again(cx, &g, &o)) != E_OK)
		return er;
	return gen_place(cx, rq, rs, &o);
}

static void
start(struct cx *cx)
{
	gen_watch(cx->db);
}

static const struct app generations = {
	.needs = APP_DB | APP_LISTEN,
	.start = start,
	.routes = {
		{ M_GET, "/generations", list, R_OWNER },
		{ M_GET, "/generations/{id}", one, R_OWNER },
		{ M_GET, "/generations/{id}/events", events, R_OWNER },
		{ M_POST, "/generations/{id}/cancel", cancel, R_OWNER },
		{ M_POST, "/generations/{id}/retry", retry,
		    R_OWNER | R_IDEMPOTENT },
		{ M_GET, "/mma/stream/{id}", events, R_OWNER },
	},
};

MINA_MAIN(generations)
