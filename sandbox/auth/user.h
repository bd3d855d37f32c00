/*
 * authuser - the users of the emulated Supabase Auth
 *
 * The id of a user follows from the e-mail, so it is the same in every
 * sandbox and after every restart; an anonymous user's is random.  E-mails
 * are lower case.  Users are never deleted.
 */
#ifndef SANDBOX_USER_H
#define SANDBOX_USER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/crypto.h"


struct authsess;
struct buf;
struct cJSON;
struct cx;
struct json;

struct authuser {
	char		 id[UUID_LEN];
	char		*email;			/* "" when anonymous */
	char		*data;			/* user_metadata, JSON */
	bool		 by_email, by_google;	/* identities */
	int64_t		 created, updated;
	int64_t		 confirmed;		/* 0: not yet */
	int64_t		 mailed;		/* the last code; 0: none */
	int64_t		 signed_in;		/* 0: never */
	struct authsess	*sessions;
	struct authuser	*newer;
};

/* Whether s is an e-mail address; out gets it in lower case. */
bool	 authuser_email(struct cx *, const char *s, const char **out);
/* The same id for the same bytes; kinds are kept apart. */
void	 auth_uuid_of(const char *kind, const void *, size_t,
	    char out[UUID_LEN]);
void	 authuser_id(const char *email, char out[UUID_LEN]);

struct authuser *authuser_find(const char *id);
struct authuser *authuser_by_email(const char *);
struct authuser *authuser_oldest(void);
/* email "" is an anonymous one; data may be NULL.  Not written yet. */
struct authuser *authuser_new(const char *email, const char *data);
/* What changed is written; false when it could not be. */
bool	 authuser_save(struct authuser *);

/* The user object (UserSchema). */
void	 authuser_print(struct cx *, struct json *, const char *key,
	    const struct authuser *);
/* app_metadata and user_metadata, which tokens have as well. */
void	 authuser_metadata(struct cx *, struct json *,
	    const struct authuser *);

/* authlog.c only. */
bool	 authuser_replay(struct cx *, const char *op, const struct cJSON *);
void	 authuser_write(void);

#endif
