/*
 * access_token - access tokens, and the keys they are signed with
 */
#ifndef SANDBOX_ACCESS_TOKEN_H
#define SANDBOX_ACCESS_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct auth_key;
struct auth_session;
struct auth_user;
struct cJSON;
struct cx;
struct json;

/*
 * --- signing_key.c
 *
 * P-256 keys, the newest signs, all of them are in the JWKS.  They live in
 * auth-keys.pem below MINA_SANDBOX_DIR (mode 0600), newest first, so that
 * tokens outlive a restart; the id of a key follows from the key.
 *
 * OpenSSL signs here, and libjose checks in Mina: what one of them reads
 * loosely the other does not write by accident.
 */

/* Reads the keys, or makes the first; false, with errno, when it cannot. */
bool	 auth_key_open(void);
/* A new one signs from now on; drop: the others are forgotten. */
bool	 auth_key_rotate(bool drop);
const struct auth_key *auth_key_signing(void);
const struct auth_key *auth_key_find(const char *kid);	/* or NULL */
const char *auth_key_id(const struct auth_key *);
/* One that is in no set and is gone with cx. */
const struct auth_key *auth_key_stranger(struct cx *);
/* The members of the set: "keys". */
void	 auth_key_jwks(struct cx *, struct json *);
/* The public half as people paste it: SubjectPublicKeyInfo, PEM. */
const char *auth_key_pem(struct cx *, const struct auth_key *);
/* ES256 (RFC 7518, 3.4): r and s, 64 bytes, in base64url. */
const char *auth_key_sign(struct cx *, const struct auth_key *,
	    const char *text, size_t);
bool	 auth_key_check(struct cx *, const struct auth_key *,
	    const char *text, size_t, const char *sig);

/* --- access_token.c */

/* What a token says beyond its user; times in milliseconds. */
struct sign_in {
	const char	*session, *method;
	int64_t		 signed_in, issued;
};

/*
 * The claims, a JSON object.  Those in `over' (may be NULL) come instead of
 * the usual ones, and where they are null there is none.  NULL when they are
 * too large.
 */
const char *access_token_claims(struct cx *, const struct auth_user *,
	    const struct sign_in *, const struct cJSON *over);
/* The usual header, over as above. */
const char *access_token_header(struct cx *, const char *alg,
	    const char *kid, const struct cJSON *over);
/* Header and claims in base64url, joined by a dot: what is signed. */
const char *access_token_unsigned(struct cx *, const char *header,
	    const char *claims);
/* A session's token, and its exp (seconds). */
const char *access_token_of(struct cx *, const struct auth_session *,
	    int64_t *expires);
/* Ours, and not expired; else why not, in GoTrue's words. */
bool	 access_token_read(struct cx *, const char *token,
	    struct cJSON **claims, const char **why);

#endif
