/*
 * session - the start of a studio session, as a row of mega_generations
 */
#ifndef MINA_SESSION_H
#define MINA_SESSION_H

#include "base/err.h"

struct cx;

struct session {
	const char	*platform, *version;	/* may be NULL */
	const char	*meta;			/* JSON object, or NULL */
	const char	*user_agent;
};

/*
 * *id is "sess_<uuid>"; the row is session:sess_<uuid>.  The same uuid again
 * is the same session, and writes nothing.
 */
coroutine_fn enum err session_start(struct cx *, const char *pass,
    const char *uuid, const struct session *, const char **id) MUSTCHECK;

#endif
