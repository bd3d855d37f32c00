/*
 * chores - what a worker does beside generations
 *
 * Errands (the outbox), the shop, and sweeping.
 */
#ifndef MINA_CHORES_H
#define MINA_CHORES_H

#include <stdbool.h>

#define CHORE_CAP	(64 << 20)

/*
 * Starts their coroutines; once, before the loop runs.  owner names this run
 * of the worker; idle is called whenever the last of what was under way ends.
 */
void	 chores_start(const char *owner, void (*idle)(void));
/* Nothing more is begun; what is under way comes to its end. */
void	 chores_stop(void);
bool	 chores_busy(void);

/* --- between the files of the chores */

extern bool chores_stopping;

/* Around what should not be cut off when the worker is told to stop. */
void	 chores_begin(void);
void	 chores_end(void);
void	 outbox_send_start(const char *owner);
void	 shopsync_start(const char *owner);

#endif
