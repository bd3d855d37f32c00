/*
 * shopquery - orders(first, after, query, sortKey, reverse)
 *
 * Of Shopify's search syntax: terms "field:value" that all must hold, with
 * :> :>= :< :<=, quoted or not, between them blanks or AND.  Fields:
 * updated_at, created_at, processed_at, financial_status, test, email, name,
 * id, customer_id, status.  An unknown field is left out of account with a
 * warning, which is what Shopify does.
 */
#ifndef SANDBOX_ORDERS_QUERY_H
#define SANDBOX_ORDERS_QUERY_H

#include <stddef.h>

struct buf;
struct cJSON;
struct cx;
struct json;

/*
 * Prints the connection; NULL, or what is wrong with the arguments.
 * *n is how many orders it has; warnings go to the list.
 */
const char *shop_query_orders(struct cx *, struct json *,
	    const struct cJSON *args, struct json *warnings, size_t *n);

#endif
