/*
 * authkey - the keys that the emulated Supabase Auth signs tokens with
 *
 * P-256 keys, the newest signs, all of them are in the JWKS.  They live in
 * auth-keys.pem below MINA_SANDBOX_DIR (mode 0600), newest first, so that
 * tokens outlive a restart; the id of a key follows from the key.
 *
 * OpenSSL signs here, and libjose checks in Mina: what one of them reads
 * loosely the other does not write by accident.
 */
#ifndef SANDBOX_SIGNING_KEY_H
#define SANDBOX_SIGNING_KEY_H

#include <stdbool.h>
#include <stddef.h>


struct authkey;
struct cx;
struct json;

/* Reads the keys, or makes the first; false, with errno, when it cannot. */
bool	 authkey_open(void);
/* A new one signs from now on; drop: the others are forgotten. */
bool	 authkey_rotate(bool drop);

const struct authkey *authkey_signing(void);
const struct authkey *authkey_find(const char *kid);	/* or NULL */
const char *authkey_id(const struct authkey *);
/* One that is in no set and is gone with cx. */
const struct authkey *authkey_stranger(struct cx *);

/* The members of the set: "keys". */
void	 authkey_jwks(struct cx *, struct json *);
/* The public half as people paste it: SubjectPublicKeyInfo, PEM. */
const char *authkey_pem(struct cx *, const struct authkey *);

/* ES256 (RFC 7518, 3.4): r and s, 64 bytes, in base64url. */
const char *authkey_sign(struct cx *, const struct authkey *,
	    const char *text, size_t);
bool	 authkey_check(struct cx *, const struct authkey *,
	    const char *text, size_t, const char *sig);

#endif
