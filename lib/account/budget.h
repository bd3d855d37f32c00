/*
 * budget - limits on what costs us money, storage or rows that are kept
 *
 * Whatever costs us something is reserved before it starts, in counters that
 * concurrent requests share (sql/schema/053-budget.sql), and stays counted
 * when it fails.  budget.def has the kinds.  For each there is a cap a day
 * (UTC) for a customer, counted on the canonical pass and those merged into
 * it, and for a client's network (req_address()); and what it is estimated to
 * cost counts against the house's spending, spend.daily in US cents.
 * spend.daily is also the kill switch: 0 stops all that costs money.
 */
#ifndef MINA_BUDGET_H
#define MINA_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct cx;
struct req;

enum budget {
#define BUDGET(code, kind, pass, npass, address, naddress, cents, ncents, \
    what, instead)	code,
#include "account/budget.def"
#undef BUDGET
	BUDGET__MAX
};

/*
 * Reserves one unit for the request's customer and address.  E_QUEUE when
 * either has had its share of the day, with Retry-After until the day ends;
 * E_SPENT when the house has.  Nothing is reserved then, and the sentence for
 * the client is set.
 */
coroutine_fn enum err budget_take(struct cx *, struct req *, enum budget)
    MUSTCHECK;

/*
 * For a reservation inside another transaction (mina_admit, and mina_job_end
 * for what costs us a second time): the caps as they are now, and the error of
 * the verdict that came back, E_OK for "ok".  loud: this one took the house
 * past BUDGET_LOUD, which is logged.
 */
struct budget_caps {
	int64_t	 per_pass, per_address, daily;
	int64_t	 cents;			/* -1: costs no money */
};
coroutine_fn enum err budget_caps(struct cx *, enum budget,
    struct budget_caps *) MUSTCHECK;
enum err budget_verdict(struct cx *, enum budget, const struct budget_caps *,
    const char *verdict, bool loud) MUSTCHECK;

/* The house's spending today and its cap, in US cents. */
#define BUDGET_LOUD	80		/* per cent of the cap */
coroutine_fn enum err budget_house(struct cx *, int64_t *spent, int64_t *cap)
    MUSTCHECK;

/* Deletes counters of past days, at most BUDGET_SWEEP; *n: how many. */
#define BUDGET_SWEEP	1000
coroutine_fn enum err budget_sweep(struct cx *, int64_t *n) MUSTCHECK;

#endif
