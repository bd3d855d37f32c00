/*
 * authmail - mails with a code and a link, as the inbox shows them
 *
 * Either of the two signs in, once, within settings.code_ms, and only the
 * newest mail to an address counts.  The last MAILS_MAX are kept, also over
 * a restart.
 */
#ifndef SANDBOX_MAIL_H
#define SANDBOX_MAIL_H

#include <stdbool.h>
#include <stdint.h>
#include "base/crypto.h"


#define AUTHMAIL_CODE	7		/* six digits, NUL */
#define AUTHMAIL_HASH	64		/* "pkce_" and 56 digits, NUL */

struct cJSON;
struct cx;

struct authmail {
	char		 id[UUID_LEN];
	char		*to;
	bool		 signup;	/* else a magic link */
	char		 code[AUTHMAIL_CODE];
	char		 hash[AUTHMAIL_HASH];
	char		*redirect;
	char		*challenge;	/* PKCE; "" without */
	char		*method;	/* of the challenge */
	int64_t		 sent;
	bool		 spent;
	bool		 again;		/* another one may follow at once */
	struct authmail	*older, *newer;
};

/* What is to be sent; strings are the caller's. */
struct authmail_order {
	const char	*to, *redirect, *challenge, *method;
	bool		 signup;
};

struct authmail *authmail_newest(void);
/* Milliseconds until the address may be sent another one; 0: now. */
int64_t	 authmail_wait(const char *to);
/* It may be sent another one at once. */
void	 authmail_again(const char *to);
/* NULL: it cannot be written. */
struct authmail *authmail_send(const struct authmail_order *);

/* One that still signs in, or NULL.  type: email, signup, magiclink. */
struct authmail *authmail_by_code(const char *to, const char *code,
	    const char *type);
struct authmail *authmail_by_hash(const char *hash, const char *type);
/* Used; false when that cannot be written. */
bool	 authmail_spend(struct authmail *);

const char *authmail_type(const struct authmail *);	/* signup, magiclink */
const char *authmail_state(const struct authmail *);
const char *authmail_link(struct cx *, const struct authmail *);
/* The inbox is empty afterwards, and the codes are void. */
bool	 authmail_forget_all(void);

/* authlog.c only. */
bool	 authmail_replay(const char *op, const struct cJSON *);
void	 authmail_write(void);

#endif
