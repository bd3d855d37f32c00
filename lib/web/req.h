/*
 * req - a request, as a handler sees it
 *
 * Everything it gives lives as long as the request.  Bodies were read in
 * full and capped before a handler runs; on JSON routes req_json() is an
 * object (an empty one when there was no body).
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
struct once;
struct transport;
struct token;
struct wait;

enum method { M_GET, M_HEAD, M_POST, M_PUT, M_DELETE, M_OPTIONS, M__MAX };

#define REQ_MAGIC	0x52657120
#define REQ_PARAMS	4

struct req {
	unsigned	 magic;
	struct transport	*peer;
	enum method	 method;
	const char	*path;		/* decoded, without the query */
	const char	*query;		/* as sent, never NULL */
	const char	*body;
	size_t		 bodylen;
	struct cJSON	*json;
	const char	*pass;		/* who is asking; set by app */
	const struct customer *who;	/* ..and what is known of them */
	const struct token *token;	/* NULL: came without one */
	bool		 admin;		/* came with the administrator's key */
	bool		 bad_token;	/* came with one that is no good */
	const char	*route;		/* the pattern that matched */
	const char	*param[REQ_PARAMS];	/* what {..} matched */
	struct once	*once;		/* a key that was new; see once.h */
};

const char	*method_name(enum method);
bool		 method_parse(const char *, enum method *);

/* E_METHOD for an unknown method, E_BADREQ for a broken path. */
enum err req_init(struct cx *, struct req *, struct transport *) MUSTCHECK;
/*
 * Reads the body: E_LENGTH for a length that is no number (none means no
 * body: nginx always knows it), E_TOOBIG past max (and the
 * rest is read and thrown away, for the connection's sake), E_HUP when the
 * client left in the middle.
 */
enum err req_read_body(struct cx *, struct req *, size_t max) MUSTCHECK;
/* Parses the body as a JSON object: E_TYPE, E_JSON. */
enum err req_parse_json(struct cx *, struct req *) MUSTCHECK;

/*
 * Does "/generations/{id}/cancel" match the path?  Fills route and param[].
 * {x} is one segment, {x...} at the end of a pattern is all the rest; neither
 * is empty.
 */
bool	 req_match(struct cx *, struct req *, const char *pattern);

const char *req_header(struct req *, const char *name);	/* "X-Session-Id" */
const char *req_query(struct cx *, struct req *, const char *name);
/* Optional whole number in the query; *out keeps its value without it. */
enum err req_int(struct cx *, struct req *, const char *name, int64_t lo,
    int64_t hi, int64_t *out) MUSTCHECK;
const struct cJSON *req_json(const struct req *);
/*
 * On routes with R_IDENT or R_OWNER: the canonical pass, allowed and not
 * disabled; rq->who is its row as it was when the request came.
 */
const char *req_pass(const struct req *);
const char *req_remote(struct req *);
/* The wait is woken when the client leaves or the program stops. */
void	 req_on_hup(struct req *, struct wait *);

#endif
