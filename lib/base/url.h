/*
 * url - percent encoding, queries, parsing and joining of URLs (RFC 3986)
 */
#ifndef MINA_URL_H
#define MINA_URL_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct cx;

/* All bytes but A-Za-z0-9-._~ and those in keep become %XX. */
void	 url_encode(struct buf *, const char *, const char *keep);
/* plus: "+" is a blank.  NULL for a broken escape or an encoded NUL. */
char	*url_decode(struct cx *, const char *, size_t, bool plus);
/*
 * The decoded value of name in a query as sent: NULL if it is absent, ""
 * if it cannot be decoded, so that a bad value is not taken for none.
 */
char	*url_query(struct cx *, const char *query, const char *name);

struct url {
	const char	*scheme;	/* lower case */
	const char	*host;		/* lower case, no brackets */
	bool		 respelled;	/* host is an IPv4 address that was
					   written otherwise, 127.1 */
	int		 port;		/* the scheme's own by default */
	bool		 has_port;
	const char	*path;		/* as sent, at least "/" */
	const char	*query;		/* as sent, without '?', or NULL */
	bool		 userinfo;	/* "user@" came before the host */
	bool		 fragment;
};

/*
 * An absolute http or https URL as libcurl reads it, but strictly: at most
 * 4096 bytes, no blanks, control characters or backslashes, a host of ASCII
 * letters, digits, '.', '-' or a bracketed IPv6 address, a port from 1 to
 * 65535.  False for anything else.  A client is given a URL put together
 * from the parts, never the text that was parsed.
 */
bool	 url_parse(struct cx *, const char *, struct url *);

/* Length of the scheme, 5 for "https:..."; 0 when there is none. */
size_t	 url_scheme(const char *);
/*
 * Resolves ref, mostly a redirect's Location, against base (RFC 3986 5.2).
 * base is a URL that url_parse() takes, ref anything: the result is to be
 * checked like any URL from outside.
 */
char	*url_join(struct cx *, const char *base, const char *ref);

/* Whether url begins with base and continues with a new path segment. */
bool	 url_under(const char *url, const char *base);

#endif
