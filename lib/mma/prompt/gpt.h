/*
 * gpt - calls a language model with one of the mma.ctx.* contexts
 *
 * OpenAI compatible chat completions with a strict JSON schema.  Text of the
 * customer goes as JSON between <data> and </data> in the user message, with
 * every `<' escaped, so that it can neither end the field nor pass as an
 * instruction.  The answer is checked against the schema's members; an
 * invalid one is returned to the model once for repair, then it is E_REJECTED.
 *
 * E_MODERATED: the model declined.
 */
#ifndef MINA_GPT_H
#define MINA_GPT_H

#include <stddef.h>

#include "base/err.h"

struct app_setting;
struct cJSON;
struct cx;
struct io;

#define GPT_IMAGES	8

struct gpt_ask {
	const char	*ctx;		/* "mma.ctx.gpt_reader" */
	const char	*data;		/* JSON object */
	const char	*image[GPT_IMAGES];	/* public https URLs */
	size_t		 nimage;
};

/* Writes the context into io->in, which every row of such a step needs. */
void	 gpt_context(struct io *, const struct app_setting *);
/* Also writes the context into io->in, model and token counts into io. */
coroutine_fn enum err gpt_ask(struct cx *, struct io *, const struct gpt_ask *,
    const struct cJSON **answer) MUSTCHECK;

#endif
