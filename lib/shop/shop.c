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
	out->set_off = json_int_or(json_get(js, "set_off"), 0);
	out->unknown = json_count(json_get(js, "unknown"));
	out->unresolved = json_text(json_get(js, "unresolved"));
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

/*
 * A locked row of one buyer takes that buyer's share of the connections to the
 * database, and leaves the others to other orders.
 */
static void
share_of(struct cx *cx, const struct cJSON *id)
{
	if (cx->customer == NULL && id != NULL && !json_is_obj(id) &&
	    !json_is_list(id))
		cx->customer = json_print(cx, id);
}

static const struct stmt S_ORDER = STMT("shop_order",
    "select mina_shopify_order($1::jsonb, $2, $3, $4::bool, $5, $6, $7::bool)");

coroutine_fn enum err
shop_order(struct cx *cx, const struct shop_notice *no,
    struct shop_outcome *out)
{
	const struct cJSON *order;
	const struct row *row;
	enum err er;

	if ((er = parse(cx, no, &order)) != E_OK)
		return er;
	share_of(cx, json_pointer(order, "/customer/id"));
	er = pg_one(cx, &S_ORDER, &row, pg_json(no->text), pg_text(no->shop),
	    pg_text(pass_of(cx, order)),
	    pg_bool(str_eq(conf_str(C_SHOPIFY_TEST), "yes")),
	    pg_text(no->source), pg_text(no->delivery),
	    pg_bool(shop_admin_enabled()));
	if (er != E_OK)
		return sql_error(cx, er, no);
	if ((er = read_outcome(cx, row, out)) != E_OK)
		return er;
	if (out->unresolved != NULL)
		log_warn(cx, "order %s of %s is paid and gave nothing (%s, "
		    "%zu unknown SKUs): it waits for an administrator",
		    out->order, no->shop, out->outcome, out->unknown);
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
	share_of(cx, json_get(refund, "order_id"));
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

static const struct stmt S_DISPUTE = STMT("shop_dispute",
    "select mina_shopify_dispute($1::jsonb, $2, $3, $4)");

coroutine_fn enum err
shop_dispute(struct cx *cx, const struct shop_notice *no,
    struct shop_outcome *out)
{
	const struct cJSON *dispute;
	const struct row *row;
	enum err er;

	if ((er = parse(cx, no, &dispute)) != E_OK)
		return er;
	er = pg_one(cx, &S_DISPUTE, &row, pg_json(no->text),
	    pg_text(no->shop), pg_text(no->source), pg_text(no->delivery));
	if (er != E_OK)
		return sql_error(cx, er, no);
	if ((er = read_outcome(cx, row, out)) != E_OK)
		return er;
	log_warn(cx, "dispute of order %s of %s: %s, %lld matcha taken, %lld "
	    "owed", out->order, no->shop, out->outcome,
	    (long long)out->taken, (long long)out->debt);
	return E_OK;
}

/* --- privacy */

static const struct stmt S_REDACT = STMT("shop_redact_customer",
    "select mina_shopify_redact($1::jsonb)");

coroutine_fn enum err
shop_redact_customer(struct cx *cx, const struct shop_notice *no)
{
	const struct cJSON *js;
	const struct row *row;
	enum err er;

	if ((er = parse(cx, no, &js)) != E_OK)
		return er;
	if ((er = pg_one(cx, &S_REDACT, &row, pg_json(no->text))) != E_OK)
		return sql_error(cx, er, no);
	log_info(cx, "a customer of %s is redacted", no->shop);
	return E_OK;
}

static const struct stmt S_REDACT_SHOP = STMT("shop_redact",
    "select mina_outbox_put('shopify.redact:' || $1 || ':' || $2, "
    "'shopify.redact', jsonb_build_object('shop', $1::text), 0)");

coroutine_fn enum err
shop_redact(struct cx *cx, const struct shop_notice *no)
{
	const struct row *row;
	enum err er;

	if ((er = pg_one(cx, &S_REDACT_SHOP, &row, pg_text(no->shop),
	    pg_text(no->delivery))) != E_OK)
		return er;
	log_warn(cx, "all customers of %s will be redacted", no->shop);
	return E_OK;
}

static const struct stmt S_REDACT_SOME = STMT("shop_redact_some",
    "select mina_shopify_redact_some($1, 50)");

coroutine_fn enum err
shop_redact_some(struct cx *cx, const char *shop, int64_t *n)
{
	const struct row *row;
	enum err er;

	if ((er = pg_one(cx, &S_REDACT_SOME, &row, pg_text(shop))) == E_OK)
		*n = row_int(row, 0);
	return er;
}

static const struct stmt S_DATA = STMT("shop_data_request",
    "select mina_shopify_data_request($1::jsonb, $2)");

coroutine_fn enum err
shop_data_request(struct cx *cx, const struct shop_notice *no)
{
	const struct cJSON *js;
	const struct row *row;
	enum err er;

	if ((er = parse(cx, no, &js)) != E_OK)
		return er;
	if ((er = pg_one(cx, &S_DATA, &row, pg_json(no->text),
	    pg_text(no->shop))) != E_OK)
		return sql_error(cx, er, no);
	log_warn(cx, "a customer of %s asks for their data: an administrator "
	    "has 30 days", no->shop);
	return E_OK;
}

/* --- what waits */

static const struct stmt S_RETRY = STMT("shop_retry",
    "select mina_unresolved_retry($1::int)");

coroutine_fn enum err
shop_retry(struct cx *cx, int64_t *n)
{
	const struct row *row;
	enum err er;

	if ((er = pg_one(cx, &S_RETRY, &row, pg_int(SHOP_RETRY))) == E_OK)
		*n = row_int(row, 0);
	return er;
}

static const struct stmt S_WARNINGS = STMT_READ("shop_warnings",
    "select warning from mina_unresolved_warnings()");

coroutine_fn enum err
shop_warnings(struct cx *cx, const struct rows **rows)
{
	return pg_each(cx, &S_WARNINGS, rows);
}
