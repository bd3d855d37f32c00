/*
 * shoprest - orders and refunds in the shape webhooks have
 *
 * The members are those of Shopify's REST resources in version 2026-07; what
 * this shop knows nothing of is null or empty, as in a shop without it.
 */
#ifndef SANDBOX_REST_H
#define SANDBOX_REST_H

#include <stdbool.h>
#include <stdint.h>

struct buf;
struct cx;
struct json;
struct shop_line;
struct shop_order;
struct shop_refund;

/* The bytes as they are sent: "/" and a few more are escaped. */
struct buf *shop_rest_order(struct cx *, const struct shop_order *);
struct buf *shop_rest_refund(struct cx *, const struct shop_order *,
	    const struct shop_refund *);

/* For the two files of this module. */
void	 shop_rest_refund_members(struct cx *, struct json *,
	    const struct shop_order *, const struct shop_refund *);
void	 shop_rest_time(struct json *, const char *key, int64_t ms);
void	 shop_rest_gid(struct cx *, struct json *, const char *type,
	    int64_t id);
void	 shop_rest_money(struct cx *, struct json *, const char *key,
	    int64_t cents);
/* key and key_set */
void	 shop_rest_price(struct cx *, struct json *, const char *key,
	    int64_t cents);
void	 shop_rest_id(struct json *, const char *key, int64_t id);
struct buf *shop_rest_escape(struct cx *, const struct buf *);
/* Within a refund a line has two members less. */
void	 shop_rest_line(struct cx *, struct json *, const struct shop_line *,
	    bool refunded);

#endif
