/*
 * suggestion - records of suggested motion prompts ("Type for me")
 *
 * A suggestion is an mma_step of type motion_suggestion with an id of its own,
 * because there is no generation yet.  A film requested with exactly this
 * prompt uses it unchanged; see mma/prompt/prompt.c.
 */
#ifndef MINA_SUGGESTION_H
#define MINA_SUGGESTION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct cx;
struct req;

struct suggestion {
	const char	*step;		/* mg_id, or NULL: not a suggestion */
	const char	*line;		/* its message, or NULL */
};

/* Was this prompt suggested to this customer?  It may be NULL. */
coroutine_fn enum err suggestion_find(struct cx *, const char *pass,
    const char *prompt, struct suggestion *) MUSTCHECK;

/*
 * Has the request's customer something at stake, an account with a verified
 * address or matcha for a still, and the price (price.suggest)?  E_NOMATCHA if
 * not.  The daily cap is budget.h's.
 */
coroutine_fn enum err suggestion_may(struct cx *, struct req *) MUSTCHECK;

struct suggestion_row {
	const char	*id;		/* uuid */
	const char	*payload;	/* JSON: input, output, timing, error */
	const char	*provider, *model;
	int64_t		 latency_ms;
	int64_t		 in_tokens, out_tokens;	/* -1: unknown */
	bool		 failed;
};
/* Writes the step, and charges for it unless it failed. */
coroutine_fn enum err suggestion_note(struct cx *, const char *pass,
    const struct suggestion_row *) MUSTCHECK;

#endif
