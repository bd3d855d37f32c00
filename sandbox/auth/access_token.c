/*
 * authjwt - see authjwt.h
 *
 * Claims: supabase.com/docs/guides/auth/jwt-fields.  The signature is over
 * the bytes as they are sent (RFC 7515, 5.1).
 */
#include "config.h"

#include "auth/access_token.h"
#include "auth/refresh_token.h"
#include "auth/signing_key.h"
#include "auth/user.h"
#include "core/sandbox.h"
#include "core/settings.h"

#define PART_MAX	65536
#define TOKEN_MAX	65536

const char *
authjwt_issuer(struct cx *cx)
{
	return cx_fmt(cx, "%s/auth/v1", conf_str(C_SANDBOX_URL));
}

/* --- making */

/* An object with some of its members exchanged. */
static const char *
exchange(struct cx *cx, const char *usual, const struct cJSON *over)
{
	struct buf *b = buf_new(cx, PART_MAX);
	struct cJSON *js = NULL;
	struct json out;

	if (over == NULL || json_parse(cx, usual, strlen(usual), &js) != E_OK)
		return usual;
	json_init(&out, b);
	json_obj(&out, NULL);
	for (const struct cJSON *m = json_first(js); m != NULL;
	    m = json_next(m))
		if (json_get(over, json_key(m)) == NULL)
			json_tree(&out, json_key(m), m);
	for (const struct cJSON *m = json_first(over); m != NULL;
	    m = json_next(m))
		if (!json_is_null(m))
			json_tree(&out, json_key(m), m);
	json_end(&out);
	return json_ok(&out) ? b->data : NULL;
}

static void
amr(struct json *js, const struct authjwt *t)
{
	json_list(js, "amr");
	json_obj(js, NULL);
	json_str(js, "method", t->method);
	json_int(js, "timestamp", t->signed_in / 1000);
	json_end(js);
	json_end(js);
}

const char *
authjwt_claims(struct cx *cx, const struct authuser *u,
    const struct authjwt *t, const struct cJSON *over)
{
	struct buf *b = buf_new(cx, PART_MAX);
	struct json js;

	json_init(&js, b);
	json_obj(&js, NULL);
	json_str(&js, "iss", authjwt_issuer(cx));
	json_str(&js, "sub", u->id);
	json_str(&js, "aud", "authenticated");
	json_int(&js, "exp", t->issued / 1000 + settings.token_s);
	json_int(&js, "iat", t->issued / 1000);
	json_str(&js, "email", u->email);
	json_str(&js, "phone", "");
	authuser_metadata(cx, &js, u);
	json_str(&js, "role", "authenticated");
	json_str(&js, "aal", "aal1");
	amr(&js, t);
	json_str(&js, "session_id", t->session);
	json_bool(&js, "is_anonymous", *u->email == '\0');
	json_end(&js);
	return exchange(cx, b->data, over);
}

const char *
authjwt_header(struct cx *cx, const char *alg, const char *kid,
    const struct cJSON *over)
{
	struct buf *b = buf_new(cx, PART_MAX);
	struct json js;

	json_init(&js, b);
	json_obj(&js, NULL);
	json_str(&js, "alg", alg);
	json_str(&js, "kid", kid);
	json_str(&js, "typ", "JWT");
	json_end(&js);
	return exchange(cx, b->data, over);
}

const char *
authjwt_text(struct cx *cx, const char *header, const char *claims)
{
	struct buf *b = buf_new(cx, 4 * PART_MAX);

	buf_puts(b, encode_base64url(cx, header, strlen(header)));
	buf_putc(b, '.');
	buf_puts(b, encode_base64url(cx, claims, strlen(claims)));
	return b->data;
}

const char *
authjwt_token(struct cx *cx, const struct authsess *s, int64_t *expires)
{
	const struct authkey *k = authkey_signing();
	struct authjwt t = { .session = s->id, .method = s->method,
	    .signed_in = s->created, .issued = clock_now() };
	struct buf *b = buf_new(cx, 4 * PART_MAX);
	const char *text = authjwt_text(cx, authjwt_header(cx, "ES256",
	    authkey_id(k), NULL), authjwt_claims(cx, s->user, &t, NULL));

	*expires = t.issued / 1000 + settings.token_s;
	buf_puts(b, text);
	buf_putc(b, '.');
	buf_puts(b, authkey_sign(cx, k, text, strlen(text)));
	return b->data;
}

/* --- reading */

static struct cJSON *
part(struct cx *cx, const char *s, size_t n)
{
	unsigned char *text;
	struct cJSON *js;
	size_t len;

	text = decode_base64url(cx, cx_dupn(cx, s, n), &len);
	if (text == NULL || json_parse(cx, (const char *)text, len, &js) !=
	    E_OK || !json_is_obj(js))
		return NULL;
	return js;
}

bool
authjwt_read(struct cx *cx, const char *token, struct cJSON **claims,
    const char **why)
{
	const char *dot = strchr(token, '.'), *end, *kid;
	const struct authkey *k = NULL;
	struct cJSON *head, *body;

	*why = "token is malformed";
	if (dot == NULL || strlen(token) > TOKEN_MAX ||
	    (end = strchr(dot + 1, '.')) == NULL ||
	    (head = part(cx, token, (size_t)(dot - token))) == NULL ||
	    (body = part(cx, dot + 1, (size_t)(end - dot - 1))) == NULL)
		return false;
	*why = "token is unverifiable: error while executing keyfunc";
	kid = json_text(json_get(head, "kid"));
	if (kid == NULL || (k = authkey_find(kid)) == NULL)
		return false;
	*why = "token signature is invalid";
	if (!str_eq(json_text(json_get(head, "alg")), "ES256") ||
	    !authkey_check(cx, k, token, (size_t)(end - token), end + 1))
		return false;
	*why = "token has invalid claims: token is expired";
	if (json_int_or(json_get(body, "exp"), 0) <= clock_now() / 1000)
		return false;
	*claims = body;
	return true;
}
