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

void	 hash_hex(const void *, size_t, char *out);	/* 2n+1 bytes */
char	*hash_base64(struct cx *, const void *, size_t);
/* Standard alphabet with padding; NULL when it is not base64. */
unsigned char *hash_unbase64(struct cx *, const char *, size_t *len);

/* From the operating system; never fails (aborts instead). */
void	 hash_random(void *, size_t);
void	 hash_uuid(char out[UUID_LEN]);			/* version 4 */

#endif
