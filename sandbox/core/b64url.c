/*
 * b64url - see b64url.h
 */
#include "config.h"

#include <string.h>

#include "base/cx.h"
#include "base/encode.h"
#include "core/b64url.h"

char *
b64url(struct cx *cx, const void *data, size_t n)
{
	char *s = encode_base64(cx, data, n);

	for (char *p = s; *p != '\0'; p++) {
		if (*p == '=') {
			*p = '\0';
			break;
		}
		*p = *p == '+' ? '-' : *p == '/' ? '_' : *p;
	}
	return s;
}

unsigned char *
b64url_decode(struct cx *cx, const char *s, size_t n, size_t *len)
{
	char *copy = cx_alloc(cx, n + 4);

	for (size_t i = 0; i < n; i++) {
		if (s[i] == '+' || s[i] == '/' || s[i] == '=')
			return NULL;
		copy[i] = s[i] == '-' ? '+' : s[i] == '_' ? '/' : s[i];
	}
	while (n % 4 != 0)
		copy[n++] = '=';
	return decode_base64(cx, copy, len);
}
