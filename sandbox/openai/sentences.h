/*
 * say - the sentences the emulated language model answers with
 *
 * They are put together from what was measured in the pictures and from the
 * texts of the request: nothing is invented, the customer's own words are
 * kept, and the same request gets the same answer.
 */
#ifndef SANDBOX_SENTENCES_H
#define SANDBOX_SENTENCES_H

#include <stddef.h>
#include <stdint.h>

struct ask;
struct cx;
struct json;

/* The text for a member called name ("crt", "clean_prompt", ..). */
const char *say(struct cx *, const struct ask *, const char *name);
/* The i-th of the tags ("palette.amber"), NULL after the last. */
const char *say_tag(struct cx *, const struct ask *, size_t i);

/* compose.c */
const char *compose_still(struct cx *, const struct ask *);
const char *compose_motion(struct cx *, const struct ask *);
/* What was set up, for the customer. */
const char *compose_final(struct cx *, const struct ask *);
/* A number from all that was asked, to vary words by. */
uint32_t say_seed(const struct ask *);

#endif
