/*
 * access_token - makes and reads access tokens
 *
 * Claims: supabase.com/docs/guides/auth/jwt-fields.  The signature is over
 * the bytes as they are sent (RFC 7515, 5.1).
 */
#include "config.h"

#include "auth/state.h"
#include "auth/access_token.h"
#include "core/service.h"

#define PART_MAX	65536
#define TOKEN_MAX	65536

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
	JSON_EACH(m, js)
		if (json_get(over, json_key(m)) == NULL)
			json_tree(&out, json_key(m), m);
	JSON_EACH(m, over)
		if (!json_is_null(m))
			json_tree(&out, json_key(m), m);
	json_end(&out);
	return json_ok(&out) ? b->data : NULL;
}

const char *
access_token_claims(struct cx *cx, const struct auth_user *u,
    const struct sign_in *t, const struct cJSON *over)
{
	struct buf *b = buf_new(cx, PART_MAX);
	struct json js;

	json_init(&js, b);
	json_put(&js, j_obj(NULL), j_str("iss", cx_fmt(cx,
	    "%s/auth/v1", conf_str(C_SANDBOX_URL))), j_str("sub", u->id),
	    j_str("aud", "authenticated"),
	    j_int("exp", t->issued / 1000 + settings.token_s),
	    j_int("iat", t->issued / 1000), j_str("email", u->email),
	    j_str("phone", ""));
	auth_user_metadata(cx, &js, u);
	json_put(&js, j_const("role:'authenticated' aal:'aal1'"),
	    j_list("amr"), j_obj(NULL), j_str("method", t->method),
	    j_int("timestamp", t->signed_in / 1000), j_end(), j_end(),
	    j_str("session_id", t->session),
	    j_bool("is_anonymous", *u->email == '\0'), j_end());
	return exchange(cx, b->data, over);
}

const char *
access_token_header(struct cx *cx, const char *alg, const char *kid,
    const struct cJSON *over)
{
	struct buf *b = buf_new(cx, PART_MAX);
	struct json js;

	json_init(&js, b);
	json_put(&js, j_obj(NULL), j_str("alg", alg), j_str("kid", kid),
	    j_str("typ", "JWT"), j_end());
	return exchange(cx, b->data, over);
}

const char *
access_token_unsigned(struct cx *cx, const char *header, const char *claims)
{
	return cx_fmt(cx, "%s.%s",
	    encode_base64url(cx, header, strlen(header)),
	    encode_base64url(cx, claims, strlen(claims)));
}

const char *
access_token_of(struct cx *cx, const struct auth_session *s, int64_t *expires)
{
	const struct auth_key *k = auth_key_signing();
	struct sign_in t = { .session = s->id, .method = s->method,
	    .signed_in = s->created, .issued = clock_now() };
	const char *text = access_token_unsigned(cx,
	    access_token_header(cx, "ES256", auth_key_id(k), NULL),
	    access_token_claims(cx, s->user, &t, NULL));

	*expires = t.issued / 1000 + settings.token_s;
	return cx_fmt(cx, "%s.%s", text, auth_key_sign(cx, k, text,
	    strlen(text)));
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
access_token_read(struct cx *cx, const char *token, struct cJSON **claims,
    const char **why)
{
	const char *dot = strchr(token, '.'), *end, *kid;
	const struct auth_key *k = NULL;
	struct cJSON *head, *body;

	*why = "token is malformed";
	if (dot == NULL || strlen(token) > TOKEN_MAX ||
	    (end = strchr(dot + 1, '.')) == NULL ||
	    (head = part(cx, token, (size_t)(dot - token))) == NULL ||
	    (body = part(cx, dot + 1, (size_t)(end - dot - 1))) == NULL)
		return false;
	*why = "token is unverifiable: error while executing keyfunc";
	kid = json_text(json_get(head, "kid"));
	if (kid == NULL || (k = auth_key_find(kid)) == NULL)
		return false;
	*why = "token signature is invalid";
	if (!str_eq(text_of(head, "alg"), "ES256") ||
	    !auth_key_check(cx, k, token, (size_t)(end - token), end + 1))
		return false;
	*why = "token has invalid claims: token is expired";
	if (json_int_or(json_get(body, "exp"), 0) <= clock_now() / 1000)
		return false;
	*claims = body;
	return true;
}
