/*
 * shop - Shopify, where matcha is bought
 *
 * In: its webhooks tell of orders and refunds; the sweep asks for those that
 * never arrived.  Both end in the same two SQL functions, which credit an
 * order's lines once however often and in whatever order they are told.
 * Out: the Admin API; see shopapi.h.  Shops are named by their domain
 * (x.myshopify.com), one or more in MINA_SHOPIFY_SHOP.
 *
 * Ids have 64 bits and travel as text or as digits in raw JSON, never as
 * cJSON numbers, which are doubles.
 *
 * Protocol: shopify.dev, "Verify webhook deliveries"; the headers that must
 * be there are those of Shopify's own validator (shopify-app-js,
 * lib/webhooks/validate.ts).
 */
#ifndef MINA_SHOP_H
#define MINA_SHOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"

struct cJSON;
struct cx;

#define SHOP_HOOK_PATH	"/api/credits/shopify-order"
#define SHOP_MAX	16	/* shops that one Mina serves */

/* Is a shop configured, and a secret to know its webhooks by? */
bool	 shop_webhooks_enabled(void);
/* Is a shop configured, and an account with its Admin API? */
bool	 shop_admin_enabled(void);
bool	 shop_known(const char *shop);
/* Their names, at most SHOP_MAX. */
size_t	 shop_names(struct cx *, const char *out[SHOP_MAX]);

/*
 * Is mac (base64, NULL when it did not come) the HMAC-SHA256 of these bytes
 * under MINA_SHOPIFY_SECRET or _SECRET_OLD?  E_SIGNATURE when it is not.
 */
enum err shop_signed(struct cx *, const char *mac, const void *, size_t)
    MUSTCHECK;

/* Where a notice comes from. */
struct shop_notice {
	const char	*shop;
	const char	*source;	/* "webhook" or "sweep" */
	const char	*delivery;	/* X-Shopify-Webhook-Id, or NULL */
	const char	*text;		/* JSON, as REST has it */
	size_t		 len;
};

struct shop_outcome {
	const char	*order;		/* digits */
	const char	*outcome;	/* mina_shopify_order() has the words */
	int64_t		 credited;	/* matcha, of an order */
	int64_t		 taken, debt;	/* matcha, of a refund */
	size_t		 unknown;	/* SKUs that are no pack */
};

/*
 * E_JSON for what is no JSON, E_FIELD for JSON that is no order (or refund),
 * E_DB when it should be told again later.
 */
enum err shop_order(struct cx *, const struct shop_notice *,
    struct shop_outcome *) MUSTCHECK;
enum err shop_refund(struct cx *, const struct shop_notice *,
    struct shop_outcome *) MUSTCHECK;

/*
 * The tag for whoever bought, on the shop's customer; once more is harmless.
 * E_CONFLICT: the shop said no and would again (there is no such customer);
 * anything else may pass, and not before *retry_ms when that is not 0.
 */
enum err shop_tag(struct cx *, const char *shop, const char *customer,
    const char *tag, int64_t *retry_ms) MUSTCHECK;

/*
 * The sweep: all that changed since the mark, oldest first, a page a call.
 * The index it searches lags behind and moments are not unique, so it begins
 * SHOP_OVERLAP_MS before the mark: that orders are seen again costs little.
 * mark moves on by itself; what it is at the end is where the next sweep
 * begins.  An order that the database refuses is logged and left; any error
 * that comes back means that the page must be asked for again.
 */
#define SHOP_OVERLAP_MS	INT64_C(1800000)

struct shop_sweep {
	const char	*shop;
	int64_t		 since, mark;	/* ms */
	char		*after;		/* cursor, NULL at the start; free() */
	size_t		 seen, credited, refused;
};

enum err shop_sweep_page(struct cx *, struct shop_sweep *, bool *more,
    int64_t *retry_ms) MUSTCHECK;

/*
 * Subscribes to what is missing of the topics we live by: Shopify deletes a
 * subscription that failed too often.  *made is how many.
 */
enum err shop_subscribe(struct cx *, const char *shop, size_t *made)
    MUSTCHECK;

#endif
