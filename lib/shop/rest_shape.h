/*
 * rest_shape - converts an order from GraphQL to the shape of the REST API
 *
 * Webhooks have the REST shape, so the SQL functions parse one format.  Only
 * the members that SQL reads are written.  Global ids (gid://shopify/Order/1)
 * become their digits.
 */
#ifndef MINA_REST_SHAPE_H
#define MINA_REST_SHAPE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct cJSON;
struct cx;

#define SHOP_LINE_PAGES	40

struct shop_node {
	const struct cJSON *order;	/* a node of `orders' */
	/* Further pages of its lineItems. */
	const struct cJSON *more[SHOP_LINE_PAGES];
	size_t		 nmore;
	/* Replaces the node's own `refunds' when those are not complete. */
	const struct cJSON *refunds;
};

/* The digits of gid://shopify/<type>/<digits>[?..], else NULL. */
const char *shop_gid(struct cx *, const struct cJSON *, const char *type);
/* Was it ever paid?  Other orders need not reach SQL. */
bool	 shop_node_paid(const struct cJSON *order);
/* E_FIELD when an id or a quantity is not valid. */
enum err shop_node_rest(struct cx *, const struct shop_node *,
    const char **text) MUSTCHECK;

#endif
