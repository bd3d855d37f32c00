/*
 * crypto - digests, HMAC, Ed25519, AES-GCM and random bytes by OpenSSL
 *
 * A call of OpenSSL that cannot fail on good arguments aborts when it does.
 */
#include "config.h"

#include <limits.h>
#include <string.h>
#include <sys/random.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include "base/crypto.h"
#include "base/cx.h"
#include "base/encode.h"

void
crypto_sha256(const void *p, size_t n, unsigned char out[SHA256_LEN])
{
	XXXAN(SHA256(p, n, out) != NULL);
}

void
crypto_sha256_hex(const void *p, size_t n, char out[SHA256_HEX])
{
	unsigned char md[SHA256_LEN];

	crypto_sha256(p, n, md);
	encode_hex(md, sizeof md, out);
}

void
crypto_hmac(const void *key, size_t keylen, const void *p, size_t n,
    unsigned char out[SHA256_LEN])
{
	unsigned int len = SHA256_LEN;

	XXXAN(HMAC(EVP_sha256(), key, (int)keylen, p, n, out, &len) != NULL);
}

bool
crypto_eq(const void *a, const void *b, size_t n)
{
	return CRYPTO_memcmp(a, b, n) == 0;
}

bool
crypto_str_eq(const char *a, const char *b)
{
	size_t n = strlen(a);

	return strlen(b) == n && crypto_eq(a, b, n);
}

bool
crypto_ed25519(const unsigned char *key, const unsigned char *sig,
    const void *p, size_t n)
{
	EVP_PKEY *pk = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL,
	    key, CRYPTO_ED25519_KEY);
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	bool ok = pk != NULL && md != NULL &&
	    EVP_DigestVerifyInit(md, NULL, NULL, NULL, pk) == 1 &&
	    EVP_DigestVerify(md, sig, CRYPTO_ED25519_SIG, p, n) == 1;

	EVP_MD_CTX_free(md);
	EVP_PKEY_free(pk);
	return ok;
}

/* AES-256-GCM up to the tag: n bytes from in to out. */
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
crypto_seal(struct cx *cx, const unsigned char key[SHA256_LEN], const char *ad,
    const void *p, size_t n, size_t *len)
{
	unsigned char *box = cx_alloc(cx, CRYPTO_NONCE + n + CRYPTO_TAG);
	unsigned char *in, none[1];
	EVP_CIPHER_CTX *c;
	int k;

	if (box == NULL)
		return NULL;
	in = box + CRYPTO_NONCE;
	crypto_random(box, CRYPTO_NONCE);
	c = gcm(true, key, box, ad, p, n, in);
	XXXAN(EVP_CipherFinal_ex(c, none, &k));
	XXXAN(EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, CRYPTO_TAG,
	    in + n));
	EVP_CIPHER_CTX_free(c);
	*len = CRYPTO_NONCE + n + CRYPTO_TAG;
	return box;
}

unsigned char *
crypto_open(struct cx *cx, const unsigned char key[SHA256_LEN], const char *ad,
    const void *box, size_t n, size_t *len)
{
	const unsigned char *nonce = box, *in = nonce + CRYPTO_NONCE;
	unsigned char tag[CRYPTO_TAG], none[1], *out;
	EVP_CIPHER_CTX *c;
	bool good;
	int k;

	if (n < CRYPTO_NONCE + CRYPTO_TAG)
		return NULL;
	n -= CRYPTO_NONCE + CRYPTO_TAG;
	if ((out = cx_alloc(cx, n + 1)) == NULL)
		return NULL;
	memcpy(tag, in + n, CRYPTO_TAG);
	c = gcm(false, key, nonce, ad, in, n, out);
	XXXAN(EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, CRYPTO_TAG, tag));
	good = EVP_CipherFinal_ex(c, none, &k) > 0;
	EVP_CIPHER_CTX_free(c);
	*len = n;
	return good ? out : NULL;
}

void
crypto_random(void *p, size_t n)
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

/* Prints 16 bytes as a UUID; version and variant as in RFC 9562. */
static void
uuid_print(unsigned char b[16], int version, char out[UUID_LEN])
{
	static const int cut[] = { 8, 13, 18, 23 };
	char hex[33];
	int j = 0, k = 0;

	b[6] = (unsigned char)((b[6] & 0x0f) | version << 4);
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	encode_hex(b, 16, hex);
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
crypto_uuid(char out[UUID_LEN])
{
	unsigned char b[16];

	crypto_random(b, sizeof b);
	uuid_print(b, 4, out);
}

void
crypto_uuid_of(const void *p, size_t n, char out[UUID_LEN])
{
	unsigned char md[SHA256_LEN];

	crypto_sha256(p, n, md);
	uuid_print(md, 8, out);
}
