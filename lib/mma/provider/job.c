/*
 * job - a provider's job, saved on the generation's row
 *
 * The row is written before and after the create call, so that a run that
 * takes over knows whether there may be a job; the states are in provider.h.
 */
#include "config.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/cx.h"
#include "base/log.h"
#include "base/str.h"
#include "mma/provider/provider.h"
#include "pg/pgtime.h"

#define TAKEN_OVER_MS	60000

static const char *const url_members[] = { "status_url", "result_url",
    "cancel_url" };

static struct job_state
copy_state(struct cx *cx, const struct job_state *j)
{
	struct job_state k = *j;

	k.state = cx_dup(cx, j->state);
	k.id = cx_dup(cx, j->id);
	k.output = cx_dup(cx, j->output);
	for (int i = 0; i < JOB__URLS; i++)
		k.url[i] = cx_dup(cx, j->url[i]);
	return k;
}

/* For a run that was cut off between the end of a job and its step's row. */
static enum err
last_error(const struct run *r)
{
	const struct cJSON *js = json_first(json_get(r->vars, "ended_jobs"));
	const char *why = NULL;

	for (; js != NULL; js = json_next(js))
		why = run_text(js, "/error");
	return str_eq(why, err_name(E_OUTPUT)) ? E_OUTPUT : E_UPSTREAM;
}

const char *
job_text(struct cx *cx, const struct job_state *j)
{
	struct buf *b = buf_new(cx, 32768);
	struct json js;

	json_init(&js, b);
	json_obj(&js, NULL);
	json_str(&js, "state", j->state);
	json_time(&js, "at", j->at);
	if (j->id != NULL)
		json_str(&js, "id", j->id);
	if (j->output != NULL)
		json_str(&js, "output", j->output);
	for (int i = 0; i < JOB__URLS; i++)
		if (j->url[i] != NULL)
			json_str(&js, url_members[i], j->url[i]);
	json_end(&js);
	return b->data;
}

coroutine_fn enum err
job_save(struct cx *cx, struct run *r, struct provider_job *pj,
    const struct job_state *j, bool *taken)
{
	struct job_state kept = *j;
	enum job_saved saved;
	enum err er;

	kept.before = pj->job.before;
	if ((er = lease_job(cx, r->owner, r->c.id, pj->p.key, job_text(cx,
	    &kept), &saved)) != E_OK)
		return er;
	if (saved == JOB_OVER)
		return err_set(cx, last_error(r), "%s: no further job may be "
		    "created", pj->p.key);
	*taken = saved == JOB_TAKEN;
	if (!*taken)
		pj->job = copy_state(&r->cx, &kept);
	return E_OK;
}

/*
 * How much of the deadline is over, in a run that takes the job over.  At least
 * a minute is left: a clock that was set forward must not end jobs that are
 * fine.
 */
static int64_t
age(const struct provider_job *pj)
{
	int64_t ms = pgtime_now() - pj->job.at;
	int64_t most = json_int_or(json_pointer(pj->p.def,
	    "/poll/deadline_ms"), POLL_DEADLINE_MS) - TAKEN_OVER_MS;

	return ms < most ? ms : most > 0 ? most : 0;
}

enum budget
job_budget(const struct run *r)
{
	return strcmp(r->c.mode, "video") == 0 ? BUDGET_VIDEO : BUDGET_STILL;
}

coroutine_fn enum err
job_end(struct cx *cx, struct run *r, struct provider_job *pj, enum err er,
    bool *over)
{
	enum budget kind = job_budget(r);
	struct job_end end = { .provider = pj->p.key, .paid = pj->paid };
	struct job_ended ended = { 0 };
	struct budget_caps caps;
	struct err_info why = cx->err;
	struct json js;
	enum err saved;

	json_init(&js, buf_new(cx, 1024));
	json_obj(&js, NULL);
	json_str(&js, "error", err_name(er));
	if (why.reason != NULL)
		json_str(&js, "reason", why.reason);
	json_end(&js);
	end.why = js.out->data;
	if ((saved = budget_caps(cx, kind, &caps)) != E_OK)
		return saved;
	end.per_pass = caps.per_pass;
	end.cents = caps.cents;
	end.daily = caps.daily;
	if ((saved = lease_job_end(cx, r->owner, r->c.id, &end,
	    &ended)) != E_OK)
		return saved;
	if (budget_verdict(cx, kind, &caps, ended.verdict, ended.loud) != E_OK)
		log_info(cx, "no further job: %s", cx->err.detail);
	pj->job = (struct job_state){ .before = pj->job.before + 1 };
	pj->none = ended.none;
	*over = ended.over;
	cx->err = why;
	return E_OK;
}

const char *
job_name(struct cx *cx, const struct provider_job *pj)
{
	return pj->job.before == 0 ? pj->gen : cx_fmt(cx, "%s-%lld", pj->gen,
	    (long long)pj->job.before + 1);
}

void
job_load(const struct cJSON *vars, struct provider_job *pj)
{
	const struct cJSON *js = json_first(json_get(vars, "ended_jobs"));

	pj->job = (struct job_state){ 0 };
	for (; js != NULL; js = json_next(js))
		if (str_eq(run_text(js, "/provider"), pj->p.key))
			pj->job.before++;
	pj->none = pj->none || json_true(json_get(vars, "no_more_jobs"));
	pj->began = pj->left = clock_boot();
	pj->done = 0;
	js = json_get(vars, "job");
	/* The row may have a job of another provider. */
	if (!str_eq(run_text(js, "/provider"), pj->p.key))
		return;
	pj->job.state = run_text(js, "/state");
	if (str_eq(pj->job.state, "refused") ||
	    str_eq(pj->job.state, "ended")) {
		pj->job.state = NULL;
		return;
	}
	pj->job.id = run_text(js, "/id");
	pj->job.output = run_text(js, "/output");
	for (int i = 0; i < JOB__URLS; i++)
		pj->job.url[i] = json_text(json_get(js, url_members[i]));
	/* Ahead only if the clock was set back since. */
	if (!clock_parse(run_text(js, "/at"), &pj->job.at) ||
	    pj->job.at > pgtime_now())
		pj->job.at = pgtime_now();
	pj->began -= age(pj);
}
