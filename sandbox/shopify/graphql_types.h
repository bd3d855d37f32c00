/*
 * shopgraph - the emulated shop's things in the shape GraphQL gives them
 *
 * Everything a query can ask of them is printed; gql_select() picks.
 */
#ifndef SANDBOX_GRAPHQL_TYPES_H
#define SANDBOX_GRAPHQL_TYPES_H

#include <stdbool.h>
#include <stdint.h>

struct cx;
struct json;
struct shop_buyer;
struct shop_order;
struct shop_sub;

void	 shop_graph_order(struct cx *, struct json *, const char *key,
	    const struct shop_order *);
void	 shop_graph_buyer(struct cx *, struct json *, const char *key,
	    const struct shop_buyer *);
void	 shop_graph_sub(struct cx *, struct json *, const char *key,
	    const struct shop_sub *);
/* "gid://shopify/Order/1" */
const char *shop_gid(struct cx *, const char *type, int64_t id);
/* 0 when it is none of that type. */
int64_t	 shop_gid_id(const char *gid, const char *type);
/* Opaque to clients: an order's id and what it was sorted by. */
const char *shop_cursor(struct cx *, int64_t id, int64_t value);
bool	 shop_cursor_read(struct cx *, const char *, int64_t *id,
	    int64_t *value);

#endif
