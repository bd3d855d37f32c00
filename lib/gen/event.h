/*
 * event - what people say and do about what was made (mma_event)
 *
 * How it becomes taste is sql/schema/089-taste.sql.
 */
#ifndef MINA_EVENT_H
#define MINA_EVENT_H

#include <stdbool.h>

#include "base/err.h"

struct cJSON;
struct cx;

struct event {
	const char	*id;		/* uuid; the same one is written once */
	const char	*type;		/* of MEGA.md: "like", "download", .. */
	const char	*generation;	/* or NULL */
	const char	*session;	/* or NULL */
	bool		 value;		/* false takes a like or dislike back */
	const char	*text;		/* or NULL */
	const char	*context;	/* where in the studio; or NULL */
};

/* Is it one of MEGA.md's? */
bool	 event_type(const char *);
/* E_NOTFOUND when the generation is not theirs; *liked as it is now. */
enum err event_note(struct cx *, const char *pass, const struct event *,
    bool *liked) MUSTCHECK;
/*
 * preference_set, from hardBlocks (list of tags; replaces the list) and
 * tagWeights (tag to -5..5, or null to forget) of body; E_FIELD names what is
 * wrong with them.
 */
enum err event_prefer(struct cx *, const char *pass, const struct event *,
    const struct cJSON *body) MUSTCHECK;

#endif
