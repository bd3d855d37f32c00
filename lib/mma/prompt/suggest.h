/*
 * suggest - "Type for me": how a still could move, in simple words
 *
 * Runs in the program that was asked, not in the worker: somebody waits with
 * the cursor in the field.
 */
#ifndef MINA_SUGGEST_H
#define MINA_SUGGEST_H

#include "base/err.h"

struct cx;

struct suggest_ask {
	const char	*still;		/* URL of ours */
	const char	*style;		/* id of a movement style, or "none" */
	const char	*brief;		/* their words, or NULL */
};

/*
 * Asks, twice at most, and records the step either way.  E_IMAGE when the
 * still is not there; E_UPSTREAM and its like when the model does not answer.
 */
enum err mma_suggest(struct cx *, const char *pass, const char *id,
    const struct suggest_ask *, const char **prompt, const char **line)
    MUSTCHECK;

#endif
