/*
 * pg - Postgres, from coroutines
 *
 * A statement is a constant beside the function that uses it; it is prepared
 * on first use on each connection.  The call's name says how many rows are
 * expected, and anything else is E_BUG:
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
 * connections in pipeline mode, each followed by a sync, so that one's
 * failure is never another's.  A statement that must not hold up its
 * neighbours (it may wait for a lock) still may: Postgres answers in order.
 * Keep them short.  pg_tx() takes a connection for itself.
 *
 * Errors.  E_DB: Postgres is away, or gave up (timeout, lock, shutdown); the
 * statement may or may not have been carried out.  Reads (STMT_READ) are
 * tried once more on a new connection by themselves.  E_BUG: our SQL is
 * wrong.  A failure the SQL raised on purpose (SQLSTATE class MN) gives
 * E_CONFLICT; pg_sqlstate() tells which, also for unique violations (23505).
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
 * conns pipelined connections, opened when first needed.  Nothing here
 * blocks or fails because Postgres is away: calls then give E_DB, and a
 * background coroutine reconnects with backoff.
 */
struct pg *pg_new(const char *conninfo, const char *prog, int conns,
    int timeout_ms);
void	 pg_free(struct pg *);
bool	 pg_up(const struct pg *);	/* is a connection established? */

#define pg_none(cx, st, ...)	\
	pg_run(cx, st, 0, NULL, NULL, PG_ARGS(__VA_ARGS__))
#define pg_one(cx, st, row, ...)	\
	pg_run(cx, st, 1, row, NULL, PG_ARGS(__VA_ARGS__))
#define pg_maybe(cx, st, row, ...)	\
	pg_run(cx, st, 2, row, NULL, PG_ARGS(__VA_ARGS__))
#define pg_each(cx, st, rows, ...)	\
	pg_run(cx, st, 3, NULL, rows, PG_ARGS(__VA_ARGS__))
#define PG_ARGS(...)	\
	(const struct param[]){ { .type = P_NULL }, ##__VA_ARGS__ }, \
	sizeof((const struct param[]){ { .type = P_NULL }, ##__VA_ARGS__ }) / \
	    sizeof(struct param)
enum err pg_run(struct cx *, const struct stmt *, int shape,
    const struct row **, const struct rows **, const struct param *,
    size_t n) MUSTCHECK;
/*
 * One row with one boolean, and nothing of it stays in memory: for work that
 * lives long and asks often.
 */
#define pg_ask(cx, st, yes, ...)	\
	pg_ask_run(cx, st, yes, PG_ARGS(__VA_ARGS__))
enum err pg_ask_run(struct cx *, const struct stmt *, bool *yes,
    const struct param *, size_t n) MUSTCHECK;

/*
 * Everything fn does through cx is one transaction; it commits when fn gives
 * E_OK.  Serialization failures run fn again, so it must have no effect
 * outside the database.
 */
enum err pg_tx(struct cx *, enum err (*fn)(struct cx *, void *), void *)
    MUSTCHECK;

/* Of the last failed statement of this cx: "23505"; "" when unknown. */
const char *pg_sqlstate(const struct cx *);

/* A NULL where none is expected is E_BUG by assertion; ask row_null first. */
bool	 row_null(const struct row *, int col);
const char *row_text(const struct row *, int col);	/* NULL for null */
int64_t	 row_int(const struct row *, int col);
bool	 row_bool(const struct row *, int col);
double	 row_num(const struct row *, int col);
int64_t	 row_time(const struct row *, int col);		/* ms; 0 for null */
size_t	 rows_n(const struct rows *);
const struct row *rows_at(const struct rows *, size_t);

/*
 * Notifications, on a connection of their own.  fn runs on the loop, outside
 * coroutines, with each payload; with NULL when some may have been missed
 * (after a reconnect): look at everything again.  Call before loop_run().
 */
void	 pg_listen(struct pg *, const char *channel,
	    void (*fn)(void *arg, const char *payload), void *arg);

#endif
