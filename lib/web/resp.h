/*
 * resp - the HTTP response
 *
 * It is buffered until the handler returns, so that an error after
 * resp_json() still becomes a problem document:
 *
 *	js = resp_json(rs, 200);
 *	json_int(js, "credits", 12);
 *	return resp_done(rs);
 */
#ifndef MINA_RESP_H
#define MINA_RESP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/json.h"

struct buf;
struct cx;
struct req;

#define RESP_MAGIC	0x52657370
#define RESP_MAX	(16 << 20)	/* bytes of body */

struct resp {
	unsigned	 magic;
	struct cx	*cx;
	int		 status;	/* 0: none yet */
	const char	*type;
	struct buf	*headers, *body;
	struct json	 js;
	bool		 done;
	bool		 streamed;	/* by resp_stream() */
	size_t		 sent;		/* bytes, for the log */
	const char	*topup;		/* topUpUrl of a problem, or NULL */
};

void	 resp_init(struct cx *, struct resp *);
/* value is cut at a line break. */
void	 resp_header(struct resp *, const char *name, const char *value);
/* The first value given to resp_header(), or NULL. */
const char *resp_find(const struct resp *, const char *name);
/* Opens the root object; resp_done() closes it. */
struct json *resp_json(struct resp *, int status);
/* E_NOMEM when the body is over RESP_MAX or nested too deep. */
enum err resp_done(struct resp *) MUSTCHECK;
/*
 * resp_done() for resources that clients poll: the response gets a strong
 * ETag, a hash of its body, and is a 304 without body when If-None-Match has
 * it.  Cache-Control lets clients keep it and revalidate.
 */
enum err resp_done_etag(struct resp *, struct req *) MUSTCHECK;
/* Whether If-None-Match lists tag; weak comparison, RFC 9110 13.1.2. */
bool	 resp_etag_listed(const char *list, const char *tag);
/*
 * A streamed response: sends the head with the headers so far, then pieces.
 * After that an error can no longer be reported.  nginx is told not to
 * buffer.  E_HUP when the client has left.
 */
coroutine_fn enum err resp_stream(struct resp *, struct req *, const char *type)
    MUSTCHECK;
coroutine_fn enum err resp_piece(struct req *, const void *, size_t) MUSTCHECK;
/* A response that is not JSON. */
enum err resp_raw(struct resp *, int status, const char *type, const void *,
    size_t) MUSTCHECK;
/* Replaces the body by a problem document (RFC 9457). */
void	 resp_problem(struct resp *, enum err);
/* Sends status, headers and body. */
coroutine_fn enum err resp_send(struct resp *, struct req *) MUSTCHECK;

#endif
