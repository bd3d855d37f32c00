/*
 * ledger - reads balances, entries and prices of the matcha ledger
 *
 * Only SQL moves matcha (mina_move in sql/schema and its callers): nothing in
 * C writes mg_credits or mg_held.
 */
#ifndef MINA_LEDGER_H
#define MINA_LEDGER_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct customer;
struct cx;
struct cursor;
struct json;

struct ledger_balance {
	int64_t	 credits, held;		/* matcha */
	int64_t	 expires;		/* ms; 0: never had any */
};

struct ledger_prices {
	int64_t	 still, tweak, video, suggest;
};

/*
 * The customer's balance; zero without a row.  It comes from *who without a
 * query, unless matcha has expired: that is written off first.
 */
coroutine_fn enum err ledger_balance(struct cx *, const struct customer *,
    struct ledger_balance *) MUSTCHECK;

/* A movement of matcha, as its owner sees it. */
struct ledger_entry {
	const char	*id;		/* mg_id without credit_transaction: */
	int64_t		 delta;		/* matcha */
	int64_t		 after;		/* balance after it; -1: not known */
	const char	*reason;
	int64_t		 created;	/* ms */
	int64_t		 expires;	/* ms; 0: it set no date */
	const char	*generation;	/* or NULL */
	const char	*order;		/* Shopify's id, digits; or NULL */
	const char	*order_name, *sku;	/* each may be NULL */
	int64_t		 quantity;	/* 0: not known */
};

/*
 * The movements of a pass and of all that were merged into it, newest first.
 * *next is the cursor of the page that follows, NULL when none does.
 */
coroutine_fn enum err ledger_page(struct cx *, const char *pass,
    const struct cursor *, struct ledger_entry **, size_t *n, const char **next)
    MUSTCHECK;
/* Writes off expired matcha of *n customers, at most LEDGER_SWEEP. */
#define LEDGER_SWEEP	1000
coroutine_fn enum err ledger_sweep(struct cx *, int64_t *n) MUSTCHECK;
coroutine_fn enum err ledger_prices(struct cx *, struct ledger_prices *)
    MUSTCHECK;
/* The member "prices". */
void	 ledger_prices_json(struct json *, const struct ledger_prices *);

#endif
