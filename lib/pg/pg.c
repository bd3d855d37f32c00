/*
 * pg - the connection pool, repetition of failed statements, transactions
 *
 * Connections and their pipelines are in pgconn.c.
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cx.h"
#include "base/fault.h"
#include "io/loop.h"
#include "pg/pg.h"
#include "pg/pgconn.h"

#define PG_MAGIC	0x50676d61
#define TX_CONNS	8
#define TX_TRIES	4

struct pg {
	unsigned	 magic;
	struct pg_opts	 opts;
	struct pgconn	**conn;		/* shared, pipelined */
	int		 nconn, turn;
	struct pgconn	*tx[TX_CONNS];	/* idle ones, for transactions */
	int		 ntx;
	struct gate	 gate;		/* limits concurrent transactions */
};

struct pg *
pg_new(const char *conninfo, const char *prog, int conns, int timeout_ms)
{
	struct pg *pg;

	XXXAN(pg = calloc(1, sizeof *pg));
	pg->magic = PG_MAGIC;
	XXXAN(pg->opts.conninfo = strdup(conninfo));
	snprintf(pg->opts.name, sizeof pg->opts.name, "mina/%s", prog);
	pg->opts.timeout_ms = timeout_ms;
	pg->nconn = conns > 0 ? conns : 1;
	XXXAN(pg->conn = calloc((size_t)pg->nconn, sizeof *pg->conn));
	for (int i = 0; i < pg->nconn; i++)
		pg->conn[i] = pgconn_new(&pg->opts);
	gate_init(&pg->gate, W_PG_TX, TX_CONNS);
	return pg;
}

void
pg_free(struct pg *pg)
{
	if (pg == NULL)
		return;
	CHECK(pg, PG_MAGIC);
	for (int i = 0; i < pg->nconn; i++)
		pgconn_free(pg->conn[i]);
	while (pg->ntx > 0)
		pgconn_free(pg->tx[--pg->ntx]);
	free(pg->conn);
	free(pg->opts.conninfo);
	pg->magic = 0;
	free(pg);
}

bool
pg_up(const struct pg *pg)
{
	CHECK(pg, PG_MAGIC);
	for (int i = 0; i < pg->nconn; i++)
		if (pgconn_ready(pg->conn[i]))
			return true;
	return false;
}

/* The next connection in turn that is up; if none is, the next in turn. */
static struct pgconn *
pick_conn(struct pg *pg)
{
	for (int i = 0; i < pg->nconn; i++) {
		struct pgconn *c = pg->conn[(pg->turn + i) % pg->nconn];

		if (pgconn_ready(c)) {
			pg->turn = (pg->turn + i + 1) % pg->nconn;
			return c;
		}
		/* No call waits for this one, so nothing else would. */
		pgconn_start(c);
	}
	pg->turn = (pg->turn + 1) % pg->nconn;
	return pg->conn[pg->turn];
}

/*
 * Serialization failure or deadlock: it was rolled back.  A statement that
 * was not prepared (26000) was not executed.
 */
static bool
is_harmless_to_repeat(const struct cx *cx)
{
	return strcmp(cx->sqlstate, "40001") == 0 ||
	    strcmp(cx->sqlstate, "40P01") == 0 ||
	    strcmp(cx->sqlstate, "26000") == 0;
}

/* As pgconn_run(), unless the call is one that is to fail. */
static coroutine_fn enum err
run_once(struct cx *cx, struct pgconn *c, const struct stmt *st,
    enum pg_shape shape, const struct row **row, const struct rows **rows,
    const struct param *params, size_t n)
{
	enum fault f = fault_next(cx, FAULT_PG);
	enum err er = E_OK;

	if (f != FAULT_REFUSED)
		er = pgconn_run(cx, c, st, shape, row, rows, params, n);
	fault_after(f);
	if (f != FAULT_REFUSED && f != FAULT_LOST)
		return er;
	pgconn_drop(c, "fault");
	cx->sqlstate[0] = '\0';
	return err_set(cx, E_DB, "connection lost by a fault");
}

coroutine_fn enum err
pg_run(struct cx *cx, const struct stmt *st, enum pg_shape shape,
    const struct row **row, const struct rows **rows,
    const struct param *params, size_t n)
{
	struct pgconn *c;
	enum err er;

	CHECK(cx, CX_MAGIC);
	CHECK(cx->db, PG_MAGIC);
	AN(n - 1 <= PG_MAXPARAM);
	if (arena_over(cx->mem))
		return err_set(cx, E_NOMEM, "%s: arena over its cap", st->name);
	for (int try = 0;; try++) {
		c = cx->tx != NULL ? cx->tx : pick_conn(cx->db);
		cx->sqlstate[0] = '\0';
		er = run_once(cx, c, st, shape, row, rows, params + 1,
		    n - 1);
		if (er != E_DB || cx->tx != NULL)
			return er;
		if (is_harmless_to_repeat(cx) && try < TX_TRIES)
			continue;
		/*
		 * The connection was lost: only a read may be sent again.
		 * All connections may have been lost at the same time.
		 */
		if (cx->sqlstate[0] == '\0' && st->flag == STMT_READS &&
		    try < cx->db->nconn)
			continue;
		return er;
	}
}

coroutine_fn enum err
pg_ask_run(struct cx *cx, const struct stmt *st, bool *yes,
    const struct param *params, size_t n)
{
	struct cx tmp = cx_fork(cx, 1 << 20);
	const struct row *row;
	enum err er;

	tmp.tx = cx->tx;
	if ((er = pg_run(&tmp, st, PG_ONE, &row, NULL, params, n)) == E_OK)
		*yes = row_bool(row, 0);
	else {
		cx->err = tmp.err;
		memcpy(cx->sqlstate, tmp.sqlstate, sizeof cx->sqlstate);
	}
	cx->db_us += tmp.db_us;
	cx_release(&tmp);
	return er;
}

static const struct stmt S_BEGIN = STMT("pg_begin", "begin");
static const struct stmt S_COMMIT = STMT("pg_commit", "commit");
static const struct stmt S_ROLLBACK = STMT("pg_rollback", "rollback");

static coroutine_fn enum err
run_tx(struct cx *cx, coroutine_fn enum err (*fn)(struct cx *, void *),
    void *arg)
{
	struct err_info saved;
	char state[sizeof cx->sqlstate];
	enum err er;

	pgconn_pin(cx->tx, false);
	if ((er = pg_none(cx, &S_BEGIN)) != E_OK)
		return er;
	/* The transaction ends with this server connection. */
	pgconn_pin(cx->tx, true);
	er = fn(cx, arg);
	/* Postgres would roll back on commit, and report no error. */
	if (er == E_OK && pgconn_aborted(cx->tx))
		er = err_set(cx, E_BUG, "commit after a failed statement");
	if (er == E_OK)
		return pg_none(cx, &S_COMMIT);
	/* fn's error is reported, not one of the rollback. */
	saved = cx->err;
	memcpy(state, cx->sqlstate, sizeof state);
	if (pg_none(cx, &S_ROLLBACK) != E_OK)
		pgconn_drop(cx->tx, "rollback failed");
	cx->err = saved;
	memcpy(cx->sqlstate, state, sizeof state);
	return er;
}

coroutine_fn enum err
pg_tx(struct cx *cx, coroutine_fn enum err (*fn)(struct cx *, void *),
    void *arg)
{
	struct pg *pg = cx->db;
	enum err er;

	CHECK(pg, PG_MAGIC);
	AZ(cx->tx);
	if (gate_enter(&pg->gate, loop_deadline(cx,
	    pg->opts.timeout_ms)) != E_OK)
		return err_set(cx, E_DB, "no connection free for a "
		    "transaction");
	cx->tx = pg->ntx > 0 ? pg->tx[--pg->ntx] : pgconn_new(&pg->opts);
	for (int try = 0;; try++) {
		er = run_tx(cx, fn, arg);
		if (er != E_DB || !is_harmless_to_repeat(cx) ||
		    try >= TX_TRIES)
			break;
	}
	pgconn_pin(cx->tx, false);
	AN(pg->ntx < TX_CONNS);
	pg->tx[pg->ntx++] = cx->tx;
	cx->tx = NULL;
	gate_leave(&pg->gate);
	return er;
}

const char *
pg_sqlstate(const struct cx *cx)
{
	return cx->sqlstate;
}
