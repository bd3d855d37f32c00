/*
 * admin_api - client of Shopify's Admin API (GraphQL)
 *
 * A call includes what it needs: a token, requested with the client
 * credentials when there is none or it was refused, by one caller while others
 * wait; and rate limit points, of which a call costs some and the shop
 * restores some every second.  The balance of points is kept from what replies
 * report; a call waits until there are enough, and again if the shop throttles
 * it.
 *
 * Protocol: shopify.dev, "API limits", "Client credentials grant", GraphQL
 * Admin API reference of MINA_SHOPIFY_VERSION.
 */
#ifndef MINA_ADMIN_API_H
#define MINA_ADMIN_API_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct cJSON;
struct cx;

struct shop_call {
	const char	*query;
	const char	*variables;	/* JSON object */
	int		 cost;		/* points, about */
	/* The reply. */
	const struct cJSON *data;	/* member "data"; as long as cx */
	int64_t		 retry_ms;	/* after an error: pause; 0: none */
};

/*
 * E_BUSY: over the rate limit.  E_NOAUTH: no token, or it is refused.
 * E_UPSTREAM, E_TIMEOUT: the shop is down, or the outcome is unknown.
 * E_REJECTED: refused (access, a frozen shop, our query).  E_NOTFOUND: the
 * object does not exist.  Business errors (userErrors) are in data and left to
 * the caller.
 */
coroutine_fn enum err shop_call(struct cx *, const char *shop,
    struct shop_call *) MUSTCHECK;

/*
 * A call that is one mutation of this name: data becomes its payload.
 * Business errors are E_CONFLICT here: the shop would refuse it again.
 */
coroutine_fn enum err shop_mutation(struct cx *, const char *shop,
    struct shop_call *, const char *name) MUSTCHECK;
/* The message of the first of userErrors, or NULL. */
const char *shop_user_error(const struct cJSON *payload);

/* --- the balance of points, public for tests */

struct shop_bucket {
	double	 available, most;	/* points; most 0: not known yet */
	double	 rate;			/* restored a second */
	int64_t	 at;			/* loop_now() of available */
};

/* From the throttle status in a reply. */
void	 shop_bucket_learn(struct shop_bucket *, const struct cJSON *reply,
	    int64_t now);
/* Milliseconds until cost points are available; at most a minute. */
int64_t	 shop_bucket_wait(const struct shop_bucket *, double cost,
	    int64_t now);
/* Subtracts what a call will cost. */
void	 shop_bucket_take(struct shop_bucket *, double cost, int64_t now);
/* The cost of the call that this reply reports, else other. */
double	 shop_reply_cost(const struct cJSON *reply, double other);

#endif
