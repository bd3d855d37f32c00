/*
 * reconcile - a create call went out, and nobody knows what came of it
 *
 * The provider's list of recent jobs is searched for one with exactly the
 * input we sent, made since we sent it, that no other generation has.  Two
 * generations with the same input may take each other's job: it is the same
 * picture order twice, and the unique job id on the row makes sure that each
 * job is taken once.
 *
 * Where the create call carries our own name for the job, that decides: "key"
 * points to it in each element of the list, or with "single" the path asks
 * for it directly, and "absent" has the statuses or codes that mean no.
 *
 * Not there yet may mean not there yet: until reconcile.grace_ms (8 s) after
 * the call it is looked for again, and only then called absent.
 */
#include "config.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/cx.h"
#include "base/str.h"
#include "base/url.h"
#include "mma/provider/provider.h"

#define GRACE_MS	8000
#define AGAIN_MS	1500
#define PAGES		20
#define PAGE_CAP	(8 << 20)

/* Every member we sent, as we sent it; they may have added defaults. */
static bool
same_input(const struct cJSON *sent, const struct cJSON *theirs)
{
	for (sent = json_first(sent); sent != NULL; sent = json_next(sent))
		if (!json_same(sent, json_get(theirs, json_key(sent))))
			return false;
	return true;
}

/* Ours by the name we gave it, or by what was sent. */
static bool
is_ours(const struct make *m, const struct cJSON *rec,
    const struct cJSON *item, const struct cJSON *sent)
{
	const char *key = run_text(rec, "/key");
	const char *match = run_text(rec, "/match");

	if (key != NULL)
		return str_eq(run_text(item, key), m->gen);
	return match != NULL && same_input(sent, json_pointer(item, match));
}

static enum err
take(struct cx *cx, struct run *r, struct make *m, const char *id)
{
	struct job j = { .state = "submitted", .id = id, .at = m->job.at };
	bool taken;

	return job_save(cx, r, m, &j, &taken);
}

/* Takes the first job on this page that is ours to take. */
static enum err
search_page(struct cx *cx, struct run *r, struct make *m,
    const struct cJSON *tree, const char *text, const struct cJSON *sent)
{
	const struct cJSON *rec = json_get(m->p.def, "reconcile"), *js;
	const char *items = run_text(rec, "/items"), *id;
	const char *at = run_text(rec, "/id");
	enum err er;
	int i = 0;

	if (items == NULL || at == NULL)
		return E_OK;
	js = json_first(json_pointer(tree, items));
	for (; js != NULL && m->job.id == NULL; js = json_next(js), i++) {
		id = json_word(cx, tree, text, cx_fmt(cx, "%s/%d%s", items, i,
		    at));
		if (id != NULL && is_ours(m, rec, js, sent) &&
		    (er = take(cx, r, m, id)) != E_OK)
			return er;
	}
	return E_OK;
}

static enum err
read_page(struct cx *cx, struct run *r, struct make *m, const char *path,
    const char **next)
{
	const struct cJSON *rec = json_get(m->p.def, "reconcile");
	const char *match = run_text(rec, "/match");
	const char *more = run_text(rec, "/next");
	struct cJSON *tree, *body;
	struct http_call call;
	enum err er;

	*next = NULL;
	if ((er = provider_call(cx, m, "GET", path, NULL, 15000, &call,
	    &tree)) != E_OK ||
	    (er = provider_status(cx, m, &call, tree)) != E_OK ||
	    (er = json_parse(cx, m->body, strlen(m->body), &body)) != E_OK)
		return er;
	if (tree == NULL)
		return err_set(cx, E_UPSTREAM, "%s: the list is not JSON",
		    m->p.key);
	if (more != NULL)
		*next = run_text(tree, more);
	return search_page(cx, r, m, tree, call.answer->data,
	    match != NULL ? json_pointer(body, match) : NULL);
}

static enum err
search(struct cx *cx, struct run *r, struct make *m)
{
	const char *path = run_text(m->p.def, "/reconcile/path"), *next;
	struct cx tmp;
	enum err er;

	for (int page = 0; page < PAGES && path != NULL; page++) {
		tmp = cx_fork(cx, PAGE_CAP);
		er = read_page(&tmp, r, m, path, &next);
		/* Their link is followed only where we would have gone. */
		path = er == E_OK && url_under(next, registry_base(&m->p)) ?
		    cx_dup(cx, next) : NULL;
		cx->err = tmp.err;
		cx_release(&tmp);
		if (er != E_OK || m->job.id != NULL)
			return er;
	}
	return E_OK;
}

/* Is this how they say that they have none of that name? */
static bool
is_absent(const struct cJSON *rec, const struct http_call *call,
    const char *code)
{
	const struct cJSON *js = json_first(json_get(rec, "absent"));
	int64_t n;

	for (; js != NULL; js = json_next(js))
		if (json_int_or(js, -1) == call->status ||
		    (code != NULL && str_int(code, 0, INT32_MAX, &n) &&
		    json_int_or(js, -1) == n))
			return true;
	return false;
}

/* Where a job can be asked for by the name we gave it. */
static enum err
look_up(struct cx *cx, struct run *r, struct make *m)
{
	const struct cJSON *rec = json_get(m->p.def, "reconcile");
	const char *ptr = run_text(m->p.def, "/errors/pointer"), *id;
	const char *at = run_text(rec, "/id");
	struct http_call call;
	struct cJSON *tree;
	enum err er;

	if ((er = provider_call(cx, m, "GET", run_text(rec, "/path"), NULL,
	    15000, &call, &tree)) != E_OK)
		return er;
	if (is_absent(rec, &call, ptr != NULL && tree != NULL ? json_word(cx,
	    tree, call.answer->data, ptr) : NULL))
		return E_OK;
	if ((er = provider_status(cx, m, &call, tree)) != E_OK)
		return er;
	id = tree != NULL && at != NULL ? json_word(cx, tree,
	    call.answer->data, at) : NULL;
	if (id == NULL)
		return err_set(cx, E_UPSTREAM, "%s: no id in what it says of "
		    "our job", m->p.key);
	return take(cx, r, m, id);
}

enum err
provider_reconcile(struct cx *cx, struct run *r, struct make *m)
{
	const struct cJSON *rec = json_get(m->p.def, "reconcile");
	int64_t grace = json_int_or(json_get(rec, "grace_ms"), GRACE_MS);
	enum err er;

	if (rec == NULL)
		return E_UNKNOWN;
	for (;;) {
		if ((er = json_true(json_get(rec, "single")) ?
		    look_up(cx, r, m) : search(cx, r, m)) != E_OK)
			return er;
		if (m->job.id != NULL)
			return E_OK;
		if (clock_now() - m->job.at > grace)
			break;
		if ((er = run_sleep(r, AGAIN_MS)) != E_OK)
			return er;
	}
	m->job.state = NULL;
	return E_OK;
}
