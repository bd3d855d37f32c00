/*
 * passref - encrypts passes and builds the checkout link
 */
#include "config.h"

#include <string.h>

#include "account/ident.h"
#include "account/passref.h"
#include "base/buf.h"
#include "base/conf.h"
#include "base/crypto.h"
#include "base/cx.h"
#include "base/encode.h"
#include "base/str.h"
#include "base/url.h"

/* Authenticated with each box, so that a later format can be told apart. */
#define FORM		"mina pass reference 1"
#define PASS_MAX	64

static bool
key_of(struct cx *cx, unsigned char key[SHA256_LEN])
{
	const char *s = conf_str(C_PASS_KEY);

	if (*s == '\0')
		return false;
	s = cx_fmt(cx, "mina pass reference%s", s);
	crypto_sha256(s, strlen(s), key);
	return true;
}

char *
passref_seal(struct cx *cx, const char *pass)
{
	unsigned char key[SHA256_LEN], *box;
	size_t n;

	if (!key_of(cx, key))
		return NULL;
	box = crypto_seal(cx, key, FORM, pass, strlen(pass), &n);
	return box != NULL ? encode_base64url(cx, box, n) : NULL;
}

const char *
passref_open(struct cx *cx, const char *ref)
{
	unsigned char key[SHA256_LEN], *box;
	const char *pass;
	size_t n;

	if (ref == NULL ||
	    strlen(ref) > (CRYPTO_NONCE + PASS_MAX + CRYPTO_TAG) * 4 / 3 + 1 ||
	    !key_of(cx, key) ||
	    (box = decode_base64url(cx, ref, &n)) == NULL ||
	    (pass = (char *)crypto_open(cx, key, FORM, box, n, &n)) == NULL)
		return NULL;
	return strlen(pass) == n && strcmp(pass, IDENT_ANONYMOUS) != 0 ?
	    ident_pass(cx, pass) : NULL;
}

/* Appends a query parameter, after '?' or '&'. */
static void
add_param(struct buf *b, const char *name, const char *value)
{
	const char *query = strchr(b->data, '?');

	if (query == NULL)
		buf_putc(b, '?');
	else if (query[1] != '\0' && !str_ends(b->data, "&"))
		buf_putc(b, '&');
	url_encode(b, name, NULL);
	buf_putc(b, '=');
	url_encode(b, value, NULL);
}

const char *
passref_checkout(struct cx *cx, const char *pass, const char *email)
{
	const char *base = conf_str(C_TOPUP_URL), *ref;
	size_t n = strcspn(base, "#");
	struct buf *b;

	if (*base == '\0')
		return NULL;
	b = buf_new(cx, 16384);
	buf_put(b, base, n);
	if (pass != NULL && (ref = passref_seal(cx, pass)) != NULL)
		add_param(b, "attributes[" PASSREF_ATTRIBUTE "]", ref);
	if (email != NULL && *email != '\0')
		add_param(b, "checkout[email]", email);
	buf_puts(b, base + n);
	return buf_ok(b) ? b->data : base;
}
