/*
 * place - admits a request, waits for the generation, and replies
 *
 * The common end of all routes that ask for a still, a film or a retry, so
 * that waiting, 202 and errors are the same for each.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "account/budget.h"
#include "base/conf.h"
#include "base/cx.h"
#include "base/json.h"
#include "base/str.h"
#include "gen/gen.h"
#include "gen/request.h"
#include "web/idempotency.h"
#include "web/req.h"
#include "web/resp.h"
#include "web/share.h"

#define WAIT_MAX_S	300

/*
 * Seconds to wait, from Prefer (RFC 7240): wait=N, or respond-async.  Unknown
 * or malformed preferences are ignored, as the RFC requires.
 */
static int64_t
wait_seconds(struct cx *cx, struct req *rq)
{
	const char *p = req_header(rq, "Prefer"), *one;
	int64_t s = conf_int(C_WAIT_S);
	size_t n;

	for (; p != NULL && *p != '\0'; p += n + (p[n] != '\0')) {
		p += strspn(p, " \t");
		n = strcspn(p, ",;");
		one = cx_dupn(cx, p, strcspn(p, ",; \t"));
		if (str_ieq(one, "respond-async"))
			return 0;
		if (str_starts(one, "wait="))
			str_int(one + 5, 0, WAIT_MAX_S, &s);
	}
	return s;
}

/* A key counts for one route only. */
static enum err
scoped_key(struct cx *cx, struct req *rq, const char **key)
{
	enum err er;

	if ((er = idempotency_key(cx, rq, key)) == E_OK && *key != NULL)
		*key = cx_fmt(cx, "%s\n%s", rq->path, *key);
	return er;
}

static enum err
answer_done(struct cx *cx, struct resp *rs, const struct gen *g)
{
	gen_short(cx, resp_json(rs, 200), g);
	return resp_done(rs);
}

static coroutine_fn enum err
answer_running(struct cx *cx, struct resp *rs, const struct gen *g,
    const char *mode)
{
	const char *url = cx_fmt(cx, "/generations/%s", g->id);
	double p50 = 0, p90 = 0;
	struct json *js;
	bool known;
	enum err er;

	if ((er = gen_eta(cx, mode, &known, &p50, &p90)) != E_OK)
		return er;
	js = resp_json(rs, 202);
	resp_header(rs, "Location", url);
	gen_short(cx, js, g);
	json_obj(js, "eta");
	if (known) {
		json_num(js, "p50", p50);
		json_num(js, "p90", p90);
	} else {
		json_null(js, "p50");
		json_null(js, "p90");
	}
	json_end(js);
	return resp_done(rs);
}

/* Over, and not delivered: replies with the error of the pipeline. */
static enum err
answer_failed(struct cx *cx, const struct gen *g)
{
	enum err er = strcmp(g->status, "canceled") == 0 ? E_CANCELED :
	    err_from_slug(g->error != NULL ? g->error : "");

	if (g->message != NULL)
		err_say(cx, er, "%s", g->message);
	else
		err_set(cx, er, "%s", g->id);
	snprintf(cx->err.generation, sizeof cx->err.generation, "%s", g->id);
	return er;
}

/* The worker fetches them, and does not know the client's address. */
static coroutine_fn enum err
reserve_fetches(struct cx *cx, struct req *rq, int n)
{
	enum err er = E_OK;

	while (er == E_OK && n-- > 0)
		er = budget_take(cx, rq, BUDGET_FETCH);
	return er;
}

coroutine_fn enum err
gen_place(struct cx *cx, struct req *rq, struct resp *rs,
    const struct request *want)
{
	const char *key, *id;
	struct gen g;
	bool replayed;
	int64_t ms;
	enum err er;

	if ((er = scoped_key(cx, rq, &key)) != E_OK ||
	    (er = reserve_fetches(cx, rq, want->fetches)) != E_OK ||
	    (er = gen_admit(cx, req_pass(rq), req_address(cx, rq), want, key,
	    &id, &replayed)) != E_OK)
		return er;
	if (replayed)
		resp_header(rs, "Idempotent-Replayed", "true");
	ms = wait_seconds(cx, rq) * 1000;
	/* The order stands; who waits too often already only asks later. */
	if (ms > 0 && !share_wait(cx, rq))
		ms = 0;
	er = gen_wait(cx, rq, id, ms, &g);
	if (er == E_TIMEOUT || er == E_STOP)
		return answer_running(cx, rs, &g, want->mode);
	if (er != E_OK)
		return er;
	if (strcmp(g.status, "done") != 0)
		return answer_failed(cx, &g);
	return answer_done(cx, rs, &g);
}
