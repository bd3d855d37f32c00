/*
 * job - a provider's job, saved on the generation's row
 *
 * The row is written before and after the create call, so that a run that
 * takes over knows whether there may be a job; the states are in provider.h.
 */
#include "config.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/cx.h"
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
	k.was = cx_dup(cx, j->was);
	for (int i = 0; i < JOB__URLS; i++)
		k.url[i] = cx_dup(cx, j->url[i]);
	return k;
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
	if (j->failed > 0)
		json_int(&js, "failed", j->failed);
	if (j->was != NULL)
		json_str(&js, "was", j->was);
	json_end(&js);
	return b->data;
}

coroutine_fn enum err
job_save(struct cx *cx, struct run *r, struct provider_job *pj,
    const struct job_state *j, bool *taken)
{
	struct job_state kept = *j;
	enum err er;

	kept.failed = pj->job.failed;
	kept.was = pj->job.was;
	if ((er = lease_job(cx, r->owner, r->c.id, pj->p.key, job_text(cx,
	    &kept), taken)) != E_OK)
		return er;
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

coroutine_fn enum err
job_end(struct cx *cx, struct run *r, struct provider_job *pj)
{
	struct job_state j = { .state = "ended", .at = pj->job.at };
	bool taken;
	enum err er;

	pj->job.failed++;
	pj->job.was = pj->job.id;
	if ((er = job_save(cx, r, pj, &j, &taken)) == E_OK)
		pj->job.state = NULL;
	return er;
}

const char *
job_name(struct cx *cx, const struct provider_job *pj)
{
	return pj->job.failed == 0 ? pj->gen : cx_fmt(cx, "%s-%lld", pj->gen,
	    (long long)pj->job.failed + 1);
}

void
job_load(const struct cJSON *vars, struct provider_job *pj)
{
	const struct cJSON *js = json_get(vars, "job");

	pj->job = (struct job_state){ 0 };
	pj->began = pj->left = clock_boot();
	/* The row may have a job of another provider. */
	if (!str_eq(run_text(js, "/provider"), pj->p.key))
		return;
	pj->job.state = run_text(js, "/state");
	pj->job.failed = json_int_or(json_get(js, "failed"), 0);
	pj->job.was = run_text(js, "/was");
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
