/*
 * authreq - what the routes under /auth/v1 have in common
 *
 * A handler that has nothing more to do returns what these return: the
 * answer is in rs then, errors too, and the enum err is E_OK.
 */
#ifndef SANDBOX_AUTH_REQUEST_H
#define SANDBOX_AUTH_REQUEST_H

#include <stdbool.h>

#include "base/err.h"
#include "core/emulator.h"

struct authsess;
struct cJSON;
struct cx;
struct req;
struct resp;

/* What every answer has. */
void	 auth_headers(struct req *, struct resp *);

/* --- answers */
enum err auth_error(struct cx *, struct req *, struct resp *, int status,
	    const char *code, const char *message) MUSTCHECK;
/* {"error":..,"error_description":..}, 400 */
enum err auth_oauth_error(struct resp *, const char *error,
	    const char *description) MUSTCHECK;
enum err auth_failure(struct cx *, struct req *, struct resp *) MUSTCHECK;
enum err auth_session(struct cx *, struct resp *, const struct authsess *)
	    MUSTCHECK;
enum err auth_goto(struct resp *, int status, const char *url) MUSTCHECK;

/* --- what was sent */

/* The body into rq->json; false: *er has been answered. */
bool	 auth_body(struct cx *, struct req *, struct resp *, enum err *er);
/* The member when it is a string, else "". */
const char *auth_text(const struct req *, const char *key);
/* The same in the query. */
const char *auth_query(struct cx *, struct req *, const char *key);

struct auth_pkce {
	const char	*challenge, *method;	/* both "" without PKCE */
};
/* Both or neither, well formed; false: *er has been answered. */
bool	 auth_pkce_check(struct cx *, struct req *, struct resp *,
	    const struct auth_pkce *, enum err *er);

/* --- redirects */

/* redirect_to where it is allowed, else the site. */
const char *auth_redirect(struct cx *, struct req *);
/* Scheme, host and port of a URL that auth_redirect() gave. */
const char *auth_origin(struct cx *, const char *url);
/* url?name=value, before a fragment, with what there is already. */
const char *auth_with_query(struct cx *, const char *url, const char *query);
/* The session as a fragment behind url; more is added to it ("" or "&..). */
const char *auth_with_session(struct cx *, const char *url,
	    const struct authsess *, const char *more);
/* error=..&error_code=..&error_description=..; code may be NULL. */
const char *auth_error_query(struct cx *, const char *error,
	    const char *code, const char *message);

#endif
