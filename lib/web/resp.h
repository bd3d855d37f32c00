/*
 * resp - the answer to a request
 *
 * Buffered until the handler is done, so a failure after resp_json() still
 * becomes a clean error:
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
	int		 status;	/* 0: nothing decided yet */
	const char	*type;
	struct buf	*headers, *body;
	struct json	 js;
	bool		 done;
	bool		 streamed;	/* went out already; see sse.h */
	size_t		 sent;		/* bytes, for the log */
	const char	*topup;		/* topUpUrl of a problem, or NULL */
};

void	 resp_init(struct cx *, struct resp *);
/* value must not hold line breaks (they are cut). */
void	 resp_header(struct resp *, const char *name, const char *value);
/* What resp_header() was told, the first time; NULL when it was not. */
const char *resp_find(const struct resp *, const char *name);
/* Opens the root object; resp_done() closes it. */
struct json *resp_json(struct resp *, int status);
/* E_NOMEM when the answer grew past RESP_MAX or was nested too deep. */
enum err resp_done(struct resp *) MUSTCHECK;
/*
 * resp_done() for what is asked for again and again: the answer gets a strong
 * ETag, made of its body, and is a bare 304 when If-None-Match names that one
 * already.  Clients may keep it for themselves and ask each time.
 */
enum err resp_done_etag(struct resp *, struct req *) MUSTCHECK;
/* Does an If-None-Match name this tag?  (RFC 9110, 13.1.2: weakly) */
bool	 resp_etag_listed(const char *list, const char *tag);
/*
 * An answer that goes out while it is made: the head now, with the headers so
 * far, then pieces.  Nothing can become an error page after that.  nginx is
 * told not to buffer.  E_HUP when the client has left.
 */
enum err resp_stream(struct resp *, struct req *, const char *type) MUSTCHECK;
enum err resp_piece(struct req *, const void *, size_t) MUSTCHECK;
/* An answer that is not JSON. */
enum err resp_raw(struct resp *, int status, const char *type, const void *,
    size_t) MUSTCHECK;
/* Throws away what there is and writes the problem (RFC 9457) instead. */
void	 resp_problem(struct resp *, enum err);
/* Status line, headers, body, onto the peer. */
enum err resp_send(struct resp *, struct req *) MUSTCHECK;

#endif
