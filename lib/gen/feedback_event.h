/*
 * feedback_event - likes, downloads, preferences and feedback (mma_event)
 *
 * sql/schema/089-taste.sql turns them into the customer's taste.
 */
#ifndef MINA_FEEDBACK_EVENT_H
#define MINA_FEEDBACK_EVENT_H

#include <stdbool.h>

#include "base/err.h"

struct cJSON;
struct cx;

struct feedback_event {
	const char	*id;		/* uuid; a second one writes nothing */
	const char	*type;		/* of MEGA.md: "like", "download", .. */
	const char	*generation;	/* or NULL */
	const char	*session;	/* or NULL */
	bool		 value;		/* false takes a like or dislike back */
	const char	*text;		/* or NULL */
	const char	*context;	/* where in the studio; or NULL */
};

/* Is it a type of MEGA.md? */
bool	 feedback_type(const char *);
/*
 * Records the event; *liked is the state after it.  E_NOTFOUND when the
 * generation is not the customer's.
 */
coroutine_fn enum err feedback_note(struct cx *, const char *pass,
    const struct feedback_event *, bool *liked) MUSTCHECK;
/*
 * Records preference_set from members of body: hardBlocks, a list of tags that
 * replaces the list, and tagWeights, from tag to -5..5 or null to remove it.
 * E_FIELD names the member that is wrong.
 */
coroutine_fn enum err feedback_prefer(struct cx *, const char *pass,
    const struct feedback_event *, const struct cJSON *body) MUSTCHECK;

#endif
