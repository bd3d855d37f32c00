/*
 * event - what people say and do about what was made (mma_event)
 *
 * How it becomes taste is sql/schema/089-taste.sql.
 */
#ifndef MINA_FEEDBACK_EVENT_H
#define MINA_FEEDBACK_EVENT_H

#include <stdbool.h>

#include "base/err.h"

struct cJSON;
struct cx;

struct feedback_event {
	const char	*id;		/* uuid; the same one is written once */
	const char	*type;		/* of MEGA.md: "like", "download", .. */
	const char	*generation;	/* or NULL */
	const char	*session;	/* or NULL */
	bool		 value;		/* false takes a like or dislike back */
	const char	*text;		/* or NULL */
	const char	*context;	/* where in the studio; or NULL */
};

/* Is it one of MEGA.md's? */
bool	 feedback_type(const char *);
/* E_NOTFOUND when the generation is not theirs; *liked as it is now. */
enum err feedback_note(struct cx *, const char *pass,
    const struct feedback_event *, bool *liked) MUSTCHECK;
/*
 * preference_set, from hardBlocks (list of tags; replaces the list) and
 * tagWeights (tag to -5..5, or null to forget) of body; E_FIELD names what is
 * wrong with them.
 */
enum err feedback_prefer(struct cx *, const char *pass,
    const struct feedback_event *, const struct cJSON *body) MUSTCHECK;

#endif
