/*
 * hash - digests, message authentication, encodings, randomness
 *
 * OpenSSL does the work.  Hex is lower case.
 */
#ifndef MINA_HASH_H
#define MINA_HASH_H

#include <stdbool.h>
#include <stddef.h>

#define HASH_LEN	32		/* bytes of SHA-256 */
#define HASH_HEX	(2 * HASH_LEN + 1)
#define UUID_LEN	37

struct cx;

void	 hash_sha256(const void *, size_t, unsigned char out[HASH_LEN]);
void	 hash_sha256_hex(const void *, size_t, char out[HASH_HEX]);
void	 hash_hmac(const void *key, size_t keylen, const void *, size_t,
	    unsigned char out[HASH_LEN]);
/* Constant time in n; the caller makes sure both hold n bytes. */
bool	 hash_eq(const void *, const void *, size_t n);
/* Constant time for strings of equal length; lengths are not secret. */
bool	 hash_str_eq(const char *, const char *);

/* RFC 8032: did the owner of this public key (32 bytes) sign it (64)? */
#define HASH_ED25519_KEY	32
#define HASH_ED25519_SIG	64
bool	 hash_ed25519(const unsigned char *key, const unsigned char *sig,
	    const void *, size_t);

void	 hash_hex(const void *, size_t, char *out);	/* 2n+1 bytes */
/* 2n digits of either case; false when they are not. */
bool	 hash_unhex(const char *, size_t n, unsigned char *out);
char	*hash_base64(struct cx *, const void *, size_t);
/* Standard alphabet with padding; NULL when it is not base64. */
unsigned char *hash_unbase64(struct cx *, const char *, size_t *len);
/*
 * The alphabet of URLs, without padding (RFC 4648, 5).  Reading is strict:
 * each string of bytes has one spelling, and any other gives NULL.
 */
char	*hash_base64url(struct cx *, const void *, size_t);
unsigned char *hash_unbase64url(struct cx *, const char *, size_t *len);

/*
 * AES-256-GCM: n bytes become a random nonce (HASH_NONCE), as many bytes, and
 * a tag (HASH_TAG).  ad is bound to it and not in it; both sides know it.
 * hash_open() gives NULL when one bit of box, key or ad is another; what it
 * gives has a NUL behind it.  Good for 2^32 boxes under one key.
 */
#define HASH_NONCE	12
#define HASH_TAG	16
unsigned char *hash_seal(struct cx *, const unsigned char key[HASH_LEN],
    const char *ad, const void *, size_t n, size_t *len);
unsigned char *hash_open(struct cx *, const unsigned char key[HASH_LEN],
    const char *ad, const void *box, size_t n, size_t *len);

/* From the operating system; never fails (aborts instead). */
void	 hash_random(void *, size_t);
void	 hash_uuid(char out[UUID_LEN]);			/* version 4 */
/* A uuid that follows from these bytes: their SHA-256, as version 8. */
void	 hash_uuid_of(const void *, size_t, char out[UUID_LEN]);

#endif
