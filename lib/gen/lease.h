/*
 * lease - what a worker reads and writes of the generations it has claimed
 *
 * A claimed generation belongs to one worker (owner) until its lease runs out;
 * renewing extends it.  Every write names the owner and is refused with E_LOST
 * when the lease is lost: then the run ends, because another worker may have
 * taken over.  What goes to other companies cannot be refused like that, so a
 * worker looks at the clock before, and at the row if the clock leaves a doubt
 * (lease_hold).
 */
#ifndef MINA_LEASE_H
#define MINA_LEASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct cx;
struct step_row;

struct claim {
	const char	*id, *pass, *session, *mode, *parent;
	const char	*status;	/* stage of the pipeline */
	bool		 delivered;	/* settled: only the postscan is left */
	int64_t		 cost, attempts;
	int64_t		 crashes;	/* runs in a row that ended silently */
	int64_t		 claimed;	/* clock_boot() before the claim */
	int64_t		 age;		/* ms from the request to then */
	const char	*vars, *request, *meta;		/* JSON */
};

/* try and crashes: which leases of dead workers to take, see mina_claim(). */
struct lease_terms {
	int64_t		 max, lease_ms, per_pass, try, crashes;
};

coroutine_fn enum err lease_claim(struct cx *, const char *owner,
    const struct lease_terms *, struct claim **, size_t *n) MUSTCHECK;

struct lease_state {
	const char	*id;
	bool		 cancel;	/* the customer canceled it */
	bool		 renewed;	/* false: its row is locked */
};

/* Renews all; the list has those still owned, any other is lost. */
coroutine_fn enum err lease_renew(struct cx *, const char *owner,
    int64_t lease_ms, struct lease_state **, size_t *n) MUSTCHECK;
/* Renews one: it lasts for lease_ms, from before this was called. */
coroutine_fn enum err lease_hold(struct cx *, const char *owner,
    const char *id, int64_t lease_ms) MUSTCHECK;
/* The run came further: earlier crashes do not count any more. */
coroutine_fn enum err lease_progress(struct cx *, const char *owner,
    const char *id) MUSTCHECK;
/*
 * One, or all of this owner's (id NULL), for other workers to claim.  keep:
 * earlier crashes still count.
 */
coroutine_fn enum err lease_release(struct cx *, const char *owner,
    const char *id, bool keep) MUSTCHECK;

/*
 * Sets the stage (status NULL: unchanged) and merges patch into mg_mma_vars
 * (NULL: nothing).  line, if not NULL, is added to the status messages when
 * the stage is a later one than before.
 */
coroutine_fn enum err lease_stage(struct cx *, const char *owner,
    const char *id, const char *status, const char *patch, const char *line)
    MUSTCHECK;
/* Adds a status message for the customer. */
coroutine_fn enum err lease_line(struct cx *, const char *owner, const char *id,
    const char *line) MUSTCHECK;
/* The request's picture at address from is now at to, on our storage. */
coroutine_fn enum err lease_picture(struct cx *, const char *owner,
    const char *id, const char *from, const char *to) MUSTCHECK;
/*
 * Writes the provider's job.  JOB_TAKEN: another generation has, or had, its
 * id.  Instead of the note that one is about to be created: E_CANCELED when the
 * customer has canceled, JOB_OVER when it has had as many as it may have.
 */
enum job_saved { JOB_SAVED, JOB_TAKEN, JOB_OVER };
coroutine_fn enum err lease_job(struct cx *, const char *owner, const char *id,
    const char *provider, const char *job, enum job_saved *) MUSTCHECK;

/* The job is over without an output that can be used (mina_job_end). */
struct job_end {
	const char	*provider;
	bool		 paid;		/* it cost us something */
	const char	*why;		/* JSON: {error, reason} */
	int64_t		 per_pass, daily;	/* caps of the next one's */
	int64_t		 cents;			/* reservation; -1: none */
};
struct job_ended {
	const char	*verdict;	/* of the reservation; "ok" without */
	bool		 loud;
	bool		 over;		/* none may follow at this provider.. */
	bool		 none;		/* ..nor at another */
};
coroutine_fn enum err lease_job_end(struct cx *, const char *owner,
    const char *id, const struct job_end *, struct job_ended *) MUSTCHECK;

/*
 * For a job that was created after the lease was lost: records the step, and
 * its cost; no run takes the job, and the outbox cancels it.  Else, not
 * *unused: the run that took over uses it, and nothing was written.
 */
coroutine_fn enum err lease_late_job(struct cx *, const char *id,
    const char *job, const struct step_row *, const char *state, int64_t cents,
    bool *unused) MUSTCHECK;
/*
 * Has the outbox cancel the job (JSON, with its id); records that its
 * provider has canceled it.  Neither needs the lease.
 */
coroutine_fn enum err lease_call_off(struct cx *, const char *id,
    const char *provider, const char *job) MUSTCHECK;
coroutine_fn enum err lease_called_off(struct cx *, const char *id,
    const char *job) MUSTCHECK;

/* Charges and delivers, once however often it is called. */
coroutine_fn enum err lease_settle(struct cx *, const char *owner,
    const char *id, const char *out, const char *patch) MUSTCHECK;
/*
 * Ends it with status "error" or "canceled"; nothing is charged.  refused: the
 * request was declined, which counts as a free cancel if a provider had a job.
 */
coroutine_fn enum err lease_void(struct cx *, const char *owner, const char *id,
    const char *status, const char *code, const char *message, bool refused)
    MUSTCHECK;
/* Ends the run of a delivered generation. */
coroutine_fn enum err lease_finish(struct cx *, const char *owner,
    const char *id, const char *patch) MUSTCHECK;

#endif
