/*
 * gen - generations: admitting them, reading them, waiting for them
 *
 * A generation has two states that are easy to mix up.  mg_status is about
 * money and delivery: pending (the price is held), succeeded (charged, and
 * the output is on permanent storage), failed (nothing charged).
 * mg_mma_status is how far the pipeline is: queued, scanning, prompting,
 * generating, postscan, done, error, canceled.  People see one word: "done"
 * from the moment it is delivered, "error" or "canceled" when it failed,
 * the stage until then.
 *
 * The worker's side of it is lease.h and trace.h.
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
	const char	*pass;		/* it was made under; never changes */
	const char	*owner;		/* ..or what that was merged into */
	const char	*status;	/* the one word */
	const char	*stage;		/* mg_mma_status */
	bool		 over;		/* delivered or failed */
	const char	*type;		/* "image", "motion" */
	const char	*output_url, *prompt, *provider, *model;
	const char	*error;		/* slug, or NULL */
	const char	*message;	/* of the error, for people */
	int64_t		 cost, charged, credits_after;
	int64_t		 created, updated;
	const char	*request;	/* JSON */
	const struct cJSON *vars, *meta;
};

/*
 * Holds the price and queues the generation, in one statement.  key is the
 * client's Idempotency-Key or NULL; the same key with the same request gives
 * the same generation (*replayed), with another E_IDEM.  E_NOMATCHA, E_QUEUE,
 * E_DISABLED: nothing was written.
 */
enum err gen_admit(struct cx *, const char *pass, const struct request *,
    const char *key, const char **id, bool *replayed) MUSTCHECK;

/* E_NOTFOUND also when it is somebody else's. */
enum err gen_read(struct cx *, const char *pass, const char *id,
    struct gen *) MUSTCHECK;
/* Mine that are not over, newest first, at most 50. */
enum err gen_active(struct cx *, const char *pass, struct gen **, size_t *n)
    MUSTCHECK;
/* The stored request of one of this type ("image", "motion") that can be
 * tweaked; E_CONFLICT while it is not delivered, E_NOTFOUND when it is not
 * yours. */
enum err gen_parent(struct cx *, const char *pass, const char *id,
    const char *type, const struct cJSON **request) MUSTCHECK;

/*
 * Asks for a stop.  What really results is in *g afterwards: queued ones are
 * canceled at once, running ones a moment later, those that are over stay.
 */
enum err gen_cancel(struct cx *, const char *pass, const char *id,
    struct gen *) MUSTCHECK;

/* Typical seconds from asking to delivery; false while there is no history. */
enum err gen_eta(struct cx *, const char *mode, bool *known, double *p50,
    double *p90) MUSTCHECK;

/*
 * Seconds the oldest due generation has waited for a worker; those that wait
 * for another of the same customer's do not count.
 */
enum err gen_queue_age(struct cx *, int64_t *seconds) MUSTCHECK;

/* Listen for changes of generations; once, before the loop runs. */
void	 gen_watch(struct pg *);

/*
 * For loops of "look at the row, wait until it may have changed": join
 * before the first look.  gen_next() gives E_OK when there is reason to look
 * again, E_TIMEOUT at `until', E_HUP, E_STOP.  Left when cx is released.
 */
struct gen_waiter;
struct gen_waiter *gen_join(struct cx *, const char *id);
enum err gen_next(struct req *, struct gen_waiter *, int64_t until) MUSTCHECK;

/*
 * Waits until id is over: E_OK, and *g is it.  E_TIMEOUT after ms, E_STOP when
 * the program is to stop (*g is how far it is), E_HUP when the client left.
 */
enum err gen_wait(struct cx *, struct req *, const char *id, int64_t ms,
    struct gen *) MUSTCHECK;

/*
 * From the order to the answer: admits it (the request's Idempotency-Key is
 * the key), waits as long as Prefer says, and answers 200 when it was
 * delivered, 202 when it goes on, or with the error it ended with.
 */
enum err gen_place(struct cx *, struct req *, struct resp *,
    const struct request *) MUSTCHECK;

/* The members of an answer: MINAV3.md's few, or everything we know. */
void	 gen_short(struct cx *, struct json *, const struct gen *);
void	 gen_full(struct cx *, struct json *, const struct gen *);
/*
 * Tells everything that happens to id as server-sent events until it is
 * over; see genevents.c for what is sent.
 */
enum err gen_events(struct cx *, struct req *, struct resp *, const char *id)
    MUSTCHECK;

#endif
