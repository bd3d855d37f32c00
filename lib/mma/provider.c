/*
 * provider - see provider.h
 */
#include "config.h"

#include <string.h>

#include "../buf.h"
#include "../cx.h"
#include "../str.h"
#include "../url.h"
#include "../when.h"
#include "provider.h"

#define GENERATE_TRIES	5
#define REPLY_MAX	(1 << 20)
#define JOB_CAP		(32 << 20)

/* --- the create call's body, from the entry's template */

static void
put_images(struct json *js, const char *key, const struct pictures *ps)
{
	if (ps->n == 0)
		return;
	json_list(js, key);
	for (size_t i = 0; i < ps->n; i++)
		json_str(js, NULL, ps->pic[i].fit_url);
	json_end(js);
}

static void
put_text(struct json *js, const char *key, const char *s)
{
	if (s != NULL)
		json_str(js, key, s);
}

static void
put_image(struct json *js, const char *key, const struct pictures *ps,
    const char *role)
{
	for (size_t i = 0; i < ps->n; i++)
		if (strcmp(ps->pic[i].role, role) == 0)
			json_str(js, key, ps->pic[i].fit_url);
}

/* "$name" stands for a value; without one the member is left out. */
static void
put_variable(struct json *js, const char *key, const char *name,
    const struct run *r, const struct make *m)
{
	const struct cJSON *v;

	if (strcmp(name, "prompt") == 0)
		json_str(js, key, m->prompt->clean);
	else if (strcmp(name, "images") == 0)
		put_images(js, key, m->ps);
	else if (strcmp(name, "start_image") == 0)
		put_image(js, key, m->ps, "input_still");
	else if (strcmp(name, "end_image") == 0)
		put_image(js, key, m->ps, "end_still");
	else if (strcmp(name, "ratio") == 0)
		put_text(js, key, run_text(r->request, "/ratio"));
	else if (strcmp(name, "generation_id") == 0)
		json_str(js, key, r->c.id);
	else if (str_starts(name, "settings.")) {
		v = json_get(json_get(json_get(r->vars, "settings"),
		    m->p.family), name + strlen("settings."));
		if (!json_is_null(v))
			json_tree(js, key, v);
	}
}

static void
put_template(struct json *js, const char *key, const struct cJSON *t,
    const struct run *r, const struct make *m)
{
	const char *s = json_text(t);

	if (s != NULL && *s == '$') {
		put_variable(js, key, s + 1, r, m);
	} else if (json_is_obj(t) || json_is_list(t)) {
		if (json_is_obj(t))
			json_obj(js, key);
		else
			json_list(js, key);
		for (t = json_first(t); t != NULL; t = json_next(t))
			put_template(js, json_key(t), t, r, m);
		json_end(js);
	} else
		json_tree(js, key, t);
}

static enum err
build_body(struct cx *cx, struct run *r, struct make *m)
{
	struct buf *b = buf_new(cx, 256 << 10);
	struct json js;

	json_init(&js, b);
	put_template(&js, NULL, json_pointer(m->p.def, "/create/body"), r, m);
	if (!json_ok(&js))
		return err_set(cx, E_REJECTED, "%s: body too large",
		    m->p.key);
	m->body = b->data;
	return E_OK;
}

/* --- calls */

static const char *
fill_path(struct cx *cx, const char *path, const struct job *job)
{
	struct buf *b = buf_new(cx, 8192);
	char since[WHEN_LEN];

	for (; *path != '\0'; path++) {
		if (str_starts(path, "{id}")) {
			url_encode(b, job->id, NULL);
			path += 3;
		} else if (str_starts(path, "{since}")) {
			/* Their clock and ours may differ a little. */
			when_rfc3339(job->at - 30000, since);
			url_encode(b, since, NULL);
			path += 6;
		} else
			buf_putc(b, *path);
	}
	return b->data;
}

enum err
provider_call(struct cx *cx, const struct provider *p, const char *method,
    const char *path, const struct job *job, const char *body,
    int64_t timeout_ms, struct http_call *call, struct cJSON **tree)
{
	const struct cJSON *auth = json_get(p->def, "auth");
	const char *secret = registry_env(run_text(auth, "/secret_env"));
	const char *base = registry_base(p);
	enum err er;

	*tree = NULL;
	if (base == NULL)
		return err_set(cx, E_REJECTED, "%s: no base_url", p->key);
	*call = (struct http_call)HTTP_CALL(method, str_starts(path,
	    "https://") ? path : cx_fmt(cx, "%s%s", base, fill_path(cx, path,
	    job)));
	call->timeout_ms = timeout_ms;
	call->maxbody = REPLY_MAX;
	if (auth != NULL) {
		if (secret == NULL)
			return err_set(cx, E_REJECTED, "%s: %s is not set",
			    p->key, run_text(auth, "/secret_env"));
		http_secret(cx, call, run_text(auth, "/header"), cx_fmt(cx,
		    "%s%s", run_text(auth, "/prefix") != NULL ?
		    run_text(auth, "/prefix") : "", secret));
	}
	if (body != NULL) {
		http_header(cx, call, "Content-Type", "application/json");
		call->body = body;
		call->bodylen = strlen(body);
	}
	if ((er = http_do(cx, call)) != E_OK)
		return er;
	if (json_parse(cx, call->answer->data, call->answer->len,
	    tree) != E_OK)
		*tree = NULL;
	return E_OK;
}

enum err
provider_status(struct cx *cx, const struct provider *p,
    const struct http_call *call)
{
	enum err er = E_REJECTED;

	if (call->status == 429)
		er = E_BUSY;
	else if (call->status >= 500 || call->status == 408)
		er = E_UPSTREAM;
	return err_set(cx, er, "%s: http %ld %.200s", p->key, call->status,
	    call->answer->data);
}

enum err
provider_note(struct cx *cx, struct run *r, struct make *m,
    const char *state, const char *id, bool *taken)
{
	struct buf *b = buf_new(cx, 2048);
	int64_t at = when_now();
	struct json js;
	enum err er;

	if (strcmp(state, "submitting") != 0)
		at = m->job.at;
	json_init(&js, b);
	json_obj(&js, NULL);
	json_str(&js, "state", state);
	json_time(&js, "at", at);
	if (id != NULL)
		json_str(&js, "id", id);
	json_end(&js);
	if ((er = lease_job(cx, r->owner, r->c.id, m->p.key, b->data,
	    taken)) != E_OK)
		return er;
	if (*taken)
		return E_OK;
	m->job.state = cx_dup(&r->cx, state);
	m->job.id = cx_dup(&r->cx, id);
	m->job.at = at;
	return E_OK;
}

/* --- creating */

/*
 * 4xx: they have nothing, and say so.  5xx, no answer, or an answer without
 * a job in it: they may have it.
 */
static enum err
create(struct cx *cx, struct run *r, struct io *io, struct make *m)
{
	const struct cJSON *c = json_get(m->p.def, "create");
	const char *id = NULL;
	struct http_call call = { 0 };	/* it may never get that far */
	struct cJSON *tree;
	bool taken, known_no;
	enum err er, noted;

	if ((er = provider_pace(r, &m->p, "create_per_min")) != E_OK ||
	    (er = provider_note(cx, r, m, "submitting", NULL,
	    &taken)) != E_OK)
		return er;
	er = provider_call(cx, &m->p, run_text(c, "/method") != NULL ?
	    run_text(c, "/method") : "POST", run_text(c, "/path"), &m->job,
	    m->body, json_int_or(json_get(c, "timeout_ms"), 30000), &call,
	    &tree);
	io->retry_after = http_retry_after(&call);
	known_no = er != E_OK && !call.sent;
	if (er == E_OK && (call.status < 200 || call.status > 299)) {
		er = provider_status(cx, &m->p, &call);
		known_no = call.status < 500;
	} else if (er == E_OK) {
		id = run_text(tree, run_text(m->p.def, "/job/id"));
		if (id == NULL)
			er = err_set(cx, E_UPSTREAM, "%s: no job id in the "
			    "reply: %.100s", m->p.key, call.answer->data);
	}
	if (known_no) {
		struct err_info why = cx->err;

		if ((noted = provider_note(cx, r, m, "refused", NULL,
		    &taken)) != E_OK)
			return noted;
		cx->err = why;
		m->job.state = NULL;
	}
	if (er != E_OK)
		return er;
	if ((er = provider_note(cx, r, m, "submitted", id, &taken)) != E_OK)
		return er;
	if (taken)	/* somebody with the same request took it for theirs */
		return err_set(cx, E_UPSTREAM, "%s: job %s belongs to "
		    "another generation", m->p.key, id);
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
	if (m->job.id != NULL)
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

	if ((er = build_body(&tmp, r, m)) == E_OK) {
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
generate(struct cx *cx, struct run *r, struct io *io, void *arg)
{
	struct make *m = arg;
	const char *source;
	enum err er;

	io->provider = m->p.key;
	io->model = m->p.model;
	json_str(&io->in, "prompt", m->prompt->clean);
	json_tree(&io->in, "settings_resolved", json_get(json_get(r->vars,
	    "settings"), m->p.family));
	json_int(&io->in, "registry_version", m->p.version);
	if ((er = have_job(cx, r, io, m)) != E_OK)
		return er;
	json_str(&io->out, "job_id", m->job.id);
	if ((er = provider_poll(cx, r, m, &source)) != E_OK)
		return er;
	return mma_store(cx, r, io, &m->p, source);
}

static void
load_job(struct run *r, struct make *m)
{
	const struct cJSON *js = json_get(r->vars, "job");

	/* A job at another provider is not this step's. */
	if (!str_eq(run_text(js, "/provider"), m->p.key))
		return;
	m->job.state = run_text(js, "/state");
	m->job.id = run_text(js, "/id");
	if (!when_parse(run_text(js, "/at"), &m->job.at))
		m->job.at = when_now();
	if (str_eq(m->job.state, "refused"))
		m->job.state = NULL;
}

enum err
mma_generate(struct run *r, const struct provider *p,
    const struct pictures *ps, const struct prompt *prompt,
    struct output *out)
{
	struct step st = { cx_fmt(&r->cx, "%s_generate%s", p->family,
	    r->c.parent != NULL ? "_feedback" : ""), GENERATE_TRIES,
	    generate };
	struct make m = { .p = *p, .ps = ps, .prompt = prompt };
	const struct cJSON *js;
	enum err er;

	load_job(r, &m);
	er = run_step(r, &st, p->key, &m, &js);
	/* They are busy; it was not this customer who asked too often. */
	if (er == E_BUSY)
		er = err_set(&r->cx, E_UPSTREAM, "%s", cx_dup(&r->cx,
		    r->cx.err.detail));
	if (er != E_OK)
		return er;
	out->url = run_text(js, "/output_url");
	out->key = run_text(js, "/output_key");
	out->type = run_text(js, "/content_type");
	out->thumb_url = run_text(js, "/thumbnail_url");
	out->poster_url = run_text(js, "/poster_url");
	out->provider = p->family;
	out->model = p->model;
	out->width = json_int_or(json_get(js, "width"), 0);
	out->height = json_int_or(json_get(js, "height"), 0);
	out->bytes = json_int_or(json_get(js, "bytes"), 0);
	out->duration_ms = json_int_or(json_get(js, "duration_ms"), 0);
	return E_OK;
}
