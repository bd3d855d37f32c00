/*
 * shop - Shopify orders, refunds and disputes of matcha
 *
 * Webhooks deliver them, and a sweep polls for those whose webhooks were lost.
 * Both call the same SQL functions, whose result does not depend on how often
 * and in whatever sequence the notices arrive.  Calls to
 * Shopify go through admin_api.h.  Shops are named by their domain
 * (x.myshopify.com), one or more in MINA_SHOPIFY_SHOP.
 *
 * Ids have 64 bits and travel as text or as digits in raw JSON, never as
 * cJSON numbers, which are doubles.
 *
 * Protocol: shopify.dev, "Verify webhook deliveries"; the required headers
 * are those of Shopify's own validator (shopify-app-js,
 * lib/webhooks/validate.ts).
 */
#ifndef MINA_SHOP_H
#define MINA_SHOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct cJSON;
struct cx;
struct rows;

#define SHOP_HOOK_PATH	"/api/credits/shopify-order"
#define SHOP_MAX	16	/* shops that one Mina serves */

/* --- shop.c: configuration, and notices */

/* Is a shop configured, and the secret that signs its webhooks? */
bool	 shop_webhooks_enabled(void);
/* Is a shop configured, and credentials for its Admin API? */
bool	 shop_admin_enabled(void);
/* Is this one of the configured shops? */
bool	 shop_known(const char *shop);
/* The domains of the configured shops, at most SHOP_MAX. */
size_t	 shop_names(struct cx *, const char *out[SHOP_MAX]);

/*
 * Is mac (base64, NULL when it did not come) the HMAC-SHA256 of these bytes
 * under MINA_SHOPIFY_SECRET or _SECRET_OLD?  E_SIGNATURE when it is not.
 */
enum err shop_signed(struct cx *, const char *mac, const void *, size_t)
    MUSTCHECK;

/* An order, a refund or a dispute, as a webhook or the sweep has it. */
struct shop_notice {
	const char	*shop;
	const char	*source;	/* "webhook" or "sweep" */
	const char	*delivery;	/* X-Shopify-Webhook-Id, or NULL */
	const char	*text;		/* JSON in the shape of the REST API */
	size_t		 len;
};

struct shop_outcome {
	const char	*order;		/* digits */
	const char	*outcome;	/* one of mina_shopify_order()'s */
	int64_t		 credited;	/* matcha, of an order */
	int64_t		 set_off;	/* matcha of an order, for a debt */
	int64_t		 taken, debt;	/* matcha */
	size_t		 unknown;	/* SKUs that are not matcha packs */
	const char	*unresolved;	/* kind of a new row, or NULL */
};

/*
 * E_JSON when the text is not JSON, E_FIELD when it is not an order (or a
 * refund, a dispute), E_DB when the notice should be delivered again later.
 */
coroutine_fn enum err shop_order(struct cx *, const struct shop_notice *,
    struct shop_outcome *) MUSTCHECK;
coroutine_fn enum err shop_refund(struct cx *, const struct shop_notice *,
    struct shop_outcome *) MUSTCHECK;
coroutine_fn enum err shop_dispute(struct cx *, const struct shop_notice *,
    struct shop_outcome *) MUSTCHECK;

/*
 * Removes what the shop told about one of its customers, or about all of them
 * (through the outbox, in parts).
 */
coroutine_fn enum err shop_redact_customer(struct cx *,
    const struct shop_notice *) MUSTCHECK;
coroutine_fn enum err shop_redact(struct cx *, const struct shop_notice *)
    MUSTCHECK;
coroutine_fn enum err shop_redact_some(struct cx *, const char *shop,
    int64_t *n) MUSTCHECK;
/* Notes that a customer of the shop wants to see what is kept of them. */
coroutine_fn enum err shop_data_request(struct cx *,
    const struct shop_notice *) MUSTCHECK;

/*
 * Credits paid orders that waited for a customer or a SKU and have them now:
 * *n, at most SHOP_RETRY of them.
 */
#define SHOP_RETRY	20
coroutine_fn enum err shop_retry(struct cx *, int64_t *n) MUSTCHECK;
/* What waits for an administrator, a line for each kind. */
coroutine_fn enum err shop_warnings(struct cx *, const struct rows **)
    MUSTCHECK;

/* --- mutations.c: changes in the shop */

/*
 * Adds the tag to a customer of the shop; repeating it is harmless.
 * E_CONFLICT is final (there is no such customer); other errors may pass, and
 * not before *retry_ms when that is not 0.
 */
coroutine_fn enum err shop_tag(struct cx *, const char *shop,
    const char *customer, const char *tag, int64_t *retry_ms) MUSTCHECK;

/*
 * Subscribes to those of the topics we need that have no subscription: Shopify
 * deletes one whose deliveries failed too often.  *made is how many.
 */
coroutine_fn enum err shop_subscribe(struct cx *, const char *shop,
    size_t *made) MUSTCHECK;

/* --- sync.c: the sweep */

/*
 * Processes the orders that changed since `since', oldest first, a page a
 * call, and moves mark on; the next sweep begins at the mark.  Shopify's
 * search index lags behind and times are not unique, so a sweep begins
 * SHOP_OVERLAP_MS before the mark; to see an order again costs little.  An
 * order that the database refuses is logged and skipped; after an error the
 * page must be requested again.
 */
#define SHOP_OVERLAP_MS	INT64_C(1800000)

struct shop_sweep {
	const char	*shop;
	int64_t		 since, mark;	/* ms */
	char		*after;		/* cursor, NULL at the start; free() */
	size_t		 seen, credited, refused;
};

coroutine_fn enum err shop_sweep_page(struct cx *, struct shop_sweep *,
    bool *more, int64_t *retry_ms) MUSTCHECK;

#endif
