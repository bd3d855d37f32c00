/*
 * schedule - periodic jobs that one worker at a time does for all
 *
 * Each job is a row of mega_admin: when it is due, which worker has it and
 * until when, and its state, a JSON object kept from one run to the next.
 * When a worker dies its lease expires, and another worker continues from the
 * state that was stored last.
 */
#ifndef MINA_SCHEDULE_H
#define MINA_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct cx;

/*
 * Takes the job for lease_ms; *state is NULL when it is not due, or another
 * worker has it.  A job without a row is due.  now: also before it is due.
 */
coroutine_fn enum err schedule_take(struct cx *, const char *name,
    const char *owner, int64_t lease_ms, bool now, const char **state)
    MUSTCHECK;
/*
 * Merges state into the stored state (NULL: no change) and renews the lease
 * for lease_ms.  E_LOST when another worker has taken over.
 */
coroutine_fn enum err schedule_keep(struct cx *, const char *name,
    const char *owner, const char *state, int64_t lease_ms) MUSTCHECK;
/* The same, and ends the lease; the job is due again after next_ms. */
coroutine_fn enum err schedule_done(struct cx *, const char *name,
    const char *owner, const char *state, int64_t next_ms) MUSTCHECK;

#endif
