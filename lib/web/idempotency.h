/*
 * idempotency - Idempotency-Key: a repeated request does its work once
 *
 * A client that sends Idempotency-Key with a request that writes may repeat
 * it when it got no response.  A key belongs to a pass, a method and a route;
 * path, query and body are the request.  The same key with
 *
 *	the same request	gives the first response again, with
 *				Idempotent-Replayed: true
 *	another request		is E_IDEM, 422
 *	the same, while the	is E_CONFLICT, 409, Retry-After: 1
 *	first is running
 *
 * Only responses of 2xx are kept (at most IDEM_BODY_MAX bytes, text, not
 * streamed), for at least IDEM_HOURS; after any other the key is unused.
 *
 * When the program is killed between the work and the keeping of its response,
 * the row stays without one.  After IDEM_STALE_MS a repetition does the work
 * again; for that to find what was written before, new rows take their ids
 * from idempotency_uuid().
 *
 * app.c does all this for routes with R_OWNER.  Routes with R_IDEMPOTENT
 * recognise a repetition by the rows they wrote; they only read the key, by
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

#define IDEM_KEY_MAX	255		/* bytes */
#define IDEM_BODY_MAX	(256 << 10)
#define IDEM_STALE_MS	60000
#define IDEM_HOURS	24
#define IDEM_SWEEP	1000

/* *key is NULL when none was sent; E_FIELD when it is empty or too long. */
enum err idempotency_key(struct cx *, struct req *, const char **key) MUSTCHECK;

/*
 * Before the handler; nothing happens for GET, or without a key.  With
 * *answered the first response is in resp, and the handler is not called.
 * Otherwise, after E_OK, idempotency_end() must follow the handler with its
 * result; it changes neither the response nor the error, and only logs when
 * it fails.
 */
coroutine_fn enum err idempotency_begin(struct cx *, struct req *,
    struct resp *, bool *answered) MUSTCHECK;
coroutine_fn void idempotency_end(struct cx *, struct req *, struct resp *,
    enum err);

/*
 * An id for a row that the handler writes: with a key it is derived from the
 * request, so that a repetition gets the same one, without it is random.
 * what distinguishes several ids of one request.
 */
void	 idempotency_uuid(struct req *, const char *what, char out[UUID_LEN]);

/* Deletes rows older than IDEM_HOURS, at most IDEM_SWEEP; *n: how many. */
coroutine_fn enum err idempotency_sweep(struct cx *, int64_t *n) MUSTCHECK;

#endif
