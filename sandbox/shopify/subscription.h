/*
 * shopsub - who is told what: webhook subscriptions of the emulated shop
 *
 * At the very first start Mina is subscribed to what it needs; after that
 * they are what the Admin API made of them.  As with Shopify, one to which
 * eight deliveries in a row failed is gone, and nobody is told.
 */
#ifndef SANDBOX_SUBSCRIPTION_H
#define SANDBOX_SUBSCRIPTION_H

#include <stdint.h>

#include "base/err.h"

struct cx;

#define SHOP_SUB_FAILS	8

struct shop_topic {
	const char	*name;		/* "orders/paid" */
	const char	*graph;		/* "ORDERS_PAID" */
};

struct shop_sub {
	struct shop_sub	*next;
	int64_t		 id, created, updated;
	const struct shop_topic *topic;
	char		*uri;		/* NULL: Mina, wherever it is */
	int		 fails;		/* in a row */
};

const struct shop_topic *shop_topic(const char *name);	/* either name */

void	 shop_sub_load(struct cx *);
struct shop_sub *shop_sub_first(void);		/* oldest first */
struct shop_sub *shop_sub_find(int64_t id);
const char *shop_sub_uri(struct cx *, const struct shop_sub *);
enum err shop_sub_make(struct cx *, const struct shop_topic *,
	    const char *uri, struct shop_sub **) MUSTCHECK;
void	 shop_sub_remove(struct cx *, int64_t id);
/* How a delivery to it went. */
void	 shop_sub_told(struct cx *, int64_t id, bool well);

#endif
