/*
 * suggest - suggests a motion prompt for a still ("Type for me")
 *
 * Runs in the program of the route, not in the worker, because the customer
 * waits in the input field.
 */
#ifndef MINA_SUGGEST_H
#define MINA_SUGGEST_H

#include "base/err.h"

struct cx;
struct req;

struct suggest_ask {
	const char	*still;		/* URL on our storage */
	const char	*style;		/* id of a movement style, or "none" */
	const char	*brief;		/* the customer's text, or NULL */
};

/*
 * Asks the model for the request's customer, twice at most, each time reserved
 * (BUDGET_SUGGEST), and records the step in any case.  E_IMAGE when the still
 * is not on our storage; E_QUEUE and E_SPENT when nothing may be reserved; the
 * errors of gpt_ask() when the model does not answer.
 */
coroutine_fn enum err mma_suggest(struct cx *, struct req *, const char *id,
    const struct suggest_ask *, const char **prompt, const char **line)
    MUSTCHECK;

#endif
