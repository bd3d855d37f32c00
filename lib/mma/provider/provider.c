/*
 * provider - the generate step: create the job, poll it, store the output
 */
#include "config.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/cx.h"
#include "base/log.h"
#include "base/str.h"
#include "io/loop.h"
#include "mma/provider/provider.h"
#include "pg/pgtime.h"

#define GENERATE_TRIES	5
#define LATE_TRIES	3
#define LATE_PAUSE_MS	500
#define JOB_CAP		(32 << 20)
#define HELD_BACK_MAX	3

/* --- creating the job */

/* The state after a reply: the job's id, or its output at once. */
static enum err
read_job(struct cx *cx, struct provider_job *pj, const struct http_call *call,
    const struct cJSON *tree, struct job_state *j)
{
	static const char *const at[] = { "/job/status_url",
	    "/job/result_url", "/job/cancel_url" };
	const struct cJSON *def = pj->p.def;
	const char *ptr = run_text(def, "/job/output"), *why, *code;

	*j = (struct job_state){ .state = "submitted", .at = pj->job.at };
	if (json_true(json_pointer(def, "/create/sync"))) {
		j->state = "done";
		/* It may have made the output all the same. */
		if (tree == NULL)
			return err_set(cx, E_UPSTREAM, "%s: the reply is not "
			    "JSON", pj->p.key);
		why = provider_message(cx, pj, tree);
		code = run_text(def, "/errors/pointer");
		if (why == NULL && code != NULL)
			why = json_word(cx, tree, call->answer->data, code);
		return provider_output(cx, pj, ptr != NULL ?
		    json_pointer(tree, ptr) : NULL, run_text(def,
		    "/job/item"), why, &j->output);
	}
	ptr = run_text(def, "/job/id");
	j->id = ptr != NULL ? json_word(cx, tree, call->answer->data, ptr) :
	    NULL;
	if (j->id == NULL || *j->id == '\0')
		return err_set(cx, E_UPSTREAM, "%s: no job id in the reply: "
		    "%.100s", pj->p.key, call->answer->data);
	for (int i = 0; i < JOB__URLS; i++)
		if ((ptr = run_text(def, at[i])) != NULL)
			j->url[i] = run_text(tree, ptr);
	return E_OK;
}

/*
 * Sends the create call.  *no_job: the provider certainly has no job.  After
 * 5xx, no reply, or a reply without a job, it may have one.
 */
static coroutine_fn enum err
send_create(struct cx *cx, struct run *r, struct io *io,
    struct provider_job *pj, struct job_state *j, bool *no_job)
{
	const struct cJSON *c = json_get(pj->p.def, "create");
	struct http_call call = { 0 };	/* stays so if it is not sent */
	struct cJSON *tree;
	int held_back = 0;
	enum err er;

	/* A process may have been frozen since the row was written. */
	*no_job = true;
	do {
		if ((er = run_hold(cx, r)) != E_OK)
			return er;
		pj->fence = r;
		er = provider_call(cx, pj, run_text(c, "/method") != NULL ?
		    run_text(c, "/method") : "POST",
		    provider_create_path(cx, pj), pj->body, json_int_or(
		    json_get(c, "timeout_ms"), 30000), &call, &tree);
		pj->fence = NULL;
	} while (er == E_LOST && ++held_back < HELD_BACK_MAX);
	if (er == E_LOST)	/* not proven, and the row may be ours */
		er = err_set(cx, E_DB, "the lease stays in doubt");
	io->retry_after = http_retry_after(&call);
	*no_job = er != E_OK && !call.sent;
	if (er != E_OK)
		return er;
	if ((er = provider_status(cx, pj, &call, tree)) != E_OK) {
		*no_job = call.status < 500 && call.status != 408;
		/* A success whose body cannot be read may have made a job. */
		if (call.status / 100 == 2 && tree == NULL)
			*no_job = false;
		return er;
	}
	er = read_job(cx, pj, &call, tree, j);
	/* The reply had an error instead of an output: there is no job. */
	*no_job = er != E_OK && pj->ended && !pj->paid;
	if (*no_job)
		pj->ended = false;
	return er;
}

/*
 * The lease was lost while the call was under way.  The run that took over may
 * have found the job; if not it is one too many.
 */
static coroutine_fn void
cancel_late(struct cx *cx, struct run *r, struct provider_job *pj,
    const struct job_state *j)
{
	const char *id = j->id != NULL ? j->id : "(an output at once)";
	struct step_row row = { .type = provider_step_type(r, &pj->p),
	    .key = cx_fmt(cx, "late:%s", pj->p.key), .started = pj->job.at,
	    .took = clock_boot() - pj->began, .provider = pj->p.key,
	    .model = pj->p.model, .error = io_error(cx, E_LOST) };
	struct err_info why = cx->err;
	struct budget_caps caps = { 0 };
	bool unused = false;
	enum err er;
	struct json js;

	json_init(&js, buf_new(cx, 8192));
	json_obj(&js, NULL);
	json_str(&js, "job_id", j->id);
	json_end(&js);
	row.input = "{}";
	row.output = js.out->data;
	if (budget_caps(cx, job_budget(r), &caps) != E_OK)
		log_warn(cx, "the cost of a late job is not counted: %s",
		    cx->err.detail);
	/* It is not written anywhere else. */
	for (int try = 0; (er = lease_late_job(cx, r->c.id, id, &row,
	    job_text(cx, j), caps.cents, &unused)) != E_OK &&
	    try < LATE_TRIES; try++)
		loop_sleep(NULL, LATE_PAUSE_MS);
	if (er != E_OK)
		log_err(cx, "job %s of %s may be one too many: %s", id,
		    pj->p.key, cx->err.detail);
	else if (unused)
		log_warn(cx, "job %s of %s was created after the lease was "
		    "lost: the outbox cancels it", id, pj->p.key);
	cx->err = why;
}

static coroutine_fn enum err
create(struct cx *cx, struct run *r, struct io *io, struct provider_job *pj)
{
	struct job_state j = { .state = "submitting", .at = pgtime_now() };
	struct err_info why;
	bool taken, no_job;
	enum err er, saved;

	if ((er = mma_ready(cx, READY_STORE | (strcmp(r->c.mode, "video") ==
	    0 ? READY_FILM : 0))) != E_OK ||
	    (er = ratelimit_wait(r, &pj->p, "create_per_min")) != E_OK ||
	    (er = job_save(cx, r, pj, &j, &taken)) != E_OK) {
		if (er == E_OUTPUT || er == E_UPSTREAM)
			io->retry_after = RUN_NEVER;
		return er;
	}
	pj->began = clock_boot();
	er = send_create(cx, r, io, pj, &j, &no_job);
	pj->left = clock_boot();
	if (no_job) {
		why = cx->err;
		j = (struct job_state){ .state = "refused", .at = pj->job.at };
		if ((saved = job_save(cx, r, pj, &j, &taken)) != E_OK)
			return saved;
		cx->err = why;
		pj->job.state = NULL;
	}
	if (er != E_OK)
		return er;
	if ((er = job_save(cx, r, pj, &j, &taken)) == E_LOST)
		cancel_late(cx, r, pj, &j);
	if (er != E_OK)
		return er;
	if (taken)	/* by reconciliation, with the same input */
		return err_set(cx, E_UPSTREAM, "%s: job %s belongs to "
		    "another generation", pj->p.key, j.id);
	return E_OK;
}

/*
 * Asks for the outcome of a create call.  Where that cannot be learned the
 * generation ends, and the request is not to blame.
 */
static coroutine_fn enum err
reconcile(struct cx *cx, struct run *r, struct io *io, struct provider_job *pj)
{
	enum err er;

	json_bool(&io->in, "reconciled", true);
	er = provider_reconcile(cx, r, pj);
	if (er == E_UNKNOWN) {
		io->retry_after = RUN_NEVER;
		return err_set(cx, E_UPSTREAM, "%s: the outcome of the create "
		    "call is unknown, and the entry has no reconcile",
		    pj->p.key);
	}
	/* As with polls, a reply that tells nothing may be a passing one. */
	if (er == E_PROVIDER || er == E_REJECTED || er == E_MODERATED)
		return err_set(cx, E_UPSTREAM, "%s", cx_dup(cx,
		    cx->err.detail));
	return er;
}

static coroutine_fn enum err
ensure_job(struct cx *cx, struct run *r, struct io *io, struct provider_job *pj)
{
	enum err er;

	if (str_eq(pj->job.state, "submitting") &&
	    (er = reconcile(cx, r, io, pj)) != E_OK)
		return er;
	if (pj->job.id != NULL || pj->job.output != NULL)
		return E_OK;
	return create(cx, r, io, pj);
}

/*
 * Memory for creating the job is released before it is polled: thousands of
 * jobs may be waiting.
 */
static coroutine_fn enum err
get_job(struct cx *cx, struct run *r, struct io *io, struct provider_job *pj)
{
	struct cx tmp = cx_fork(cx, JOB_CAP);
	enum err er;

	if ((er = provider_body(&tmp, pj)) == E_OK) {
		json_raw(&io->in, "request", pj->body);
		er = ensure_job(&tmp, r, io, pj);
	}
	pj->body = NULL;
	cx->err = tmp.err;
	cx_release(&tmp);
	return er;
}

/* --- the step */

static coroutine_fn enum err
run_job(struct cx *cx, struct run *r, struct io *io, struct provider_job *pj)
{
	const char *source;
	enum err er;

	if ((er = get_job(cx, r, io, pj)) != E_OK)
		return provider_after(cx, r, io, pj, er);
	if (pj->job.id != NULL)
		json_str(&io->out, "job_id", pj->job.id);
	if ((source = pj->job.output) != NULL ||
	    (er = provider_poll(cx, r, io, pj, &source)) == E_OK)
		er = provider_keep(cx, r, io, pj, source);
	return er == E_OK ? E_OK : provider_after(cx, r, io, pj, er);
}

static coroutine_fn enum err
generate(struct cx *cx, struct run *r, struct io *io, void *arg)
{
	struct provider_job *pj = arg;
	enum err er;

	pj->provider_fault = pj->ended = pj->paid = pj->no_result = false;
	*pj->cause = '\0';
	io->provider = pj->p.key;
	io->model = pj->p.model;
	json_str(&io->in, "prompt", pj->prompt->clean);
	json_tree(&io->in, "settings_resolved", pj->settings);
	json_int(&io->in, "registry_version", pj->p.version);
	er = run_job(cx, r, io, pj);
	if (er == E_OK)
		trouble_over(cx, &pj->p);
	else if (*pj->cause != '\0' && (er == E_PROVIDER || er == E_OUTPUT))
		trouble_note(cx, &pj->p, pj->cause);
	if (er == E_OK || (pj->provider_fault && er != E_DB &&
	    run_check(r) == E_OK))
		breaker_note(&pj->p, er != E_OK);
	return er;
}

coroutine_fn void
mma_cancel_job(struct run *r)
{
	const char *key = run_text(r->vars, "/job/provider");
	struct provider_job pj = { .gen = r->c.id };
	struct cx cx;

	if (key == NULL || registry_named(&r->cx, key, &pj.p) != E_OK)
		return;
	job_load(r->vars, &pj);
	if (pj.job.id == NULL)
		return;
	cx = cx_fork(&r->cx, JOB_CAP);
	provider_cancel(&cx, &pj);
	cx_release(&cx);
	r->job_canceled = true;
}

const char *
provider_step_type(struct run *r, const struct provider *p)
{
	return cx_fmt(&r->cx, "%s_generate%s", p->family,
	    r->c.parent != NULL ? "_feedback" : "");
}

coroutine_fn enum err
provider_generate(struct run *r, struct provider_job *pj,
    const struct cJSON **out)
{
	struct step st = { provider_step_type(r, &pj->p), GENERATE_TRIES,
	    generate };

	job_load(r->vars, pj);
	return run_step(r, &st, pj->p.key, pj, out);
}
