/*
 * cx - what a piece of work carries with it
 *
 * A request, a generation in the worker, a sweep: each has one struct cx,
 * passed as the first argument everywhere.  It owns the memory of that work
 * (an arena, gone when the work is), the place where an error leaves its
 * detail, the id that ties log lines and step rows together, the moment by
 * which all waiting must end, and the ways out: database and HTTP.
 *
 * Side by side work inside one request gets a child (cx_child): same memory,
 * same deadline, an error slot of its own.
 */
#ifndef MINA_CX_H
#define MINA_CX_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

struct pg;
struct pg_conn;
struct http;
struct token;

#define CX_MAGIC	0x43586d69

struct cx {
	unsigned	 magic;
	struct arena	*mem;
	struct err_info	 err;		/* filled by err_set() and friends */
	const char	*prog;		/* program name, for the log */
	char		 reqid[40];	/* request id, or the generation's id */
	int64_t		 deadline;	/* loop_now() milliseconds; 0: none */
	struct pg	*db;
	struct pg_conn	*tx;		/* set inside pg_tx() only */
	struct http	*http;
	const struct token *token;	/* of who asked; NULL: none */
	int64_t		 db_us;		/* time spent waiting for Postgres */
	char		 sqlstate[6];	/* of its last failed statement */
};

/*
 * A cx with an arena of its own that may grow to cap bytes.
 * cx_release() runs the arena's deferred functions and frees everything.
 */
void	 cx_init(struct cx *, const char *prog, size_t cap);
void	 cx_release(struct cx *);
struct cx cx_child(const struct cx *);
/* A child with an arena of its own, for work whose memory goes sooner. */
struct cx cx_fork(const struct cx *, size_t cap);

/* Memory that lives as long as the work does; see arena.h for the cap. */
void	*cx_alloc(struct cx *, size_t);			/* zeroed */
char	*cx_dup(struct cx *, const char *);
char	*cx_dupn(struct cx *, const char *, size_t);
char	*cx_fmt(struct cx *, const char *, ...)
	    __attribute__((format(printf, 2, 3)));

#endif
