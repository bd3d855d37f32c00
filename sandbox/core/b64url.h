/*
 * b64url - base64 as URLs and tokens have it (RFC 4648, section 5)
 */
#ifndef SANDBOX_B64URL_H
#define SANDBOX_B64URL_H

#include <stddef.h>

struct cx;

/* Without padding. */
char	*b64url(struct cx *, const void *, size_t);
/* NULL when it is not base64url; what it gives has a NUL behind it. */
unsigned char *b64url_decode(struct cx *, const char *, size_t,
	    size_t *len);

#endif
