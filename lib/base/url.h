/*
 * url - percent encoding (RFC 3986), queries, and the parts of a URL
 */
#ifndef MINA_URL_H
#define MINA_URL_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct cx;

/* Everything but A-Za-z0-9-._~ becomes %XX; `keep' lists more to keep. */
void	 url_encode(struct buf *, const char *, const char *keep);
/* NULL when an escape is broken or hides a NUL; plus means blank if asked. */
char	*url_decode(struct cx *, const char *, size_t, bool plus);
/*
 * The decoded value of name in an undecoded query, NULL if it is not there,
 * empty if it cannot be decoded: what was sent is not to pass for unsent.
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

/* "https" of "https:..."; the length of the scheme, 0 when there is none. */
size_t	 url_scheme(const char *);
/*
 * What ref means in a document at base (RFC 3986 5.2), a redirect's Location
 * mostly; base is a URL that url_parse() takes, ref anything: look at the
 * result as at any URL from outside.
 */
char	*url_join(struct cx *, const char *base, const char *ref);

/* Does url begin with base, at a boundary of the path? */
bool	 url_under(const char *url, const char *base);

#endif
