/*
 * run - one execution of a pipeline, and the steps it records
 *
 * A pipeline calls run_step() for everything that costs money or time.
 * run_step() makes it durable, and has the retry policy of steps:
 *
 * - a step with a succeeded row is not done again, its output comes from the
 *   row; so a run may be cut off anywhere and started from the top;
 * - every attempt is recorded, with input, output, timing and error;
 * - an attempt whose error is retryable (err_retry) is repeated, at most
 *   `tries' times over all runs, after the longer of the pause the provider
 *   asked for (Retry-After) and 0.5 s doubled per attempt up to 20 s, less up
 *   to a quarter of jitter.  More than two minutes fails the step.
 *
 * E_LOST, E_STOP, E_CANCELED and E_DB end the run; run_step() returns them
 * unchanged.  After E_DB the outcome is unknown and nothing is decided: the
 * lease runs out and the next run reads what was recorded.
 */
#ifndef MINA_RUN_H
#define MINA_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cx.h"
#include "base/json.h"
#include "gen/lease.h"
#include "gen/step.h"

struct cJSON;
struct sleeper;

struct run {
	struct cx	 cx;
	struct claim	 c;
	const char	*owner;
	const struct cJSON *request, *vars, *meta;
	struct step_log	 steps;
	bool		 lost, cancel, stop;	/* set by the worker */
	int64_t		 held_until;	/* the lease, by clock_boot() */
	bool		 job_canceled;	/* the provider was asked to */
	bool		 poll_now;	/* see run_poll_wait() */
	struct sleeper	*sleeping;	/* coroutines in run_sleep() */
};

/* What a step writes into its row while it works. */
struct io {
	struct json	 in, out;	/* open objects */
	const char	*provider, *model;
	int64_t		 in_tokens, out_tokens;
	int64_t		 retry_after;	/* ms the peer asked for */
#define RUN_NEVER INT64_MAX		/* ..or: never try again */
};

void	 io_open(struct cx *, struct io *);
/* Closes in or out and returns its text; "{}" when it grew too large. */
const char *io_close(struct json *);
/* cx's last error as JSON, for a step's row. */
const char *io_error(struct cx *, enum err);

struct step {
	const char	*type;
	int		 tries;
	coroutine_fn enum err (*fn)(struct cx *, struct run *, struct io *,
			    void *);
};

/* fn's cx is the attempt's own; *out lives as long as the run. */
coroutine_fn enum err run_step(struct run *, const struct step *,
    const char *key, void *arg, const struct cJSON **out) MUSTCHECK;

/* E_LOST, E_CANCELED or E_STOP when the run is to end. */
enum err run_check(const struct run *) MUSTCHECK;
/*
 * Before anything that costs outside of the database: does the lease last for
 * another quarter of its length?  A clock that counts a frozen process and a
 * suspended machine tells; in doubt run_hold() renews the lease on the row.
 * E_LOST and run_check()'s when the run is to end.
 */
bool	 run_holds(const struct run *);
coroutine_fn enum err run_hold(struct cx *, struct run *) MUSTCHECK;
/*
 * For a run that waits for another service, once per reply: after two seconds
 * of it, crashes of earlier runs do not count any more, as if it had recorded a
 * step.  A job may take half an hour, in which its worker may be killed for
 * other reasons, again and again.
 */
coroutine_fn enum err run_survived(struct cx *, struct run *) MUSTCHECK;
#define RUN_TRIAL_MS	2000
/* Milliseconds since the customer's request, whatever the clocks do. */
int64_t	 run_age(const struct run *);
/* Sleeps, unless the run is to end. */
coroutine_fn enum err run_sleep(struct run *, int64_t ms) MUSTCHECK;
/* Ends all sleeps of this run, after lost, cancel or stop was set. */
void	 run_wake(struct run *);
/*
 * The pause between two polls of a provider.  run_poll_now(), for a callback,
 * ends it; one that comes while the run does something else ends the next.
 * Pauses between tries (run_sleep) are not cut short.
 */
coroutine_fn enum err run_poll_wait(struct run *, int64_t ms) MUSTCHECK;
void	 run_poll_now(struct run *);

/* The text at a JSON pointer, or NULL. */
const char *run_text(const struct cJSON *, const char *ptr);
/*
 * Sets the generation's stage (NULL: unchanged), merges patch into its
 * variables, and adds a status line (statusline.h) when the stage is new.
 */
coroutine_fn enum err run_stage(struct run *, const char *status,
    const char *patch) MUSTCHECK;
/* Adds a status message for the customer; NULL and "" add none. */
coroutine_fn enum err run_line(struct run *, const char *line) MUSTCHECK;

#endif
