/*
 * poll - asking a provider how a job is getting on; see provider.h
 */
#include "config.h"

#include <string.h>

#include "../conf.h"
#include "../cx.h"
#include "../log.h"
#include "../str.h"
#include "../when.h"
#include "provider.h"

#define POLL_CAP	(4 << 20)
#define POLL_ERRORS	8		/* in a row, then the attempt fails */
#define CANCEL_MS	5000

static const char *
first_url(const struct cJSON *out)
{
	if (json_is_list(out))
		out = json_first(out);
	if (json_is_obj(out))
		out = json_get(out, "url");
	return json_text(out);
}

static bool
is_refusal(const struct provider *p, const char *words)
{
	const struct cJSON *js = json_first(json_get(p->def, "refusal"));

	for (; js != NULL && words != NULL; js = json_next(js))
		if (json_text(js) != NULL &&
		    strcasestr(words, json_text(js)) != NULL)
			return true;
	return false;
}

static enum err
job_failed(struct cx *cx, const struct provider *p, const struct cJSON *tree)
{
	const struct cJSON *js = json_pointer(tree, run_text(p->def,
	    "/job/error"));
	const char *words = json_text(js);

	if (words == NULL && !json_is_null(js))
		words = json_print(cx, js);
	return err_set(cx, is_refusal(p, words) ? E_MODERATED :
	    E_REJECTED, "%s: %.200s", p->key, words != NULL ? words :
	    "failed without a reason");
}

/* One look.  *source is set when it is done; E_OK without: still working. */
static enum err
look(struct cx *cx, struct run *r, struct make *m, const char **source,
    int64_t *wait)
{
	struct cx tmp = cx_fork(cx, POLL_CAP);
	const struct cJSON *def = m->p.def;
	const char *status, *what, *url;
	struct http_call call;
	struct cJSON *tree;
	enum err er;

	*wait = 0;
	er = provider_call(&tmp, &m->p, "GET", run_text(def, "/poll/path"),
	    &m->job, NULL, json_int_or(json_pointer(def, "/poll/timeout_ms"),
	    15000), &call, &tree);
	if (er == E_OK && call.status != 200) {
		er = provider_status(&tmp, &m->p, &call);
		*wait = http_retry_after(&call);
	} else if (er == E_OK && tree == NULL)
		er = err_set(&tmp, E_UPSTREAM, "%s: the reply is not JSON",
		    m->p.key);
	if (er == E_OK) {
		status = run_text(tree, run_text(def, "/job/status"));
		what = run_text(json_get(def, "states"), cx_fmt(&tmp, "/%s",
		    status != NULL ? status : ""));
		if (what == NULL)
			er = err_set(&tmp, E_UPSTREAM, "%s: unknown state "
			    "%.40s", m->p.key, status != NULL ? status : "");
		else if (strcmp(what, "done") == 0) {
			url = first_url(json_pointer(tree, run_text(def,
			    "/job/output")));
			if (url == NULL)
				er = err_set(&tmp, E_REJECTED, "%s: done "
				    "without an output", m->p.key);
			else
				*source = cx_dup(cx, url);
		} else if (strcmp(what, "wait") != 0)
			er = job_failed(&tmp, &m->p, tree);
	}
	(void)r;
	cx->err = tmp.err;
	cx_release(&tmp);
	return er;
}

/* They would go on, and want to be paid.  It may be too late: then it is. */
static void
call_off(struct cx *cx, const struct make *m)
{
	const char *path = run_text(m->p.def, "/cancel/path");
	struct http_call call;
	struct cJSON *tree;
	enum err er;

	if (path == NULL)
		return;
	er = provider_call(cx, &m->p, run_text(m->p.def, "/cancel/method") !=
	    NULL ? run_text(m->p.def, "/cancel/method") : "POST", path,
	    &m->job, NULL, CANCEL_MS, &call, &tree);
	if (er == E_OK && call.status > 299)
		er = provider_status(cx, &m->p, &call);
	if (er != E_OK)
		log_warn(cx, "job %s goes on: %s: %s", m->job.id,
		    err_name(er), cx->err.detail);
}

static enum err
until_done(struct cx *cx, struct run *r, struct make *m, const char **source)
{
	const struct cJSON *poll = json_get(m->p.def, "poll");
	int64_t pause = json_int_or(json_get(poll, "first_ms"), 1000);
	int64_t most = json_int_or(json_get(poll, "max_ms"), 5000);
	int64_t until = m->job.at + json_int_or(json_get(poll,
	    "deadline_ms"), 600000);
	double factor = json_num_or(json_get(poll, "factor"), 1.5);
	int64_t wait, scale = conf_int(C_POLL_SCALE);
	int errors = 0;
	enum err er;

	*source = NULL;
	for (;;) {
		if ((er = provider_pace(r, &m->p, "other_per_min")) != E_OK)
			return er;
		er = look(cx, r, m, source, &wait);
		if (er == E_OK && *source != NULL)
			return E_OK;
		if (er != E_OK && (!err_retry(er) || ++errors >= POLL_ERRORS))
			return er;
		if (er == E_OK)
			errors = 0;
		if (when_now() >= until)
			return err_set(cx, E_TIMEOUT, "%s: job %s is not "
			    "done in time", m->p.key, m->job.id);
		if (wait < pause * scale / 100)
			wait = pause * scale / 100;
		if (wait > until - when_now())
			wait = until - when_now();
		if ((er = run_sleep(r, wait)) != E_OK)
			return er;
		pause = (int64_t)((double)pause * factor);
		if (pause > most)
			pause = most;
	}
}

enum err
provider_poll(struct cx *cx, struct run *r, struct make *m,
    const char **source)
{
	enum err er = until_done(cx, r, m, source);

	if (er == E_CANCELED)
		call_off(cx, m);
	return er;
}
