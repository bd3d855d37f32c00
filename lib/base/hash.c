/*
 * hash - see hash.h
 */
#include "config.h"

#include <limits.h>
#include <string.h>
#include <sys/random.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include "base/cx.h"
#include "base/hash.h"

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

bool
hash_ed25519(const unsigned char *key, const unsigned char *sig,
    const void *p, size_t n)
{
	EVP_PKEY *pk = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL,
	    key, HASH_ED25519_KEY);
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	bool ok = pk != NULL && md != NULL &&
	    EVP_DigestVerifyInit(md, NULL, NULL, NULL, pk) == 1 &&
	    EVP_DigestVerify(md, sig, HASH_ED25519_SIG, p, n) == 1;

	EVP_MD_CTX_free(md);
	EVP_PKEY_free(pk);
	return ok;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool
hash_unhex(const char *s, size_t n, unsigned char *out)
{
	if (strlen(s) != 2 * n)
		return false;
	for (size_t i = 0; i < n; i++) {
		int hi = hex_digit(s[2 * i]), lo = hex_digit(s[2 * i + 1]);

		if (hi < 0 || lo < 0)
			return false;
		out[i] = (unsigned char)(hi << 4 | lo);
	}
	return true;
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

static void
swap_alphabet(char *s, const char *from, const char *to)
{
	const char *at;

	for (; *s != '\0'; s++)
		if ((at = strchr(from, *s)) != NULL)
			*s = to[at - from];
}

char *
hash_base64url(struct cx *cx, const void *p, size_t n)
{
	char *s = hash_base64(cx, p, n);

	if (s == NULL)
		return NULL;
	s[strcspn(s, "=")] = '\0';
	swap_alphabet(s, "+/", "-_");
	return s;
}

unsigned char *
hash_unbase64url(struct cx *cx, const char *s, size_t *len)
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
	if ((out = hash_unbase64(cx, std, len)) == NULL)
		return NULL;
	/* The last character may have bits beyond the last byte. */
	again = hash_base64url(cx, out, *len);
	return again != NULL && strcmp(again, s) == 0 ? out : NULL;
}

/* AES-256-GCM up to the tag: what is in, and out in the same length. */
static EVP_CIPHER_CTX *
gcm(bool seal, const unsigned char *key, const unsigned char *nonce,
    const char *ad, const unsigned char *in, size_t n, unsigned char *out)
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	int k;

	XXXAN(c != NULL);
	XXXAN(n <= INT_MAX);
	XXXAN(EVP_CipherInit_ex(c, EVP_aes_256_gcm(), NULL, key, nonce,
	    seal));
	XXXAN(EVP_CipherUpdate(c, NULL, &k, (const unsigned char *)ad,
	    (int)strlen(ad)));
	XXXAN(EVP_CipherUpdate(c, out, &k, in, (int)n));
	return c;
}

unsigned char *
hash_seal(struct cx *cx, const unsigned char key[HASH_LEN], const char *ad,
    const void *p, size_t n, size_t *len)
{
	unsigned char *box = cx_alloc(cx, HASH_NONCE + n + HASH_TAG);
	unsigned char *in, none[1];
	EVP_CIPHER_CTX *c;
	int k;

	if (box == NULL)
		return NULL;
	in = box + HASH_NONCE;
	hash_random(box, HASH_NONCE);
	c = gcm(true, key, box, ad, p, n, in);
	XXXAN(EVP_CipherFinal_ex(c, none, &k));
	XXXAN(EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, HASH_TAG,
	    in + n));
	EVP_CIPHER_CTX_free(c);
	*len = HASH_NONCE + n + HASH_TAG;
	return box;
}

unsigned char *
hash_open(struct cx *cx, const unsigned char key[HASH_LEN], const char *ad,
    const void *box, size_t n, size_t *len)
{
	const unsigned char *nonce = box, *in = nonce + HASH_NONCE;
	unsigned char tag[HASH_TAG], none[1], *out;
	EVP_CIPHER_CTX *c;
	bool good;
	int k;

	if (n < HASH_NONCE + HASH_TAG)
		return NULL;
	n -= HASH_NONCE + HASH_TAG;
	if ((out = cx_alloc(cx, n + 1)) == NULL)
		return NULL;
	memcpy(tag, in + n, HASH_TAG);
	c = gcm(false, key, nonce, ad, in, n, out);
	XXXAN(EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, HASH_TAG, tag));
	good = EVP_CipherFinal_ex(c, none, &k) > 0;
	EVP_CIPHER_CTX_free(c);
	*len = n;
	return good ? out : NULL;
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

/* RFC 9562: the version and the variant are laid over 122 bits. */
static void
uuid_print(unsigned char b[16], int version, char out[UUID_LEN])
{
	static const int cut[] = { 8, 13, 18, 23 };
	char hex[33];
	int j = 0, k = 0;

	b[6] = (unsigned char)((b[6] & 0x0f) | version << 4);
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	hash_hex(b, 16, hex);
	for (int i = 0; i < 32; i++) {
		if (k < 4 && j == cut[k]) {
			out[j++] = '-';
			k++;
		}
		out[j++] = hex[i];
	}
	out[j] = '\0';
}

void
hash_uuid(char out[UUID_LEN])
{
	unsigned char b[16];

	hash_random(b, sizeof b);
	uuid_print(b, 4, out);
}

void
hash_uuid_of(const void *p, size_t n, char out[UUID_LEN])
{
	unsigned char md[HASH_LEN];

	hash_sha256(p, n, md);
	uuid_print(md, 8, out);
}
