/*
 * reader - the language model that writes the prompt
 *
 * A model that will not give a usable answer must not cost anybody their
 * picture or their film: then the customer's own words, with the style's
 * phrase and the hard blocks, are the prompt, and the step says so
 * (`fallback').
 */
#ifndef MINA_READER_H
#define MINA_READER_H

#include <stddef.h>
#include <stdint.h>

#include "mma/mma.h"

struct reader {
	const char	*type;		/* of the step: "gpt_reader" */
	const char	*member;	/* "clean_prompt", "motion_prompt" */
	const char	*data;		/* JSON: what the model is given */
	const char	*image[2];	/* what it may look at; NULL: nothing */
	const char	*plain;		/* the prompt if it does not answer */
	const char	*plain_line;	/* and what is said then */
	int64_t		 max;		/* bytes of prompt the maker takes */
};

/* The context is mma.ctx.<type>.  *out lives as long as the run. */
enum err reader_ask(struct run *, const struct reader *, struct prompt *out)
    MUSTCHECK;
/* s, cut between two characters. */
const char *reader_cut(struct cx *, const char *s, int64_t max);

#endif
