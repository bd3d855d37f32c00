/*
 * request - a request for a still or a film: checked, completed, normalised
 *
 * The bodies are those of MINAV3.md 6.1, 7.3 and 8.3.  The result is the
 * request as it is stored (Recreate and retry load it), the variables that the
 * pipeline starts with (MEGA.md, mg_mma_vars), and the price.  A tweak names
 * its parent: then the parent's stored request counts, and of the body only
 * the feedback.
 */
#ifndef MINA_REQUEST_H
#define MINA_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct cJSON;
struct cx;
struct gen;
struct json;
struct provider;

#define REQUEST_INSPIRATIONS	4
#define REQUEST_URL_MAX		2048

struct request {
	const char	*session;	/* "sess_<uuid>" or NULL */
	const char	*parent;	/* generation id, or NULL */
	const char	*mode;		/* "still", "video" */
	const char	*event;		/* "create" or "tweak" */
	int64_t		 cost;		/* matcha */
	const char	*request;	/* JSON, normalised */
	const char	*request_sha;	/* hex, of request and parent */
	const char	*vars;		/* JSON, mg_mma_vars to begin with */
	const char	*ignored;	/* JSON list of settings dropped */
	const char	*provider;	/* registry key */
	int		 fetches;	/* of pictures that are elsewhere */
};

/*
 * From the body of a request.  E_FIELD names the member that is wrong;
 * E_NOTFOUND for a parent that is not the customer's.
 */
coroutine_fn enum err request_still(struct cx *, const char *pass,
    const struct cJSON *body, struct request *) MUSTCHECK;
/* E_NOSTILL without a still to begin with. */
coroutine_fn enum err request_film(struct cx *, const char *pass,
    const struct cJSON *body, struct request *) MUSTCHECK;
/*
 * The request of this generation once more, at today's price.  It is checked
 * again, because styles and providers may have been removed since.
 */
coroutine_fn enum err request_still_again(struct cx *, const struct gen *,
    struct request *) MUSTCHECK;
coroutine_fn enum err request_film_again(struct cx *, const struct gen *,
    struct request *) MUSTCHECK;
/* "sess_<uuid>", taking a bare uuid too; E_FIELD for anything else. */
enum err request_session(struct cx *, const char *, const char **) MUSTCHECK;

/* --- what stills and films share */

/* sessionId and parentGenerationId; clears the rest. */
enum err request_head(struct cx *, const struct cJSON *body, struct request *)
    MUSTCHECK;
/* The same from a generation, with its stored body.  E_CONFLICT: none. */
enum err request_stored(struct cx *, const struct gen *, struct request *,
    const struct cJSON **body) MUSTCHECK;
/* 1 for a URL of a picture that is not in our store, 0 for one or none. */
int	 request_fetches(const char *url);
/* An https URL that names no user. */
enum err request_url(struct cx *, const char *path, const char *) MUSTCHECK;
/* "none" for nothing, else one of that list of mma.catalog. */
coroutine_fn enum err request_choice(struct cx *, const char *list,
    const char *path, const char **id) MUSTCHECK;
/* feedback {text, mode}; mode is the only one taken. */
enum err request_feedback(struct cx *, const struct cJSON *body,
    const char *mode, const char **text) MUSTCHECK;
/*
 * The last step: event, and request_sha, by which a second request under the
 * same Idempotency-Key is compared.  E_TOOBIG when request or vars is NULL.
 */
enum err request_finish(struct cx *, struct request *, const char *feedback)
    MUSTCHECK;
/* The variables that begin alike: messages (line or none), outputs, meta. */
void	 request_put_rest(struct json *, const struct provider *,
	    const char *line);
/*
 * A film's settings as member key of an open object: the resolved ones, and
 * over them those the model needs with an end still (capability "end_image").
 */
enum err request_film_settings(struct cx *, struct json *, const char *key,
    const struct provider *, const char *resolved, bool end_still) MUSTCHECK;

#endif
