/*
 * run - one pass through a pipeline, and its steps
 *
 * A pipeline is a function that reads from top to bottom and calls
 * run_step() for whatever costs money or time.  run_step() is where
 * durability and the one retry policy live:
 *
 * - a step that has a succeeded row is not done again, its output comes from
 *   there; so a run may be cut off anywhere and started from the top;
 * - every attempt is recorded, with input, output, timing and error;
 * - an attempt that failed retryably (err_retry) is made again, at most
 *   `tries' times over all runs, after the pause the peer asked for
 *   (Retry-After) or 0.5 s doubled per attempt up to 20 s, less up to a
 *   quarter of jitter.  A peer that asks for more than two minutes is not
 *   waited for.
 *
 * E_LOST, E_STOP, E_CANCELED and E_DB end the run; run_step() gives them as
 * they come.  After E_DB nothing is known and nothing is decided: the lease
 * runs out and the next run finds out.
 */
#ifndef MINA_RUN_H
#define MINA_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"
#include "gen/lease.h"
#include "gen/step.h"

struct cJSON;
struct cx;
struct wait;

struct run {
	struct cx	 cx;
	struct claim	 c;
	const char	*owner;
	const struct cJSON *request, *vars, *meta;
	struct step_log	 trace;
	bool		 lost, cancel, stop;	/* set by the worker */
	bool		 poked;		/* see run_nap() */
	struct wait	*sleeping;	/* head of a list, see run_sleep() */
};

/* What a step writes into its row while it works. */
struct io {
	struct json	 in, out;	/* open objects */
	const char	*provider, *model;
	int64_t		 in_tokens, out_tokens;
	int64_t		 retry_after;	/* ms the peer asked for */
#define RUN_NEVER INT64_MAX		/* ..or: no use in trying again */
};

void	 io_open(struct cx *, struct io *);
/* The finished object of one side; "{}" when it grew too large. */
const char *io_close(struct json *);
/* cx's last error as a step's row has it. */
const char *io_error(struct cx *, enum err);

struct step {
	const char	*type;
	int		 tries;
	enum err	(*fn)(struct cx *, struct run *, struct io *, void *);
};

/* cx's memory is the attempt's own; *out lives as long as the run. */
enum err run_step(struct run *, const struct step *, const char *key,
    void *arg, const struct cJSON **out) MUSTCHECK;

/* E_LOST, E_CANCELED or E_STOP when the run is to end. */
enum err run_check(const struct run *) MUSTCHECK;
/* Sleeps, unless the run is to end. */
enum err run_sleep(struct run *, int64_t ms) MUSTCHECK;
/* Ends the sleeps of this run: something changed. */
void	 run_wake(struct run *);
/*
 * A sleep that a poke ends as well: there may be something to see.  A poke
 * that comes while nobody naps is kept for the next nap; pauses between tries
 * are not cut short by it.
 */
enum err run_nap(struct run *, int64_t ms) MUSTCHECK;
void	 run_poke(struct run *);

/* The request's or the variables' text at a JSON pointer, or NULL. */
const char *run_text(const struct cJSON *, const char *ptr);
/*
 * Moves the generation on, and says the stage's line (lines.h) when it is
 * there for the first time; E_LOST as above.
 */
enum err run_stage(struct run *, const char *status, const char *patch)
    MUSTCHECK;
enum err run_line(struct run *, const char *line) MUSTCHECK;

#endif
