/*
 * http - calls to the outside, from coroutines
 *
 * libcurl underneath: one multi handle on the loop, connections kept, HTTP/2
 * where the peer has it.  https only (http for loopback tests is refused
 * too); redirects are never followed here; the environment's proxy variables
 * are not looked at.  There is no retry inside: a durable step decides that.
 *
 *	struct http_call call = HTTP_CALL("POST", url);
 *	http_header(cx, &call, "Content-Type", "application/json");
 *	http_secret(cx, &call, "Authorization", bearer);
 *	call.body = b->data, call.bodylen = b->len;
 *	if ((er = http_do(cx, &call)) != E_OK)
 *		return er;
 *	if (call.status != 200) ...
 *
 * E_OK means there is an answer, whatever its status.  Otherwise:
 * E_TIMEOUT (deadline), E_TOOBIG (the answer passed maxbody), E_UPSTREAM (no
 * connection, or it broke).  call.sent tells whether the peer may have seen
 * the request: only when it is false is a repetition certain to be harmless.
 *
 * guarded = true is for URLs that somebody else chose (users, providers'
 * outputs): only public addresses are connected to, looked at when the
 * connection is made, so a name that changes its mind cannot get around it.
 * Ports other than 443 and other addresses only by MINA_FETCH_ALLOW.  No
 * proxy is used; the body is taken as it is, never unpacked, and kept only
 * of a 200.  What it refuses gives E_FORBIDDEN, and nothing was connected
 * to.  fetch.h follows redirects on top of this.
 *
 * cx->err.reason tells more: of E_FORBIDDEN it is SCHEME, URL, USERINFO,
 * PORT, ADDRESS_NOT_PUBLIC or (after all, connected) ENCODING; of the others
 * TOO_LARGE, TOO_SLOW, DNS, CONNECT, TLS, BROKEN.
 */
#ifndef MINA_HTTP_H
#define MINA_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct buf;
struct cx;
struct http;

#define HTTP_MAXHDR	16

struct http_header {
	const char	*name, *value;
	bool		 secret;	/* never logged */
};

struct http_call {
	const char	*method, *url;
	struct http_header header[HTTP_MAXHDR];
	size_t		 nheader;
	const void	*body;		/* NULL: none */
	size_t		 bodylen;
	size_t		 maxbody;	/* bytes of answer we take */
	int64_t		 timeout_ms;	/* all in all, clipped to cx */
	int64_t		 connect_ms;
	bool		 guarded;
	/* The answer. */
	long		 status;
	struct buf	*answer;	/* lives as long as cx */
	struct http_header got[48];
	size_t		 ngot;
	bool		 sent;
	int64_t		 us;
};
#define HTTP_CALL(m, u)	{ .method = m, .url = u, .maxbody = 4 << 20, \
			  .timeout_ms = 30000, .connect_ms = 5000 }

struct http *http_new(void);
void	 http_free(struct http *);

void	 http_header(struct cx *, struct http_call *, const char *name,
	    const char *value);
void	 http_secret(struct cx *, struct http_call *, const char *name,
	    const char *value);
enum err http_do(struct cx *, struct http_call *) MUSTCHECK;
/* A header of the answer, NULL when absent; case ignored. */
const char *http_got(const struct http_call *, const char *name);
/*
 * Retry-After, as seconds (a decimal is rounded up) or as a date (RFC 9110
 * 10.2.3), in milliseconds from now; 0 when absent or nonsense; at most 1 h.
 */
int64_t	 http_retry_after(const struct http_call *);

#endif
