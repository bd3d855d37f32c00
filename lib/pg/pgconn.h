/*
 * pgconn - one connection to Postgres, in pipeline mode; private to lib/pg
 *
 * It connects in the background when first used.  When it is lost, the
 * statements under way fail (E_DB, no SQLSTATE) and the next use connects
 * again, with exponential backoff.
 */
#ifndef MINA_PGCONN_H
#define MINA_PGCONN_H

#include <stdbool.h>
#include <stddef.h>

#include "pg/pg.h"

struct pgconn;
struct pg_conn;				/* libpq's, PGconn */

struct pg_opts {
	char	*conninfo;
	char	 name[64];		/* application_name */
	int	 timeout_ms;		/* statement_timeout */
};

/*
 * Statements wait for a lock at most lock_ms (SQLSTATE 55P03); -1: as long as
 * the database says.
 */
struct pgconn *pgconn_new(const struct pg_opts *, int lock_ms);
void	 pgconn_free(struct pgconn *);
bool	 pgconn_ready(const struct pgconn *);
/*
 * Whether Postgres has been at one statement for so long that the next should
 * go elsewhere.
 */
bool	 pgconn_late(const struct pgconn *);
/* Whether it has a statement without an answer, if only an abandoned one. */
bool	 pgconn_busy(const struct pgconn *);
/* Closes it if it has had no statement for ms.  True: it is down. */
bool	 pgconn_close_idle(struct pgconn *, int64_t ms);
/* Begins to connect unless connected, connecting, or in a backoff pause. */
void	 pgconn_start(struct pgconn *);
/*
 * While pinned, a lost connection is not replaced (E_DB): the statements that
 * follow belong to a transaction which ended with it.
 */
void	 pgconn_pin(struct pgconn *, bool);
/* Whether a statement of the transaction failed, so it cannot commit. */
bool	 pgconn_aborted(const struct pgconn *);
/* Closes the connection now; statements under way give E_DB. */
void	 pgconn_drop(struct pgconn *, const char *why);
coroutine_fn enum err pgconn_run(struct cx *, struct pgconn *,
    const struct stmt *, enum pg_shape, const struct row **,
    const struct rows **, const struct param *, size_t n) MUSTCHECK;
/* Begins to connect; NULL without memory.  conninfo wins over our settings. */
struct pg_conn *pgconn_connect(const char *conninfo, const char *name);
/* Waits for PQconnectStart's connection, at most 5 s; false: it failed. */
coroutine_fn bool pgconn_handshake(struct pg_conn *);

/* Checks the number of rows of a PGresult, which must live as long as cx. */
enum err pgrow_take(struct cx *, const struct stmt *, void *result,
    enum pg_shape, const struct row **, const struct rows **) MUSTCHECK;

#endif
