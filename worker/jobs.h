/*
 * jobs - the background jobs of a worker, beside the generations
 *
 * Calls to other services from the outbox, polling the shops, deleting or
 * writing off what has expired, and looking whether anything is missing here.
 */
#ifndef MINA_JOBS_H
#define MINA_JOBS_H

#include <stdbool.h>

#define JOB_CAP	(64 << 20)

/*
 * Starts their coroutines; once, before the loop runs.  owner names this
 * process in leases and must stay; idle is called each time the last job that
 * was under way has ended.
 */
void	 jobs_start(const char *owner, void (*idle)(void));
/* Nothing more is begun; what is under way runs to its end. */
void	 jobs_stop(void);
bool	 jobs_busy(void);

/* --- for the files of the jobs */

extern bool jobs_stopping;

/* Around what must not be cut off when the worker is told to stop. */
void	 jobs_begin(void);
void	 jobs_end(void);
/* outbox_send.c, shopsync.c, tools.c */
void	 outbox_send_start(const char *owner);
void	 shopsync_start(const char *owner);
void	 tools_start(const char *owner);
void	 clockwatch_start(const char *owner);

#endif
