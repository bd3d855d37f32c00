/*
 * transport - the interface to FastCGI (fcgi.c) and to CGI (cgi.c)
 *
 * Code above req.h and resp.h does not know which of them it has.
 */
#ifndef MINA_TRANSPORT_H
#define MINA_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

struct transport;
struct wait;

struct transport_ops {
	/* A CGI variable (RFC 3875), NULL when it is not set. */
	const char *(*param)(struct transport *, const char *name);
	/* Up to n bytes of body; 0 at its end, -1 when the client left. */
	coroutine_fn ssize_t (*read)(struct transport *, void *, size_t n);
	coroutine_fn enum err (*write)(struct transport *, const void *,
		    size_t n);
	coroutine_fn enum err (*flush)(struct transport *);
	/* Wakes w with E_HUP when the client leaves, with E_STOP when the
	 * program is asked to stop; NULL cancels that. */
	void	(*on_hup)(struct transport *, struct wait *w);
};

struct transport {
	const struct transport_ops	*ops;
};

/* Called by a transport for each request, in a coroutine. */
typedef void transport_serve(struct transport *);

/*
 * Both call serve for each request, in a coroutine of its own.
 *
 * fcgi_main() serves on the listening socket, descriptor 0, until a signal;
 * cgi_main() serves one request, from the environment and stdin, or from the
 * arguments if argc > 1.  Both return the exit status.
 */
int	 fcgi_main(coroutine_fn void (*serve)(struct transport *));
bool	 fcgi_socket(void);	/* whether descriptor 0 is a listening socket */
bool	 fcgi_stopping(void);
int	 cgi_main(coroutine_fn void (*serve)(struct transport *), int argc,
	    char **argv);
bool	 cgi_wanted(int argc);

#endif
