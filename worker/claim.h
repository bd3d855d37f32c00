/*
 * claim - the generations that this worker runs
 *
 * One coroutine claims, one renews the leases, and each claimed generation
 * runs in its own.
 */
#ifndef MINA_CLAIM_H
#define MINA_CLAIM_H

#include <stdbool.h>

#include "mina.h"

struct pg;

/*
 * Starts the coroutines; once, before the loop runs.  owner names this process
 * in the leases and must stay.  idle is called each time a generation ends and
 * when claiming has ended.
 */
void	 claim_start(struct pg *, const char *owner, void (*idle)(void));
/* Claims no more; every run ends at its next wait and is left to others. */
void	 claim_stop(void);
/* Is a generation running, or the reply to a claim still to come? */
bool	 claim_busy(void);
/* How many generations are running. */
int	 claim_running(void);
/*
 * Releases every lease of this process, so that other workers take over at
 * once.  A run that still goes on is refused its next write (E_LOST).
 */
coroutine_fn void claim_release_all(void);

#endif
