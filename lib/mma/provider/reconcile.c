/*
 * reconcile - finds the job of a create call whose reply was lost
 *
 * The provider's list of recent jobs is searched for one with exactly the
 * input that was sent, created since then, that no other generation has.  Two
 * generations with the same input may swap jobs: the input is the same, and
 * the unique job id on the row makes sure that each job is used once.
 *
 * Where the create call carries an id of ours, that decides: "key" points to
 * it in each element of the list, or with "single" the path requests it
 * directly, and "absent" lists the statuses or codes that mean there is none.
 *
 * A job may be listed late: the search is repeated until reconcile.grace_ms
 * (8 s) after the call had left, and only then is the job absent.  A call of
 * another worker had left by the time its lease was over, at the latest.
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

/* Every member sent is there unchanged; defaults may have been added. */
static bool
same_input(const struct cJSON *sent, const struct cJSON *listed)
{
	for (sent = json_first(sent); sent != NULL; sent = json_next(sent))
		if (!json_same(sent, json_get(listed, json_key(sent))))
			return false;
	return true;
}

/* One that was canceled is not wanted, whichever worker created it. */
static bool
is_canceled(const struct provider_job *pj, const struct cJSON *item)
{
	const char *at = run_text(pj->p.def, "/job/status");
	const char *state = at != NULL ? run_text(item, at) : NULL;

	return state != NULL && str_eq(json_text(json_get(json_get(pj->p.def,
	    "states"), state)), "canceled");
}

/* By our own id, or by the input. */
static bool
is_ours(struct cx *cx, const struct provider_job *pj,
    const struct cJSON *rec, const struct cJSON *item,
    const struct cJSON *sent)
{
	const char *key = run_text(rec, "/key");
	const char *match = run_text(rec, "/match");

	if (key != NULL)
		return str_eq(run_text(item, key), job_name(cx, pj));
	return match != NULL && same_input(sent, json_pointer(item, match));
}

static coroutine_fn enum err
take(struct cx *cx, struct run *r, struct provider_job *pj, const char *id)
{
	struct job_state j = { .state = "submitted", .id = id,
	    .at = pj->job.at };
	bool taken;

	return job_save(cx, r, pj, &j, &taken);
}

/* Takes the first job on this page that is ours and not taken. */
static coroutine_fn enum err
search_page(struct cx *cx, struct run *r, struct provider_job *pj,
    const struct cJSON *tree, const char *text, const struct cJSON *sent)
{
	const struct cJSON *rec = json_get(pj->p.def, "reconcile"), *js;
	const char *items = run_text(rec, "/items"), *id;
	const char *at = run_text(rec, "/id");
	enum err er;
	int i = 0;

	if (items == NULL || at == NULL)
		return E_OK;
	js = json_first(json_pointer(tree, items));
	for (; js != NULL && pj->job.id == NULL; js = json_next(js), i++) {
		id = json_word(cx, tree, text, cx_fmt(cx, "%s/%d%s", items, i,
		    at));
		if (id != NULL && !is_canceled(pj, js) &&
		    is_ours(cx, pj, rec, js, sent) &&
		    (er = take(cx, r, pj, id)) != E_OK)
			return er;
	}
	return E_OK;
}

static coroutine_fn enum err
read_page(struct cx *cx, struct run *r, struct provider_job *pj,
    const char *path, const char **next)
{
	const struct cJSON *rec = json_get(pj->p.def, "reconcile");
	const char *match = run_text(rec, "/match");
	const char *more = run_text(rec, "/next");
	struct cJSON *tree, *body;
	struct http_call call;
	enum err er;

	*next = NULL;
	if ((er = provider_call(cx, pj, "GET", path, NULL, 15000, &call,
	    &tree)) != E_OK ||
	    (er = provider_status(cx, pj, &call, tree)) != E_OK ||
	    (er = json_parse(cx, pj->body, strlen(pj->body), &body)) != E_OK)
		return er;
	if (tree == NULL)
		return err_set(cx, E_UPSTREAM, "%s: the list is not JSON",
		    pj->p.key);
	if (more != NULL)
		*next = run_text(tree, more);
	return search_page(cx, r, pj, tree, call.answer->data,
	    match != NULL ? json_pointer(body, match) : NULL);
}

static coroutine_fn enum err
search(struct cx *cx, struct run *r, struct provider_job *pj)
{
	const char *path = run_text(pj->p.def, "/reconcile/path"), *next;
	struct cx tmp;
	enum err er;

	for (int page = 0; page < PAGES && path != NULL; page++) {
		tmp = cx_fork(cx, PAGE_CAP);
		er = read_page(&tmp, r, pj, path, &next);
		/* A link to the next page must be under the base URL. */
		path = er == E_OK && url_under(next, registry_base(&pj->p)) ?
		    cx_dup(cx, next) : NULL;
		cx->err = tmp.err;
		cx_release(&tmp);
		if (er != E_OK || pj->job.id != NULL)
			return er;
	}
	return E_OK;
}

/* Does the reply mean that there is no job with our id? */
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

/* For a provider that can be asked for a job by our id. */
static coroutine_fn enum err
request_job(struct cx *cx, struct run *r, struct provider_job *pj)
{
	const struct cJSON *rec = json_get(pj->p.def, "reconcile");
	const char *ptr = run_text(pj->p.def, "/errors/pointer"), *id;
	const char *at = run_text(rec, "/id");
	struct http_call call;
	struct cJSON *tree;
	enum err er;

	if ((er = provider_call(cx, pj, "GET", run_text(rec, "/path"), NULL,
	    15000, &call, &tree)) != E_OK)
		return er;
	if (is_absent(rec, &call, ptr != NULL && tree != NULL ? json_word(cx,
	    tree, call.answer->data, ptr) : NULL))
		return E_OK;
	if ((er = provider_status(cx, pj, &call, tree)) != E_OK)
		return er;
	id = tree != NULL && at != NULL ? json_word(cx, tree,
	    call.answer->data, at) : NULL;
	if (id == NULL)
		return err_set(cx, E_UPSTREAM, "%s: no job id in the reply",
		    pj->p.key);
	return take(cx, r, pj, id);
}

coroutine_fn enum err
provider_reconcile(struct cx *cx, struct run *r, struct provider_job *pj)
{
	const struct cJSON *rec = json_get(pj->p.def, "reconcile");
	int64_t grace = json_int_or(json_get(rec, "grace_ms"), GRACE_MS);
	enum err er;

	if (rec == NULL)
		return E_UNKNOWN;
	for (;;) {
		if ((er = json_true(json_get(rec, "single")) ?
		    request_job(cx, r, pj) : search(cx, r, pj)) != E_OK)
			return er;
		if (pj->job.id != NULL)
			return E_OK;
		if (clock_boot() - pj->left > grace)
			break;
		if ((er = run_sleep(r, AGAIN_MS)) != E_OK)
			return er;
	}
	pj->job.state = NULL;
	return E_OK;
}
