/*
 * state - users, sessions, mails and flows of the emulated Supabase Auth
 *
 * The first three are kept over a restart, as lines of auth.ndjson below
 * MINA_SANDBOX_DIR (mode 0600).  Each module writes its own lines and reads
 * them back; at the start they are read, and rewritten without what is
 * over.
 */
#ifndef SANDBOX_STATE_H
#define SANDBOX_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/crypto.h"
#include "base/json.h"

struct record_field;

/* --- user.c: users are never deleted */

struct auth_user {
	/*
	 * It follows from the e-mail, so it is the same in every sandbox; an
	 * anonymous user's is random.
	 */
	char		 id[UUID_LEN];
	char		*email;			/* lower case; "" anonymous */
	char		*data;			/* user_metadata, JSON */
	bool		 by_email, by_google;	/* identities */
	int64_t		 created, updated;
	int64_t		 confirmed;		/* 0: not yet */
	int64_t		 mailed;		/* the last code; 0: none */
	int64_t		 signed_in;		/* 0: never */
	struct auth_session *sessions;
	struct auth_user *newer;
};

/* Whether s is an e-mail address; out gets it in lower case. */
bool	 auth_user_email(struct cx *, const char *s, const char **out);
void	 auth_user_id(const char *email, char out[UUID_LEN]);
/* The same id for the same bytes; kinds are kept apart. */
void	 auth_uuid_of(const char *kind, const void *, size_t,
	    char out[UUID_LEN]);
struct auth_user *auth_user_find(const char *id);
struct auth_user *auth_user_by_email(const char *);
struct auth_user *auth_user_oldest(void);
/* email "" is an anonymous one; data may be NULL.  Not written yet. */
struct auth_user *auth_user_new(const char *email, const char *data);
/* What changed is written; false when it could not be. */
bool	 auth_user_save(struct auth_user *);
/* The user object (UserSchema). */
void	 auth_user_print(struct cx *, struct json *, const char *key,
	    const struct auth_user *);
/* app_metadata and user_metadata, which tokens have as well. */
void	 auth_user_metadata(struct cx *, struct json *,
	    const struct auth_user *);

/*
 * --- session.c: sessions and their refresh tokens
 *
 * A refresh token is used once and gives the next one.  Used again within
 * settings.reuse_ms it gives the one that is current by then (the answer may
 * have been lost on the way); used again later it has been stolen, or its
 * client is broken, and no token of the session is good any more.  GoTrue
 * today forgives the last but one for ever; a client that does not rely on
 * that is right with both.
 */

#define REFRESH_LEN	13		/* with its NUL */

struct refresh {
	char		 token[REFRESH_LEN];
	struct auth_session *session;
	int64_t		 used;		/* 0: not yet */
	struct refresh	*next;		/* the one it was used for */
};

struct auth_session {
	char		 id[UUID_LEN];
	struct auth_user *user;
	const char	*method;	/* amr: "otp", "oauth", .. */
	int64_t		 created, refreshed;
	bool		 revoked;	/* its refresh tokens, all of them */
	struct refresh	*first, *current;
	struct auth_session *older;	/* of the same user */
};

enum refresh_verdict {
	REFRESH_OK,
	REFRESH_UNKNOWN,
	REFRESH_REUSED,		/* now or before: revoked */
	REFRESH_FAILED,		/* the journal cannot be written */
};

/* A sign-in, and the first refresh token; NULL: it cannot be written. */
struct auth_session *auth_session_new(struct auth_user *,
	    const char *method);
struct auth_session *auth_session_find(const char *id);
/* On REFRESH_OK its current token is the one to hand out. */
enum refresh_verdict auth_session_refresh(const char *token,
	    struct auth_session **);
/* Signed out: the session and its tokens are unknown from now on. */
bool	 auth_session_end(struct auth_session *);
/* All of the user's, except one (or NULL). */
bool	 auth_session_end_all(struct auth_user *,
	    const struct auth_session *except);

/*
 * --- mail.c: mails with a code and a link, as the inbox shows them
 *
 * Either of the two signs in, once, within settings.code_ms, and only the
 * newest mail to an address counts.
 */

#define MAIL_CODE	7		/* six digits, NUL */
#define MAIL_HASH	64		/* "pkce_" and 56 digits, NUL */

struct auth_mail {
	char		 id[UUID_LEN];
	char		*to;
	bool		 signup;	/* else a magic link */
	char		 code[MAIL_CODE];
	char		 hash[MAIL_HASH];
	char		*redirect;
	char		*challenge, *method;	/* PKCE; "" without */
	int64_t		 sent;
	bool		 spent;
	bool		 again;		/* another one may follow at once */
	struct auth_mail *older, *newer;
};

/* What is to be sent; strings are the caller's. */
struct auth_mail_order {
	const char	*to, *redirect, *challenge, *method;
	bool		 signup;
};

struct auth_mail *auth_mail_newest(void);
/* Milliseconds until the address may be sent another one; 0: now. */
int64_t	 auth_mail_wait(const char *to);
/* It may be sent another one at once. */
void	 auth_mail_again(const char *to);
/* NULL: it cannot be written. */
struct auth_mail *auth_mail_send(const struct auth_mail_order *);
/* One that still signs in, or NULL.  type: email, signup, magiclink. */
struct auth_mail *auth_mail_by_code(const char *to, const char *code,
	    const char *type);
struct auth_mail *auth_mail_by_hash(const char *hash, const char *type);
/* Used; false when that cannot be written. */
bool	 auth_mail_spend(struct auth_mail *);
const char *auth_mail_type(const struct auth_mail *);	/* signup, magiclink */
const char *auth_mail_state(const struct auth_mail *);
const char *auth_mail_link(struct cx *, const struct auth_mail *);
/* The inbox is empty afterwards, and the codes are void. */
bool	 auth_mail_forget_all(void);

/*
 * --- flow.c: sign-ins that go through a browser and come back with a code
 *
 * A flow begins at /authorize and waits for the person, or begins when a
 * link in a mail was followed; then it has a user and a code, which is worth
 * a session for settings.flow_ms, once, to the client that holds the verifier
 * (PKCE, RFC 7636).  Flows are in memory only: a restart loses them.
 */

struct auth_flow {
	char		 state[UUID_LEN];
	char		 code[UUID_LEN];	/* "" until the user is known */
	struct auth_user *user;
	const char	*amr;			/* how, in GoTrue's words */
	char		*redirect;
	char		*challenge, *method;	/* "" without PKCE */
	int64_t		 since;
	struct auth_flow *older;
};

/* All of these are copied, but for amr. */
struct auth_flow *auth_flow_new(const char *amr, const char *redirect,
	    const char *challenge, const char *method);
/* Still waiting for its person; NULL when unknown, too old or over. */
struct auth_flow *auth_flow_by_state(const char *state);
struct auth_flow *auth_flow_by_code(const char *code);
bool	 auth_flow_expired(const struct auth_flow *);
/* The user is known: from now on it has a code. */
void	 auth_flow_arrive(struct auth_flow *, struct auth_user *);
bool	 auth_flow_verify(struct cx *, const struct auth_flow *,
	    const char *verifier);
void	 auth_flow_end(struct auth_flow *);
void	 auth_flow_forget_all(void);

/*
 * --- state_log.c: the journal
 *
 *	struct state_line l;
 *
 *	json_str(state_log_begin(&l, "spent"), "mail", id);
 *	return state_log_end(&l);
 */

struct state_line {
	struct buf	buf;
	struct json	js;
};

/* False, with errno, when it cannot be opened. */
bool	 state_log_open(void);
/* tidy: nothing else has it open, so it may be rewritten. */
void	 state_log_load(bool tidy);
/* False when it could not be written; and the same for one line. */
struct json *state_log_begin(struct state_line *, const char *op);
bool	 state_log_end(struct state_line *);
bool	 state_log_record(const char *op, const struct record_field *,
	    const void *);
bool	 state_log_note(const char *op, const char *key, const char *value);

/* For state_log.c: takes a line if it is of its kind; rewrites all. */
bool	 auth_user_replay(struct cx *, const char *op, const struct cJSON *);
bool	 auth_session_replay(struct cx *, const char *op,
	    const struct cJSON *);
bool	 auth_mail_replay(struct cx *, const char *op, const struct cJSON *);
void	 auth_user_write(void);
void	 auth_session_write(void);
void	 auth_mail_write(void);

#endif
