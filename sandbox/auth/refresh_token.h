/*
 * authsess - sessions and their refresh tokens
 *
 * A refresh token is used once and gives the next one.  Used again within
 * settings.reuse_ms it gives the one that is current by then (the answer may
 * have been lost on the way); used again later it has been stolen, or its
 * client is broken, and no token of the session is good any more.  GoTrue
 * today forgives the last but one for ever; who does not rely on that is
 * right with both.
 */
#ifndef SANDBOX_REFRESH_TOKEN_H
#define SANDBOX_REFRESH_TOKEN_H

#include <stdbool.h>
#include <stdint.h>
#include "base/crypto.h"


#define REFRESH_LEN	13		/* with its NUL */

struct authuser;
struct cJSON;

struct refresh {
	char		 token[REFRESH_LEN];
	struct authsess	*session;
	int64_t		 used;		/* 0: not yet */
	struct refresh	*next;		/* the one it was used for */
};

struct authsess {
	char		 id[UUID_LEN];
	struct authuser	*user;
	const char	*method;	/* "otp", "oauth", "anonymous" */
	int64_t		 created, refreshed;
	bool		 revoked;	/* its refresh tokens, all of them */
	struct refresh	*first, *current;
	struct authsess	*older;		/* of the same user */
};

enum authsess_verdict {
	AUTHSESS_OK,
	AUTHSESS_UNKNOWN,
	AUTHSESS_REUSED,		/* now or before: revoked */
	AUTHSESS_FAILED,		/* the journal cannot be written */
};

/* A sign-in, and the first refresh token; NULL: it cannot be written. */
struct authsess *authsess_new(struct authuser *, const char *method);
struct authsess *authsess_find(const char *id);
/* On AUTHSESS_OK its current token is the one to hand out. */
enum authsess_verdict authsess_refresh(const char *token,
	    struct authsess **);
/* Signed out: the session and its tokens are unknown from now on. */
bool	 authsess_end(struct authsess *);
/* All of the user's, except one (or NULL). */
bool	 authsess_end_all(struct authuser *, const struct authsess *except);

/* authlog.c only. */
bool	 authsess_replay(const char *op, const struct cJSON *);
void	 authsess_write(void);

#endif
