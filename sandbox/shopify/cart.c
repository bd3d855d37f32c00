/* cart - reads carts out of queries, forms and permalinks */
#include "config.h"

#include "core/service.h"
#include "shopify/shopify.h"

#define EMAIL_MAX	254	/* RFC 5321, 4.5.3.1.3, less its brackets */

static void
quantity(struct cx *cx, struct shop_cart *c, size_t i, const char *s)
{
	int64_t n;

	if (*s == '\0')
		return;
	if (!str_int(s, 0, SHOP_QUANTITY, &n)) {
		c->bad_pack = cx_fmt(cx, "At most %d of one pack can be "
		    "bought at once, and whole ones only.", SHOP_QUANTITY);
		return;
	}
	c->quantity[i] = n;
}

/* "1:2,3:1" */
static void
permalinked(struct cx *cx, struct shop_cart *c, const char *s)
{
	const struct shop_pack *p;
	int64_t id;
	size_t n;

	for (; *s != '\0'; s += n + (s[n] == ',')) {
		const char *item, *count;

		n = strcspn(s, ",");
		item = cx_dupn(cx, s, n);
		count = strchr(item, ':');
		p = str_int(cx_dupn(cx, item, strcspn(item, ":")), 1,
		    INT64_MAX, &id) ? shop_pack_variant(id) : NULL;
		if (p == NULL)
			c->bad_pack = "One of the things in this cart is not "
			    "sold here.";
		else
			quantity(cx, c, (size_t)(p - shop_packs),
			    count != NULL ? count + 1 : "1");
	}
}

static void
named(struct cx *cx, struct shop_cart *c, const char *form)
{
	const char *sku = url_query(cx, form, "sku");
	const char *qty = url_query(cx, form, "qty"), *s;
	const struct shop_pack *p;

	for (size_t i = 0; i < SHOP_PACKS; i++)
		if ((s = url_query(cx, form, cx_fmt(cx, "qty[%s]",
		    shop_packs[i].sku))) != NULL)
			quantity(cx, c, i, s);
	if (sku == NULL || *sku == '\0')
		return;
	if ((p = shop_pack_sku(sku)) == NULL)
		c->bad_pack = "There is no pack of that name.";
	else
		quantity(cx, c, (size_t)(p - shop_packs), qty != NULL &&
		    *qty != '\0' ? qty : "1");
}

static bool
email_good(const char *s)
{
	const char *at = strchr(s, '@'), *dot;
	size_t n = strlen(s);

	if (n > EMAIL_MAX || at == NULL || at == s || strchr(at + 1, '@') !=
	    NULL || strpbrk(s, " \t\r\n<>()[],;:\\\"") != NULL)
		return false;
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return false;
	dot = strrchr(at, '.');
	return dot != NULL && dot > at + 1 && dot[1] != '\0';
}

/* What goes into an order must be text. */
static const char *
text(const char *s, size_t max)
{
	return s != NULL && *s != '\0' && strlen(s) <= max &&
	    str_is_utf8(s, strlen(s)) ? s : NULL;
}

static const char *
token(struct cx *cx, const char *s)
{
	unsigned char r[(SHOP_TOKEN - 1) / 2];
	char *out;

	if (s != NULL && strlen(s) == SHOP_TOKEN - 1 &&
	    strspn(s, "0123456789abcdef") == SHOP_TOKEN - 1)
		return s;
	crypto_random(r, sizeof r);
	out = cx_alloc(cx, SHOP_TOKEN);
	encode_hex(r, sizeof r, out);
	return out;
}

void
shop_cart_read(struct cx *cx, const char *form, const char *permalink,
    struct shop_cart *c)
{
	memset(c, 0, sizeof *c);
	c->email = text(url_query(cx, form, "checkout[email]"), 1000);
	c->email = c->email != NULL ? c->email : "";
	c->pass_ref = text(url_query(cx, form, "attributes[mina_pass]"),
	    SHOP_REF);
	c->token = token(cx, url_query(cx, form, "checkout_token"));
	if (permalink != NULL)
		permalinked(cx, c, permalink);
	named(cx, c, form);
	if (!email_good(c->email))
		c->bad_email = *c->email == '\0' ?
		    "Where should the receipt go?" :
		    "This does not look like an e-mail address.";
	/* Our own form came back as it went out. */
	if (c->bad_pack == NULL && shop_cart_empty(c) &&
	    url_query(cx, form, "qty[MINA-50]") != NULL)
		c->bad_pack = "Nothing has been chosen yet.";
}

bool
shop_cart_empty(const struct shop_cart *c)
{
	for (size_t i = 0; i < SHOP_PACKS; i++)
		if (c->quantity[i] > 0)
			return false;
	return true;
}

int64_t
shop_cart_total(const struct shop_cart *c)
{
	int64_t sum = 0;

	for (size_t i = 0; i < SHOP_PACKS; i++)
		sum += c->quantity[i] * shop_packs[i].price;
	return sum;
}

void
shop_cart_wish(const struct shop_cart *c, struct shop_wish *w)
{
	*w = (struct shop_wish){ .email = c->email, .pass_ref = c->pass_ref,
	    .token = c->token, .paid = true };
	for (size_t i = 0; i < SHOP_PACKS; i++)
		if (c->quantity[i] > 0) {
			w->line[w->nline].pack = &shop_packs[i];
			w->line[w->nline++].quantity = c->quantity[i];
		}
}
