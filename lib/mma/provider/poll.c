/*
 * poll - polls a provider's job until it is done, and cancels jobs
 */
#include "config.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/cx.h"
#include "base/log.h"
#include "mma/provider/provider.h"

#define POLL_CAP	(4 << 20)
#define POLL_ERRORS	8		/* in a row, then the log warns */
#define OUTPUT_WAIT_MS	30000

/* Ended without an output; the provider's message tells whose fault it is. */
static enum err
job_failed(struct cx *cx, struct provider_job *pj, const char *message)
{
	return err_set(cx, provider_ended(pj, message), "%s: %.200s",
	    pj->p.key, message != NULL ? message : "failed without a reason");
}

const char *
provider_message(struct cx *cx, const struct provider_job *pj,
    const struct cJSON *tree)
{
	const char *ptr = run_text(pj->p.def, "/job/error");
	const struct cJSON *js = ptr != NULL ? json_pointer(tree, ptr) : NULL;

	return json_text(js) != NULL || json_is_null(js) ? json_text(js) :
	    json_print(cx, js);
}

/* One GET.  *wait is the pause that an error reply asks for. */
static coroutine_fn enum err
fetch(struct cx *cx, struct provider_job *pj, const struct cJSON *how,
    struct http_call *call, struct cJSON **tree, int64_t *wait)
{
	const char *method = run_text(how, "/method");
	enum err er;

	er = provider_call(cx, pj, method != NULL ? method : "GET",
	    run_text(how, "/path"), NULL, json_int_or(json_get(how,
	    "timeout_ms"), 15000), call, tree);
	if (er != E_OK)
		return er;
	if ((er = provider_status(cx, pj, call, *tree)) != E_OK) {
		*wait = http_retry_after(call);
		/* What is missing here is a job, and not the model. */
		if (er == E_PROVIDER && (call->status == 404 ||
		    call->status == 410))
			provider_cause(pj, "does not know a job that it has "
			    "accepted (%ld)", call->status);
		return er;
	}
	if (*tree == NULL)
		return err_set(cx, E_UPSTREAM, "%s: the reply is not JSON",
		    pj->p.key);
	return E_OK;
}

/* Entries with a result call report the output, or the failure, there. */
static coroutine_fn enum err
fetch_result(struct cx *cx, struct provider_job *pj, const struct cJSON *how,
    const char *message, const char **url, int64_t *wait)
{
	struct http_call call = { 0 };
	struct cJSON *tree = NULL;
	const char *ptr = run_text(how, "/output");
	enum err er;

	er = fetch(cx, pj, how, &call, &tree, wait);
	if (er == E_REJECTED || er == E_MODERATED)
		pj->ended = true;
	if (er != E_OK)
		return er;
	return provider_output(cx, pj, ptr != NULL ? json_pointer(tree,
	    ptr) : NULL, run_text(how, "/item"), message, url);
}

/*
 * The job is done and was paid for, and its result cannot be fetched.  More
 * jobs of this provider would end so, too.
 */
static void
give_up_result(struct provider_job *pj)
{
	if (clock_boot() - pj->done < provider_output_wait(pj))
		return;
	pj->ended = pj->paid = pj->no_result = pj->provider_fault = true;
}

static coroutine_fn enum err
read_done(struct cx *cx, struct provider_job *pj, const struct cJSON *tree,
    const char **url, int64_t *wait)
{
	const struct cJSON *how = json_get(pj->p.def, "result");
	const char *ptr = run_text(pj->p.def, "/job/output");
	const char *message = provider_message(cx, pj, tree);
	enum err er;

	if (how != NULL) {
		if (pj->done == 0)
			pj->done = clock_boot();
		er = fetch_result(cx, pj, how, message, url, wait);
		/* The status's message, when the result call fails. */
		if (err_retry(er) && message != NULL && *message != '\0')
			return job_failed(cx, pj, message);
		if (er != E_OK && !pj->ended)
			give_up_result(pj);
		return er;
	}
	return provider_output(cx, pj, ptr != NULL ? json_pointer(tree,
	    ptr) : NULL, run_text(pj->p.def, "/job/item"), message, url);
}

/*
 * What a status word means: "wait", "done", or another for a failure.  One that
 * the entry does not list may be a new word for waiting.
 */
static const char *
meaning(struct cx *cx, struct provider_job *pj, const char *status)
{
	const char *what = json_text(json_get(json_get(pj->p.def, "states"),
	    status != NULL ? status : ""));

	if (what != NULL)
		return what;
	if (!pj->odd_state)
		log_warn(cx, "%s: job %s is in the unknown state \"%.40s\"",
		    pj->p.key, pj->job.id, status != NULL ? status : "");
	pj->odd_state = true;
	return "wait";
}

/* Polls once.  *source is set when the job is done, else it stays. */
static coroutine_fn enum err
poll_once(struct cx *cx, struct provider_job *pj, const char **source,
    int64_t *wait)
{
	struct cx tmp = cx_fork(cx, POLL_CAP);
	const struct cJSON *def = pj->p.def;
	const char *status, *what, *url = NULL;
	struct http_call call;
	struct cJSON *tree;
	enum err er;

	*wait = 0;
	er = fetch(&tmp, pj, json_get(def, "poll"), &call, &tree, wait);
	if (er == E_OK) {
		what = run_text(def, "/job/status");
		status = what != NULL ? json_word(&tmp, tree,
		    call.answer->data, what) : NULL;
		what = meaning(&tmp, pj, status);
		if (strcmp(what, "done") == 0)
			er = read_done(&tmp, pj, tree, &url, wait);
		else if (strcmp(what, "wait") != 0)
			er = job_failed(&tmp, pj, provider_message(&tmp, pj,
			    tree));
	}
	if (er == E_OK && url != NULL)
		*source = cx_dup(cx, url);
	cx->err = tmp.err;
	cx_release(&tmp);
	return er;
}

/* A job that is not wanted any more would still be billed. */
static coroutine_fn void
cancel_job(struct cx *cx, struct provider_job *pj)
{
	int64_t wait;
	enum err er = provider_call_off(cx, pj, &wait);

	if (er == E_OK || er == E_NOTFOUND || er == E_CONFLICT)
		return;
	log_warn(cx, "job %s was not canceled, which will be tried again: "
	    "%s: %s", pj->job.id, err_name(er), cx->err.detail);
	if (lease_call_off(cx, pj->gen, pj->p.key, job_text(cx,
	    &pj->job)) != E_OK)
		log_err(cx, "job %s of %s may go on without a use: %s",
		    pj->job.id, pj->p.key, cx->err.detail);
}

/*
 * A reply that tells nothing of the job, a 404 or 401 among them, may be of a
 * part of the provider that does not know it yet.
 */
static coroutine_fn void
note_error(struct cx *cx, struct provider_job *pj, enum err er, int errors)
{
	if (errors != POLL_ERRORS)
		return;
	log_warn(cx, "job %s: %d polls in a row failed: %s: %s", pj->job.id,
	    errors, err_name(er), cx->err.detail);
	if (er == E_PROVIDER)
		trouble_note(cx, &pj->p, pj->cause);
}

static coroutine_fn enum err
too_late(struct cx *cx, struct io *io, struct provider_job *pj, enum err last)
{
	const char *why = last != E_OK ? cx_dup(cx, cx->err.detail) : NULL;

	io->retry_after = RUN_NEVER;
	cancel_job(cx, pj);
	pj->provider_fault = true;
	return err_set(cx, E_TIMEOUT, "%s: job %s is not done in time%s%s",
	    pj->p.key, pj->job.id, why != NULL ? "; the last reply: " : "",
	    why != NULL ? why : "");
}

int64_t
provider_output_wait(const struct provider_job *pj)
{
	return json_int_or(json_get(pj->p.def, "output_wait_ms"),
	    OUTPUT_WAIT_MS);
}

int64_t
provider_deadline(const struct provider_job *pj)
{
	return pj->began + json_int_or(json_pointer(pj->p.def,
	    "/poll/deadline_ms"), POLL_DEADLINE_MS);
}

static coroutine_fn enum err
until_done(struct cx *cx, struct run *r, struct io *io, struct provider_job *pj,
    const char **source)
{
	const struct cJSON *poll = json_get(pj->p.def, "poll");
	int64_t pause = json_int_or(json_get(poll, "first_ms"), 1000);
	int64_t most = json_int_or(json_get(poll, "max_ms"), 5000);
	int64_t until = provider_deadline(pj);
	double factor = json_num_or(json_get(poll, "factor"), 1.5);
	int64_t wait, scale = conf_int(C_POLL_SCALE);
	int errors = 0;
	bool retry_after;
	enum err er;

	*source = NULL;
	for (;;) {
		if ((er = ratelimit_wait(r, &pj->p, "other_per_min")) != E_OK)
			return er;
		er = poll_once(cx, pj, source, &wait);
		if (er == E_OK && *source != NULL)
			return E_OK;
		if (pj->ended || er == E_LOST ||
		    (er == E_OK && (er = run_survived(cx, r)) != E_OK))
			return er;
		errors = er != E_OK ? errors + 1 : 0;
		note_error(cx, pj, er, errors);
		if (clock_boot() >= until)
			return too_late(cx, io, pj, er);
		retry_after = wait > 0;
		if (wait < pause * scale / 100)
			wait = pause * scale / 100;
		if (wait > until - clock_boot())
			wait = until - clock_boot();
		/* A pause the provider asked for is not ended by a callback. */
		if ((er = retry_after ? run_sleep(r, wait) : run_poll_wait(r,
		    wait)) != E_OK)
			return er;
		pause = (int64_t)((double)pause * factor);
		if (pause > most)
			pause = most;
	}
}

coroutine_fn enum err
provider_poll(struct cx *cx, struct run *r, struct io *io,
    struct provider_job *pj, const char **source)
{
	enum err er = until_done(cx, r, io, pj, source);

	if (er == E_CANCELED) {
		cancel_job(cx, pj);
		r->job_canceled = true;
	}
	return er;
}

coroutine_fn void
provider_cancel(struct cx *cx, struct provider_job *pj)
{
	cancel_job(cx, pj);
}
