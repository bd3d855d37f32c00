/*
 * token - verifies access tokens and reads their claims
 *
 * A user's access token from Supabase Auth (GoTrue), verified locally:
 * signature, then claims (RFC 7519).
 *
 *	exp	required, and not past (5 s of leeway)
 *	nbf	not in the future (5 s of leeway)
 *	iss	MINA_AUTH_URL, exactly
 *	aud	MINA_AUTH_AUDIENCE, or a list that has it
 *	role	authenticated; the project's API keys have another, and no sub
 *	sub	a uuid
 *
 * The token of a user who signed out stays valid until it expires.
 *
 * An e-mail address in a token proves nothing: whether it is the user's is
 * known from the way they signed in (amr).  otp, magiclink and oauth prove it;
 * a password only while the service confirms addresses (confirm.h).  With sso
 * the identity provider of one tenant asserts it, and two users may have the
 * same: it is verified, but no reason to move another user's account.
 * email_verified false, in the claims or in user_metadata, always wins; true
 * is ignored, because users write user_metadata themselves.
 *
 * A valid token is cached by its SHA-256 and needs no signature check until it
 * expires, its key is withdrawn, or TOKEN_SEEN_MAX others were cached since.
 */
#ifndef MINA_TOKEN_H
#define MINA_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/crypto.h"
#include "base/err.h"

struct cx;

#define TOKEN_LEEWAY_MS	5000
#define TOKEN_SEEN_MAX	4096

enum token_proof {
	TOKEN_UNPROVEN,
	TOKEN_IF_CONFIRMED,	/* if the service confirms addresses */
	TOKEN_ASSERTED,		/* by single sign-on */
	TOKEN_PROVEN,
};

struct token {
	char		 user[UUID_LEN];	/* sub */
	const char	*email;			/* NULL: none */
	bool		 anonymous;		/* an anonymous sign-in */
	enum token_proof proof;			/* of the e-mail address */
	bool		 verified;		/* the e-mail is the user's */
	bool		 asserted;		/* .. single sign-on says */
	const char	*method;		/* "email", "google", .. */
	int64_t		 issued;		/* ms; 0: not known */
	int64_t		 expires;		/* ms */
};

/*
 * bearer is what follows "Bearer ".  E_NOAUTH with a message for the client,
 * and a detail that quotes nothing of the token; E_AWAY when the keys cannot
 * be fetched.  May wait.
 */
coroutine_fn enum err token_check(struct cx *, const char *bearer,
    struct token *) MUSTCHECK;

#endif
