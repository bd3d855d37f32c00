/*
 * shop_webhook - the emulated shop's webhooks
 *
 * A delivery is one event for one subscription: it is signed, sent from a
 * coroutine of its own, and repeated as Shopify does, eight times, over a
 * minute instead of four hours.  Those under way are on disk, so a restart
 * takes them up again (from the first attempt).  The journal of what was sent
 * and how it was answered is in memory.
 */
#ifndef SANDBOX_SHOP_WEBHOOK_H
#define SANDBOX_SHOP_WEBHOOK_H

#include "base/clock.h"
#include "base/crypto.h"
#include "shopify/shop_data.h"

/* How an event is to be delivered; all zero is the ordinary way. */
struct shop_way {
	int64_t		 copies;	/* of each; 0 is 1 */
	int64_t		 delay_ms;	/* before the first attempt */
	bool		 shuffle;	/* in no order, some later */
	bool		 drop;		/* never sent, only noted */
	bool		 tamper;	/* changed after it was signed */
	bool		 old_secret;	/* signed with the one before */
	const char	*shop;		/* says it comes from there; or NULL */
	const char	*topic[SHOP_TOPICS + 1];	/* these only, if any */
};

/*
 * Calls the subscribers of one of topics (with blanks between).  The
 * payload is the refund, or the order where that is NULL.
 */
void	 shop_webhook_send(struct cx *, const struct shop_order *,
	    const struct shop_refund *, const char *topics,
	    const struct shop_way *);
/*
 * The same with a payload of its own, about an order or (0) something else.  A
 * topic of privacy law goes to Mina without a subscription.
 */
void	 shop_webhook_tell(struct cx *, int64_t order, const char *topic,
	    const char *body, const struct shop_way *);
/* Starts again what a restart interrupted. */
void	 shop_webhook_load(void);

/* From now on another secret signs; NULL: that of the settings again. */
void	 shop_secret_set(const char *);
const char *shop_secret(void);
/* The first of the shops in MINA_SHOPIFY_SHOP. */
const char *shop_domain(struct cx *);

/* rest.c: the payloads, as the bytes that are sent. */
const char *shop_rest_order(struct cx *, const struct shop_order *);
const char *shop_rest_refund(struct cx *, const struct shop_order *,
	    const struct shop_refund *);

const char *shop_rest_dispute(struct cx *, const struct shop_order *,
	    const char *type, const char *status);
/* customers/redact, customers/data_request; shop/redact with customer NULL */
const char *shop_rest_privacy(struct cx *, const struct shop_customer *,
	    const char *topic);

/* --- webhook_journal.c */

#define DELIVERY_ATTEMPTS	9	/* the first, and eight more */

enum delivery_state {
	DELIVERY_WAITING,
	DELIVERY_DELIVERED,
	DELIVERY_FAILED,
	DELIVERY_DROPPED
};

struct delivery_attempt {
	int64_t		 at, ms;
	long		 status;	/* 0: no answer */
	char		*answer;	/* what was said, or what went wrong */
};

struct shop_delivery {
	struct shop_delivery *next;
	int64_t		 id, sub, order, refund, delay;
	enum delivery_state state;
	char		 webhook[UUID_LEN], event[UUID_LEN];
	char		 triggered[CLOCK_LEN + 8];
	char		*topic;
	char		*body;
	char		 hmac[64];	/* of the last attempt */
	bool		 forged;	/* not what Shopify would send */
	bool		 tampered, old_secret;
	char		*shop;		/* NULL: ours */
	struct delivery_attempt attempt[DELIVERY_ATTEMPTS];
	int		 nattempt;
};

/* Into the journal, which owns it from then on. */
void	 delivery_add(struct shop_delivery *);
/* To disk while it is under way, and away again. */
void	 delivery_save(struct cx *, const struct shop_delivery *);
void	 delivery_done(struct cx *, const struct shop_delivery *);
/* fn is called with each that a restart interrupted. */
void	 delivery_load(void (*fn)(struct shop_delivery *));

/* Is anything of that order (0: of any) still under way? */
bool	 delivery_pending(int64_t order);
/* The deliveries of that order (0: all), oldest first, as list members. */
void	 delivery_print(struct cx *, struct json *, int64_t order,
	    bool bodies);

#endif
