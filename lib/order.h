/*
 * order - a still, as asked for: checked, completed, normalised
 *
 * What comes in is MINAV3.md 6.1 and 7.3; what comes out is the request as
 * it is kept (and as Recreate and retry load it), the variable map the
 * pipeline starts with (MEGA.md), and the price.  A tweak names its parent:
 * then the parent's stored request is authoritative, and only the feedback
 * is new.
 */
#ifndef MINA_ORDER_H
#define MINA_ORDER_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"

struct cJSON;
struct cx;
struct gen;

#define ORDER_INSPIRATIONS	4

struct order {
	const char	*session;	/* "sess_<uuid>" or NULL */
	const char	*parent;	/* generation id, or NULL */
	const char	*mode;		/* "still" */
	const char	*event;		/* "create" or "tweak" */
	int64_t		 cost;		/* matcha */
	const char	*request;	/* JSON, normalised */
	const char	*request_sha;	/* hex, of request and parent */
	const char	*vars;		/* JSON, mg_mma_vars to begin with */
	const char	*ignored;	/* JSON list of settings dropped */
	const char	*provider;	/* registry key */
};

/* E_FIELD names what is wrong; E_NOTFOUND for a parent that is not yours. */
enum err order_still(struct cx *, const char *pass, const struct cJSON *body,
    struct order *) MUSTCHECK;
/*
 * The same order once more, at today's price: what was stored is checked
 * again, because styles and providers may have gone since.
 */
enum err order_again(struct cx *, const struct gen *, struct order *)
    MUSTCHECK;
/* "sess_<uuid>", taking a bare uuid too; E_FIELD for anything else. */
enum err order_session(struct cx *, const char *, const char **) MUSTCHECK;

#endif
