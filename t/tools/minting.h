/*
 * minting - makes tokens for tests
 *
 * Signs whatever it is told to, wrong things above all.  Keys are private
 * JWKs as JSON.  Results are malloc'ed; the caller frees them, or not.
 */
#ifndef MINA_MINTING_H
#define MINA_MINTING_H

#include <stddef.h>

/* A new private JWK for ES256, RS256 and their kin. */
char	*minting_key(const char *alg, const char *kid);
/* {"keys":[..]} of the public halves. */
char	*minting_jwks(const char *const *keys, size_t n);
/*
 * A token.  key is a private JWK; for HS* the bytes of a secret; for "none"
 * nothing.  kid and head may be NULL; head is a JSON object whose members go
 * into the header and win.
 */
char	*minting_token(const char *alg, const char *key, size_t keylen,
	    const char *kid, const char *head, const char *claims);

#endif
