/*
 * auth - the routes of the emulated Supabase Auth, under /auth/v1
 *
 * Shapes: supabase/auth, openapi.yaml and internal/api.  Errors come in two
 * shapes, as the header X-Supabase-Api-Version asks.  apikey is accepted and
 * not looked at: GoTrue itself does not, only the gateway before it.
 */
#ifndef SANDBOX_ROUTES_H
#define SANDBOX_ROUTES_H

#include <stdbool.h>

#include "core/emulator.h"

extern const struct emulator auth_emulator;

enum err auth_otp(struct cx *, struct req *, struct resp *);
enum err auth_signup(struct cx *, struct req *, struct resp *);
enum err auth_verify(struct cx *, struct req *, struct resp *);
enum err auth_follow(struct cx *, struct req *, struct resp *);
enum err auth_token(struct cx *, struct req *, struct resp *);
enum err auth_authorize(struct cx *, struct req *, struct resp *);
enum err auth_callback(struct cx *, struct req *, struct resp *);
enum err auth_user(struct cx *, struct req *, struct resp *);
enum err auth_logout(struct cx *, struct req *, struct resp *);
enum err auth_settings(struct cx *, struct req *, struct resp *);
enum err auth_health(struct cx *, struct req *, struct resp *);
enum err auth_jwks(struct cx *, struct req *, struct resp *);
enum err auth_options(struct cx *, struct req *, struct resp *);
/* The error GoTrue gives with that status. */
enum err auth_status(struct cx *, struct req *, struct resp *, int status)
	    MUSTCHECK;

/* authcontrol.c: POST /_sandbox/auth/rotate, /token, /remail */
enum err auth_rotate(struct cx *, struct req *, struct resp *);
enum err auth_mint(struct cx *, struct req *, struct resp *);
enum err auth_remail(struct cx *, struct req *, struct resp *);


#endif
