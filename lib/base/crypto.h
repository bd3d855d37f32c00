/*
 * crypto - digests, message authentication, sealed boxes, randomness
 *
 * OpenSSL does the work.
 */
#ifndef MINA_CRYPTO_H
#define MINA_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>

#define SHA256_LEN	32		/* bytes of SHA-256 */
#define SHA256_HEX	(2 * SHA256_LEN + 1)
#define UUID_LEN	37

struct cx;

void	 crypto_sha256(const void *, size_t, unsigned char out[SHA256_LEN]);
void	 crypto_sha256_hex(const void *, size_t, char out[SHA256_HEX]);
void	 crypto_hmac(const void *key, size_t keylen, const void *, size_t,
	    unsigned char out[SHA256_LEN]);
/* Constant time in n; the caller makes sure both hold n bytes. */
bool	 crypto_eq(const void *, const void *, size_t n);
/* Constant time for strings of equal length; lengths are not secret. */
bool	 crypto_str_eq(const char *, const char *);

/* RFC 8032: did the owner of this public key (32 bytes) sign it (64)? */
#define CRYPTO_ED25519_KEY	32
#define CRYPTO_ED25519_SIG	64
bool	 crypto_ed25519(const unsigned char *key, const unsigned char *sig,
	    const void *, size_t);

/*
 * AES-256-GCM: n bytes become a random nonce (CRYPTO_NONCE), as many bytes, and
 * a tag (CRYPTO_TAG).  ad is bound to it and not in it; both sides know it.
 * crypto_open() gives NULL when one bit of box, key or ad is another; what it
 * gives has a NUL behind it.  Good for 2^32 boxes under one key.
 */
#define CRYPTO_NONCE	12
#define CRYPTO_TAG	16
unsigned char *crypto_seal(struct cx *, const unsigned char key[SHA256_LEN],
    const char *ad, const void *, size_t n, size_t *len);
unsigned char *crypto_open(struct cx *, const unsigned char key[SHA256_LEN],
    const char *ad, const void *box, size_t n, size_t *len);

/* From the operating system; never fails (aborts instead). */
void	 crypto_random(void *, size_t);
void	 crypto_uuid(char out[UUID_LEN]);			/* version 4 */
/* A uuid that follows from these bytes: their SHA-256, as version 8. */
void	 crypto_uuid_of(const void *, size_t, char out[UUID_LEN]);

#endif
