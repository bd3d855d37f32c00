/*
 * auth - the emulated Supabase Auth, under /auth/v1, and its inbox
 *
 * Shapes: supabase/auth, openapi.yaml and internal/api.  Errors come in two
 * shapes, as the header X-Supabase-Api-Version asks.  apikey is accepted and
 * ignored: GoTrue itself does not, only the gateway before it.
 */
#ifndef SANDBOX_AUTH_H
#define SANDBOX_AUTH_H

#include "core/emulator.h"

struct auth_session;

extern const struct emulator auth_emulator;

/* sign_in.c */
enum err auth_otp(struct cx *, struct req *, struct resp *);
enum err auth_signup(struct cx *, struct req *, struct resp *);
enum err auth_verify(struct cx *, struct req *, struct resp *);
enum err auth_follow(struct cx *, struct req *, struct resp *);
/* google.c */
enum err auth_authorize(struct cx *, struct req *, struct resp *);
enum err auth_callback(struct cx *, struct req *, struct resp *);
/* session_routes.c */
enum err auth_token(struct cx *, struct req *, struct resp *);
enum err auth_user(struct cx *, struct req *, struct resp *);
enum err auth_logout(struct cx *, struct req *, struct resp *);
/* inbox.c: the mails that were sent, as a page and as JSON */
enum err inbox_page(struct cx *, struct req *, struct resp *);
enum err inbox_json(struct cx *, struct req *, struct resp *);
/* test_control.c: POST /_sandbox/auth/rotate, /token, /remail */
enum err auth_rotate(struct cx *, struct req *, struct resp *);
enum err auth_mint(struct cx *, struct req *, struct resp *);
enum err auth_remail(struct cx *, struct req *, struct resp *);

/*
 * --- request.c: what the routes have in common
 *
 * A handler that has nothing more to do returns what these return: the
 * answer is in rs then, errors too, and the enum err is E_OK.
 */
void	 auth_headers(struct req *, struct resp *);
enum err auth_status(struct cx *, struct req *, struct resp *, int status)
	    MUSTCHECK;
enum err auth_error(struct req *, struct resp *, int status,
	    const char *code, const char *message) MUSTCHECK;
/* 400, validation_failed */
enum err auth_invalid(struct req *, struct resp *, const char *message)
	    MUSTCHECK;
/* 500, unexpected_failure */
enum err auth_failure(struct req *, struct resp *) MUSTCHECK;
enum err auth_send_session(struct cx *, struct resp *,
	    const struct auth_session *) MUSTCHECK;
enum err auth_goto(struct resp *, int status, const char *url) MUSTCHECK;

/* The body into rq->json; false: *er has been answered. */
bool	 auth_body(struct cx *, struct req *, struct resp *, enum err *er);
/* The query's parameter, "" without it. */
const char *auth_query(struct cx *, struct req *, const char *key);

struct auth_pkce {
	const char	*challenge, *method;	/* both "" without PKCE */
};
/* Both or neither, well formed; false: *er has been answered. */
bool	 auth_pkce_check(struct req *, struct resp *,
	    const struct auth_pkce *, enum err *er);

/* redirect_to where it is allowed, else the site. */
const char *auth_redirect(struct cx *, struct req *);
/* Scheme, host and port of a URL that auth_redirect() gave. */
const char *auth_origin(struct cx *, const char *url);
/* url?name=value, before a fragment, with what there is already. */
const char *auth_with_query(struct cx *, const char *url, const char *query);
/* The session as a fragment behind url; more is added to it ("" or "&..). */
const char *auth_with_session(struct cx *, const char *url,
	    const struct auth_session *, const char *more);
/* error=..&error_code=..&error_description=..; code may be NULL. */
const char *auth_error_query(struct cx *, const char *error,
	    const char *code, const char *message);

#endif
