/*
 * shophook - the emulated shop's webhooks on their way
 *
 * One delivery is one event for one subscription: it is signed, sent from a
 * coroutine of its own, and repeated as Shopify does, eight times, over a
 * minute instead of four hours.  What is under way is on disk, so a restart
 * takes it up again (from its first attempt).  The journal of what was sent
 * and how it was answered is in memory.
 */
#ifndef SANDBOX_WEBHOOK_QUEUE_H
#define SANDBOX_WEBHOOK_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct cx;
struct json;
struct shop_order;
struct shop_refund;

#define SHOP_TOPICS	4

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
 * Tells those who are subscribed to one of topics (NULL-terminated).  The
 * payload is the refund, or the order where that is NULL.
 */
void	 shop_hook_send(struct cx *, const struct shop_order *,
	    const struct shop_refund *, const char *const *topics,
	    const struct shop_way *);
/* Starts again what a restart interrupted. */
void	 shop_hook_load(void);
/* Is anything of that order (0: of any) still under way? */
bool	 shop_hook_pending(int64_t order);
/* The deliveries of that order (0: all), oldest first, as list members. */
void	 shop_hook_print(struct cx *, struct json *, int64_t order,
	    bool bodies);

/* From now on another secret signs; NULL: that of the settings again. */
void	 shop_secret_set(const char *);
const char *shop_secret(void);
const char *shop_secret_old(void);	/* the one before, or the same */
/* The first of the shops in MINA_SHOPIFY_SHOP. */
const char *shop_domain(struct cx *);

#endif
