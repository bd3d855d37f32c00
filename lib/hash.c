/*
 * hash - see hash.h
 */
#include "config.h"

#include <string.h>
#include <sys/random.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include "cx.h"
#include "hash.h"

void
hash_sha256(const void *p, size_t n, unsigned char out[HASH_LEN])
{
	XXXAN(SHA256(p, n, out) != NULL);
}

void
hash_sha256_hex(const void *p, size_t n, char out[HASH_HEX])
{
	unsigned char md[HASH_LEN];

	hash_sha256(p, n, md);
	hash_hex(md, sizeof md, out);
}

void
hash_hmac(const void *key, size_t keylen, const void *p, size_t n,
    unsigned char out[HASH_LEN])
{
	unsigned int len = HASH_LEN;

	XXXAN(HMAC(EVP_sha256(), key, (int)keylen, p, n, out, &len) != NULL);
}

bool
hash_eq(const void *a, const void *b, size_t n)
{
	return CRYPTO_memcmp(a, b, n) == 0;
}

bool
hash_str_eq(const char *a, const char *b)
{
	size_t n = strlen(a);

	return strlen(b) == n && hash_eq(a, b, n);
}

void
hash_hex(const void *p, size_t n, char *out)
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
hash_base64(struct cx *cx, const void *p, size_t n)
{
	char *out = cx_alloc(cx, (n + 2) / 3 * 4 + 1);

	if (out != NULL)
		EVP_EncodeBlock((unsigned char *)out, p, (int)n);
	return out;
}

unsigned char *
hash_unbase64(struct cx *cx, const char *s, size_t *len)
{
	size_t n = strlen(s), pad = 0;
	unsigned char *out;
	int got;

	if (n % 4 != 0 || (out = cx_alloc(cx, n / 4 * 3 + 1)) == NULL)
		return NULL;
	while (pad < 2 && n > pad && s[n - 1 - pad] == '=')
		pad++;
	/* EVP_DecodeBlock forgives blanks at the ends and bare '='. */
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

void
hash_random(void *p, size_t n)
{
	unsigned char *s = p;
	ssize_t got;

	while (n > 0) {
		got = getrandom(s, n > 256 ? 256 : n, 0);
		XXXAN(got > 0);
		s += got;
		n -= (size_t)got;
	}
}

void
hash_uuid(char out[UUID_LEN])
{
	static const int cut[] = { 8, 13, 18, 23 };
	unsigned char b[16];
	char hex[33];
	int j = 0, k = 0;

	hash_random(b, sizeof b);
	b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	hash_hex(b, sizeof b, hex);
	for (int i = 0; i < 32; i++) {
		if (k < 4 && j == cut[k]) {
			out[j++] = '-';
			k++;
		}
		out[j++] = hex[i];
	}
	out[j] = '\0';
}
