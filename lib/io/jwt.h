/*
 * jwt - parsing and verifying JSON Web Tokens
 *
 * Tokens in the compact form (RFC 7519, 7515) and the sets of public keys
 * that verify them (RFC 7517).  libjose does the cryptography.
 *
 * What libjose 11 leaves to its caller, and is done here:
 *
 *	It compares a token's alg with its key's by strcmp() < 0, so an RS256
 *	key also verifies RS512 and PS256.  Here a key verifies its own alg
 *	and nothing else.
 *	It ignores crit (RFC 7515, 4.1.11) and b64 (RFC 7797): tokens that
 *	have them are refused.
 *	jansson recurses 2048 levels deep, more than a coroutine's stack has
 *	room for: the depth is counted before.
 *	A failed allocation counts as a signature that does not verify.
 *
 * jku, jwk, x5u and x5c in a header are ignored: the caller has the keys.
 */
#ifndef MINA_JWT_H
#define MINA_JWT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/crypto.h"
#include "base/err.h"

struct cx;
struct json_t;

#define JWT_MAX		8192		/* bytes of a token */
#define JWT_KID_MAX	128
#define JWKS_MAX	65536		/* bytes of a set */
#define JWKS_KEYS	32
#define JWT_SECRET_MIN	32		/* bytes; RFC 7518, 3.2 */
#define JWT_SECRET_MAX	1024		/* libjose's own limit */

enum jwt_alg { JWT_ES256, JWT_RS256, JWT_HS256, JWT__MAX };

struct jwt {
	enum jwt_alg	 alg;
	const char	*kid;		/* NULL: the header has none */
	const char	*payload;	/* decoded; NUL follows */
	size_t		 payloadlen;
	const char	*part[3];	/* as sent */
};

struct jwk {
	enum jwt_alg	 alg;		/* the only one it verifies */
	char		*kid;
	unsigned char	 print[SHA256_LEN];	/* of kid and key */
	struct json_t	*jose;
};

struct jwks {
	struct jwk	 key[JWKS_KEYS];
	size_t		 n;
	size_t		 skipped;	/* keys not accepted */
};

/*
 * Parses a token, without verifying it.  E_NOAUTH when it is malformed or of
 * an alg that is not accepted; the detail quotes nothing of the token.
 */
enum err jwt_read(struct cx *, const char *token, struct jwt *) MUSTCHECK;
/* Whether this key signed it, by the key's own alg. */
bool	 jwt_verify(const struct jwt *, const struct jwk *);

/*
 * Keys accepted: EC P-256 for ES256, RSA of 2048 to 4096 bits with e = 65537
 * for RS256, both with a kid, public, for signatures.  Others (above all oct)
 * are skipped, and all of those that share a kid.  NULL, and *why, when it is
 * not a set of keys, or over the limits above.
 */
struct jwks *jwks_new(const char *, size_t, const char **why);
void	 jwks_free(struct jwks *);
const struct jwk *jwks_find(const struct jwks *, const char *kid);

/* For HS256, the bytes as they are; NULL outside JWT_SECRET_MIN..MAX. */
struct jwk *jwk_secret(const void *, size_t);
void	 jwk_free(struct jwk *);

#endif
