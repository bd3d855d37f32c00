/*
 * app - the frame of a FastCGI program
 *
 * A program is a table of routes and MINA_MAIN(); see mina.h for how to add
 * one.  The flags state what must hold before the handler runs, so that no
 * handler checks it again:
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
	R_IDENT	= 1,	/* somebody asks; "anonymous" is somebody */
	R_OWNER	= 2,	/* ..and not "anonymous": the route writes or owns */
	R_RAW	= 4,	/* the body is not parsed as JSON */
	R_QUIET	= 8,	/* no access line (health probes) */
	R_ONCE	= 16,	/* sees to Idempotency-Key itself; see once.h */
	R_ADMIN	= 32,	/* ..or MINA_ADMIN_KEY instead: then req->admin */
};

enum app_need {
	APP_DB		= 1,
	APP_HTTP	= 2,
	APP_LISTEN	= 4,	/* for notifications; see settings.h */
};

struct route {
	enum method	  method;
	const char	 *path;		/* "/generations/{id}" */
	enum err	(*fn)(struct cx *, struct req *, struct resp *);
	unsigned	  flags;
};

#define APP_ROUTES	96

struct app {
	unsigned	 needs;		/* R_IDENT, R_OWNER bring theirs */
	size_t		 maxbody;	/* 0: 1 MB */
	void		(*start)(struct cx *);	/* once, before serving */
	struct route	 routes[APP_ROUTES];	/* ends with fn NULL */
};

int	 app_main(const struct app *, const char *name, int argc, char **argv);
/* What app_main() sets up, for programs that are not routes (the worker). */
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
