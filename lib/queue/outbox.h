/*
 * outbox - what is to be done outside, noted where it was decided
 *
 * A row of mega_admin (mg_record_type outbox) is written in the same
 * transaction as what it follows from, and carried out later by a worker: so
 * neither can happen without the other.  A claim is a lease; a worker that
 * dies leaves it to run out, and the action is done again.  An action must
 * therefore be harmless when repeated.
 *
 * An id is the caller's, and says what the action is about: the same id
 * again is the same action, and puts nothing.
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

/* *put is false when the id was there already. */
enum err outbox_put(struct cx *, const char *id, const char *action,
    const char *payload, int64_t delay_ms, bool *put) MUSTCHECK;
/* Those that are due, oldest first; they live as long as cx. */
enum err outbox_claim(struct cx *, const char *owner, int64_t max,
    int64_t lease_ms, struct outbox **, size_t *n) MUSTCHECK;

/*
 * What became of it.  E_LOST when the lease had run out and the row is
 * another's: then that one reports.  A row that failed stays, to be seen.
 */
enum err outbox_done(struct cx *, const char *owner, const char *id,
    const char *result) MUSTCHECK;
enum err outbox_later(struct cx *, const char *owner, const char *id,
    const char *why, int64_t delay_ms) MUSTCHECK;
enum err outbox_failed(struct cx *, const char *owner, const char *id,
    const char *why) MUSTCHECK;

/*
 * How long to leave it, in milliseconds: 2 s doubled with each attempt, an
 * hour at most, less up to a quarter by chance; but not less than asked,
 * what the peer asked for.
 */
int64_t	 outbox_pause(int64_t attempts, int64_t asked);

#endif
