/*
 * ledger - matcha, as far as it is only looked at
 *
 * All movements are functions in sql/schema (mina_move and those that call
 * it): nothing in C touches mg_credits or mg_held.
 */
#ifndef MINA_LEDGER_H
#define MINA_LEDGER_H

#include <stdint.h>

#include "err.h"

struct cx;

struct ledger_balance {
	int64_t	 credits, held;		/* matcha */
	int64_t	 expires;		/* ms; 0: never had any */
};

struct ledger_prices {
	int64_t	 still, tweak, video, suggest;
};

/* A stranger holds zero. What has run out is written off first. */
enum err ledger_balance(struct cx *, const char *pass,
    struct ledger_balance *) MUSTCHECK;
/* Writes off what has run out, for at most this many; *n customers. */
#define LEDGER_SWEEP	1000
enum err ledger_sweep(struct cx *, int64_t *n) MUSTCHECK;
enum err ledger_prices(struct cx *, struct ledger_prices *) MUSTCHECK;

#endif
