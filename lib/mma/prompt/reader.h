/*
 * reader - the step in which a language model writes the prompt
 *
 * If the model gives no usable answer the generation goes on: the prompt is
 * then the customer's own text with the style's phrase and the hard blocks,
 * and the step's row has "fallback".
 */
#ifndef MINA_READER_H
#define MINA_READER_H

#include <stddef.h>
#include <stdint.h>

#include "mma/mma.h"

struct reader {
	const char	*type;		/* of the step: "gpt_reader" */
	const char	*member;	/* "clean_prompt", "motion_prompt" */
	const char	*data;		/* JSON: input of the language model */
	const char	*image[2];	/* URLs it sees; NULL: none */
	const char	*plain;		/* the prompt if it does not answer */
	const char	*plain_line;	/* ..and the final message */
	int64_t		 max;		/* bytes of prompt the provider takes */
};

/* The context is mma.ctx.<type>.  *out lives as long as the run. */
coroutine_fn enum err reader_ask(struct run *, const struct reader *,
    struct prompt *out) MUSTCHECK;
/* s, cut to max bytes between two characters. */
const char *reader_cut(struct cx *, const char *s, int64_t max);

#endif
