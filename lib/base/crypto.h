/*
 * crypto - digests, message authentication, authenticated encryption, random
 *
 * crypto.c is a thin layer over OpenSSL.
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

/* RFC 8032: whether sig (64 bytes) is by the owner of key (32 bytes). */
#define CRYPTO_ED25519_KEY	32
#define CRYPTO_ED25519_SIG	64
bool	 crypto_ed25519(const unsigned char *key, const unsigned char *sig,
	    const void *, size_t);

/*
 * AES-256-GCM.  The sealed box is a random nonce (CRYPTO_NONCE bytes), n
 * bytes of ciphertext and a tag (CRYPTO_TAG).  ad is additional data: it is
 * authenticated but not contained.  crypto_open() gives NULL when box, key or
 * ad were changed; a NUL follows the text it gives.  With random nonces at
 * most 2^32 boxes under one key.
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
/* The same UUID for the same bytes: their SHA-256, as version 8. */
void	 crypto_uuid_of(const void *, size_t, char out[UUID_LEN]);

#endif
