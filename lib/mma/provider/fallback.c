/*
 * fallback - chooses the provider, and the next one when it fails
 *
 * First is the provider the generation was admitted with, then those of
 * registry.use for the mode, in that sequence.  The next one is used only when
 * the one before certainly has no job of this generation: it refused, or the
 * job ended without an output.  When the outcome of a create call stays
 * unknown the generation fails instead, and its price is released: two jobs
 * are two bills.
 *
 * A provider counts as tried when the step log has failed attempts of it.  The
 * exception is the one whose job is on the row: a run that takes over goes on
 * with that job.
 */
#include "config.h"

#include <string.h>

#include "base/buf.h"
#include "base/cx.h"
#include "base/log.h"
#include "base/str.h"
#include "mma/provider/provider.h"

#define PROVIDERS	16

/* Providers tried by this run; the step log has those of earlier runs. */
struct tried {
	const char	*first;		/* key of the one admitted with */
	const char	*key[PROVIDERS + 2];
	size_t		 n;
};

static bool
was_tried(struct run *r, const struct tried *t, const struct provider *p)
{
	for (size_t i = 0; i < t->n; i++)
		if (strcmp(t->key[i], p->key) == 0)
			return true;
	return step_failures(&r->steps, provider_step_type(r, p), p->key) > 0;
}

/* --- can this provider do the request? */

static bool
has_ratio(const struct provider *p, const char *ratio)
{
	const struct cJSON *js = json_first(json_get(p->caps, "ratios"));

	if (js == NULL || ratio == NULL)
		return true;
	for (; js != NULL; js = json_next(js))
		if (str_eq(json_text(js), ratio))
			return true;
	return false;
}

static bool
accepts_pictures(struct run *r, const struct provider_job *pj)
{
	if (run_text(r->request, "/endStillUrl") != NULL &&
	    json_get(pj->p.caps, "end_image") == NULL)
		return false;
	return (int64_t)pj->ps->n <= json_int_or(json_get(json_get(pj->p.caps,
	    "images"), "max"), INT64_MAX);
}

static coroutine_fn enum err
resolve_settings(struct run *r, struct provider_job *pj)
{
	struct buf *b = buf_new(&r->cx, 65536);
	struct settings set;
	struct cJSON *tree;
	struct json js;
	enum err er;

	if ((er = registry_settings(&r->cx, &pj->p, json_get(r->request,
	    "settings"), &set)) != E_OK)
		return er;
	json_init(&js, b);
	if ((er = request_film_settings(&r->cx, &js, NULL, &pj->p,
	    set.resolved, run_text(r->request, "/endStillUrl") !=
	    NULL)) != E_OK ||
	    (er = json_parse(&r->cx, b->data, b->len, &tree)) != E_OK)
		return er;
	pj->settings = tree;
	return E_OK;
}

/*
 * Sets the settings of the request for this provider; E_FIELD when it cannot
 * do the request.  The provider admitted with has them on the row.
 */
static coroutine_fn enum err
adapt_request(struct run *r, struct provider_job *pj)
{
	if (str_eq(run_text(r->vars, "/meta/provider"), pj->p.key)) {
		pj->settings = json_get(json_get(r->vars, "settings"),
		    pj->p.family);
		return E_OK;
	}
	if (!has_ratio(&pj->p, pj->ratio))
		return err_field(&r->cx, "ratio", "is not one of %s's",
		    pj->p.key);
	if (!accepts_pictures(r, pj))
		return err_field(&r->cx, "pictures", "are more than %s takes",
		    pj->p.key);
	return resolve_settings(r, pj);
}

/* --- the sequence */

/* The nth provider in the sequence; 0 is the one admitted with. */
static coroutine_fn enum err
nth_provider(struct run *r, const char *first, size_t n, struct provider *p)
{
	return n == 0 ? registry_named(&r->cx, first, p) :
	    registry_pick(&r->cx, r->c.mode, n - 1, p);
}

/* The first not tried; one with an open circuit only if there is no other. */
static coroutine_fn enum err
next_provider(struct run *r, struct provider_job *pj, const struct tried *t)
{
	struct provider p, skipped = { 0 };
	enum err er = E_OK;

	for (size_t n = 0; n <= PROVIDERS; n++) {
		er = nth_provider(r, t->first, n, &p);
		if (er == E_NOTFOUND && n == 0)
			continue;
		if (er != E_OK)
			break;
		if (was_tried(r, t, &p) || strcmp(p.mode, r->c.mode) != 0)
			continue;
		pj->p = p;
		if ((er = adapt_request(r, pj)) == E_FIELD)
			continue;
		if (er != E_OK || !breaker_open(&p))
			return er;
		if (skipped.key == NULL)
			skipped = p;
	}
	if (er != E_OK && er != E_NOTFOUND && er != E_FIELD)
		return er;
	if (skipped.key == NULL)
		return E_NOTFOUND;
	pj->p = skipped;
	return adapt_request(r, pj);
}

/* The provider whose job is on the row, else the first not tried. */
static coroutine_fn enum err
first_provider(struct run *r, struct provider_job *pj, const struct tried *t)
{
	const char *key = run_text(r->vars, "/job/provider");
	const char *state = run_text(r->vars, "/job/state");
	enum err er;

	if (key != NULL && !str_eq(state, "refused") &&
	    registry_named(&r->cx, key, &pj->p) == E_OK)
		return adapt_request(r, pj);
	if ((er = next_provider(r, pj, t)) != E_NOTFOUND)
		return er;
	/* All were tried, by a run that was cut off before it could fail. */
	if ((er = registry_named(&r->cx, t->first, &pj->p)) != E_OK)
		return er;
	return adapt_request(r, pj);
}

/* May another provider be used after this error? */
static bool
may_try_next(const struct provider_job *pj, enum err er)
{
	if (er != E_UPSTREAM && er != E_BUSY && er != E_TIMEOUT &&
	    er != E_REJECTED && er != E_PROVIDER && er != E_OUTPUT)
		return false;
	return !pj->none && (pj->job.state == NULL || pj->ended);
}

static void
read_output(const struct provider *p, const struct cJSON *js,
    struct output *out)
{
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
}

/* Does the step log have the output already, of any provider? */
static coroutine_fn bool
find_output(struct run *r, const char *first, struct output *out)
{
	const struct cJSON *js;
	struct provider p;

	for (size_t n = 0; n <= PROVIDERS; n++) {
		if (nth_provider(r, first, n, &p) != E_OK) {
			if (n == 0)
				continue;
			return false;
		}
		if ((js = step_output(&r->steps, provider_step_type(r, &p),
		    p.key)) == NULL)
			continue;
		read_output(&p, js, out);
		return true;
	}
	return false;
}

coroutine_fn enum err
mma_generate(struct run *r, const struct provider *first,
    const struct pictures *ps, const struct prompt *prompt,
    struct output *out)
{
	struct provider_job pj = { .p = *first, .gen = r->c.id, .ps = ps,
	    .prompt = prompt, .ratio = run_text(r->request, "/ratio") };
	struct tried t = { .first = first->key };
	const struct cJSON *js;
	struct err_info why;
	enum err er, next;

	if (find_output(r, first->key, out))
		return E_OK;
	if ((er = first_provider(r, &pj, &t)) != E_OK)
		return er;
	for (;;) {
		pj.ended = false;
		if ((er = provider_generate(r, &pj, &js)) == E_OK)
			break;
		if (!may_try_next(&pj, er) || t.n > PROVIDERS)
			break;
		t.key[t.n++] = pj.p.key;
		why = r->cx.err;
		if ((next = next_provider(r, &pj, &t)) != E_OK) {
			r->cx.err = why;
			break;
		}
		log_info(&r->cx, "next provider: %s", pj.p.key);
	}
	/* The customer did not exceed a limit: E_BUSY would be a 429. */
	if (er == E_BUSY)
		er = err_set(&r->cx, E_UPSTREAM, "%s", cx_dup(&r->cx,
		    r->cx.err.detail));
	if (er == E_OK)
		read_output(&pj.p, js, out);
	return er;
}
