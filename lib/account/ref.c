/*
 * ref - see ref.h
 */
#include "config.h"

#include <string.h>

#include "base/buf.h"
#include "base/conf.h"
#include "base/cx.h"
#include "base/hash.h"
#include "account/ident.h"
#include "account/ref.h"
#include "base/str.h"
#include "base/url.h"

/* Bound to every box, so that another form can come one day. */
#define FORM		"mina pass reference 1"
#define PASS_MAX	64

static bool
key_of(struct cx *cx, unsigned char key[HASH_LEN])
{
	const char *s = conf_str(C_PASS_KEY);

	if (*s == '\0')
		return false;
	s = cx_fmt(cx, "mina pass reference%s", s);
	hash_sha256(s, strlen(s), key);
	return true;
}

char *
ref_seal(struct cx *cx, const char *pass)
{
	unsigned char key[HASH_LEN], *box;
	size_t n;

	if (!key_of(cx, key))
		return NULL;
	box = hash_seal(cx, key, FORM, pass, strlen(pass), &n);
	return box != NULL ? hash_base64url(cx, box, n) : NULL;
}

const char *
ref_open(struct cx *cx, const char *ref)
{
	unsigned char key[HASH_LEN], *box;
	const char *pass;
	size_t n;

	if (ref == NULL ||
	    strlen(ref) > (HASH_NONCE + PASS_MAX + HASH_TAG) * 4 / 3 + 1 ||
	    !key_of(cx, key) ||
	    (box = hash_unbase64url(cx, ref, &n)) == NULL ||
	    (pass = (char *)hash_open(cx, key, FORM, box, n, &n)) == NULL)
		return NULL;
	return strlen(pass) == n && ident_well_formed(pass) &&
	    strcmp(pass, IDENT_ANONYMOUS) != 0 ? pass : NULL;
}

/* After what is there already: '?' first, '&' then. */
static void
add(struct buf *b, const char *name, const char *value)
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
ref_checkout(struct cx *cx, const char *pass, const char *email)
{
	const char *base = conf_str(C_TOPUP_URL), *ref;
	size_t n = strcspn(base, "#");
	struct buf *b;

	if (*base == '\0')
		return NULL;
	b = buf_new(cx, 16384);
	buf_put(b, base, n);
	if (pass != NULL && (ref = ref_seal(cx, pass)) != NULL)
		add(b, "attributes[" REF_ATTRIBUTE "]", ref);
	if (email != NULL && *email != '\0')
		add(b, "checkout[email]", email);
	buf_puts(b, base + n);
	return buf_ok(b) ? b->data : base;
}
