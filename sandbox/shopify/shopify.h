/*
 * shopctl - /_sandbox/shop: orders, refunds and deliveries on demand
 */
#ifndef SANDBOX_SHOP_CONTROL_H
#define SANDBOX_SHOP_CONTROL_H

#include <stdint.h>

#include "core/emulator.h"

struct cJSON;
struct json;
struct shop_order;
struct shop_refund;
struct shop_way;
struct shop_wish;

extern const struct emulator shop_emulator;

enum err shopctl_order(struct cx *, struct req *, struct resp *);
enum err shopctl_refund(struct cx *, struct req *, struct resp *);
enum err shopctl_send(struct cx *, struct req *, struct resp *);
extern const struct emulator shop_emulator;

enum err shopctl_orders(struct cx *, struct req *, struct resp *);
enum err shopctl_deliveries(struct cx *, struct req *, struct resp *);
enum err shopctl_tags(struct cx *, struct req *, struct resp *);
enum err shopctl_secret(struct cx *, struct req *, struct resp *);

/* The order as it is now, and the refund if there is one. */
enum err shopctl_answer(struct cx *, struct resp *, int status,
	    const struct shop_order *, const struct shop_refund *) MUSTCHECK;
const char *shopctl_digits(struct cx *, int64_t id);	/* 0: NULL */

/* shopread.c: what the bodies say. */
enum err shopctl_only(struct cx *, const struct cJSON *, const char *path,
	    const char *const *known) MUSTCHECK;
enum err shopctl_read_way(struct cx *, const struct cJSON *body,
	    struct shop_way *) MUSTCHECK;
enum err shopctl_read_wish(struct cx *, const struct cJSON *body,
	    struct shop_wish *) MUSTCHECK;
/* By its id, a string of digits, or its name ("#1001"). */
enum err shopctl_read_order(struct cx *, const struct cJSON *body,
	    struct shop_order **) MUSTCHECK;

#endif
