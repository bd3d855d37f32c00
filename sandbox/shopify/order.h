/*
 * shoporder - the orders of the emulated shop
 *
 * In memory by id, and each in a file of its own, so that a restart keeps
 * them (shopkeep.c).  A change is on disk when the call returns; when it
 * cannot be written, nothing has changed.
 *
 * Ids are past 2^53, and those of one order are neighbours: whoever lets one
 * pass through a double mixes them up.  Times are whole seconds, as
 * Shopify's are; money is cents.
 */
#ifndef SANDBOX_ORDER_H
#define SANDBOX_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct buf;
struct cx;
struct shop_pack;

#define SHOP_LINES	20
#define SHOP_QUANTITY	1000	/* of one line, at most */
#define SHOP_TOKEN	33	/* 32 hexadecimal digits */
#define SHOP_REF	1000	/* bytes of a pass reference, at most */
#define SHOP_ID		548380009

struct shop_line {
	int64_t		 id;
	char		*sku;		/* NULL: it has none */
	char		*title;
	int64_t		 price;		/* of one */
	int64_t		 variant, product;	/* 0: none */
	int64_t		 quantity, current;	/* bought; not refunded */
};

struct shop_refund_line {
	int64_t		 id;
	size_t		 line;		/* its place in the order */
	int64_t		 quantity;
};

struct shop_refund {
	struct shop_refund *next;	/* a later one */
	int64_t		 id, transaction, adjustment;
	int64_t		 created, amount;
	struct shop_refund_line line[SHOP_LINES];
	size_t		 nline;		/* 0: money only */
};

struct shop_order {
	int64_t		 id, number, customer;	/* customer 0: nobody */
	char		 token[SHOP_TOKEN];
	char		*email;		/* NULL: none */
	char		*pass_ref;	/* NULL: the cart named nobody */
	bool		 test, paid;
	bool		 told;		/* Mina took it, as paid */
	int64_t		 created, updated, processed;
	struct shop_line line[SHOP_LINES];
	size_t		 nline;
	struct shop_refund *refunds;
};

/* What somebody wants to buy; the strings are the caller's. */
struct shop_wish {
	const char	*email, *pass_ref;
	const char	*token;		/* NULL: made up */
	bool		 nobody;	/* no customer goes with it */
	bool		 test, unpaid;
	struct {
		const struct shop_pack *pack;	/* NULL: something else */
		const char	*sku;		/* of that */
		int64_t		 quantity;
	} line[SHOP_LINES];
	size_t		 nline;
};

/* Reads what is on disk. */
void	 shop_order_load(void);
enum err shop_order_place(struct cx *, const struct shop_wish *,
	    struct shop_order **) MUSTCHECK;
/* Mina has taken a webhook that says it is paid. */
void	 shop_order_told(struct cx *, int64_t id);
enum err shop_order_pay(struct cx *, struct shop_order *) MUSTCHECK;
/*
 * want holds the lines, or none and the amount; the ids and the time are
 * filled in here.  The caller has looked that there is as much to give back.
 */
enum err shop_order_refund(struct cx *, struct shop_order *,
	    const struct shop_refund *want, struct shop_refund **) MUSTCHECK;

size_t	 shop_order_count(void);
struct shop_order *shop_order_at(size_t);	/* oldest first */
struct shop_order *shop_order_find(int64_t id);
struct shop_order *shop_order_token(const char *);

int64_t	 shop_order_total(const struct shop_order *);
int64_t	 shop_order_current(const struct shop_order *);	/* after refunds */
int64_t	 shop_order_refunded(const struct shop_order *);
/* "paid", "pending", "partially_refunded", "refunded" */
const char *shop_order_status(const struct shop_order *);

/* An id nobody had before. */
int64_t	 shop_id(void);
void	 shop_id_seen(int64_t);

/* shopkeep.c: as a file, and back (NULL when it is none). */
struct cJSON;
void	 shop_order_write(const struct shop_order *, struct buf *);
struct shop_order *shop_order_read(const struct cJSON *);
void	 shop_order_free(struct shop_order *);

#endif
