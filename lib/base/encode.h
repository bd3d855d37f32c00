/*
 * encode - bytes as text: hexadecimal (lower case) and base64
 */
#ifndef MINA_ENCODE_H
#define MINA_ENCODE_H

#include <stdbool.h>
#include <stddef.h>

struct cx;

void	 encode_hex(const void *, size_t, char *out);	/* 2n+1 bytes */
/* 2n digits of either case into n bytes; false for anything else. */
bool	 decode_hex(const char *, size_t n, unsigned char *out);
int	 decode_hex_digit(char);		/* -1 for anything else */
char	*encode_base64(struct cx *, const void *, size_t);
/* Standard alphabet with padding; NULL when it is not base64. */
unsigned char *decode_base64(struct cx *, const char *, size_t *len);
/*
 * The URL alphabet without padding (RFC 4648, 5).  Decoding is strict: only
 * what encode_base64url() makes is accepted, anything else gives NULL.
 */
char	*encode_base64url(struct cx *, const void *, size_t);
unsigned char *decode_base64url(struct cx *, const char *, size_t *len);

#endif
