/*
 * outbox - transactional outbox for calls to other services
 *
 * An action is a row of mega_admin (mg_record_type outbox), written in the
 * transaction of the change that causes it; a worker carries it out later.
 * A claim is a lease: when the worker dies, it expires and another worker
 * repeats the action, which must therefore be idempotent.
 *
 * The id is chosen by the caller; a second action with the same id is not
 * stored.
 */
#ifndef MINA_OUTBOX_H
#define MINA_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct cx;

struct outbox {
	const char	*id, *action;
	const char	*payload;	/* JSON */
	int64_t		 attempts;	/* this one included */
};

/* *put is false when there is an action with this id. */
coroutine_fn enum err outbox_put(struct cx *, const char *id,
    const char *action, const char *payload, int64_t delay_ms, bool *put)
    MUSTCHECK;
/*
 * After the database's clock was set back: delays that would last for as long
 * begin again.  It reads all that wait.
 */
coroutine_fn enum err outbox_again(struct cx *, int64_t *n) MUSTCHECK;
/* Claims due actions, oldest first; they live as long as cx. */
coroutine_fn enum err outbox_claim(struct cx *, const char *owner, int64_t max,
    int64_t lease_ms, struct outbox **, size_t *n) MUSTCHECK;

/*
 * Done, to be repeated after delay_ms, or failed for good; a failed action
 * stays as a row.  E_LOST when the lease has expired and another worker has
 * claimed it.
 */
coroutine_fn enum err outbox_done(struct cx *, const char *owner,
    const char *id, const char *result) MUSTCHECK;
coroutine_fn enum err outbox_later(struct cx *, const char *owner,
    const char *id, const char *why, int64_t delay_ms) MUSTCHECK;
coroutine_fn enum err outbox_failed(struct cx *, const char *owner,
    const char *id, const char *why) MUSTCHECK;

/*
 * Delay before the next attempt in milliseconds: 2 s, doubled with each
 * attempt up to an hour, less a random part of up to a quarter; at least
 * retry_after.
 */
int64_t	 outbox_pause(int64_t attempts, int64_t retry_after);

#endif
