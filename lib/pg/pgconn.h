/*
 * pgconn - one connection to Postgres, in pipeline mode; private to pg
 *
 * Connects when first used, in the background; a lost connection fails what
 * was sent on it (E_DB, no SQLSTATE) and connects again at the next use,
 * with a pause that grows while that does not work.
 */
#ifndef MINA_PGCONN_H
#define MINA_PGCONN_H

#include <stdbool.h>
#include <stddef.h>

#include "pg/pg.h"

struct pg_conn;

struct pg_opts {
	char	*conninfo;
	char	 name[64];		/* application_name */
	int	 timeout_ms;		/* statement_timeout */
};

struct pg_conn *pg_conn_new(const struct pg_opts *);
void	 pg_conn_free(struct pg_conn *);
bool	 pg_conn_ready(const struct pg_conn *);
/* Begin to connect, unless it is up, on its way, or to be left in peace. */
void	 pg_conn_start(struct pg_conn *);
/*
 * While pinned, a connection that was lost stays lost (E_DB): what follows
 * belongs to a transaction that went with it.
 */
void	 pg_conn_pin(struct pg_conn *, bool);
/* Has a statement failed in the transaction, so that it cannot commit? */
bool	 pg_conn_aborted(const struct pg_conn *);
/* Give the connection up, now; whoever waits on it gets E_DB. */
void	 pg_conn_drop(struct pg_conn *, const char *why);
enum err pg_conn_run(struct cx *, struct pg_conn *, const struct stmt *,
    int shape, const struct row **, const struct rows **,
    const struct param *, size_t n) MUSTCHECK;

#endif
