/*
 * shopapi - calls to Shopify's Admin API (GraphQL)
 *
 * One call, with whatever it takes to make it: a token, asked for with the
 * client credentials when there is none or it was refused, by one caller
 * while the others wait; and points, of which each call costs some and the
 * shop restores some every second.  We count along from what the replies
 * say, wait until there are enough, and wait once more where the shop says
 * that there were not.
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
	/* The answer. */
	const struct cJSON *data;	/* its "data"; lives as long as cx */
	int64_t		 retry_ms;	/* with an error: not before; 0: any */
};

/*
 * E_BUSY: too fast.  E_NOAUTH: no token, or none that they take.  E_UPSTREAM,
 * E_TIMEOUT: they are away, or it is not known what came of it.  E_REJECTED:
 * they do not want this (access, a frozen shop, our query); E_NOTFOUND: what
 * it is about does not exist.  Business errors (userErrors) are in data, and
 * the caller's to look at.
 */
enum err shop_call(struct cx *, const char *shop, struct shop_call *)
    MUSTCHECK;

/*
 * A call that is one mutation of this name: data becomes its payload.
 * Business errors are E_CONFLICT here: the shop would refuse it again.
 */
enum err shop_mutation(struct cx *, const char *shop, struct shop_call *,
    const char *name) MUSTCHECK;
/* The message of the first of userErrors, or NULL. */
const char *shop_user_error(const struct cJSON *payload);

/* --- the points, apart so that they can be tested */

struct shop_bucket {
	double	 available, most;	/* points; most 0: nothing is known */
	double	 rate;			/* restored a second */
	int64_t	 at;			/* loop_now() of available */
};

/* What a reply says, at its top level. */
void	 shop_bucket_learn(struct shop_bucket *, const struct cJSON *reply,
	    int64_t now);
/* Milliseconds until cost points are there; at most a minute. */
int64_t	 shop_bucket_wait(const struct shop_bucket *, double cost,
	    int64_t now);
void	 shop_bucket_take(struct shop_bucket *, double cost, int64_t now);
/* What the call of this reply was counted as; other when it does not say. */
double	 shop_reply_cost(const struct cJSON *reply, double other);

#endif
