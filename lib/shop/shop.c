/*
 * shop - configured shops, webhook signatures, and notices passed to SQL
 */
#include "config.h"

#include <string.h>

#include "account/passref.h"
#include "base/conf.h"
#include "base/crypto.h"
#include "base/cx.h"
#include "base/encode.h"
#include "base/json.h"
#include "base/log.h"
#include "base/str.h"
#include "pg/pg.h"
#include "shop/shop.h"

/* --- configuration */

bool
shop_webhooks_enabled(void)
{
	return *conf_str(C_SHOPIFY_SHOP) != '\0' &&
	    *conf_str(C_SHOPIFY_SECRET) != '\0';
}

bool
shop_admin_enabled(void)
{
	return *conf_str(C_SHOPIFY_SHOP) != '\0' &&
	    (*conf_str(C_SHOPIFY_TOKEN) != '\0' ||
	    *conf_str(C_SHOPIFY_CLIENT_ID) != '\0');
}

bool
shop_known(const char *shop)
{
	return *shop != '\0' && conf_lists(C_SHOPIFY_SHOP, shop);
}

size_t
shop_names(struct cx *cx, const char *out[SHOP_MAX])
{
	const char *p = conf_str(C_SHOPIFY_SHOP);
	size_t n = 0, len;

	for (; *p != '\0' && n < SHOP_MAX; p += len + (p[len] == ',')) {
		p += strspn(p, " ");
		if ((len = strcspn(p, ",")) > 0)
			out[n++] = cx_dupn(cx, p, len);
	}
	return n;
}

/* --- signatures */

static bool
signed_with(struct cx *cx, const char *secret, const char *mac,
    const void *body, size_t n)
{
	unsigned char want[SHA256_LEN];

	/* Without a secret no signature is valid. */
	if (*secret == '\0')
		return false;
	crypto_hmac(secret, strlen(secret), body, n, want);
	return crypto_str_eq(encode_base64(cx, want, sizeof want), mac);
}

enum err
shop_signed(struct cx *cx, const char *mac, const void *body, size_t n)
{
	bool new, old;

	if (mac == NULL)
		return err_set(cx, E_SIGNATURE, "no signature");
	new = signed_with(cx, conf_str(C_SHOPIFY_SECRET), mac, body, n);
	old = signed_with(cx, conf_str(C_SHOPIFY_SECRET_OLD), mac, body, n);
	return new || old ? E_OK :
	    err_set(cx, E_SIGNATURE, "the signature does not match");
}

/* --- notices */

/* The pass in an encrypted cart attribute (passref.h), or NULL. */
static const char *
pass_of(struct cx *cx, const struct cJSON *order)
{
	const struct cJSON *at = json_first(json_get(order,
	    "note_attributes"));
	const char *name, *value, *pass;

	for (; at != NULL; at = json_next(at)) {
		name = json_text(json_get(at, "name"));
		value = json_text(json_get(at, "value"));
		if (!str_eq(name, PASSREF_ATTRIBUTE) || value == NULL)
			continue;
		if ((pass = passref_open(cx, value)) != NULL)
			return pass;
		log_info(cx, "a " PASSREF_ATTRIBUTE " attribute that cannot "
		    "be decrypted is ignored");
	}
	return NULL;
}

/* An SQL error that the payload caused is the sender's: E_FIELD. */
static enum err
sql_error(struct cx *cx, enum err er, const struct shop_notice *no)
{
	const char *state = pg_sqlstate(cx), *why;

	/* Class 22 is data exception: a value in the payload. */
	if (er != E_BUG || strncmp(state, "22", 2) != 0)
		return er;
	why = cx_dup(cx, cx->err.detail);
	log_warn(cx, "%s by %s of %s is invalid: %s", no->delivery != NULL
	    ? no->delivery : "a notice", no->source, no->shop, why);
	if ((why = strstr(why, state)) == NULL)
		why = state;
	return err_say(cx, E_FIELD, "This is nothing that Shopify sends: "
	    "%.140s. Nothing was credited.", why);
}

static enum err
read_outcome(struct cx *cx, const struct row *row, struct shop_outcome *out)
{
	struct cJSON *js;
	enum err er;

	if ((er = json_parse(cx, row_text(row, 0), strlen(row_text(row, 0)),
	    &js)) != E_OK)
		return err_set(cx, E_BUG, "the outcome is not JSON");
	out->order = json_text(json_get(js, "order"));
	out->outcome = json_text(json_get(js, "outcome"));
	out->credited = json_int_or(json_get(js, "credited"), 0);
	out->taken = json_int_or(json_get(js, "taken"), 0);
	out->debt = json_int_or(json_get(js, "debt"), 0);
	out->unknown = json_count(json_get(js, "unknown"));
	if (out->order == NULL)
		out->order = "-";
	return out->outcome != NULL ? E_OK :
	    err_set(cx, E_BUG, "the outcome has no name");
}

static enum err
parse(struct cx *cx, const struct shop_notice *no, const struct cJSON **out)
{
	struct cJSON *js;
	enum err er;

	if ((er = json_parse(cx, no->text, no->len, &js)) != E_OK)
		return er;
	if (!json_is_obj(js))
		return err_say(cx, E_FIELD, "The payload is not a JSON "
		    "object. Nothing was credited.");
	*out = js;
	return E_OK;
}

static const struct stmt S_ORDER = STMT("shop_order",
    "select mina_shopify_order($1::jsonb, $2, $3, $4::bool, $5, $6)");

coroutine_fn enum err
shop_order(struct cx *cx, const struct shop_notice *no,
    struct shop_outcome *out)
{
	const struct cJSON *order;
	const struct row *row;
	enum err er;

	if ((er = parse(cx, no, &order)) != E_OK)
		return er;
	er = pg_one(cx, &S_ORDER, &row, pg_json(no->text), pg_text(no->shop),
	    pg_text(pass_of(cx, order)),
	    pg_bool(str_eq(conf_str(C_SHOPIFY_TEST), "yes")),
	    pg_text(no->source), pg_text(no->delivery));
	if (er != E_OK)
		return sql_error(cx, er, no);
	if ((er = read_outcome(cx, row, out)) != E_OK)
		return er;
	/* The sweep sees most orders many times: only news is logged. */
	log_msg(str_eq(out->outcome, "credited") || (no->delivery != NULL &&
	    !str_eq(out->outcome, "replayed")) ? LOG_INFO : LOG_DEBUG, cx,
	    "order %s of %s by %s: %s, %lld matcha, %zu unknown SKUs",
	    out->order, no->shop, no->source, out->outcome,
	    (long long)out->credited, out->unknown);
	return E_OK;
}

static const struct stmt S_REFUND = STMT("shop_refund",
    "select mina_shopify_refund($1::jsonb, $2, $3, $4)");

coroutine_fn enum err
shop_refund(struct cx *cx, const struct shop_notice *no,
    struct shop_outcome *out)
{
	const struct cJSON *refund;
	const struct row *row;
	enum err er;

	if ((er = parse(cx, no, &refund)) != E_OK)
		return er;
	er = pg_one(cx, &S_REFUND, &row, pg_json(no->text),
	    pg_text(no->shop), pg_text(no->source), pg_text(no->delivery));
	if (er != E_OK)
		return sql_error(cx, er, no);
	if ((er = read_outcome(cx, row, out)) != E_OK)
		return er;
	log_info(cx, "refund for order %s of %s by %s: %s, %lld matcha taken, "
	    "%lld owed", out->order, no->shop, no->source, out->outcome,
	    (long long)out->taken, (long long)out->debt);
	return E_OK;
}
