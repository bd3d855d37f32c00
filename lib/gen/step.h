/*
 * step - the log of steps that makes a generation resumable
 *
 * Every attempt at a step is a row, written once (MEGA.md, mma_step), so that
 * failed ones stay visible.  A run reads the rows first; a step with a
 * succeeded row is not done again, its output is taken from the row.
 */
#ifndef MINA_STEP_H
#define MINA_STEP_H

#include <stdint.h>

#include "base/err.h"

struct cJSON;
struct cx;

struct step_record;

struct step_log {
	const char	*id, *owner;	/* generation, lease owner */
	int		 next_no;
	struct step_record *records;
};

struct step_row {
	const char	*type, *key;	/* "scan_inspiration", "2" */
	const char	*input, *output;	/* JSON objects */
	int64_t		 started;	/* ms since 1970, pgtime_now() */
	int64_t		 took;		/* ms, never negative */
	enum err	 er;		/* E_OK: succeeded */
	const char	*error;		/* JSON, or NULL */
	const char	*provider, *model;
	int64_t		 in_tokens, out_tokens;		/* -1: unknown */
};

/* mg_payload of a step; NULL when it is too large. */
const char *step_payload(struct cx *, const struct step_row *);
/* Reads the rows of generation id. */
coroutine_fn enum err step_load(struct cx *, struct step_log *, const char *id,
    const char *owner) MUSTCHECK;
/* Only what step_add() needs to write after the last row. */
coroutine_fn enum err step_last(struct cx *, struct step_log *) MUSTCHECK;
/* The output of the succeeded attempt, or NULL. */
const struct cJSON *step_output(const struct step_log *, const char *type,
    const char *key);
/* How many attempts failed so far, in all runs. */
int	 step_failures(const struct step_log *, const char *type,
    const char *key);
/* Writes a row; E_LOST when the lease is lost. */
coroutine_fn enum err step_add(struct cx *, struct step_log *,
    const struct step_row *) MUSTCHECK;

#endif
