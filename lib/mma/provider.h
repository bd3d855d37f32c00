/*
 * provider - driving a generator by its registry entry
 *
 * The life of a job, and what is on the generation's row (mma_vars.job):
 *
 *	nothing			no job was asked for
 *	state submitting	the create call is about to go out, or went
 *				out and its answer never came: outcome unknown
 *	state submitted, id	the provider has it; poll
 *	state refused		the provider said no, and has nothing
 *
 * So a run that finds `submitting' never creates again before the provider
 * was asked what it has (reconcile.c).
 */
#ifndef MINA_MMA_PROVIDER_H
#define MINA_MMA_PROVIDER_H

#include <stdbool.h>
#include <stdint.h>

#include "../http.h"
#include "mma.h"

struct job {
	const char	*state, *id, *provider;
	int64_t		 at;		/* of the create call, ms */
};

/* What one generate step works on. */
struct make {
	struct provider	 p;
	const struct pictures *ps;
	const struct prompt *prompt;
	const char	*body;		/* JSON of the create call */
	struct job	 job;
};

/*
 * A call to the provider's API: path may hold {id} and {since}; body NULL
 * for none.  *tree is the parsed reply, NULL when it was not JSON.
 */
enum err provider_call(struct cx *, const struct provider *,
    const char *method, const char *path, const struct job *,
    const char *body, int64_t timeout_ms, struct http_call *,
    struct cJSON **tree) MUSTCHECK;
/* The error of a reply that is not a success. */
enum err provider_status(struct cx *, const struct provider *,
    const struct http_call *) MUSTCHECK;
/* Writes the job onto the row; *taken: another generation has that id. */
enum err provider_note(struct cx *, struct run *, struct make *,
    const char *state, const char *id, bool *taken) MUSTCHECK;

/*
 * Waits for this call's turn: so many a minute ("create_per_min",
 * "other_per_min" of the entry's rate) from this process, of which a quarter
 * may come at once.  Several workers share a limit by dividing it in the
 * registry; what still goes over it gets a 429 and waits.
 */
enum err provider_pace(struct run *, const struct provider *,
    const char *what) MUSTCHECK;
/*
 * Polls until the job is done: *source is its output's URL.  A canceled run
 * calls the job off, once; whether that still helps is their business.
 */
enum err provider_poll(struct cx *, struct run *, struct make *,
    const char **source) MUSTCHECK;

/*
 * The create call's outcome is unknown: ask.  On E_OK either job.id is set
 * or job.state is NULL, and then the provider does not have it.  E_UNKNOWN:
 * this provider cannot be asked.
 */
enum err provider_reconcile(struct cx *, struct run *, struct make *)
    MUSTCHECK;

#endif
