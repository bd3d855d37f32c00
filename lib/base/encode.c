/*
 * encode - hexadecimal, and base64 by OpenSSL with its leniency removed
 */
#include "config.h"

#include <string.h>

#include <openssl/evp.h>

#include "base/cx.h"
#include "base/encode.h"

int
decode_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool
decode_hex(const char *s, size_t n, unsigned char *out)
{
	if (strlen(s) != 2 * n)
		return false;
	for (size_t i = 0; i < n; i++) {
		int hi = decode_hex_digit(s[2 * i]);
		int lo = decode_hex_digit(s[2 * i + 1]);

		if (hi < 0 || lo < 0)
			return false;
		out[i] = (unsigned char)(hi << 4 | lo);
	}
	return true;
}

void
encode_hex(const void *p, size_t n, char *out)
{
	static const char hex[] = "0123456789abcdef";
	const unsigned char *s = p;

	for (size_t i = 0; i < n; i++) {
		out[2 * i] = hex[s[i] >> 4];
		out[2 * i + 1] = hex[s[i] & 15];
	}
	out[2 * n] = '\0';
}

char *
encode_base64(struct cx *cx, const void *p, size_t n)
{
	char *out = cx_alloc(cx, (n + 2) / 3 * 4 + 1);

	if (out != NULL)
		EVP_EncodeBlock((unsigned char *)out, p, (int)n);
	return out;
}

unsigned char *
decode_base64(struct cx *cx, const char *s, size_t *len)
{
	size_t n = strlen(s), pad = 0;
	unsigned char *out;
	int got;

	if (n % 4 != 0 || (out = cx_alloc(cx, n / 4 * 3 + 1)) == NULL)
		return NULL;
	while (pad < 2 && n > pad && s[n - 1 - pad] == '=')
		pad++;
	/* EVP_DecodeBlock accepts blanks at the ends and '=' alone. */
	if (strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	    "0123456789+/") != n - pad)
		return NULL;
	if (n == 0) {
		*len = 0;
		return out;
	}
	if ((got = EVP_DecodeBlock(out, (const unsigned char *)s,
	    (int)n)) < 0)
		return NULL;
	*len = (size_t)got - pad;
	return out;
}

static void
swap_alphabet(char *s, const char *from, const char *to)
{
	const char *at;

	for (; *s != '\0'; s++)
		if ((at = strchr(from, *s)) != NULL)
			*s = to[at - from];
}

char *
encode_base64url(struct cx *cx, const void *p, size_t n)
{
	char *s = encode_base64(cx, p, n);

	if (s == NULL)
		return NULL;
	s[strcspn(s, "=")] = '\0';
	swap_alphabet(s, "+/", "-_");
	return s;
}

unsigned char *
decode_base64url(struct cx *cx, const char *s, size_t *len)
{
	size_t n = strlen(s);
	unsigned char *out;
	const char *again;
	char *std;

	if (strpbrk(s, "+/=") != NULL || n % 4 == 1 ||
	    (std = cx_alloc(cx, n + 4)) == NULL)
		return NULL;
	memcpy(std, s, n);
	swap_alphabet(std, "-_", "+/");
	while (n % 4 != 0)
		std[n++] = '=';
	if ((out = decode_base64(cx, std, len)) == NULL)
		return NULL;
	/* Unused bits of the last character must be zero. */
	again = encode_base64url(cx, out, *len);
	return again != NULL && strcmp(again, s) == 0 ? out : NULL;
}
