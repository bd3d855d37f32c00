/*
 * archive - lists, exports and deletes a customer's generations
 *
 * Covers the customer's pass and all passes merged into it (mina_passes).
 * Listed are generations that were delivered and not deleted.
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

#define ARCHIVE_MAX	100		/* rows on a page */

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
coroutine_fn enum err archive_page(struct cx *, const char *pass,
    const struct cursor *, const struct archive_filter *,
    struct archive_item **, size_t *n, const char **next) MUSTCHECK;

/*
 * Everything kept about this customer as NDJSON, one row a line, sent while
 * it is read: {"kind": "customer" | "session" | ..., "row": {...}}.
 */
coroutine_fn enum err archive_export(struct cx *, struct req *, struct resp *,
    const char *pass) MUSTCHECK;

/*
 * Deletes one: the row stays as a tombstone without words, the cost stays in
 * the ledger, and the stored objects are deleted through the outbox.
 * E_CONFLICT while it is running; E_NOTFOUND when it is another customer's or
 * already deleted.
 */
coroutine_fn enum err archive_forget(struct cx *, const char *pass,
    const char *id) MUSTCHECK;

/*
 * Erases the account: cancels what is unfinished, writes off the remaining
 * matcha, removes the personal data from the customer's row, and leaves the
 * rest to the outbox (sql/schema/088-erase.sql).  The pass cannot be used
 * again.  E_NOTFOUND: there is and was no such customer.
 */
coroutine_fn enum err archive_erase(struct cx *, const char *pass) MUSTCHECK;
enum archive_erasing {
	ERASING_MORE,
	ERASING_WAITS,		/* for a generation that is still running */
	ERASING_DONE,
};
/* Goes on with erasing an account, a few hundred rows a call. */
coroutine_fn enum err archive_erase_some(struct cx *, const char *job,
    enum archive_erasing *) MUSTCHECK;
/* The uploads of an erased account are deleted: forget where they were. */
coroutine_fn enum err archive_uploads_gone(struct cx *, const char *job)
    MUSTCHECK;
/*
 * Begins to remove what an older version of Mina left of erased accounts: of
 * *n of them, at most ARCHIVE_SWEEP.
 */
#define ARCHIVE_SWEEP	20
coroutine_fn enum err archive_sweep(struct cx *, int64_t *n) MUSTCHECK;
/* Does the pass `whose' belong to the customer with canonical pass `pass'? */
coroutine_fn enum err archive_mine(struct cx *, const char *pass,
    const char *whose, bool *mine) MUSTCHECK;

#endif
