/*
 * fallback - who makes it, and who does when they do not
 *
 * The provider of the order comes first, then those of registry.use for the
 * mode, in order.  Another one is only asked when the one before certainly
 * has no job of this generation: refused, or ended without an output.  When
 * the outcome of a create call is unknown the generation ends instead: two
 * jobs are two bills, and the money is given back at once.
 *
 * The trace is the memory: a provider with failed attempts was tried.  The
 * exception is the one whose job is on the row; a run that was cut off goes
 * on with that one.
 */
#include "config.h"

#include <string.h>

#include "base/buf.h"
#include "base/cx.h"
#include "base/log.h"
#include "base/str.h"
#include "mma/provider/provider.h"

#define PROVIDERS	16

/* Of this run, as the trace was read before it began. */
struct tried {
	const char	*ordered;
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

/* --- the order, in the words of another provider */

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
takes_pictures(struct run *r, const struct make *m)
{
	if (run_text(r->request, "/endStillUrl") != NULL &&
	    json_get(m->p.caps, "end_image") == NULL)
		return false;
	return (int64_t)m->ps->n <= json_int_or(json_get(json_get(m->p.caps,
	    "images"), "max"), INT64_MAX);
}

static enum err
resolve_settings(struct run *r, struct make *m)
{
	struct buf *b = buf_new(&r->cx, 65536);
	struct settings set;
	struct cJSON *tree;
	struct json js;
	enum err er;

	if ((er = registry_settings(&r->cx, &m->p, json_get(r->request,
	    "settings"), &set)) != E_OK)
		return er;
	json_init(&js, b);
	if ((er = request_film_settings(&r->cx, &js, NULL, &m->p,
	    set.resolved, run_text(r->request, "/endStillUrl") !=
	    NULL)) != E_OK ||
	    (er = json_parse(&r->cx, b->data, b->len, &tree)) != E_OK)
		return er;
	m->settings = tree;
	return E_OK;
}

/*
 * What was asked for, for this provider.  The one of the order has it on the
 * row; what another cannot do (E_FIELD) it is not asked to.
 */
static enum err
fit_order(struct run *r, struct make *m)
{
	if (str_eq(run_text(r->vars, "/meta/provider"), m->p.key)) {
		m->settings = json_get(json_get(r->vars, "settings"),
		    m->p.family);
		return E_OK;
	}
	if (!has_ratio(&m->p, m->ratio))
		return err_field(&r->cx, "ratio", "is not one of %s's",
		    m->p.key);
	if (!takes_pictures(r, m))
		return err_field(&r->cx, "pictures", "are more than %s takes",
		    m->p.key);
	return resolve_settings(r, m);
}

/* --- who is next */

/* The first that was not tried; one that rests only if there is no other. */
static enum err
next_one(struct run *r, struct make *m, const struct tried *t)
{
	struct provider p, resting = { 0 };
	enum err er = E_OK;

	for (size_t n = 0; n <= PROVIDERS; n++) {
		er = n == 0 ? registry_named(&r->cx, t->ordered,
		    &p) : registry_pick(&r->cx, r->c.mode, n - 1, &p);
		if (er == E_NOTFOUND && n == 0)
			continue;
		if (er != E_OK)
			break;
		if (was_tried(r, t, &p) || strcmp(p.mode, r->c.mode) != 0)
			continue;
		m->p = p;
		if ((er = fit_order(r, m)) == E_FIELD)
			continue;
		if (er != E_OK || !breaker_open(&p))
			return er;
		if (resting.key == NULL)
			resting = p;
	}
	if (er != E_OK && er != E_NOTFOUND && er != E_FIELD)
		return er;
	if (resting.key == NULL)
		return E_NOTFOUND;
	m->p = resting;
	return fit_order(r, m);
}

/* Whose job is on the row, if it may still be one. */
static enum err
first_one(struct run *r, struct make *m, const struct tried *t)
{
	const char *at = run_text(r->vars, "/job/provider");
	const char *state = run_text(r->vars, "/job/state");
	enum err er;

	if (at != NULL && !str_eq(state, "refused") &&
	    registry_named(&r->cx, at, &m->p) == E_OK)
		return fit_order(r, m);
	if ((er = next_one(r, m, t)) != E_NOTFOUND)
		return er;
	/* Everybody was tried, by a run that did not come to its end. */
	if ((er = registry_named(&r->cx, t->ordered, &m->p)) != E_OK)
		return er;
	return fit_order(r, m);
}

static bool
may_go_elsewhere(const struct make *m, enum err er)
{
	if (er != E_UPSTREAM && er != E_BUSY && er != E_TIMEOUT &&
	    er != E_REJECTED)
		return false;
	return m->job.state == NULL || m->over;
}

static void
take_output(const struct provider *p, const struct cJSON *js,
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

/* Made already, by whomever: a resumed run asks nobody. */
static bool
is_made(struct run *r, const char *ordered, struct output *out)
{
	const struct cJSON *js;
	struct provider p;

	for (size_t n = 0; n <= PROVIDERS; n++) {
		if ((n == 0 ? registry_named(&r->cx, ordered, &p) :
		    registry_pick(&r->cx, r->c.mode, n - 1, &p)) != E_OK) {
			if (n == 0)
				continue;
			return false;
		}
		if ((js = step_output(&r->steps, provider_step_type(r, &p),
		    p.key)) == NULL)
			continue;
		take_output(&p, js, out);
		return true;
	}
	return false;
}

enum err
mma_generate(struct run *r, const struct provider *ordered,
    const struct pictures *ps, const struct prompt *prompt,
    struct output *out)
{
	struct make m = { .p = *ordered, .gen = r->c.id, .ps = ps,
	    .prompt = prompt, .ratio = run_text(r->request, "/ratio") };
	struct tried t = { .ordered = ordered->key };
	const struct cJSON *js;
	struct err_info why;
	enum err er, more;

	if (is_made(r, ordered->key, out))
		return E_OK;
	if ((er = first_one(r, &m, &t)) != E_OK)
		return er;
	for (;;) {
		m.over = false;
		if ((er = provider_generate(r, &m, &js)) == E_OK)
			break;
		if (!may_go_elsewhere(&m, er) || t.n > PROVIDERS)
			break;
		t.key[t.n++] = m.p.key;
		why = r->cx.err;
		if ((more = next_one(r, &m, &t)) != E_OK) {
			r->cx.err = why;
			break;
		}
		log_info(&r->cx, "on to %s", m.p.key);
	}
	/* They are busy; it was not this customer who asked too often. */
	if (er == E_BUSY)
		er = err_set(&r->cx, E_UPSTREAM, "%s", cx_dup(&r->cx,
		    r->cx.err.detail));
	if (er == E_OK)
		take_output(&m.p, js, out);
	return er;
}
