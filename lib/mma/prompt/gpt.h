/*
 * gpt - asking a language model, by one of the mma.ctx.* contexts
 *
 * OpenAI compatible chat completions with a strict JSON schema.  What people
 * wrote goes as JSON between <data> and </data> in the user message, with
 * every `<' escaped, so that it can neither end the field nor pose as an
 * instruction.  What comes back is checked against the schema's required
 * members; one repair is asked for, then it is E_REJECTED.
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

/* Notes the context a step uses; every row of such a step has to have it. */
void	 gpt_context(struct io *, const struct app_setting *);
/* Writes ctx_key, ctx_version, ctx_id into io->in, whatever happens. */
enum err gpt_ask(struct cx *, struct io *, const struct gpt_ask *,
    const struct cJSON **answer) MUSTCHECK;

#endif
