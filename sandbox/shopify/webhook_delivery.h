/*
 * shopdelivery - one webhook for one subscription, from first to last attempt
 *
 * Inside of shophook: shophook.c makes and carries them, shopattempt.c sends
 * once, shopjournal.c keeps them, on disk while they are under way.
 */
#ifndef SANDBOX_WEBHOOK_DELIVERY_H
#define SANDBOX_WEBHOOK_DELIVERY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/crypto.h"

struct cx;
struct shop_topic;

#define SHOP_ATTEMPTS	9	/* the first, and eight more */

enum shop_state {
	SHOP_WAITING,
	SHOP_DELIVERED,
	SHOP_FAILED,
	SHOP_DROPPED,
	SHOP_STATE__MAX
};

struct shop_attempt {
	int64_t		 at;
	long		 status;	/* 0: no answer */
	int64_t		 ms;
	char		*answer;	/* what was said, or what went wrong */
};

struct shop_delivery {
	struct shop_delivery *next;
	int64_t		 id, sub, order, refund, delay;
	enum shop_state	 state;
	char		 webhook[UUID_LEN], event[UUID_LEN];
	char		 triggered[CLOCK_LEN + 8];
	const struct shop_topic *topic;
	char		*body;
	char		 hmac[64];	/* of the last attempt */
	bool		 forged;	/* not what Shopify would send */
	bool		 tampered, old_secret;
	char		*shop;		/* NULL: ours */
	struct shop_attempt attempt[SHOP_ATTEMPTS];
	int		 nattempt;
};

/* Sends it once, and notes how that went; true when it was taken. */
bool	 shop_attempt(struct shop_delivery *, const char *url);

/* Into the journal, which owns it from then on. */
void	 shop_journal_add(struct shop_delivery *);
/* To disk while it is under way, and away again. */
void	 shop_journal_save(struct cx *, const struct shop_delivery *);
void	 shop_journal_done(struct cx *, const struct shop_delivery *);
/* fn is called with each that a restart interrupted. */
void	 shop_journal_load(void (*fn)(struct shop_delivery *));

#endif
