/*
 * provider - driving a generator by its registry entry
 *
 * The life of a job, and what is on the generation's row (mma_vars.job):
 *
 *	nothing			no job was asked for
 *	state submitting	the create call is about to go out, or went
 *				out and its answer never came: outcome unknown
 *	state submitted, id	the provider has it; poll
 *	state done, output	the create call's answer was the picture
 *	state refused		the provider said no, and has nothing
 *
 * So a run that finds `submitting' never creates again before the provider
 * was asked what it has (reconcile.c), and goes to another provider only when
 * this one certainly has nothing (fallback.c).
 */
#ifndef MINA_PROVIDER_H
#define MINA_PROVIDER_H

#include <stdbool.h>
#include <stdint.h>

#include "io/http.h"
#include "mma/mma.h"

/* Addresses that the create call's answer may give. */
enum job_url { JOB_STATUS_URL, JOB_RESULT_URL, JOB_CANCEL_URL, JOB__URLS };

struct job {
	const char	*state, *id;
	const char	*output;	/* state done: where it is */
	const char	*url[JOB__URLS];
	int64_t		 at;		/* of the create call, ms */
};

/* What one generate step works on. */
struct make {
	struct provider	 p;
	const char	*gen;		/* the generation's id */
	const char	*ratio;		/* asked for, or NULL */
	const struct pictures *ps;
	const struct prompt *prompt;
	const struct cJSON *settings;	/* by their wire names */
	const char	*body;		/* JSON of the create call */
	struct job	 job;
	bool		 over;		/* the job ended without an output */
	bool		 ailing;	/* the provider failed, not the order */
};

/* --- template.c: what is sent, by the entry's templates */

/* m->body; E_REJECTED when it is too large. */
enum err provider_body(struct cx *, struct run *, struct make *) MUSTCHECK;
/*
 * A path or address with {id}, {since}, {generation_id}, {status_url},
 * {result_url}, {cancel_url} filled in; NULL when one of them is missing.
 */
const char *provider_path(struct cx *, const char *, const struct make *);
/* Where the create call goes. */
const char *provider_create_path(struct cx *, const struct make *);

/* --- call.c: asking, and understanding what is answered */

/*
 * A call to the provider's API.  path is as for provider_path(), and must not
 * lead away from the base URL.  body NULL for none.  *tree is the parsed
 * reply, NULL when it was not JSON.
 */
enum err provider_call(struct cx *, struct make *, const char *method,
    const char *path, const char *body, int64_t timeout_ms,
    struct http_call *, struct cJSON **tree) MUSTCHECK;
/* E_OK when the reply is a success as the entry has it, else its error. */
enum err provider_status(struct cx *, struct make *,
    const struct http_call *, const struct cJSON *tree) MUSTCHECK;
/* What the provider's own code for an error means; E_OK when not listed. */
enum err provider_code(const struct provider *, const char *code);
/* Do these words say that the request was declined for its content? */
bool	 provider_declined(const struct provider *, const char *words);
/*
 * The output: a string, or the first string of a list, or the first object
 * of one that has it at pointer item (NULL: "/url").  Without one the error
 * of the first element that has one ("job.item_error"), else E_REJECTED.
 */
enum err provider_output(struct cx *, const struct provider *,
    const struct cJSON *out, const char *item, const char **url) MUSTCHECK;
/* RFC 7519, HS256: who calls, good for half an hour. */
const char *provider_jwt(struct cx *, const char *access,
    const char *secret, int64_t now_s);

/* --- job.c: the job on the generation's row (mma_vars.job) */

/*
 * Writes the job onto the row, and into make.job; *taken: another generation
 * has that id, and nothing was written.
 */
enum err job_save(struct cx *, struct run *, struct make *,
    const struct job *, bool *taken) MUSTCHECK;
/* Sets make.job to what the row has of this provider. */
void	 job_load(struct run *, struct make *);

/* --- the life of a job */

/*
 * Waits for this call's turn: so many a minute ("create_per_min",
 * "other_per_min" of the entry's rate) from this process and no more, of
 * which nearly a tenth may come at once.  Several workers share a limit by
 * dividing it in the registry; what still goes over it gets a 429 and waits.
 */
enum err ratelimit_wait(struct run *, const struct provider *,
    const char *what) MUSTCHECK;
/*
 * Polls until the job is done: *source is its output's URL.  A canceled run
 * calls the job off, once; whether that still helps is their business.  Past
 * the entry's poll.deadline_ms it is called off too, E_TIMEOUT, and
 * io->retry_after says that there is no use in trying again.
 */
enum err provider_poll(struct cx *, struct run *, struct io *,
    struct make *, const char **source) MUSTCHECK;

/*
 * The create call's outcome is unknown: ask.  On E_OK either job.id is set
 * or job.state is NULL, and then the provider does not have it.  E_UNKNOWN:
 * this provider cannot be asked.
 */
enum err provider_reconcile(struct cx *, struct run *, struct make *)
    MUSTCHECK;

/* The type of the generate step: "seedream_generate[_feedback]". */
const char *provider_step_type(struct run *, const struct provider *);
/* One provider's step, with all its tries. */
enum err provider_generate(struct run *, struct make *,
    const struct cJSON **out) MUSTCHECK;

/*
 * Cooling: an entry with "cooldown": {"failures": 3, "window_ms": 60000,
 * "ms": 60000} is left alone for ms after that many failures of its own in
 * a row within window_ms.  Each process counts for itself.
 */
void	 breaker_note(const struct provider *, bool failed);
bool	 breaker_open(const struct provider *);

#endif
