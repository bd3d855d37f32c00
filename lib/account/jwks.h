/*
 * signer - the keys of the service that people sign in with
 *
 * The public ones come from MINA_AUTH_JWKS_URL and are kept for 10 minutes;
 * then a request starts a fetch and the old ones serve on meanwhile.  A fetch
 * that fails changes nothing: who is signed in stays signed in while the
 * service is away.  After an hour without a good fetch a request waits for
 * one first, so that a program nobody used does not believe a key withdrawn
 * long ago.
 *
 * A kid nobody knows makes us ask, once in 30 seconds for the whole program,
 * however many come; those that come meanwhile wait for the one answer.
 */
#ifndef MINA_JWKS_H
#define MINA_JWKS_H

#include <stdbool.h>

#include "base/crypto.h"
#include "base/err.h"

struct cx;
struct jwk;
struct jwt;

/*
 * What is wrong with the settings, in words, or NULL.  No MINA_AUTH_URL is
 * nothing wrong: then nobody can sign in.
 */
const char *jwks_complaint(void);
/* MINA_AUTH_URL without a slash at its end: what iss must be. */
const char *jwks_name(struct cx *);

/*
 * The key that must have signed this token.  It is good until the caller
 * waits for something.  E_NOAUTH when there is none, E_AWAY when nobody can
 * say because the service does not answer.  May wait for a fetch.
 */
enum err jwks_key(struct cx *, const struct jwt *, const struct jwk **)
    MUSTCHECK;
/*
 * Is the key of this print (see struct jwk) one of theirs still?  Never
 * waits; false also when the keys are so old that jwks_key() would.
 */
bool	 jwks_has(struct cx *, const unsigned char print[SHA256_LEN]);

#endif
