/*
 * provider - see provider.h
 */
#include "config.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/cx.h"
#include "base/str.h"
#include "mma/provider/provider.h"

#define GENERATE_TRIES	5
#define JOB_CAP		(32 << 20)

/* --- creating */

/* The answer as a job: its id, or its output at once. */
static enum err
read_job(struct cx *cx, struct make *m, const struct http_call *call,
    const struct cJSON *tree, struct job *j)
{
	static const char *const at[] = { "/job/status_url",
	    "/job/result_url", "/job/cancel_url" };
	const struct cJSON *def = m->p.def;
	const char *ptr;

	*j = (struct job){ .state = "submitted", .at = m->job.at };
	if (json_true(json_pointer(def, "/create/sync"))) {
		j->state = "done";
		ptr = run_text(def, "/job/output");
		return provider_output(cx, &m->p, ptr != NULL ?
		    json_pointer(tree, ptr) : NULL, run_text(def,
		    "/job/item"), &j->output);
	}
	ptr = run_text(def, "/job/id");
	j->id = ptr != NULL ? json_word(cx, tree, call->answer->data, ptr) :
	    NULL;
	if (j->id == NULL || *j->id == '\0')
		return err_set(cx, E_UPSTREAM, "%s: no job id in the reply: "
		    "%.100s", m->p.key, call->answer->data);
	for (int i = 0; i < JOB__URLS; i++)
		if ((ptr = run_text(def, at[i])) != NULL)
			j->url[i] = run_text(tree, ptr);
	return E_OK;
}

/*
 * *known_no: they have nothing, and say so.  5xx, no answer, or one without
 * a job in it: they may have it.
 */
static enum err
ask_for_job(struct cx *cx, struct io *io, struct make *m, struct job *j,
    bool *known_no)
{
	const struct cJSON *c = json_get(m->p.def, "create");
	struct http_call call = { 0 };	/* it may never get that far */
	struct cJSON *tree;
	enum err er;

	er = provider_call(cx, m, run_text(c, "/method") != NULL ?
	    run_text(c, "/method") : "POST", provider_create_path(cx, m),
	    m->body, json_int_or(json_get(c, "timeout_ms"), 30000), &call,
	    &tree);
	io->retry_after = http_retry_after(&call);
	*known_no = er != E_OK && !call.sent;
	if (er != E_OK)
		return er;
	if ((er = provider_status(cx, m, &call, tree)) != E_OK) {
		*known_no = call.status < 500 && call.status != 408;
		/* Success is also a matter of what the body says. */
		if (call.status / 100 == 2 && tree == NULL)
			*known_no = false;
		return er;
	}
	er = read_job(cx, m, &call, tree, j);
	/* Nothing but errors in a list of pictures: there will be no more. */
	*known_no = er == E_MODERATED || er == E_REJECTED;
	return er;
}

static enum err
create(struct cx *cx, struct run *r, struct io *io, struct make *m)
{
	struct job j = { .state = "submitting", .at = clock_now() };
	struct err_info why;
	bool taken, known_no;
	enum err er, noted;

	if ((er = ratelimit_wait(r, &m->p, "create_per_min")) != E_OK ||
	    (er = job_save(cx, r, m, &j, &taken)) != E_OK)
		return er;
	er = ask_for_job(cx, io, m, &j, &known_no);
	if (known_no) {
		why = cx->err;
		j = (struct job){ .state = "refused", .at = m->job.at };
		if ((noted = job_save(cx, r, m, &j, &taken)) != E_OK)
			return noted;
		cx->err = why;
		m->job.state = NULL;
	}
	if (er != E_OK)
		return er;
	if ((er = job_save(cx, r, m, &j, &taken)) != E_OK)
		return er;
	if (taken)	/* somebody with the same request took it for theirs */
		return err_set(cx, E_UPSTREAM, "%s: job %s belongs to "
		    "another generation", m->p.key, j.id);
	return E_OK;
}

static enum err
ensure_job(struct cx *cx, struct run *r, struct io *io, struct make *m)
{
	enum err er;

	if (str_eq(m->job.state, "submitting")) {
		json_bool(&io->in, "reconciled", true);
		er = provider_reconcile(cx, r, m);
		if (er == E_UNKNOWN)
			return err_set(cx, E_REJECTED, "%s: whether the job "
			    "was accepted is unknown, and it cannot be asked",
			    m->p.key);
		if (er != E_OK)
			return er;
	}
	if (m->job.id != NULL || m->job.output != NULL)
		return E_OK;
	return create(cx, r, io, m);
}

/*
 * What it takes to make a job is gone before the wait for it begins: there
 * may be thousands of those.
 */
static enum err
have_job(struct cx *cx, struct run *r, struct io *io, struct make *m)
{
	struct cx tmp = cx_fork(cx, JOB_CAP);
	enum err er;

	if ((er = provider_body(&tmp, r, m)) == E_OK) {
		json_raw(&io->in, "request", m->body);
		er = ensure_job(&tmp, r, io, m);
	}
	m->body = NULL;
	cx->err = tmp.err;
	cx_release(&tmp);
	return er;
}

/* --- the step */

static enum err
make_it(struct cx *cx, struct run *r, struct io *io, struct make *m)
{
	const char *source;
	enum err er;

	if ((er = have_job(cx, r, io, m)) != E_OK)
		return er;
	if (m->job.id != NULL)
		json_str(&io->out, "job_id", m->job.id);
	if ((source = m->job.output) == NULL &&
	    (er = provider_poll(cx, r, io, m, &source)) != E_OK)
		return er;
	return mma_store(cx, r, io, &m->p, source);
}

static enum err
generate(struct cx *cx, struct run *r, struct io *io, void *arg)
{
	struct make *m = arg;
	enum err er;

	m->ailing = false;
	io->provider = m->p.key;
	io->model = m->p.model;
	json_str(&io->in, "prompt", m->prompt->clean);
	json_tree(&io->in, "settings_resolved", m->settings);
	json_int(&io->in, "registry_version", m->p.version);
	er = make_it(cx, r, io, m);
	if (er == E_OK || (m->ailing && run_check(r) == E_OK && er != E_DB))
		breaker_note(&m->p, er != E_OK);
	return er;
}

const char *
provider_step_type(struct run *r, const struct provider *p)
{
	return cx_fmt(&r->cx, "%s_generate%s", p->family,
	    r->c.parent != NULL ? "_feedback" : "");
}

enum err
provider_generate(struct run *r, struct make *m, const struct cJSON **out)
{
	struct step st = { provider_step_type(r, &m->p), GENERATE_TRIES,
	    generate };

	job_load(r, m);
	return run_step(r, &st, m->p.key, m, out);
}
