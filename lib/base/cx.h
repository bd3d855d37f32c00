/*
 * cx - the context of a piece of work, first argument of most functions
 *
 * A request, a generation in the worker, a background job: each has one
 * struct cx.  It has the memory of that work (an arena, freed when the work
 * is over), the detail of its last error, the id that its log lines and step
 * rows have in common, its deadline, and access to Postgres and HTTP.
 *
 * Work done in parallel for one request gets a child (cx_child): the same
 * memory and deadline, and an error of its own.
 */
#ifndef MINA_CX_H
#define MINA_CX_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

struct pg;
struct pgconn;
struct http;
struct token;

#define CX_MAGIC	0x43586d69

struct cx {
	unsigned	 magic;
	struct arena	*mem;
	struct err_info	 err;		/* filled by err_set() and friends */
	char		 reqid[40];	/* request id, or the generation's id */
	int64_t		 deadline;	/* loop_now() milliseconds; 0: none */
	struct pg	*db;
	struct pgconn	*tx;		/* set inside pg_tx() only */
	struct http	*http;
	const struct token *token;	/* of the client; NULL: none */
	const char	*address;	/* of its network; NULL: not counted */
	const char	*customer;	/* pass that has a share; NULL: ours */
	int64_t		 db_us;		/* time spent waiting for Postgres */
	char		 sqlstate[6];	/* of its last failed statement */
};

/*
 * A cx with an arena of its own that may grow to cap bytes.
 * cx_release() runs the arena's deferred functions and frees everything.
 */
void	 cx_init(struct cx *, size_t cap);
void	 cx_release(struct cx *);
struct cx cx_child(const struct cx *);
/* A child with its own arena, for work whose memory is freed earlier. */
struct cx cx_fork(const struct cx *, size_t cap);

/* Memory that lives as long as cx; see arena.h for the cap. */
void	*cx_alloc(struct cx *, size_t);			/* zeroed */
char	*cx_dup(struct cx *, const char *);
char	*cx_dupn(struct cx *, const char *, size_t);
char	*cx_fmt(struct cx *, const char *, ...)
	    __attribute__((format(printf, 2, 3)));

#endif
