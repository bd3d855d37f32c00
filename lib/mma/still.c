/*
 * still - how a still is made, from top to bottom
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
	    (er = mma_assets(r, &ps)) != E_OK ||
	    (er = mma_scan(r, &p, &ps)) != E_OK ||
	    (er = mma_taste(r, &taste)) != E_OK)
		return er;

	if ((er = run_stage(r, "prompting", NULL)) != E_OK ||
	    (er = mma_prompt(r, &p, &ps, &taste, &prompt)) != E_OK)
		return er;

	if ((er = mma_prompted(r, &taste, &prompt)) != E_OK ||
	    (er = mma_generate(r, &p, &ps, &prompt, out)) != E_OK)
		return er;

	return mma_settle(r, &prompt, out);
}

enum err
mma_still(struct run *r)
{
	struct output out = { 0 };
	enum err er;

	if (r->c.delivered)
		out.url = run_text(r->vars, "/outputs/still_url");
	else if ((er = deliver(r, &out)) != E_OK)
		return er;

	/* Delivered and charged: from here on nobody waits. */
	return mma_after(r, out.url);
}
