/*
 * history - what somebody has made: listed, given away, taken back
 *
 * Over all passes that were merged into the asking one (mina_passes).  Only
 * what was delivered and not deleted is listed.
 */
#ifndef MINA_ARCHIVE_H
#define MINA_ARCHIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct cx;
struct cursor;
struct req;
struct resp;

#define HISTORY_MAX	100		/* rows on a page */

/* NULL, 0 and false leave a filter out. */
struct archive_filter {
	const char	*type;		/* "image", "motion" */
	const char	*session;	/* "sess_<uuid>" */
	const char	*from, *to;	/* RFC 3339; from <= created < to */
	const char	*words;		/* in the brief or the prompt */
	bool		 liked;
};

struct archive_item {
	const char	*id, *type, *url, *prompt, *brief, *session, *parent;
	const char	*provider, *model, *alt;
	const char	*outputs;	/* JSON object, as in mg_mma_vars */
	const char	*request;	/* JSON object: what Recreate loads */
	bool		 liked;
	int64_t		 cost, created;
};

/* Newest first; *next is the cursor of the page after it, or NULL. */
enum err archive_page(struct cx *, const char *pass, const struct cursor *,
    const struct archive_filter *, struct archive_item **, size_t *n,
    const char **next) MUSTCHECK;

/*
 * Everything kept about this customer as NDJSON, one row a line, sent while
 * it is read: {"kind": "customer" | "session" | ..., "row": {...}}.
 */
enum err archive_export(struct cx *, struct req *, struct resp *,
    const char *pass) MUSTCHECK;

/*
 * Deletes one: the row stays as a tombstone, what it cost stays in the
 * ledger, its objects go (by the outbox).  E_CONFLICT while it is made,
 * E_NOTFOUND when it is not theirs or gone already.
 */
enum err archive_forget(struct cx *, const char *pass, const char *id)
    MUSTCHECK;

/*
 * Erases the account: everything of archive_forget() for everything, what
 * waits is canceled, what matcha is left is written off, and whatever says
 * who it was goes from the row.  It cannot be used again.
 */
enum err archive_erase(struct cx *, const char *pass) MUSTCHECK;
/* What was still being made then, and has ended; *n of at most this many. */
#define HISTORY_SWEEP	200
enum err archive_sweep(struct cx *, int64_t *n) MUSTCHECK;
/* May whoever has this canonical pass look at the history of that one? */
enum err archive_mine(struct cx *, const char *pass, const char *whose,
    bool *mine) MUSTCHECK;

#endif
