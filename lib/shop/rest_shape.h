/*
 * shopshape - an order as GraphQL tells it, in the shape REST has
 *
 * So that there is one reader of orders, in SQL.  Only what it reads is
 * there.  Ids are global ones (gid://shopify/Order/1) and become their
 * digits.
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
	const struct cJSON *order;	/* the node of `orders' */
	/* What did not fit into its lineItems, page by page. */
	const struct cJSON *more[SHOP_LINE_PAGES];
	size_t		 nmore;
	/* Instead of the node's own `refunds', when those did not fit. */
	const struct cJSON *refunds;
};

/* The digits of gid://shopify/<type>/<digits>[?..], NULL for another. */
const char *shop_gid(struct cx *, const struct cJSON *, const char *type);
/* Is it paid, or was it, so that SQL should look at it? */
bool	 shop_node_paid(const struct cJSON *order);
/* E_FIELD when ids or quantities are not what they should be. */
enum err shop_node_rest(struct cx *, const struct shop_node *,
    const char **text) MUSTCHECK;

#endif
