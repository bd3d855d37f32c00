/*
 * suggest - "Type for me": what was suggested to whom
 *
 * A suggestion is an mma_step of type motion_suggestion with an id of its
 * own (no generation exists yet).  A film that is then ordered with exactly
 * these words uses them as they are; see mma/prompt/prompt.c.
 */
#ifndef MINA_SUGGESTION_H
#define MINA_SUGGESTION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct cx;

struct suggestion {
	const char	*step;		/* mg_id, NULL: not one of ours */
	const char	*line;		/* what was said with it, or NULL */
};

/* Was this prompt suggested to pass?  prompt may be NULL. */
enum err suggestion_find(struct cx *, const char *pass, const char *prompt,
    struct suggestion *) MUSTCHECK;

/*
 * May there be another one today?  E_QUEUE past the daily cap (suggest.daily,
 * by UTC days), E_NOMATCHA when it costs more than there is (price.suggest).
 */
enum err suggestion_may(struct cx *, const char *pass) MUSTCHECK;

struct suggestion_row {
	const char	*id;		/* uuid */
	const char	*payload;	/* JSON: input, output, timing, error */
	const char	*provider, *model;
	int64_t		 latency_ms;
	int64_t		 in_tokens, out_tokens;	/* -1: unknown */
	bool		 failed;
};
/* Writes the step, and takes the price when it did not fail. */
enum err suggestion_note(struct cx *, const char *pass,
    const struct suggestion_row *) MUSTCHECK;

#endif
