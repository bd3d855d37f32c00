/*
 * jwks - the keys that sign access tokens, fetched and cached
 *
 * The public keys (RFC 7517) come from MINA_AUTH_JWKS_URL.  After 10 minutes a
 * request starts a fetch in the background and goes on with the old keys.  A
 * fetch that fails changes nothing, so users stay signed in while the service
 * is down.  After an hour without a successful fetch a request waits for one
 * first, so that a program that was idle does not accept a withdrawn key.
 *
 * A program that starts while the service is unavailable uses the keys that
 * were read last by any program, if that is not over a day ago (keptkeys.h),
 * with a warning, and tries to fetch them every 2 seconds.
 *
 * A token with an unknown kid starts a fetch too, at most one in 30 seconds
 * for the whole program; requests that arrive during a fetch wait for it.
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
 * What is wrong with the settings, in words, or NULL.  MINA_AUTH_URL may be
 * unset: then there is no sign-in.
 */
const char *jwks_complaint(void);
/* MINA_AUTH_URL without a slash at its end: what iss must be. */
const char *jwks_name(struct cx *);

/*
 * The key to verify this token with, valid until the caller waits for
 * something.  E_NOAUTH when there is no such key, E_AWAY when that is unknown
 * because keys could not be fetched.  May wait for a fetch.
 */
coroutine_fn enum err jwks_key(struct cx *, const struct jwt *,
    const struct jwk **) MUSTCHECK;
/*
 * Is the key with this print (see struct jwk) still published?  Never waits;
 * false also when the keys are so old that jwks_key() would wait for a fetch.
 */
bool	 jwks_has(struct cx *, const unsigned char print[SHA256_LEN]);

#endif
