/*
 * generate - a still is asked for, made while you wait, or looked for later
 *
 * Admission holds the price and queues; the worker does the rest; this
 * program waits for it and tells.  A dropped connection loses nothing, and a
 * repetition under an Idempotency-Key meets the generation of the first: its
 * row is the record of it, so the route is R_ONCE.
 */
#include "config.h"
#include "mina.h"

/* POST /editorial/generate */
static enum err
still(struct cx *cx, struct req *rq, struct resp *rs)
{
	struct request o;
	enum err er;

	if ((er = request_still(cx, req_pass(rq), req_json(rq), &o)) != E_OK)
		return er;
	return gen_place(cx, rq, rs, &o);
}

static void
start(struct cx *cx)
{
	gen_watch(cx->db);
}

static const struct app generate = {
	.needs = APP_DB | APP_LISTEN,
	.start = start,
	.routes = {
		{ M_POST, "/editorial/generate", still, R_OWNER | R_ONCE },
	},
};

MINA_MAIN(generate)
