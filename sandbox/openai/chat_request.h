/*
 * ask - what a chat completion was asked, sorted out
 *
 * User text holds the material in <data> elements, as JSON or as plain text.
 * Everything is flattened to named texts: {"captions":{"logo":"Red."}} is the
 * text "Red." under the path "captions.logo", key "logo"; an entry of a list
 * has the list's key.  Keys are lower case without punctuation, so that
 * hard_blocks and hardBlocks are one.
 */
#ifndef SANDBOX_CHAT_REQUEST_H
#define SANDBOX_CHAT_REQUEST_H

#include <stddef.h>

#include "render/image_analysis.h"

#define ASK_TEXTS	200
#define ASK_PICTURES	16

struct cJSON;
struct cx;

struct ask_text {
	const char	*path, *key, *text;
};

struct ask {
	struct ask_text	 text[ASK_TEXTS];
	size_t		 ntext;
	const char	*role;		/* of the picture looked at, or NULL */
	const char	*words;		/* all user text, outside of <data> */
	struct image_analysis	 look[ASK_PICTURES];
	size_t		 nlook;
};

/* From the messages of a request; lives as long as cx. */
struct ask *ask_read(struct cx *, const struct cJSON *messages);
/* The first text under one of these keys, NULL when there is none. */
const char *ask_find(const struct ask *, const char *const *keys);
/* The next one under such a key after *i, which begins as 0. */
const char *ask_each(const struct ask *, const char *const *keys, size_t *i);
/* "product", "logo", ..: the role named first in s, or NULL. */
const char *ask_role_in(const char *s);

#endif
