/*
 * provider - runs a generation's job at a provider, by its registry entry
 *
 * A job is the provider's own unit of work: created, polled until it is done,
 * or canceled.  Its state is on the generation's row (mma_vars.job):
 *
 *	nothing			no job was created
 *	state submitting	the create call is about to be sent, or its
 *				reply was lost: the outcome is unknown
 *	state submitted, id	the provider has the job; poll it
 *	state done, output	the reply to the create call had the output
 *	state refused		the provider refused, and has no job
 *	state ended		its job ended without a usable output
 *
 * So a run that finds `submitting' asks the provider for the job before it
 * creates another (reconcile.c), and goes on to the next provider only when
 * this one certainly has none (fallback.c): two jobs are two bills.
 */
#ifndef MINA_PROVIDER_H
#define MINA_PROVIDER_H

#include <stdbool.h>
#include <stdint.h>

#include "account/budget.h"
#include "io/http.h"
#include "mma/mma.h"

#define POLL_DEADLINE_MS 600000	/* without poll.deadline_ms */

/* URLs that the reply to the create call may have. */
enum job_url { JOB_STATUS_URL, JOB_RESULT_URL, JOB_CANCEL_URL, JOB__URLS };

struct job_state {
	const char	*state, *id;
	const char	*output;	/* state done: its URL */
	const char	*url[JOB__URLS];
	int64_t		 at;		/* of the create call, pgtime_now() */
	/* How many of this provider were before it; job_save() keeps it. */
	int64_t		 before;
};

/* One generate step: its input, and how the job stands. */
struct provider_job {
	struct provider	 p;
	const char	*gen;		/* the generation's id */
	const char	*ratio;		/* requested, or NULL */
	const struct pictures *ps;
	const struct prompt *prompt;
	const struct cJSON *settings;	/* by their names at the provider */
	const char	*body;		/* JSON of the create call */
	struct job_state job;
	/*
	 * By clock_boot(): the create call began then, and had left by then,
	 * whichever worker made it.
	 */
	int64_t		 began, left;
	int64_t		 skew;		/* ms its clock is ahead of pgtime */
	struct run	*fence;		/* sent only while its lease lasts */
	bool		 ended;		/* the job ended without an output */
	bool		 paid;		/* ..and cost us something */
	bool		 no_result;	/* ..as its result cannot be fetched */
	bool		 none;		/* no further job may be created */
	int64_t		 done;		/* by clock_boot(); 0: not yet */
	bool		 provider_fault;	/* not caused by the request */
	char		 cause[160];	/* of E_PROVIDER, for an operator */
	bool		 odd_state;	/* an unknown one was logged */
	bool		 looked;	/* its output was unusable once */
};

/* --- template.c: what is sent, by the templates of the entry */

/* Sets body; E_REJECTED when it is too large. */
enum err provider_body(struct cx *, struct provider_job *) MUSTCHECK;
/*
 * A path or URL with {id}, {since}, {generation_id}, {status_url},
 * {result_url}, {cancel_url} filled in; NULL when one of them is missing.
 */
const char *provider_path(struct cx *, const char *,
    const struct provider_job *);
/* The path of the create call. */
const char *provider_create_path(struct cx *, const struct provider_job *);

/* --- call.c: a call to the provider's API, and what its reply means */

/*
 * path is as for provider_path(), and must not lead outside the base URL; body
 * may be NULL.  E_LOST: not sent, because the lease of pj->fence is in doubt.
 *  *tree is the parsed reply, NULL when it was not JSON.
 */
coroutine_fn enum err provider_call(struct cx *, struct provider_job *,
    const char *method, const char *path, const char *body, int64_t timeout_ms,
    struct http_call *, struct cJSON **tree) MUSTCHECK;
/* Sets the cause of an E_PROVIDER; public, so not in the provider's words. */
void	 provider_cause(struct provider_job *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/*
 * The job ended with this message, which may be NULL: provider_failure(), and
 * sets ended, provider_fault and, where it is our trouble, the cause.
 */
enum err provider_ended(struct provider_job *, const char *message);
/* E_OK when the entry defines the reply as a success, else its error. */
enum err provider_status(struct cx *, struct provider_job *,
    const struct http_call *, const struct cJSON *tree) MUSTCHECK;
/* The error of one of the provider's error codes; E_OK when not listed. */
enum err provider_code(const struct provider *, const char *code);
/* Does this message mean that the request was declined for its content? */
bool	 provider_declined(const struct provider *, const char *message);
/*
 * Whose fault a failed job is, by the words of the entry: E_MODERATED
 * (refusal), E_REJECTED (bad_input), E_PROVIDER (our_trouble), and E_UPSTREAM
 * for all other messages, and for none.
 */
enum err provider_failure(const struct provider *, const char *message);
/*
 * The output's URL: a string, or the first string of a list, or the first
 * object of one that has a string at pointer item (NULL: "/url").  Without one
 * the job has ended, as provider_ended() says of the first element's error
 * ("job.item_error"), else of message.  Without either it was paid for.
 */
enum err provider_output(struct cx *, struct provider_job *,
    const struct cJSON *out, const char *item, const char *message,
    const char **url) MUSTCHECK;
/* A JWT (RFC 7519, HS256) for the account access, valid for half an hour. */
const char *provider_jwt(struct cx *, const char *access,
    const char *secret, int64_t now_s);

/* --- job.c: the job on the generation's row */

/*
 * Writes the state onto the row and into the job.  *taken: another generation
 * has, or had, a job with that id, and nothing was written.  The last error of
 * its jobs, E_OUTPUT or E_UPSTREAM: there may be no further one.
 */
coroutine_fn enum err job_save(struct cx *, struct run *, struct provider_job *,
    const struct job_state *, bool *taken) MUSTCHECK;
/* What a job of this run is counted as. */
enum budget job_budget(const struct run *);
/* The state as JSON, as mma_vars.job has it. */
const char *job_text(struct cx *, const struct job_state *);
/* Reads it from the variables; empty when its job is another provider's. */
void	 job_load(const struct cJSON *vars, struct provider_job *);
/*
 * The job is over without a usable output, because of er.  Sets pj->none;
 * *over: no further one may be created at this provider.  One that was paid for
 * is followed by one that is reserved as an admission is, in the same
 * transaction.
 */
coroutine_fn enum err job_end(struct cx *, struct run *, struct provider_job *,
    enum err er, bool *over) MUSTCHECK;
/*
 * Our name for the next job, where the create call takes one: the generation's
 * id, with the number of the job from the second on, as names are unique.
 */
const char *job_name(struct cx *, const struct provider_job *);

/* --- ratelimit.c */

/*
 * Waits for a call's turn.  name is "create_per_min" or "other_per_min" of the
 * entry's rate: calls a minute from this process, a tenth of which may come at
 * once.  Workers share a limit by dividing it in the registry; a call that
 * still exceeds it gets a 429 and is retried later.
 */
coroutine_fn enum err ratelimit_wait(struct run *, const struct provider *,
    const char *name) MUSTCHECK;

/* --- breaker.c */

/*
 * Circuit breaker: with "cooldown": {"failures": 3, "window_ms": 60000, "ms":
 * 60000} a provider is skipped for ms after that many faults of its own in a
 * row within window_ms.  Each process counts by itself.
 */
void	 breaker_note(const struct provider *, bool failed);
/* Is the provider to be skipped now? */
bool	 breaker_open(const struct provider *);

/* --- trouble.c: what an operator must mend */

/*
 * The provider does not work for us because of cause.  An error in the log and
 * a note for /ready, each once in a while and not for each request; the note
 * stands until trouble_over() or for a day.  cause is copied.
 */
coroutine_fn void trouble_note(struct cx *, const struct provider *,
    const char *cause);
/* It has delivered an output that can be used. */
coroutine_fn void trouble_over(struct cx *, const struct provider *);

/* --- poll.c */

/*
 * Polls until the job is done: *source is its output's URL.  When the run is
 * canceled the job is canceled too, with one call that may come too late.
 * Only a reply that says how the job ended ends it before the entry's
 * poll.deadline_ms: errors and unknown states are waited out.  Past it the job
 * is canceled as well: E_TIMEOUT, with io->retry_after RUN_NEVER.  A job that
 * is done, but whose result cannot be fetched for "output_wait_ms", has ended.
 */
coroutine_fn enum err provider_poll(struct cx *, struct run *, struct io *,
    struct provider_job *, const char **source) MUSTCHECK;
/* The reply's error message at "job.error", or NULL. */
const char *provider_message(struct cx *, const struct provider_job *,
    const struct cJSON *tree);
/* How long to ask for the output of a job that is done, at least. */
int64_t	 provider_output_wait(const struct provider_job *);
/* Cancels the job, now or by the outbox (calloff.c). */
coroutine_fn void provider_cancel(struct cx *, struct provider_job *);
/*
 * One call that cancels the job.  E_NOTFOUND: the entry has no such call;
 * E_CONFLICT: the provider says that it cannot be, as it has ended.  *retry_ms
 * is the pause that an error reply asks for.
 */
coroutine_fn enum err provider_call_off(struct cx *, struct provider_job *,
    int64_t *retry_ms) MUSTCHECK;
/* When the job must be done, by clock_boot(). */
int64_t	 provider_deadline(const struct provider_job *);

/* --- reconcile.c */

/*
 * Asks the provider for a job whose create call has an unknown outcome.  On
 * E_OK either job.id is set, or job.state is NULL and the provider has no job.
 * E_UNKNOWN: this provider cannot be asked.
 */
coroutine_fn enum err provider_reconcile(struct cx *, struct run *,
    struct provider_job *) MUSTCHECK;

/* --- output.c */

/*
 * Stores the output at source, or waits until it is there.  E_OUTPUT: it
 * cannot be used.
 */
coroutine_fn enum err provider_keep(struct cx *, struct run *, struct io *,
    struct provider_job *, const char *source) MUSTCHECK;
/*
 * After the error er of a job, which is returned unless it is E_DB: ends the
 * job if it is over, so that the next try creates another, and sets
 * io->retry_after to RUN_NEVER if there may be none.
 */
coroutine_fn enum err provider_after(struct cx *, struct run *, struct io *,
    struct provider_job *, enum err er) MUSTCHECK;

/* --- provider.c */

/* The type of the generate step: "seedream_generate[_feedback]". */
const char *provider_step_type(struct run *, const struct provider *);
/* The generate step at one provider, with all its tries. */
coroutine_fn enum err provider_generate(struct run *, struct provider_job *,
    const struct cJSON **out) MUSTCHECK;

#endif
