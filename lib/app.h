/*
 * app - the main function of FastCGI programs: start, dispatch, respond
 *
 * A program is a table of routes and MINA_MAIN(); mina.h says how to add one.
 * The flags of a route are preconditions, checked before its handler runs.
 */
#ifndef MINA_APP_H
#define MINA_APP_H

#include <stddef.h>

#include "base/err.h"
#include "web/req.h"
#include "web/resp.h"

struct cx;

enum route_flag {
	R_OPEN	= 0,
	R_IDENT	= 1,	/* the pass was checked; may be "anonymous" */
	R_OWNER	= 2,	/* ..and is not "anonymous", which owns nothing */
	R_RAW	= 4,	/* the body is not parsed as JSON */
	R_QUIET	= 8,	/* no access line (health probes) */
	R_IDEMPOTENT = 16, /* by its own rows; see web/idempotency.h */
	R_ADMIN	= 32,	/* or MINA_ADMIN_KEY was sent: req->admin */
};

enum app_need {
	APP_DB		= 1,
	APP_HTTP	= 2,
	APP_LISTEN	= 4,	/* for notifications, of settings too */
};

struct route {
	enum method	  method;
	const char	 *path;		/* "/generations/{id}" */
	coroutine_fn enum err (*fn)(struct cx *, struct req *, struct resp *);
	unsigned	  flags;
};

#define APP_ROUTES	96
#define APP_BODY_MAX	(64 << 10)	/* bytes of a request's body */

struct app {
	unsigned	 needs;		/* besides those of R_IDENT, R_OWNER */
	size_t		 maxbody;	/* bytes; 0: APP_BODY_MAX */
	void		(*start)(struct cx *);	/* called before serving */
	struct route	 routes[APP_ROUTES];	/* ends with fn NULL */
};

int	 app_main(const struct app *, const char *name, int argc, char **argv);
/* The set-up of app_main(), for the worker, which has no routes. */
void	 app_init(const char *name, unsigned needs);
/* A cx with the program's database and HTTP; release with cx_release(). */
void	 app_cx(struct cx *, size_t cap);
void	 app_close(void);

#define MINA_MAIN(app)						\
	int							\
	main(int argc, char **argv)				\
	{							\
		return app_main(&app, #app, argc, argv);	\
	}

#endif
