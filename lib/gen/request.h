/*
 * order - a still or a film, as asked for: checked, completed, normalised
 *
 * What comes in is MINAV3.md 6.1, 7.3 and 8.3; what comes out is the request as
 * it is kept (and as Recreate and retry load it), the variable map the
 * pipeline starts with (MEGA.md), and the price.  A tweak names its parent:
 * then the parent's stored request is authoritative, and only the feedback
 * is new.
 */
#ifndef MINA_REQUEST_H
#define MINA_REQUEST_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct cJSON;
struct cx;
struct gen;
struct json;
struct provider;

#define REQUEST_INSPIRATIONS	4

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
};

/* E_FIELD names what is wrong; E_NOTFOUND for a parent that is not yours. */
enum err request_still(struct cx *, const char *pass, const struct cJSON *body,
    struct request *) MUSTCHECK;
/* E_NOSTILL without a still to begin with. */
enum err request_film(struct cx *, const char *pass, const struct cJSON *body,
    struct request *) MUSTCHECK;
/*
 * The same order once more, at today's price: what was stored is checked
 * again, because styles and providers may have gone since.
 */
enum err request_again(struct cx *, const struct gen *, struct request *)
    MUSTCHECK;
/* "sess_<uuid>", taking a bare uuid too; E_FIELD for anything else. */
enum err request_session(struct cx *, const char *, const char **) MUSTCHECK;

/* --- what stills and films share */

/* sessionId and parentGenerationId; clears the rest. */
enum err request_head(struct cx *, const struct cJSON *body, struct request *)
    MUSTCHECK;
/* An https URL that names no user. */
enum err request_url(struct cx *, const char *path, const char *) MUSTCHECK;
/* "none" for nothing, else one of that list of mma.catalog. */
enum err request_choice(struct cx *, const char *list, const char *path,
    const char **id) MUSTCHECK;
/* feedback {text, mode}; mode is the only one taken. */
enum err request_feedback(struct cx *, const struct cJSON *body,
    const char *mode, const char **text) MUSTCHECK;
/* Sets request_sha, which tells orders under one key apart. */
enum err request_sum(struct cx *, struct request *, const char *feedback)
    MUSTCHECK;
/* The variables that begin alike: messages (line or none), outputs, meta. */
void	 request_put_rest(struct json *, const struct provider *,
	    const char *line);
enum err request_film_again(struct cx *, const struct gen *, struct request *)
    MUSTCHECK;

#endif
