/*
 * reconcile - a create call went out, and nobody knows what came of it
 *
 * The provider's list of recent jobs is searched for one with exactly the
 * input we sent, made since we sent it, that no other generation has.  Two
 * generations with the same input may take each other's job: it is the same
 * picture order twice, and the unique job id on the row makes sure that each
 * job is taken once.
 *
 * Not there yet may mean not there yet: until reconcile.grace_ms (8 s) after
 * the call it is looked for again, and only then called absent.
 */
#include "config.h"

#include <string.h>

#include "../cx.h"
#include "../url.h"
#include "../when.h"
#include "provider.h"

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

/* Takes the first job on this page that is ours to take. */
static enum err
search_page(struct cx *cx, struct run *r, struct make *m,
    const struct cJSON *tree, const struct cJSON *sent)
{
	const struct cJSON *rec = json_get(m->p.def, "reconcile"), *js;
	const char *match = run_text(rec, "/match"), *id;
	bool taken;
	enum err er;

	js = json_first(json_pointer(tree, run_text(rec, "/items")));
	for (; js != NULL; js = json_next(js)) {
		id = run_text(js, run_text(rec, "/id"));
		if (id == NULL || !same_input(sent, json_pointer(js, match)))
			continue;
		if ((er = provider_note(cx, r, m, "submitted", id,
		    &taken)) != E_OK)
			return er;
		if (!taken)
			return E_OK;
	}
	return E_OK;
}

static enum err
search(struct cx *cx, struct run *r, struct make *m)
{
	const struct cJSON *rec = json_get(m->p.def, "reconcile");
	const char *path = run_text(rec, "/path"), *next;
	struct cJSON *tree, *body;
	struct http_call call;
	struct cx tmp;
	enum err er;

	for (int page = 0; page < PAGES && path != NULL; page++) {
		tmp = cx_fork(cx, PAGE_CAP);
		er = provider_call(&tmp, &m->p, "GET", path, &m->job, NULL,
		    15000, &call, &tree);
		if (er == E_OK && call.status != 200)
			er = provider_status(&tmp, &m->p, &call);
		else if (er == E_OK && tree == NULL)
			er = err_set(&tmp, E_UPSTREAM, "%s: the list is not "
			    "JSON", m->p.key);
		if (er == E_OK)
			er = json_parse(&tmp, m->body, strlen(m->body),
			    &body);
		if (er == E_OK)
			er = search_page(&tmp, r, m, tree, json_pointer(body,
			    run_text(rec, "/match")));
		next = er == E_OK ? run_text(tree, run_text(rec, "/next")) :
		    NULL;
		/* Their link is followed only where we would have gone. */
		path = next != NULL && url_under(next, registry_base(&m->p)) ?
		    cx_dup(cx, next) : NULL;
		cx->err = tmp.err;
		cx_release(&tmp);
		if (er != E_OK || m->job.id != NULL)
			return er;
	}
	return E_OK;
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
		if ((er = search(cx, r, m)) != E_OK)
			return er;
		if (m->job.id != NULL)
			return E_OK;
		if (when_now() - m->job.at > grace)
			break;
		if ((er = run_sleep(r, AGAIN_MS)) != E_OK)
			return er;
	}
	m->job.state = NULL;
	return E_OK;
}
