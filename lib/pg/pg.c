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

#include "base/conf.h"
#include "base/cx.h"
#include "base/fault.h"
#include "io/loop.h"
#include "pg/pg.h"
#include "pg/pgconn.h"
#include "pg/pglocked.h"

#define PG_MAGIC	0x50676d61
#define OWN_CONNS	8
#define CUSTOMER_CONNS	2	/* of one customer */
#define NAMELESS_CONNS	6	/* of work for no customer */
#define TX_TRIES	4
/* On a shared connection others wait meanwhile; most locks are held for 5. */
#define SHARED_LOCK_MS	100
#define IDLE_MS		30000	/* then spares and own ones close */

struct pg {
	unsigned	 magic;
	struct pg_opts	 opts;
	int		 lock_ms;
	int		 own_lock;	/* for pgconn_new() */
	struct pgconn	**conn;		/* shared, pipelined; then the spares */
	int		 nconn, turn;	/* without the spares, as many again */
	struct pgconn	*own[OWN_CONNS]; /* for one user at a time, idle */
	int		 nown;
	struct gate	 gate;		/* limits those in use */
	struct pglocked	 locked;
	struct loop_timer *closer;
};

static void
close_idle(void *arg)
{
	struct pg *pg = arg;
	bool all = true;

	for (int i = pg->nconn; i < pg->nconn * 2; i++)
		all = pgconn_close_idle(pg->conn[i], IDLE_MS) && all;
	for (int i = 0; i < pg->nown; i++)
		all = pgconn_close_idle(pg->own[i], IDLE_MS) && all;
	loop_timer_set(pg->closer, all ? -1 : IDLE_MS);
}

/* Somewhat later, and again until none is left. */
static void
close_later(struct pg *pg)
{
	if (pg->closer == NULL)
		pg->closer = loop_timer_new(close_idle, pg);
	loop_timer_set(pg->closer, IDLE_MS);
}

struct pg *
pg_new(const char *conninfo, const char *prog, int conns, int timeout_ms)
{
	struct pg *pg;
	int lock_ms;

	XXXAN(pg = calloc(1, sizeof *pg));
	pg->magic = PG_MAGIC;
	XXXAN(pg->opts.conninfo = strdup(conninfo));
	snprintf(pg->opts.name, sizeof pg->opts.name, "mina/%s", prog);
	pg->opts.timeout_ms = timeout_ms;
	pg->nconn = conns > 0 ? conns : 1;
	pg->lock_ms = pg->own_lock = (int)conf_int(C_DB_LOCK_MS);
	lock_ms = pg->lock_ms < SHARED_LOCK_MS ? pg->lock_ms : SHARED_LOCK_MS;
	/*
	 * A pooler gives the setting of one of our connections to whatever uses
	 * the server's next: short waits would get among the long ones.
	 */
	if (*conf_str(C_DB_LISTEN_URL) != '\0')
		lock_ms = pg->own_lock = -1;
	XXXAN(pg->conn = calloc((size_t)pg->nconn * 2, sizeof *pg->conn));
	for (int i = 0; i < pg->nconn * 2; i++)
		pg->conn[i] = pgconn_new(&pg->opts, lock_ms);
	gate_init(&pg->gate, W_PG_OWN, OWN_CONNS);
	pg->gate.share[0] = CUSTOMER_CONNS;
	pg->gate.share[1] = NAMELESS_CONNS;
	return pg;
}

void
pg_free(struct pg *pg)
{
	if (pg == NULL)
		return;
	CHECK(pg, PG_MAGIC);
	for (int i = 0; i < pg->nconn * 2; i++)
		pgconn_free(pg->conn[i]);
	while (pg->nown > 0)
		pgconn_free(pg->own[--pg->nown]);
	if (pg->closer != NULL)
		loop_timer_free(pg->closer);
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

/* A spare connection without a late statement; NULL: none is up yet. */
static struct pgconn *
pick_spare(struct pg *pg)
{
	for (int i = pg->nconn; i < pg->nconn * 2; i++) {
		if (!pgconn_ready(pg->conn[i])) {
			pgconn_start(pg->conn[i]);
			close_later(pg);
			return NULL;
		}
		if (!pgconn_late(pg->conn[i]))
			return pg->conn[i];
	}
	return NULL;
}

/*
 * The next connection in turn that is up and has no late statement.  If all
 * have one, a spare; while that connects, or if there is none left, the next
 * in turn that is up; if none is up, the next in turn.
 */
static struct pgconn *
pick_conn(struct pg *pg)
{
	struct pgconn *late = NULL, *c;

	for (int i = 0; i < pg->nconn; i++) {
		c = pg->conn[(pg->turn + i) % pg->nconn];
		if (pgconn_ready(c) && !pgconn_late(c)) {
			pg->turn = (pg->turn + i + 1) % pg->nconn;
			return c;
		}
		/* No call waits for this one, so nothing else would. */
		if (!pgconn_ready(c))
			pgconn_start(c);
		else if (late == NULL)
			late = c;
	}
	pg->turn = (pg->turn + 1) % pg->nconn;
	if (late == NULL)
		return pg->conn[pg->turn];
	return (c = pick_spare(pg)) != NULL ? c : late;
}

/* --- connections for one user at a time */

static coroutine_fn enum err
own_take(struct cx *cx, int64_t ms, struct gate_place *place,
    struct pgconn **out)
{
	struct pg *pg = cx->db;

	*place = (struct gate_place){ .name = { cx->customer,
	    cx->customer == NULL ? "" : NULL } };
	if (gate_take(&pg->gate, place, 1, loop_deadline(cx, ms)) != E_OK)
		return err_set(cx, E_DB, "no connection of its own is free");
	*out = pg->nown > 0 ? pg->own[--pg->nown] :
	    pgconn_new(&pg->opts, pg->own_lock);
	return E_OK;
}

static void
own_give(struct pg *pg, struct gate_place *place, struct pgconn *c)
{
	AN(pg->nown < OWN_CONNS);
	/* The next user's statement would wait behind it. */
	if (pgconn_busy(c))
		pgconn_drop(c, "given back with a statement");
	pg->own[pg->nown++] = c;
	gate_give(&pg->gate, place);
	close_later(pg);
}

/* A statement that waited for a lock is rolled back, so it may be repeated. */
static bool
is_locked_out(const struct cx *cx)
{
	return strcmp(cx->sqlstate, "55P03") == 0;
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

/* What a statement is to give, and its parameters. */
struct call {
	const struct stmt *st;
	enum pg_shape	  shape;
	const struct row **row;
	const struct rows **rows;
	const struct param *params;
	size_t		  n;
};

static coroutine_fn enum err
run_on(struct cx *cx, struct pgconn *c, const struct call *ca)
{
	enum fault f = fault_next(cx, FAULT_PG);
	enum err er = E_OK;

	cx->sqlstate[0] = '\0';
	if (f != FAULT_REFUSED)
		er = pgconn_run(cx, c, ca->st, ca->shape, ca->row, ca->rows,
		    ca->params, ca->n);
	fault_after(f);
	if (f != FAULT_REFUSED && f != FAULT_LOST)
		return er;
	pgconn_drop(c, "fault");
	cx->sqlstate[0] = '\0';
	return err_set(cx, E_DB, "connection lost by a fault");
}

/* Where nothing is held up by it, it may wait for its lock. */
static coroutine_fn enum err
run_alone(struct cx *cx, const struct call *ca)
{
	struct pg *pg = cx->db;
	struct gate_place place;
	struct pgconn *c;
	enum err er;

	if ((er = own_take(cx, pg->lock_ms, &place, &c)) != E_OK) {
		/* What it waits for are others that wait for locks. */
		memcpy(cx->sqlstate, "55P03", sizeof "55P03");
		return er;
	}
	er = run_on(cx, c, ca);
	own_give(pg, &place, c);
	return er;
}

coroutine_fn enum err
pg_run(struct cx *cx, const struct stmt *st, enum pg_shape shape,
    const struct row **row, const struct rows **rows,
    const struct param *params, size_t n)
{
	struct call ca = { st, shape, row, rows, params + 1, n - 1 };
	bool alone;
	enum err er;

	CHECK(cx, CX_MAGIC);
	CHECK(cx->db, PG_MAGIC);
	/* What only reads waits for no row. */
	alone = cx->tx == NULL && st->flag == STMT_WRITES &&
	    pglocked_has(&cx->db->locked, cx->customer);
	AN(n - 1 <= PG_MAXPARAM);
	if (arena_over(cx->mem))
		return err_set(cx, E_NOMEM, "%s: arena over its cap", st->name);
	for (int try = 0;; try++) {
		er = alone ? run_alone(cx, &ca) : run_on(cx,
		    cx->tx != NULL ? cx->tx : pick_conn(cx->db), &ca);
		if (er != E_DB || cx->tx != NULL)
			return er;
		if (is_locked_out(cx)) {
			pglocked_put(&cx->db->locked, cx->customer);
			if (alone)
				return er;
			alone = true;
			continue;
		}
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
	struct gate_place place;
	struct pgconn *c;
	enum err er;

	CHECK(pg, PG_MAGIC);
	AZ(cx->tx);
	if ((er = own_take(cx, pg->opts.timeout_ms, &place, &c)) != E_OK)
		return er;
	cx->tx = c;
	for (int try = 0;; try++) {
		er = run_tx(cx, fn, arg);
		if (er != E_DB || !is_harmless_to_repeat(cx) ||
		    try >= TX_TRIES)
			break;
	}
	pgconn_pin(cx->tx, false);
	own_give(pg, &place, c);
	cx->tx = NULL;
	return er;
}

static const struct stmt S_BLOCKERS = STMT_READ("pg_blockers",
    "select format('a database session has held locks since %s, and %s others "
    "wait for them', since, waiting), format('session %s (%s, %s) holds locks "
    "since %s', pid, program, state, since) "
    "from (select pid, program, state, waiting, to_char(since at time zone "
    "'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') as since "
    "from mina_blockers()) x");

coroutine_fn enum err
pg_blockers(struct cx *cx, const struct rows **rows)
{
	return pg_each(cx, &S_BLOCKERS, rows);
}

const char *
pg_sqlstate(const struct cx *cx)
{
	return cx->sqlstate;
}
