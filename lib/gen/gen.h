/*
 * gen - generations: admission, reading, canceling, waiting
 *
 * A generation has two states.  mg_status is about money and delivery: pending
 * (the price is held), succeeded (charged, and the output is on permanent
 * storage), failed (nothing charged).  mg_mma_status is the stage of the
 * pipeline: queued, scanning, prompting, generating, postscan, done, error,
 * canceled.  Clients see one status made of both: "done" from delivery on,
 * "error" or "canceled" when it failed, and the stage until then.
 *
 * The functions of the worker are in lease.h and step.h.
 */
#ifndef MINA_GEN_H
#define MINA_GEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct cJSON;
struct cx;
struct json;
struct request;
struct pg;
struct req;
struct resp;

struct gen {
	const char	*id, *session, *parent;
	const char	*pass;		/* that asked for it; never changes */
	const char	*owner;		/* pass, or what it was merged into */
	const char	*status;	/* for clients */
	const char	*stage;		/* mg_mma_status */
	bool		 over;		/* delivered or failed: mg_status */
	const char	*type;		/* "image", "motion" */
	const char	*output_url, *prompt, *provider, *model;
	const char	*error;		/* slug, or NULL */
	const char	*message;	/* of the error, for the customer */
	int64_t		 cost, charged, credits_after;
	int64_t		 created, updated;
	const char	*request;	/* JSON */
	const struct cJSON *vars, *meta;
};

/*
 * Holds the price and queues the generation, in one transaction.  key is the
 * client's Idempotency-Key or NULL; the same key with the same request gives
 * the same generation (*replayed), with a different request E_IDEM.  What it
 * may cost us is reserved in the same transaction (account/budget.h), for the
 * client's address too (NULL: not counted); a repetition reserves nothing.
 * After E_NOMATCHA, E_QUEUE, E_SPENT and E_DISABLED nothing was written.
 */
coroutine_fn enum err gen_admit(struct cx *, const char *pass,
    const char *address, const struct request *, const char *key,
    const char **id, bool *replayed) MUSTCHECK;

/* E_NOTFOUND also when it is another customer's. */
coroutine_fn enum err gen_read(struct cx *, const char *pass, const char *id,
    struct gen *) MUSTCHECK;
/* The customer's that are not over, newest first, at most 50. */
coroutine_fn enum err gen_active(struct cx *, const char *pass, struct gen **,
    size_t *n) MUSTCHECK;
/*
 * The stored request of the generation to tweak, which must have this type
 * ("image", "motion").  E_CONFLICT when it has not, or is not delivered;
 * E_NOTFOUND when it is not the customer's.
 */
coroutine_fn enum err gen_parent(struct cx *, const char *pass, const char *id,
    const char *type, const struct cJSON **request) MUSTCHECK;

/*
 * Requests cancellation; *g is the state after it.  A queued generation is
 * canceled at once, a running one when its worker has noticed, and one that
 * is over stays as it is.  E_TOOLATE when a provider has it already and the
 * customer has had today's free cancels (limits.free_cancels): it goes on.
 */
coroutine_fn enum err gen_cancel(struct cx *, const char *pass, const char *id,
    struct gen *) MUSTCHECK;

/* Typical seconds from request to delivery; *known is false without data. */
coroutine_fn enum err gen_eta(struct cx *, const char *mode, bool *known,
    double *p50, double *p90) MUSTCHECK;

/*
 * Seconds.  waiting: how long the oldest due generation has waited for a
 * worker; one that waits for another of the same customer's does not count.
 * left: how long a generation whose worker has ended waits to be taken over,
 * which is done a few at a time (mina_claim).
 */
coroutine_fn enum err gen_queue_age(struct cx *, int64_t *waiting,
    int64_t *left) MUSTCHECK;

/* Listens for changes of generations; once, before the loop runs. */
void	 gen_watch(struct pg *);

/*
 * For a loop that reads the row and waits until it may have changed: join
 * before the first read, so that no change is missed.  gen_next() returns E_OK
 * when the row is to be read again, E_TIMEOUT at `until', E_HUP, E_STOP.  The
 * waiter leaves when cx is released.
 */
struct gen_waiter;
struct gen_waiter *gen_join(struct cx *, const char *id);
coroutine_fn enum err gen_next(struct req *, struct gen_waiter *, int64_t until)
    MUSTCHECK;

/*
 * Waits until id is over.  *g is the generation after E_OK, and as it stands
 * after E_TIMEOUT (ms have passed) and E_STOP (the program is to stop); E_HUP
 * when the client has disconnected.
 */
coroutine_fn enum err gen_wait(struct cx *, struct req *, const char *id,
    int64_t ms, struct gen *) MUSTCHECK;

/*
 * From the checked request to the reply: admits it under the HTTP request's
 * Idempotency-Key, waits as long as Prefer says, and replies 200 when it was
 * delivered, 202 while it runs, or with the error it ended with.
 */
coroutine_fn enum err gen_place(struct cx *, struct req *, struct resp *,
    const struct request *) MUSTCHECK;

/* The members of a reply: those of MINAV3.md, or all that is known. */
void	 gen_short(struct cx *, struct json *, const struct gen *);
void	 gen_full(struct cx *, struct json *, const struct gen *);
/*
 * Streams the generation as server-sent events until it is over; stream.c
 * lists the events.
 */
coroutine_fn enum err gen_events(struct cx *, struct req *, struct resp *,
    const char *id) MUSTCHECK;

#endif
