/*
 * calloff - cancels jobs that no run uses any more
 *
 * With one call while the run is there, and by the outbox, which repeats it,
 * when that fails, or the run has ended or may not touch the job.
 */
#include "config.h"

#include "base/cx.h"
#include "base/log.h"
#include "mma/provider/provider.h"

#define CANCEL_MS	5000

coroutine_fn enum err
provider_call_off(struct cx *cx, struct provider_job *pj, int64_t *retry_ms)
{
	const char *path = run_text(pj->p.def, "/cancel/path");
	const char *method = run_text(pj->p.def, "/cancel/method");
	struct http_call call = { 0 };
	struct cJSON *tree;
	enum err er;

	*retry_ms = 0;
	if (path == NULL)
		return err_set(cx, E_NOTFOUND, "%s: the entry has no cancel",
		    pj->p.key);
	if ((er = provider_call(cx, pj, method != NULL ? method : "POST", path,
	    NULL, CANCEL_MS, &call, &tree)) != E_OK)
		return er;
	if ((er = provider_status(cx, pj, &call, tree)) == E_OK)
		return E_OK;
	*retry_ms = http_retry_after(&call);
	/* A 404 or 401 may be a passing one, as with polls. */
	if (er == E_PROVIDER)
		er = E_UPSTREAM;
	else if (er == E_REJECTED || er == E_MODERATED)
		er = E_CONFLICT;
	return err_set(cx, er, "%s", cx_dup(cx, cx->err.detail));
}

coroutine_fn enum err
mma_call_off(struct cx *cx, const struct cJSON *payload, int64_t *retry_ms)
{
	const char *key = run_text(payload, "/job/provider");
	struct provider_job pj = { .gen = run_text(payload, "/gen") };
	enum err er;

	if (key == NULL || pj.gen == NULL)
		return err_set(cx, E_CONFLICT, "payload without a provider or "
		    "a generation");
	if ((er = registry_named(cx, key, &pj.p)) != E_OK)
		return er;
	job_load(payload, &pj);
	if (pj.job.id == NULL)
		return err_set(cx, E_CONFLICT, "payload without a job");
	er = provider_call_off(cx, &pj, retry_ms);
	if (er == E_NOTFOUND || er == E_CONFLICT) {
		log_warn(cx, "job %s of %s was not canceled: %s", pj.job.id,
		    key, cx->err.detail);
		return E_OK;
	}
	if (er != E_OK)
		return er;
	log_info(cx, "job %s of %s is canceled", pj.job.id, key);
	return lease_called_off(cx, pj.gen, pj.job.id);
}
