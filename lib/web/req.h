/*
 * req - the HTTP request as handlers see it
 *
 * All values live as long as the request, and are well-formed UTF-8.  Before
 * a handler runs, the body was read in full, within the program's limit; on
 * JSON routes req_json() is an object, an empty one when there was no body.
 * The body of a GET or HEAD has no meaning (RFC 9110, 9.3.1): not read.
 */
#ifndef MINA_REQ_H
#define MINA_REQ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct cJSON;
struct customer;
struct cx;
struct idempotency;
struct token;
struct transport;
struct wait;

enum method { M_GET, M_HEAD, M_POST, M_PUT, M_DELETE, M_OPTIONS, M__MAX };

#define REQ_MAGIC	0x52657120
#define REQ_PARAMS	4

struct req {
	unsigned	 magic;
	struct transport *transport;
	struct cx	*cx;		/* of the request: memory */
	enum method	 method;
	const char	*path;		/* decoded, without the query */
	const char	*query;		/* as sent, never NULL */
	const char	*body;
	size_t		 bodylen;
	struct cJSON	*json;
	const char	*pass;		/* of the client; set by app.c */
	const struct customer *who;	/* ..and its row */
	const struct token *token;	/* NULL: none was sent */
	bool		 admin;		/* MINA_ADMIN_KEY was sent */
	bool		 bad_token;	/* a token was sent and refused */
	const char	*route;		/* the pattern that matched */
	const char	*param[REQ_PARAMS];	/* what {..} matched */
	struct idempotency *idem;	/* with a new Idempotency-Key */
};

const char	*method_name(enum method);
bool		 method_parse(const char *, enum method *);

/*
 * E_METHOD for an unknown method, E_BADREQ for a broken path, and for bytes
 * that are not UTF-8 in it, in the query, or in a header that matters.
 */
enum err req_init(struct cx *, struct req *, struct transport *) MUSTCHECK;
/*
 * Reads the body.  E_LENGTH for a malformed Content-Length (without one there
 * is no body: nginx always sends it), E_TOOBIG past max, E_HUP when the client
 * left in between.  A refused body is read and discarded, because the
 * connection is kept.
 */
coroutine_fn enum err req_read_body(struct cx *, struct req *, size_t max)
    MUSTCHECK;
/* Reads and discards it; E_HUP. */
coroutine_fn enum err req_drop_body(struct req *) MUSTCHECK;
/*
 * Parses the body as a JSON object of at most JSON_REQUEST values: E_TYPE,
 * E_JSON, E_TOOBIG.
 */
enum err req_parse_json(struct cx *, struct req *) MUSTCHECK;

/*
 * Whether the path matches a pattern, "/generations/{id}/cancel"; fills route
 * and param[].  {x} matches one segment, {x...} at the end all that remain;
 * neither matches nothing.
 */
bool	 req_match(struct cx *, struct req *, const char *pattern);

/* "X-Session-Id"; well-formed UTF-8, U+FFFD stands for what was not. */
const char *req_header(struct req *, const char *name);
const char *req_query(struct cx *, struct req *, const char *name);
/* Optional integer in the query; without it *out is not changed. */
enum err req_int(struct cx *, struct req *, const char *name, int64_t lo,
    int64_t hi, int64_t *out) MUSTCHECK;
const struct cJSON *req_json(const struct req *);
/*
 * On routes with R_IDENT or R_OWNER: the canonical pass, authorized and not
 * disabled; rq->who is its row as of the beginning of the request.
 */
const char *req_pass(const struct req *);
const char *req_remote(struct req *);
/*
 * The client's address as limits count it: an IPv4 address (also if mapped to
 * IPv6), or the /64 of an IPv6 address, which is what one customer of a
 * provider gets (RFC 6177).  NULL when it is not counted: on the command line,
 * and for loopback addresses with MINA_LIMIT_LOCAL=no.
 */
const char *req_address(struct cx *, struct req *);
/* The wait is woken when the client leaves or the program stops. */
void	 req_on_hup(struct req *, struct wait *);

#endif
