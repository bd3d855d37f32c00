/*
 * recipe - how a still is made, or made to move, from top to bottom
 *
 * The two differ in what is brought and in how it is put into words.
 */
#include "config.h"

#include <string.h>

#include "base/cx.h"
#include "mma/mma.h"

struct recipe {
	const char	*mode;
	enum err	(*assets)(struct run *, struct pictures *);
	enum err	(*prompt)(struct run *, const struct provider *,
			    const struct pictures *, const struct taste *,
			    struct prompt *);
};

static const struct recipe recipes[] = {
	{ "still", mma_assets, mma_prompt },
	{ "video", mma_film_assets, mma_film_prompt },
};

/* Everything up to the moment somebody pays. */
static enum err
deliver(struct run *r, const struct recipe *how, struct output *out)
{
	struct provider p;
	struct pictures ps;
	struct prompt prompt;
	struct taste taste;
	enum err er;

	if ((er = mma_provider(r, &p)) != E_OK)
		return er;

	if ((er = run_stage(r, "scanning", NULL)) != E_OK ||
	    (er = how->assets(r, &ps)) != E_OK ||
	    (er = mma_scan(r, &p, &ps)) != E_OK ||
	    (er = mma_taste(r, &taste)) != E_OK)
		return er;

	if ((er = run_stage(r, "prompting", NULL)) != E_OK ||
	    (er = how->prompt(r, &p, &ps, &taste, &prompt)) != E_OK)
		return er;

	if ((er = mma_prompted(r, &taste, &prompt)) != E_OK ||
	    (er = mma_generate(r, &p, &ps, &prompt, out)) != E_OK)
		return er;

	return mma_settle(r, &prompt, out);
}

enum err
mma_make(struct run *r)
{
	const struct recipe *how = NULL;
	struct output out = { 0 };
	enum err er;

	for (size_t i = 0; i < sizeof recipes / sizeof *recipes; i++)
		if (strcmp(r->c.mode, recipes[i].mode) == 0)
			how = &recipes[i];
	if (how == NULL)
		return err_set(&r->cx, E_BUG, "no recipe for %s", r->c.mode);
	if (r->c.delivered) {
		out.url = run_text(r->vars, "/outputs/still_url");
		out.poster_url = run_text(r->vars, "/outputs/poster_url");
	} else if ((er = deliver(r, how, &out)) != E_OK)
		return er;

	/* Delivered and charged: from here on nobody waits. */
	return mma_after(r, &out);
}
