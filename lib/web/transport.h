/*
 * peer - where a request comes from and its answer goes
 *
 * Two back ends: FastCGI (fcgi.c) and plain CGI, which is also the command
 * line (cgi.c).  Nothing above knows which one it has.
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
	/* Up to n bytes of body; 0 at its end, -1 when the peer is gone. */
	ssize_t	(*read)(struct transport *, void *, size_t n);
	enum err (*write)(struct transport *, const void *, size_t n);
	enum err (*flush)(struct transport *);
	/* Wake w with E_HUP when the client leaves, with E_STOP when the
	 * program is asked to stop; NULL forgets it. */
	void	(*on_hup)(struct transport *, struct wait *w);
};

struct transport {
	const struct transport_ops	*ops;
};

/* What a back end calls for each request, from a coroutine. */
typedef void transport_serve(struct transport *);

/*
 * fcgi: serve on the listening socket fd 0 until a signal says stop;
 * returns the exit status.  cgi: serve one request, from the environment
 * and stdin, or from the arguments (argc > 1); see cgi.c.
 */
int	 fcgi_main(transport_serve *);
bool	 fcgi_socket(void);		/* is fd 0 a listening socket? */
bool	 fcgi_stopping(void);
int	 cgi_main(transport_serve *, int argc, char **argv);
bool	 cgi_wanted(int argc);

#endif
