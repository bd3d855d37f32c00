/*
 * lease - the worker's hold on generations
 *
 * A claimed generation belongs to one worker until its lease runs out;
 * renewing moves that moment on.  Everything a worker writes about a
 * generation names the owner, and is refused (E_LOST) when it is not theirs
 * any more: then the run stops where it is, because another has taken over.
 */
#ifndef MINA_LEASE_H
#define MINA_LEASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct cx;

struct claim {
	const char	*id, *pass, *session, *mode, *parent;
	const char	*status;	/* pipeline stage */
	bool		 delivered;	/* settled before: only postscan left */
	int64_t		 cost, attempts, created;
	const char	*vars, *request, *meta;		/* JSON */
};

enum err lease_claim(struct cx *, const char *owner, int64_t max,
    int64_t lease_ms, int64_t per_pass, struct claim **, size_t *n) MUSTCHECK;

struct lease_state {
	const char	*id;
	bool		 cancel;	/* somebody asked for it to stop */
};

/* Those still ours; what is not listed is lost. */
enum err lease_renew(struct cx *, const char *owner, int64_t lease_ms,
    struct lease_state **, size_t *n) MUSTCHECK;
/* All of this owner's (id NULL), or one, for others to take at once. */
enum err lease_release(struct cx *, const char *owner, const char *id)
    MUSTCHECK;

/*
 * status NULL: unchanged.  patch is merged into mg_mma_vars; may be NULL.
 * line (or NULL) is said if the status moved forward by this.
 */
enum err lease_stage(struct cx *, const char *owner, const char *id,
    const char *status, const char *patch, const char *line) MUSTCHECK;
/* A friendly line for whoever watches. */
enum err lease_line(struct cx *, const char *owner, const char *id,
    const char *line) MUSTCHECK;
/* Notes the provider's job; *taken when another generation has that job. */
enum err lease_job(struct cx *, const char *owner, const char *id,
    const char *provider, const char *job, bool *taken) MUSTCHECK;

/* Charged and delivered, exactly once however often it is called. */
enum err lease_settle(struct cx *, const char *owner, const char *id,
    const char *out, const char *patch) MUSTCHECK;
/* status "error" or "canceled"; nothing is charged. */
enum err lease_void(struct cx *, const char *owner, const char *id,
    const char *status, const char *code, const char *message) MUSTCHECK;
enum err lease_finish(struct cx *, const char *owner, const char *id,
    const char *patch) MUSTCHECK;

#endif
