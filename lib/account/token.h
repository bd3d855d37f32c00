/*
 * token - who a bearer token says is asking
 *
 * A user's access token from Supabase Auth (GoTrue), checked here and not by
 * asking there: signature, then claims.
 *
 *	exp	there, and not past (5 s of leeway)
 *	nbf	not to come (5 s)
 *	iss	MINA_AUTH_URL, to the letter
 *	aud	MINA_AUTH_AUDIENCE, or a list that has it
 *	role	authenticated; the project's API keys have another, and no sub
 *	sub	a uuid
 *
 * A signed-out user's token is good until it expires: that is what tokens
 * are.  user_metadata, which users write themselves, is not looked at.
 *
 * A token that was found good is known by its SHA-256 from then on and costs
 * no signature check until it expires, its key is withdrawn, or SEEN_MAX
 * others came since.
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

struct token {
	char		 user[UUID_LEN];	/* sub */
	const char	*email;			/* NULL: none */
	bool		 anonymous;		/* signed in as nobody */
	bool		 verified;		/* has an e-mail and is not */
	const char	*method;		/* "email", "google", .. */
	int64_t		 expires;		/* ms */
};

/*
 * bearer is what follows "Bearer ".  E_NOAUTH with words for people, and a
 * detail that quotes nothing of the token; E_AWAY when it cannot be told
 * because the keys cannot be had.  May wait.
 */
enum err token_check(struct cx *, const char *bearer, struct token *)
    MUSTCHECK;

#endif
