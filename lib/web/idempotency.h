/*
 * once - a request that is repeated does its work once
 *
 * Whoever sends Idempotency-Key with a request that writes may send it again,
 * not knowing what became of it.  The key belongs to the customer, the method
 * and the route; the path, the query and the bytes of the body are the
 * request.  The same key with
 *
 *	the same request	gives the first answer again, with
 *				Idempotent-Replayed: true
 *	another request		is E_IDEM, 422
 *	the same, while the	is E_CONFLICT, 409, Retry-After: 1
 *	first is under way
 *
 * Only answers of 2xx are kept (at most ONCE_BODY_MAX bytes, text, not
 * streamed); after any other the key is as if it had not been used.  They are
 * kept for ONCE_HOURS at least.
 *
 * Kill -9 between the work and the keeping of its answer leaves a row that
 * nobody will answer.  After ONCE_STALE_MS it is taken over, and the work is
 * done again; so that it finds what it did before, the rows it makes take
 * their ids from idempotency_uuid().
 *
 * app.c does all this for routes with R_OWNER.  R_ONCE are those that
 * recognise a repetition by what they wrote; they check the key with
 * idempotency_key().
 */
#ifndef MINA_IDEMPOTENCY_H
#define MINA_IDEMPOTENCY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/crypto.h"
#include "base/err.h"

struct cx;
struct req;
struct resp;

#define ONCE_KEY_MAX	255		/* bytes */
#define ONCE_BODY_MAX	(256 << 10)
#define ONCE_STALE_MS	60000
#define ONCE_HOURS	24
#define ONCE_SWEEP	1000

/* *key is NULL when none was sent; E_FIELD for one of another length. */
enum err idempotency_key(struct cx *, struct req *, const char **key) MUSTCHECK;

/*
 * Before the handler; nothing happens for GET, or without a key.  *answered:
 * the first answer is in resp, there is nothing left to do.  After E_OK and
 * not *answered, idempotency_end() must follow, with what the handler returned;
 * it changes neither the answer nor the error, and when Postgres is away it
 * only logs.
 */
enum err idempotency_begin(struct cx *, struct req *, struct resp *,
    bool *answered) MUSTCHECK;
void	 idempotency_end(struct cx *, struct req *, struct resp *, enum err);

/*
 * An id for a row of this request: with a key it follows from the request, so
 * that a repetition gets the same one; without it is random.  what tells
 * several of one request apart.
 */
void	 idempotency_uuid(struct req *, const char *what, char out[UUID_LEN]);

/* Forgets what is older than ONCE_HOURS, at most ONCE_SWEEP; *n: how many. */
enum err idempotency_sweep(struct cx *, int64_t *n) MUSTCHECK;

#endif
