/*
 * pipeline - the steps of a generation, in the order in which they run
 *
 * Stills and films go through the same steps; they differ in which pictures
 * are loaded and in how the prompt is written.
 */
#include "config.h"

#include <string.h>

#include "base/cx.h"
#include "mma/mma.h"

struct pipeline {
	const char	*mode;
	coroutine_fn enum err (*assets)(struct run *, struct pictures *);
	coroutine_fn enum err (*prompt)(struct run *, const struct provider *,
			    const struct pictures *, const struct taste *,
			    struct prompt *);
};

static const struct pipeline pipelines[] = {
	{ "still", mma_assets, mma_prompt },
	{ "video", mma_film_assets, mma_film_prompt },
};

/* The one admitted with, or the registry's choice if that was removed. */
static coroutine_fn enum err
choose_provider(struct run *r, struct provider *p)
{
	const char *key = run_text(r->vars, "/meta/provider");
	enum err er;

	er = key != NULL ? registry_named(&r->cx, key, p) : E_NOTFOUND;
	if (er == E_NOTFOUND)
		er = registry_pick(&r->cx, r->c.mode, 0, p);
	return er;
}

/* Everything up to the charge. */
static coroutine_fn enum err
deliver(struct run *r, const struct pipeline *pl, struct output *out)
{
	struct provider p;
	struct pictures ps;
	struct prompt prompt;
	struct taste taste;
	enum err er;

	/*
	 * Before the words are paid for.  A run that takes over a job goes on
	 * whatever is missing here: the job is paid, and steps try again.
	 */
	if (run_text(r->vars, "/job/state") == NULL &&
	    (er = mma_ready(&r->cx, strcmp(r->c.mode, "video") == 0 ?
	    READY_FILM : 0)) != E_OK)
		return er;
	if ((er = choose_provider(r, &p)) != E_OK)
		return er;

	if ((er = run_stage(r, "scanning", NULL)) != E_OK ||
	    (er = pl->assets(r, &ps)) != E_OK ||
	    (er = mma_scan(r, &p, &ps)) != E_OK ||
	    (er = mma_taste(r, &taste)) != E_OK)
		return er;

	if ((er = run_stage(r, "prompting", NULL)) != E_OK ||
	    (er = pl->prompt(r, &p, &ps, &taste, &prompt)) != E_OK)
		return er;

	if ((er = mma_prompted(r, &taste, &prompt)) != E_OK ||
	    (er = mma_generate(r, &p, &ps, &prompt, out)) != E_OK)
		return er;

	return mma_settle(r, &prompt, out);
}

coroutine_fn enum err
mma_run(struct run *r)
{
	const struct pipeline *pl = NULL;
	struct output out = { 0 };
	enum err er;

	for (size_t i = 0; i < sizeof pipelines / sizeof *pipelines; i++)
		if (strcmp(r->c.mode, pipelines[i].mode) == 0)
			pl = &pipelines[i];
	if (pl == NULL)
		return err_set(&r->cx, E_BUG, "no pipeline for mode %s",
		    r->c.mode);
	if (r->c.delivered) {
		out.url = run_text(r->vars, "/outputs/still_url");
		out.poster_url = run_text(r->vars, "/outputs/poster_url");
	} else if ((er = deliver(r, pl, &out)) != E_OK)
		return er;

	/* Delivered and charged: the customer waits for nothing after this. */
	return mma_after(r, &out);
}
