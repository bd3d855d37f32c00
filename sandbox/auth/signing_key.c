/* signing_key - keeps keys, signs and checks with OpenSSL */
#include "config.h"

#include <errno.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "auth/state.h"
#include "auth/access_token.h"
#include "core/service.h"
#include "core/storage.h"

#define HALF		32		/* bytes of x, y, r and s */
#define KEYS_MAX	8

struct auth_key {
	struct auth_key	*next;
	EVP_PKEY	*pkey;
	unsigned char	 point[2 * HALF];	/* x, y */
	char		 kid[UUID_LEN];
};

static struct auth_key	*keys;
static char		*path;

/* --- one key */

static struct auth_key *
adopt(EVP_PKEY *pkey)
{
	BIGNUM *x = NULL, *y = NULL;
	struct auth_key *k;

	XXXAN(k = calloc(1, sizeof *k));
	k->pkey = pkey;
	XXXAN(EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_EC_PUB_X, &x) == 1);
	XXXAN(EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_EC_PUB_Y, &y) == 1);
	XXXAN(BN_bn2binpad(x, k->point, HALF) == HALF);
	XXXAN(BN_bn2binpad(y, k->point + HALF, HALF) == HALF);
	BN_free(x);
	BN_free(y);
	auth_uuid_of("key", k->point, sizeof k->point, k->kid);
	return k;
}

static struct auth_key *
make(void)
{
	EVP_PKEY *pkey;

	XXXAN(pkey = EVP_EC_gen("P-256"));
	return adopt(pkey);
}

static void
key_free(void *arg)
{
	struct auth_key *k = arg;

	EVP_PKEY_free(k->pkey);
	free(k);
}

/* --- all of them, on disk */

static bool
save(const struct auth_key *k, int n)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *data;
	long len;
	bool ok;

	XXXAN(bio);
	for (; k != NULL && n > 0; k = k->next, n--)
		XXXAN(PEM_write_bio_PKCS8PrivateKey(bio, k->pkey, NULL, NULL,
		    0, NULL, NULL) == 1);
	len = BIO_get_mem_data(bio, &data);
	ok = file_write(path, 0600, data, (size_t)len, true);
	OPENSSL_cleanse(data, (size_t)len);
	BIO_free(bio);
	return ok;
}

/* A file that is there and holds no key is not overwritten. */
static bool
load(void)
{
	struct auth_key **tail = &keys;
	BIO *bio = BIO_new_file(path, "r");
	EVP_PKEY *pkey;

	if (bio == NULL)
		return errno == ENOENT;
	while ((pkey = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL)) !=
	    NULL) {
		if (!EVP_PKEY_is_a(pkey, "EC") ||
		    EVP_PKEY_get_bits(pkey) != 8 * HALF) {
			EVP_PKEY_free(pkey);
			break;
		}
		*tail = adopt(pkey);
		tail = &(*tail)->next;
	}
	BIO_free(bio);
	if (keys == NULL)
		errno = EINVAL;
	return keys != NULL;
}

bool
auth_key_open(void)
{
	if (asprintf(&path, "%s/auth-keys.pem", conf_str(C_SANDBOX_DIR)) < 0)
		BUG("no memory for a path");
	return load() && (keys != NULL || auth_key_rotate(false));
}

bool
auth_key_rotate(bool drop)
{
	struct auth_key *fresh = make(), *k, *rest;
	int keep = drop ? 1 : KEYS_MAX;

	fresh->next = keys;
	if (!save(fresh, keep)) {
		key_free(fresh);
		return false;
	}
	keys = fresh;
	for (k = keys; --keep > 0 && k->next != NULL; k = k->next)
		;
	rest = k->next;
	k->next = NULL;
	while ((k = rest) != NULL) {
		rest = k->next;
		key_free(k);
	}
	return true;
}

const struct auth_key *
auth_key_signing(void)
{
	return keys;
}

const struct auth_key *
auth_key_find(const char *kid)
{
	const struct auth_key *k = keys;

	while (k != NULL && strcmp(k->kid, kid) != 0)
		k = k->next;
	return k;
}

const char *
auth_key_id(const struct auth_key *k)
{
	return k->kid;
}

const struct auth_key *
auth_key_stranger(struct cx *cx)
{
	struct auth_key *k = make();

	arena_defer(cx->mem, key_free, k);
	return k;
}

/* --- the public half */

void
auth_key_jwks(struct cx *cx, struct json *js)
{
	json_list(js, "keys");
	for (const struct auth_key *k = keys; k != NULL; k = k->next) {
		json_put(js, j_obj(NULL),
		    j_const("alg:'ES256' crv:'P-256' ext:true"),
		    j_list("key_ops"), j_str(NULL, "verify"), j_end(),
		    j_str("kid", k->kid), j_const("kty:'EC' use:'sig'"),
		    j_str("x", encode_base64url(cx, k->point, HALF)),
		    j_str("y", encode_base64url(cx, k->point + HALF, HALF)),
		    j_end());
	}
	json_end(js);
}

const char *
auth_key_pem(struct cx *cx, const struct auth_key *k)
{
	BIO *bio = BIO_new(BIO_s_mem());
	const char *out;
	char *data;
	long len;

	XXXAN(bio);
	XXXAN(PEM_write_bio_PUBKEY(bio, k->pkey) == 1);
	len = BIO_get_mem_data(bio, &data);
	out = cx_dupn(cx, data, (size_t)len);
	BIO_free(bio);
	return out;
}

/* --- signatures */

const char *
auth_key_sign(struct cx *cx, const struct auth_key *k, const char *text,
    size_t n)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	unsigned char der[128], raw[2 * HALF];
	const unsigned char *p = der;
	size_t len = sizeof der;
	ECDSA_SIG *sig;

	XXXAN(md);
	XXXAN(EVP_DigestSignInit(md, NULL, EVP_sha256(), NULL, k->pkey) == 1);
	XXXAN(EVP_DigestSign(md, der, &len, (const unsigned char *)text,
	    n) == 1);
	EVP_MD_CTX_free(md);
	XXXAN(sig = d2i_ECDSA_SIG(NULL, &p, (long)len));
	XXXAN(BN_bn2binpad(ECDSA_SIG_get0_r(sig), raw, HALF) == HALF);
	XXXAN(BN_bn2binpad(ECDSA_SIG_get0_s(sig), raw + HALF, HALF) == HALF);
	ECDSA_SIG_free(sig);
	return encode_base64url(cx, raw, sizeof raw);
}

static bool
check_der(const struct auth_key *k, const char *text, size_t n,
    const unsigned char *der, size_t len)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	bool ok;

	XXXAN(md);
	XXXAN(EVP_DigestVerifyInit(md, NULL, EVP_sha256(), NULL,
	    k->pkey) == 1);
	ok = EVP_DigestVerify(md, der, len, (const unsigned char *)text,
	    n) == 1;
	EVP_MD_CTX_free(md);
	return ok;
}

bool
auth_key_check(struct cx *cx, const struct auth_key *k, const char *text,
    size_t n, const char *b64)
{
	unsigned char *raw, *der = NULL;
	ECDSA_SIG *sig;
	size_t len;
	bool ok;
	int got;

	raw = decode_base64url(cx, b64, &len);
	if (raw == NULL || len != 2 * HALF)
		return false;
	XXXAN(sig = ECDSA_SIG_new());
	XXXAN(ECDSA_SIG_set0(sig, BN_bin2bn(raw, HALF, NULL),
	    BN_bin2bn(raw + HALF, HALF, NULL)) == 1);
	got = i2d_ECDSA_SIG(sig, &der);
	ok = got > 0 && check_der(k, text, n, der, (size_t)got);
	OPENSSL_free(der);
	ECDSA_SIG_free(sig);
	return ok;
}
