/*
 * falsign - fal's webhook signatures
 *
 * Ed25519 over the lines request id, user id, second, and SHA-256 of the
 * body in hexadecimal.  The key follows from MINA_PROVIDER_FAL_KEY, so that
 * it is the same after a restart and not on any disk.
 */
#include "config.h"

#include <openssl/evp.h>

#include "core/sandbox.h"
#include "io/http.h"
#include "providers/fal.h"
#include "providers/webhook_send.h"

#define USER		"user_sandbox"
#define SIGNATURE	64		/* bytes */
#define PURPOSE		"mina sandbox: fal's webhooks"

static EVP_PKEY *
key(void)
{
	static EVP_PKEY *k;
	const char *s = env_secret("MINA_PROVIDER_FAL_KEY");
	unsigned char seed[SHA256_LEN];

	if (k == NULL) {
		if (s == NULL)
			s = "";
		crypto_hmac(s, strlen(s), PURPOSE, strlen(PURPOSE), seed);
		XXXAN(k = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL,
		    seed, sizeof seed));
	}
	return k;
}

const char *
fal_key(struct cx *cx)
{
	unsigned char pub[SHA256_LEN];
	size_t n = sizeof pub;

	XXXAN(EVP_PKEY_get_raw_public_key(key(), pub, &n) == 1);
	return encode_base64url(cx, pub, n);
}

void
fal_sign(struct cx *cx, struct http_call *call, const struct callback *c,
    int64_t at)
{
	const char *when = cx_fmt(cx, "%lld", (long long)at), *text;
	char sha[SHA256_HEX], hex[2 * SIGNATURE + 1];
	unsigned char sig[SIGNATURE];
	size_t n = sizeof sig;
	EVP_MD_CTX *md;

	crypto_sha256_hex(c->body, strlen(c->body), sha);
	text = cx_fmt(cx, "%s\n%s\n%s\n%s", c->id, USER, when, sha);
	XXXAN(md = EVP_MD_CTX_new());
	XXXAN(EVP_DigestSignInit(md, NULL, NULL, NULL, key()) == 1);
	XXXAN(EVP_DigestSign(md, sig, &n, (const unsigned char *)text,
	    strlen(text)) == 1);
	EVP_MD_CTX_free(md);
	encode_hex(sig, sizeof sig, hex);
	http_header(cx, call, "X-Fal-Webhook-Request-Id", c->id);
	http_header(cx, call, "X-Fal-Webhook-User-Id", USER);
	http_header(cx, call, "X-Fal-Webhook-Timestamp", when);
	http_header(cx, call, "X-Fal-Webhook-Signature", hex);
}
