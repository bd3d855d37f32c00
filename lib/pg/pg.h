/*
 * pg - Postgres client for coroutines
 *
 * A statement is a constant beside the function that uses it; it is prepared
 * on first use on each connection.  The name of the call says how many rows
 * are expected; any other number is E_BUG:
 *
 *	static const struct stmt S_BALANCE = STMT("ledger_balance",
 *	    "select mg_credits from mega_customers where mg_pass_id = $1");
 *
 *	if ((er = pg_maybe(cx, &S_BALANCE, &row, pg_text(pass))) != E_OK)
 *		return er;
 *	credits = row != NULL ? row_int(row, 0) : 0;
 *
 * Rows live as long as cx.  Values travel as text; cast in SQL where the
 * type is not obvious ($2::jsonb).
 *
 * Outside a transaction, statements of many coroutines share a few
 * connections in pipeline mode, each followed by a sync, so that the failure
 * of one does not abort others.  Postgres executes the statements of a
 * connection in order: one that takes long delays those behind it, so later
 * ones go elsewhere.  One that waits for a lock is given up there after 100 ms
 * and repeated on a connection of its own, for at most MINA_DB_LOCK_MS; then it
 * is E_DB, and pg_sqlstate() is 55P03.  pg_tx() uses a connection of its own.
 *
 * Errors.  E_DB: Postgres is not reachable, or cancelled the statement
 * (timeout, lock, shutdown); it may or may not have been carried out.  Reads
 * (STMT_READ) are repeated on another connection when theirs was lost.
 * E_BUG: our SQL is wrong.  An error that our SQL raises (SQLSTATE class MN)
 * and a unique violation (23505) give E_CONFLICT; pg_sqlstate() says which.
 */
#ifndef MINA_PG_H
#define MINA_PG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct cx;
struct pg;
struct row;
struct rows;

enum stmt_flag { STMT_WRITES = 0, STMT_READS = 1 };

struct stmt {
	const char	*name;		/* unique in the program */
	const char	*sql;
	enum stmt_flag	 flag;
};
#define STMT(name, sql)		{ name, sql, STMT_WRITES }
#define STMT_READ(name, sql)	{ name, sql, STMT_READS }

struct param {
	enum { P_NULL, P_TEXT, P_INT, P_BOOL } type;
	const char	*s;
	int64_t		 i;
};
#define pg_text(v)	((struct param){ .type = P_TEXT, .s = (v) })
#define pg_json(v)	pg_text(v)
#define pg_int(v)	((struct param){ .type = P_INT, .i = (v) })
#define pg_bool(v)	((struct param){ .type = P_BOOL, .i = (v) })
#define pg_null()	((struct param){ .type = P_NULL })
#define PG_MAXPARAM	24

/*
 * A pool of conns pipelined connections, opened when first needed.  Making it
 * does not fail when Postgres is not reachable: calls then give E_DB, and a
 * background coroutine reconnects with backoff.
 */
struct pg *pg_new(const char *conninfo, const char *prog, int conns,
    int timeout_ms);
void	 pg_free(struct pg *);
bool	 pg_up(const struct pg *);	/* a connection is established */

enum pg_shape { PG_NONE, PG_ONE, PG_MAYBE, PG_EACH };	/* rows expected */

#define pg_none(cx, st, ...)	\
	pg_run(cx, st, PG_NONE, NULL, NULL, PG_ARGS(__VA_ARGS__))
#define pg_one(cx, st, row, ...)	\
	pg_run(cx, st, PG_ONE, row, NULL, PG_ARGS(__VA_ARGS__))
#define pg_maybe(cx, st, row, ...)	\
	pg_run(cx, st, PG_MAYBE, row, NULL, PG_ARGS(__VA_ARGS__))
#define pg_each(cx, st, rows, ...)	\
	pg_run(cx, st, PG_EACH, NULL, rows, PG_ARGS(__VA_ARGS__))
#define PG_ARGS(...)	\
	(const struct param[]){ { .type = P_NULL }, ##__VA_ARGS__ }, \
	sizeof((const struct param[]){ { .type = P_NULL }, ##__VA_ARGS__ }) / \
	    sizeof(struct param)
coroutine_fn enum err pg_run(struct cx *, const struct stmt *, enum pg_shape,
    const struct row **, const struct rows **, const struct param *, size_t n)
    MUSTCHECK;
/*
 * Expects one row with one boolean and keeps nothing in cx's arena: for
 * queries repeated during long work.
 */
#define pg_ask(cx, st, yes, ...)	\
	pg_ask_run(cx, st, yes, PG_ARGS(__VA_ARGS__))
coroutine_fn enum err pg_ask_run(struct cx *, const struct stmt *, bool *yes,
    const struct param *, size_t n) MUSTCHECK;

/*
 * The statements that fn runs with cx are one transaction; it commits when fn
 * gives E_OK.  After a serialization failure fn runs again, so it must have
 * no effect outside the database.
 */
coroutine_fn enum err pg_tx(struct cx *,
    coroutine_fn enum err (*fn)(struct cx *, void *), void *) MUSTCHECK;

/* Of the last failed statement of this cx: "23505"; "" when unknown. */
/* The reason of an E_BUG for a value that Postgres refused: class 22 or 23. */
#define PG_BAD_DATA	"BAD_DATA"
const char *pg_sqlstate(const struct cx *);

/* NULL aborts in row_int, row_bool and row_num: ask row_null() first. */
bool	 row_null(const struct row *, int col);
const char *row_text(const struct row *, int col);	/* NULL for null */
int64_t	 row_int(const struct row *, int col);
bool	 row_bool(const struct row *, int col);
double	 row_num(const struct row *, int col);
int64_t	 row_time(const struct row *, int col);		/* ms; 0 for null */
size_t	 rows_n(const struct rows *);
const struct row *rows_at(const struct rows *, size_t);

/*
 * The sessions whose locks others wait for, see mina_blockers() in sql/schema:
 * a sentence each, for anyone, in column 0, and one for the log, with process
 * id and program, in column 1.
 */
coroutine_fn enum err pg_blockers(struct cx *, const struct rows **) MUSTCHECK;

/*
 * Listens on channel, on a connection of its own.  fn runs outside coroutines
 * with each payload, and with NULL after each connect: notifications may have
 * been missed, so everything is to be read again.  Call before loop_run().
 */
void	 pg_listen(struct pg *, const char *channel,
	    void (*fn)(void *arg, const char *payload), void *arg);

#endif
