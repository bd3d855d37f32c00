/*
 * http - HTTP client for coroutines
 *
 * libcurl's multi interface on the loop, with kept connections, and HTTP/2
 * where the server has it.  https only, for loopback as well; redirects are
 * not followed; the environment's proxy variables are ignored.  A failed call
 * is not repeated: the caller decides whether that is safe.  libcurl itself
 * sends a request again when a kept connection closes before any reply, but
 * here never a POST.
 *
 *	struct http_call call = HTTP_CALL("POST", url);
 *	http_header(cx, &call, "Content-Type", "application/json");
 *	http_secret(cx, &call, "Authorization", bearer);
 *	call.body = b->data, call.bodylen = b->len;
 *	if ((er = http_do(cx, &call)) != E_OK)
 *		return er;
 *	if (call.status != 200) ...
 *
 * E_OK means that there is a response, of any status.  Otherwise E_TIMEOUT
 * (deadline) or E_UPSTREAM (no connection, it was lost, or the body is over
 * maxbody: reason TOO_LARGE).  call.sent says whether the server may have
 * seen the request: only when it is false is a repetition certainly safe.
 *
 * guarded = true is for URLs from clients and from providers' replies.  Only
 * public addresses are connected to; the address is checked when the socket
 * is opened, so that a name cannot resolve to another one in between.  Other
 * addresses, and ports other than 443, only by MINA_FETCH_ALLOW.  No proxy is
 * used.  The body is never decompressed, and kept only of a 200.  A refused
 * URL gives E_FORBIDDEN without a connection.  gen/fetch.h adds redirects.
 *
 * go is asked when the connection stands, right before the request is sent on
 * it: false holds it back, with E_LOST, and sent is false.  It must not wait.
 *
 * With slowest a call ends as E_TIMEOUT when less than that has come for
 * slow_s seconds.  When room() is false it ends as E_STORAGE, reason ROOM.
 *
 * cx->err.reason is, with E_FORBIDDEN, SCHEME, URL, USERINFO, PORT,
 * ADDRESS_NOT_PUBLIC or ENCODING (the one that needs a response to be seen);
 * with the others TOO_LARGE, TOO_SLOW, DNS, CONNECT, TLS or BROKEN.
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
#define HTTP_SLOW_S	5
#define HTTP_SKIPPED	32

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
	size_t		 maxbody;	/* limit of the response body */
	/*
	 * Members of a JSON response that are left out (jsonskip.h), the last
	 * is NULL.  They may have HTTP_SKIPPED times maxbody.
	 */
	const char	*const *skip;
	int64_t		 timeout_ms;	/* whole call; cx->deadline as well */
	int64_t		 connect_ms;
	int64_t		 slowest;	/* bytes a second; 0: any */
	int64_t		 slow_s;	/* for how long; 0: HTTP_SLOW_S */
	/* May n more bytes of the body be kept?  NULL: yes. */
	bool		(*room)(void *arg, size_t n);
	void		*room_arg;
	bool		 guarded;
	bool	       (*go)(void *);	/* see above; NULL: always */
	void		*go_arg;
	/* The response. */
	long		 status;
	struct buf	*answer;	/* its body; lives as long as cx */
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
coroutine_fn enum err http_do(struct cx *, struct http_call *) MUSTCHECK;
/* er, of http_do(), or E_TOOBIG if that was a body over maxbody. */
enum err http_too_large(struct cx *, enum err er) MUSTCHECK;
/* A header of the response, NULL when absent; case ignored. */
const char *http_got(const struct http_call *, const char *name);
/*
 * Retry-After, as seconds (a decimal is rounded up) or as a date (RFC 9110
 * 10.2.3), in milliseconds from now; 0 when absent or invalid; at most 1 h.
 */
int64_t	 http_retry_after(const struct http_call *);

#endif
