/*
 * client_credentials - gives out access tokens of the Admin API
 *
 * The client secret is the one webhooks are signed with, unless a second is
 * set; after a rotation both are taken, as at Shopify.
 */
#include "config.h"

#include "core/service.h"
#include "shopify/shopify.h"

#define PREFIX		"shpat_"
#define END_DIGITS	12		/* milliseconds, hexadecimal */
#define SEAL		16		/* bytes of the HMAC */
#define BODY_MAX	65536
#define TOKEN_LEN	(6 + END_DIGITS + 2 * SEAL)

static const char *
secret(void)
{
	const char *s = conf_str(C_SHOPIFY_CLIENT_SECRET);

	return *s != '\0' ? s : conf_str(C_SHOPIFY_SECRET);
}

static void
seal(const char *end, char out[2 * SEAL + 1])
{
	unsigned char md[SHA256_LEN];

	crypto_hmac(secret(), strlen(secret()), end, END_DIGITS, md);
	encode_hex(md, SEAL, out);
}

static const char *
make(struct cx *cx)
{
	const char *end = cx_fmt(cx, "%012llx", (unsigned long long)(
	    clock_now() + settings.shop_token_s * 1000));
	char mac[2 * SEAL + 1];

	seal(end, mac);
	return cx_fmt(cx, PREFIX "%s%s", end, mac);
}

bool
shop_token_good(const char *token)
{
	char end[END_DIGITS + 1], mac[2 * SEAL + 1];

	if (token == NULL || strlen(token) != TOKEN_LEN ||
	    !str_starts(token, PREFIX))
		return false;
	snprintf(end, sizeof end, "%.*s", END_DIGITS, token + strlen(PREFIX));
	seal(end, mac);
	return crypto_str_eq(mac, token + strlen(PREFIX) + END_DIGITS) &&
	    clock_now() < strtoll(end, NULL, 16);
}

static enum err
refuse(struct resp *rs, const char *code, const char *words)
{
	return json_reply(rs, 400, j_str("error", code),
	    j_str("error_description", words));
}

/* A form, or JSON: both are taken. */
static const char *
member(struct cx *cx, struct req *rq, const char *name)
{
	if (rq->json != NULL)
		return json_text(json_get(rq->json, name));
	return url_query(cx, rq->body, name);
}

static bool
secret_good(const char *s)
{
	return s != NULL && *secret() != '\0' &&
	    (crypto_str_eq(s, secret()) || crypto_str_eq(s, shop_secret()));
}

/* POST /admin/oauth/access_token */
enum err
shop_token(struct cx *cx, struct req *rq, struct resp *rs,
    const struct fault *f)
{
	const char *grant, *id;

	if (rq->bodylen > BODY_MAX)
		return refuse(rs, "invalid_request", "The body is too "
		    "large.");
	if (rq->body[strspn(rq->body, " \t\r\n")] == '{' &&
	    json_parse(cx, rq->body, rq->bodylen, &rq->json) != E_OK)
		return refuse(rs, "invalid_request", "The body is not "
		    "valid JSON.");
	grant = member(cx, rq, "grant_type");
	id = member(cx, rq, "client_id");
	if (!str_eq(grant, "client_credentials"))
		return refuse(rs, "unsupported_grant_type", "The grant "
		    "type is not supported.");
	if (id == NULL || !str_eq(id, conf_str(C_SHOPIFY_CLIENT_ID)))
		return refuse(rs, "application_cannot_be_found",
		    "The client_id may be incorrect.");
	if (!secret_good(member(cx, rq, "client_secret")))
		return refuse(rs, "invalid_client", "The client_secret "
		    "may be incorrect.");
	if (f->kind == FAULT_REFUSED)
		return refuse(rs, "shop_not_permitted", "Client "
		    "credentials cannot be performed on this shop.");
	if (f->kind == FAULT_DENIED)
		return refuse(rs, "app_not_installed", "The app is not "
		    "installed on this shop.");
	return json_reply(rs, 200, j_str("access_token", make(cx)),
	    j_str("scope", "read_customers,write_customers,read_orders"),
	    j_int("expires_in", settings.shop_token_s));
}
