/*
 * emulator - an emulated service: its routes, and how it words errors
 *
 * sandbox.c hands in the table of emulators; core knows none by name.  Each
 * request to an endpoint is recorded, an ordered fault may strike before or
 * after the handler, and the status is counted.  What is left to the handler
 * is the emulation, and the faults that only it can act out.
 */
#ifndef SANDBOX_EMULATOR_H
#define SANDBOX_EMULATOR_H

#include <stdbool.h>

#include "base/err.h"
#include "web/req.h"

struct cx;
struct fault;
struct json;
struct resp;

enum endpoint {
	EP_NONE,	/* a page or a control: no faults, not counted */
#define ENDPOINT(id, name, traits)	id,
#include "core/endpoint.def"
#undef ENDPOINT
	EP__MAX
};

/* Which faults can be ordered there, beside those that are for all. */
enum endpoint_trait {
	CAN_REFUSE	= 1,	/* moderation; a shop that is not ours */
	CAN_FAIL	= 2,	/* a job may fail by itself */
	CAN_EXPIRE	= 4,	/* an output, or a token, is gone */
	SENDS_WEBHOOKS	= 8,
	BODY_NOT_KEPT	= 16,	/* no text, or a secret */
	CAN_THROTTLE	= 32,	/* there are points to run out of */
	CAN_DENY	= 64,	/* access scopes are needed */
	CAN_FAIL_JOBS	= CAN_REFUSE | CAN_FAIL | CAN_EXPIRE
};

const char *endpoint_name(enum endpoint);
enum endpoint endpoint_find(const char *);	/* EP_NONE: there is none */
bool	 endpoint_has(enum endpoint, enum endpoint_trait);

struct emulated_route {
	enum method	 method;
	const char	*path;
	enum endpoint	 endpoint;
	enum err	(*fn)(struct cx *, struct req *, struct resp *);
	/* Instead of fn, where some faults are the handler's to act out. */
	enum err	(*fault_fn)(struct cx *, struct req *, struct resp *,
			    const struct fault *);
	/* Where the path does not tell the endpoint alone; or NULL. */
	enum endpoint	(*endpoint_of)(const struct req *);
	unsigned	 flags;		/* enum route_flag, of EP_NONE only */
	bool		 open;		/* no key is wanted */
};

/* Rows of the table.  What follows the handler are more members. */
#define ROUTE(method_, path_, endpoint_, fn_, ...)			\
	{ .method = M_##method_, .path = path_,				\
	    .endpoint = EP_##endpoint_, .fn = fn_, __VA_ARGS__ }
#define FAULT_ROUTE(method_, path_, endpoint_, fn_)			\
	{ .method = M_##method_, .path = path_,				\
	    .endpoint = EP_##endpoint_, .fault_fn = fn_ }

/* All but name and route may be NULL. */
struct emulator {
	const char	*name;
	const struct emulated_route *route;	/* ends with path NULL */
	/* The answer with that HTTP status, as this service words it. */
	enum err	(*error)(struct cx *, struct req *, struct resp *,
			    int status);
	/* What Authorization must be, or it is error(401); see below. */
	const char	*key_scheme, *key_env;
	/* Instead: 0, or what error() is to be called with. */
	int		(*authorize)(struct cx *, struct req *);
	/* Headers that every answer has. */
	void		(*headers)(struct req *, struct resp *);
	/*
	 * Before the first request; serving is false for one request from a
	 * shell.  False, with errno, when files cannot be read or written.
	 */
	bool		(*open)(struct cx *, bool serving);
	bool		(*reset)(void);	/* false: it cannot be written */
	void		(*stats)(struct json *);
	void		(*settings_changed)(void);
	void		(*each_minute)(void);
};

/* The table ends with NULL; it lives on. */
void	 emulators_register(const struct emulator *const *);
const struct emulator *const *emulators(void);

/* The handler of each route that has an endpoint. */
enum err emulate(struct cx *, struct req *, struct resp *) MUSTCHECK;

/* What a service says with an HTTP status, each in columns of its own. */
struct status_words {
	int		 status;	/* 500: all above, too; 0: any */
	const char	*code, *type, *message;
};
const struct status_words *status_words(const struct status_words *,
	    int status);

/* The environment variable's value; NULL when it is not set, or empty. */
const char *env_secret(const char *env);
/*
 * Is Authorization that scheme ("Bearer ", blank included), and then that
 * secret?  False without a secret.
 */
bool	 authorization_is(struct req *, const char *scheme,
	    const char *secret);

#endif
