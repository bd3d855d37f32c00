/*
 * chore - work that some worker does for all of them, now and then
 *
 * A row of mega_admin for each, outbox:chore:<name>: when it is due, who is
 * at it and until when, and what it remembers from one time to the next, a
 * JSON object.  A worker that dies leaves a lease that runs out, and the next
 * one goes on from what was kept.
 */
#ifndef MINA_SCHEDULE_H
#define MINA_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct cx;

/*
 * *state is NULL when it is not due or another is at it, else ours to do for
 * lease_ms.  A chore that nobody has heard of is due.  now: due or not.
 */
enum err schedule_take(struct cx *, const char *name, const char *owner,
    int64_t lease_ms, bool now, const char **state) MUSTCHECK;
/*
 * Lays state over what is remembered (NULL: as it is), and holds on for
 * lease_ms more.  E_LOST when another has taken over.
 */
enum err schedule_keep(struct cx *, const char *name, const char *owner,
    const char *state, int64_t lease_ms) MUSTCHECK;
/* The same, and lets go: due again after next_ms. */
enum err schedule_done(struct cx *, const char *name, const char *owner,
    const char *state, int64_t next_ms) MUSTCHECK;

#endif
