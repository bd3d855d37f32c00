/*
 * poll - asking a provider how a job is getting on; see provider.h
 */
#include "config.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/cx.h"
#include "base/log.h"
#include "base/str.h"
#include "mma/provider/provider.h"

#define POLL_CAP	(4 << 20)
#define POLL_ERRORS	8		/* in a row, then the attempt fails */
#define CANCEL_MS	5000

/* Ended without an output: their words say whether it was declined. */
static enum err
job_failed(struct cx *cx, struct make *m, const char *words)
{
	m->over = true;
	return err_set(cx, provider_declined(&m->p, words) ? E_MODERATED :
	    E_REJECTED, "%s: %.200s", m->p.key, words != NULL ? words :
	    "failed without a reason");
}

static const char *
error_words(struct cx *cx, const struct make *m, const struct cJSON *tree)
{
	const char *ptr = run_text(m->p.def, "/job/error");
	const struct cJSON *js = ptr != NULL ? json_pointer(tree, ptr) : NULL;

	return json_text(js) != NULL || json_is_null(js) ? json_text(js) :
	    json_print(cx, js);
}

/* One GET.  *wait is the pause they ask for with an error. */
static enum err
fetch(struct cx *cx, struct make *m, const struct cJSON *how,
    struct http_call *call, struct cJSON **tree, int64_t *wait)
{
	const char *method = run_text(how, "/method");
	enum err er;

	er = provider_call(cx, m, method != NULL ? method : "GET",
	    run_text(how, "/path"), NULL, json_int_or(json_get(how,
	    "timeout_ms"), 15000), call, tree);
	if (er != E_OK)
		return er;
	if ((er = provider_status(cx, m, call, *tree)) != E_OK) {
		*wait = http_retry_after(call);
		return er;
	}
	if (*tree == NULL)
		return err_set(cx, E_UPSTREAM, "%s: the reply is not JSON",
		    m->p.key);
	return E_OK;
}

/* Where the output is told by a call of its own, a failure is told there. */
static enum err
fetch_result(struct cx *cx, struct make *m, const struct cJSON *how,
    const char **url, int64_t *wait)
{
	struct http_call call = { 0 };
	struct cJSON *tree = NULL;
	const char *ptr = run_text(how, "/output");
	enum err er;

	er = fetch(cx, m, how, &call, &tree, wait);
	if ((er == E_REJECTED || er == E_MODERATED) && call.status >= 400 &&
	    call.status < 500 && call.status != 401 && call.status != 403) {
		m->over = true;
		m->ailing = false;
	}
	if (er != E_OK)
		return er;
	er = provider_output(cx, &m->p, ptr != NULL ? json_pointer(tree,
	    ptr) : NULL, run_text(how, "/item"), url);
	m->over = er != E_OK;
	return er;
}

static enum err
look_at_done(struct cx *cx, struct make *m, const struct cJSON *tree,
    const char **url, int64_t *wait)
{
	const struct cJSON *how = json_get(m->p.def, "result");
	const char *ptr = run_text(m->p.def, "/job/output");
	const char *words = error_words(cx, m, tree);
	enum err er;

	if (how != NULL) {
		er = fetch_result(cx, m, how, url, wait);
		/* The result mostly says more than the status did. */
		if (err_retry(er) && words != NULL && *words != '\0')
			return job_failed(cx, m, words);
		return er;
	}
	er = provider_output(cx, &m->p, ptr != NULL ? json_pointer(tree,
	    ptr) : NULL, run_text(m->p.def, "/job/item"), url);
	m->over = er != E_OK;
	return er;
}

/* One look.  *source is set when it is done; E_OK without: still working. */
static enum err
look(struct cx *cx, struct make *m, const char **source, int64_t *wait)
{
	struct cx tmp = cx_fork(cx, POLL_CAP);
	const struct cJSON *def = m->p.def;
	const char *status, *what, *url = NULL;
	struct http_call call;
	struct cJSON *tree;
	enum err er;

	*wait = 0;
	er = fetch(&tmp, m, json_get(def, "poll"), &call, &tree, wait);
	if (er == E_OK) {
		what = run_text(def, "/job/status");
		status = what != NULL ? json_word(&tmp, tree,
		    call.answer->data, what) : NULL;
		what = json_text(json_get(json_get(def, "states"),
		    status != NULL ? status : ""));
		if (what == NULL)
			er = err_set(&tmp, E_UPSTREAM, "%s: unknown state "
			    "%.40s", m->p.key, status != NULL ? status : "");
		else if (strcmp(what, "done") == 0)
			er = look_at_done(&tmp, m, tree, &url, wait);
		else if (strcmp(what, "wait") != 0)
			er = job_failed(&tmp, m, error_words(&tmp, m, tree));
	}
	if (er == E_OK && url != NULL)
		*source = cx_dup(cx, url);
	cx->err = tmp.err;
	cx_release(&tmp);
	return er;
}

/* They would go on, and want to be paid.  It may be too late: then it is. */
static void
call_off(struct cx *cx, struct make *m)
{
	const char *path = run_text(m->p.def, "/cancel/path");
	struct http_call call;
	struct cJSON *tree;
	enum err er;

	if (path == NULL)
		return;
	er = provider_call(cx, m, run_text(m->p.def, "/cancel/method") !=
	    NULL ? run_text(m->p.def, "/cancel/method") : "POST", path,
	    NULL, CANCEL_MS, &call, &tree);
	if (er == E_OK)
		er = provider_status(cx, m, &call, tree);
	if (er != E_OK)
		log_warn(cx, "job %s goes on: %s: %s", m->job.id,
		    err_name(er), cx->err.detail);
}

static enum err
until_done(struct cx *cx, struct run *r, struct io *io, struct make *m,
    const char **source)
{
	const struct cJSON *poll = json_get(m->p.def, "poll");
	int64_t pause = json_int_or(json_get(poll, "first_ms"), 1000);
	int64_t most = json_int_or(json_get(poll, "max_ms"), 5000);
	int64_t until = m->job.at + json_int_or(json_get(poll,
	    "deadline_ms"), 600000);
	double factor = json_num_or(json_get(poll, "factor"), 1.5);
	int64_t wait, scale = conf_int(C_POLL_SCALE);
	int errors = 0;
	bool asked;
	enum err er;

	*source = NULL;
	for (;;) {
		if ((er = ratelimit_wait(r, &m->p, "other_per_min")) != E_OK)
			return er;
		er = look(cx, m, source, &wait);
		if (er == E_OK && *source != NULL)
			return E_OK;
		if (er != E_OK && (!err_retry(er) || ++errors >= POLL_ERRORS))
			return er;
		if (er == E_OK)
			errors = 0;
		if (clock_now() >= until) {
			io->retry_after = RUN_NEVER;
			call_off(cx, m);
			m->ailing = true;
			return err_set(cx, E_TIMEOUT, "%s: job %s is not "
			    "done in time", m->p.key, m->job.id);
		}
		asked = wait > 0;
		if (wait < pause * scale / 100)
			wait = pause * scale / 100;
		if (wait > until - clock_now())
			wait = until - clock_now();
		/* What they asked for is not cut short by a callback. */
		if ((er = asked ? run_sleep(r, wait) : run_poll_wait(r,
		    wait)) != E_OK)
			return er;
		pause = (int64_t)((double)pause * factor);
		if (pause > most)
			pause = most;
	}
}

enum err
provider_poll(struct cx *cx, struct run *r, struct io *io, struct make *m,
    const char **source)
{
	enum err er = until_done(cx, r, io, m, source);

	if (er == E_CANCELED)
		call_off(cx, m);
	return er;
}
