/*
 * chat - a chat completion, from the request to the text of the answer
 */
#ifndef SANDBOX_CHAT_H
#define SANDBOX_CHAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "render/image_analysis.h"

struct buf;
struct cJSON;
struct cx;

/* --- chat_request.c: the rules a strict server holds a client to */

struct chat {
	const char	*model;
	const struct cJSON *messages;
	const struct cJSON *schema;	/* NULL: free text */
	int64_t		 max_tokens;	/* 0: no limit */
	const char	*url[32];	/* of the pictures */
	size_t		 nurl;
	size_t		 text;		/* bytes in all messages */
};

struct chat_wrong {
	const char	*message;
	const char	*param, *code;	/* or NULL */
};

/* False, with what is wrong. */
bool	chat_read(struct cx *, const struct cJSON *body, struct chat *,
	    struct chat_wrong *);

/*
 * --- material.c: what the user's messages say, sorted out
 *
 * User text holds the material in <data> elements, as JSON or as plain text.
 * Everything is flattened to named texts: {"captions":{"logo":"Red."}} is the
 * text "Red." under the path "captions.logo", key "logo"; an entry of a list
 * has the list's key.  Keys are lower case without punctuation, so that
 * hard_blocks and hardBlocks are one.
 */
#define MATERIAL_TEXTS		200
#define MATERIAL_PICTURES	16

struct named_text {
	const char	*path, *key, *text;
};

struct material {
	struct named_text text[MATERIAL_TEXTS];
	size_t		 ntext;
	const char	*role;		/* of the picture looked at, or NULL */
	const char	*words;		/* all user text, outside of <data> */
	struct image_analysis	 look[MATERIAL_PICTURES];
	size_t		 nlook;
};

/* From the messages of a request; lives as long as cx. */
struct material *material_read(struct cx *, const struct cJSON *messages);
/* The text under the first of these keys that exists, or NULL. */
const char *material_find(const struct material *, const char *keys);
/* The next text under any of these keys after *i, which begins as 0. */
const char *material_each(const struct material *, const char *keys,
	    size_t *i);
/* "product", "logo", ..: the role named first in s, or NULL. */
const char *role_in(const char *s);

/*
 * --- schema.c: JSON that fits a JSON Schema
 *
 * Knows what strict structured output allows: object, array, string, number,
 * integer, boolean, null, enum, const, anyOf, $ref into $defs, and bounds.
 */

/* What strict mode demands at every level; NULL, or where it is not met. */
const char *schema_not_strict(struct cx *, const struct cJSON *schema);
/* Writes a value for the schema; false when it cannot be met. */
bool	 schema_fill(struct cx *, struct buf *, const struct cJSON *schema,
	    const struct material *);

/*
 * --- sentences.c, prompt.c: the answers
 *
 * Put together from what was measured in the pictures and from the texts of
 * the request: nothing is invented, the customer's own words are kept, and
 * the same request gets the same answer.
 */

/* The text for a member called name ("crt", "clean_prompt", ..). */
const char *sentence_for(struct cx *, const struct material *,
	    const char *name);
/* The i-th of the tags ("palette.amber"), NULL after the last. */
const char *tag_for(struct cx *, const struct material *, size_t i);
/* A number that follows from all that was asked, to vary words by. */
uint32_t seed_of(const struct material *);

const char *prompt_for_still(struct cx *, const struct material *);
const char *prompt_for_film(struct cx *, const struct material *);

#define BRIEF_KEYS	"userbrief brief text data request"
#define FEEDBACK_KEYS	"feedback stillfeedback motionfeedback change comment"

#endif
