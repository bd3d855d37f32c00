/*
 * generate - requests for stills
 *
 * Admission holds the price and queues a generation; the worker makes it, and
 * this program waits for the result unless the client prefers not to.  When
 * the connection is lost the generation goes on.  A repetition with the same
 * Idempotency-Key finds the row of the first request (R_IDEMPOTENT).
 */
#include "config.h"
#include "mina.h"

/* POST /editorial/generate */
static coroutine_fn enum err
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
		{ M_POST, "/editorial/generate", still,
		    R_OWNER | R_IDEMPOTENT },
	},
};

MINA_MAIN(generate)
