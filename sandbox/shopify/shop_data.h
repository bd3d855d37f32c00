/*
 * shop_data - the emulated shop's packs, customers, orders, subscriptions
 *
 * In memory, and each in a file of its own, so that a restart keeps them.  A
 * change is on disk when the call returns; when it cannot be written (then it
 * is E_STORAGE), nothing has changed.  Times are milliseconds, of whole
 * seconds as Shopify's are; money is cents.
 */
#ifndef SANDBOX_SHOP_DATA_H
#define SANDBOX_SHOP_DATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct cJSON;
struct cx;
struct json;
struct record_field;

#define SHOP_ID		548380009

/*
 * --- store.c
 *
 * shop/<kind>/<id>.json under MINA_SANDBOX_DIR.  A file is replaced as a
 * whole and not synced: it outlives this process, not a power cut.
 */
enum err store_put(struct cx *, const char *kind, int64_t id,
	    const struct record_field *, const void *) MUSTCHECK;
/* The same, with what more() writes into the object behind the fields. */
enum err store_put_more(struct cx *, const char *kind, int64_t id,
	    const struct record_field *, const void *,
	    void (*more)(struct json *, const void *)) MUSTCHECK;
void	 store_drop(struct cx *, const char *kind, int64_t id);
/* fn for each, in no order; the cx and the tree are gone afterwards. */
void	 store_each(const char *kind,
	    void (*fn)(struct cx *, const struct cJSON *));
/* Was this kind ever written, though it be empty now? */
bool	 store_known(struct cx *, const char *kind);

/*
 * An id that nothing had before.  Ids are past 2^53, and those of one order
 * are neighbours: a client that lets one pass through a double mixes them up.
 */
int64_t	 shop_id(void);
void	 shop_id_seen(int64_t);
/* Now, in whole seconds. */
int64_t	 shop_now(void);

/*
 * --- packs (store.c)
 *
 * The SKUs are those of the seed (sql/seed/020-packs.sql); prices are made
 * up, and so are the ids, which are of the size that real ones have.
 */
struct shop_pack {
	const char	*sku, *title;
	int		 matcha;
	int64_t		 price;		/* cents */
	int64_t		 variant, product;
};

#define SHOP_PACKS	4

extern const struct shop_pack shop_packs[SHOP_PACKS];

/* NULL when there is none. */
const struct shop_pack *shop_pack_sku(const char *sku);
const struct shop_pack *shop_pack_variant(int64_t);
/* "49.00" */
const char *shop_money(struct cx *, int64_t cents);

/*
 * --- customer.c
 *
 * Made by their first order; the id follows from the e-mail address (its
 * case aside), so that it is the same whenever and wherever they buy.
 */
#define SHOP_TAGS	250

struct shop_customer {
	int64_t		 id, created, updated;
	char		*email;		/* in lower case */
	char		*tag[SHOP_TAGS];
	size_t		 ntag;
};

void	 shop_customer_load(void);
/* The customer with that e-mail, made where there is none. */
enum err shop_customer_of(struct cx *, const char *email, int64_t *id)
	    MUSTCHECK;
struct shop_customer *shop_customer_find(int64_t id);
/* Adds what is not there yet; at most SHOP_TAGS are kept. */
enum err shop_customer_tag(struct cx *, struct shop_customer *, const char *)
	    MUSTCHECK;
size_t	 shop_customer_count(void);
struct shop_customer *shop_customer_at(size_t);

/* --- order.c */

#define SHOP_LINES	20
#define SHOP_QUANTITY	1000	/* of one line, at most */
#define SHOP_TOKEN	33	/* 32 hexadecimal digits */
#define SHOP_REF	1000	/* bytes of a pass reference, at most */

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
	int64_t		 line;		/* its place in the order */
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
	int64_t		 id, number, customer;	/* customer 0: none */
	char		 token[SHOP_TOKEN];
	char		*email;		/* NULL: none */
	char		*pass_ref;	/* NULL: the cart had none */
	bool		 test, paid;
	bool		 told;		/* Mina took it, as paid */
	int64_t		 created, updated, processed;
	int64_t		 cancelled;		/* 0: it is not */
	int64_t		 dispute, disputed;	/* id, 0: none; cents */
	struct shop_line line[SHOP_LINES];
	size_t		 nline;
	struct shop_refund *refunds;
};

/* What a client wants to buy; the strings are the caller's. */
struct shop_wish {
	const char	*email, *pass_ref;
	const char	*token;		/* NULL: made up */
	bool		 no_customer;	/* none goes with it */
	bool		 test, paid;
	struct {
		const struct shop_pack *pack;	/* NULL: something else */
		const char	*sku;		/* of that */
		int64_t		 quantity;
	} line[SHOP_LINES];
	size_t		 nline;
};

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

/*
 * Sets line n to quantity pieces that are not removed; n == nline adds a line.
 * As in Shopify, what was ordered only grows, and what is removed is taken off
 * the current quantity.
 */
enum err shop_order_edit(struct cx *, struct shop_order *, size_t n,
	    const char *sku, int64_t quantity) MUSTCHECK;
enum err shop_order_cancel(struct cx *, struct shop_order *) MUSTCHECK;
/* Opens one, or keeps the one there is; *opened says which. */
enum err shop_order_dispute(struct cx *, struct shop_order *, int64_t amount,
	    bool *opened) MUSTCHECK;

size_t	 shop_order_count(void);
struct shop_order *shop_order_at(size_t);	/* oldest first */
struct shop_order *shop_order_find(int64_t id);
struct shop_order *shop_order_token(const char *);

int64_t	 shop_order_total(const struct shop_order *);
int64_t	 shop_order_current(const struct shop_order *);	/* after refunds */
int64_t	 shop_order_refunded(const struct shop_order *);
/* "paid", "pending", "partially_refunded", "refunded" */
const char *shop_order_status(const struct shop_order *);
/* "bogus" for tests */
const char *shop_order_gateway(const struct shop_order *);

/*
 * --- subscription.c: which webhooks go where
 *
 * At the very first start Mina is subscribed to what it needs; after that
 * they are what the Admin API made of them.  As with Shopify, a subscription
 * to which eight deliveries in a row failed is gone.
 */
#define SHOP_TOPICS	10

struct shop_topic {
	const char	*name;		/* "orders/paid" */
	const char	*graph;		/* "ORDERS_PAID"; NULL: see below */
};

/*
 * Topics of privacy law have no subscription in the Admin API: the app's
 * configuration names their address, which is Mina's here.
 */

struct shop_sub {
	struct shop_sub	*next;
	int64_t		 id, created, updated;
	const struct shop_topic *topic;
	char		*topic_name, *uri;	/* uri NULL: Mina */
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
