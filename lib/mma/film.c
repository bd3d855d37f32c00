/*
 * film - how a still is made to move, from top to bottom
 */
#include "config.h"

#include "../cx.h"
#include "mma.h"

/* Everything up to the moment somebody pays. */
static enum err
deliver(struct run *r, struct output *out)
{
	struct provider p;
	struct pictures ps;
	struct prompt prompt;
	struct taste taste;
	enum err er;

	if ((er = mma_provider(r, &p)) != E_OK)
		return er;

	if ((er = run_stage(r, "scanning", NULL)) != E_OK ||
	    (er = mma_film_assets(r, &ps)) != E_OK ||
	    (er = mma_scan(r, &p, &ps)) != E_OK ||
	    (er = mma_taste(r, &taste)) != E_OK)
		return er;

	if ((er = run_stage(r, "prompting", NULL)) != E_OK ||
	    (er = mma_film_prompt(r, &p, &ps, &taste, &prompt)) != E_OK)
		return er;

	if ((er = mma_prompted(r, &taste, &prompt)) != E_OK ||
	    (er = mma_generate(r, &p, &ps, &prompt, out)) != E_OK)
		return er;

	return mma_settle(r, &prompt, out);
}

enum err
mma_film(struct run *r)
{
	struct output out = { 0 };
	enum err er;

	if (r->c.delivered)
		out.poster_url = run_text(r->vars, "/outputs/poster_url");
	else if ((er = deliver(r, &out)) != E_OK)
		return er;

	/* The scanner reads pictures, so it looks at the first frame. */
	return mma_after(r, out.poster_url);
}
