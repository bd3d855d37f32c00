/*
 * pgconn - a pipelined libpq connection: connect, send, match results
 *
 * Results arrive in the order in which statements were sent, so each
 * connection has a queue of entries, and the head is the one a result belongs
 * to.  Every statement is followed by a sync.  When a caller's time is up its
 * entry stays in the queue, marked abandoned, and the result is discarded.
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

#include "base/crypto.h"
#include "base/cx.h"
#include "base/log.h"
#include "io/loop.h"
#include "pg/pgconn.h"

#define CONNECT_MS	2000		/* a call waits for a connection */
#define BACKOFF_MIN	50
#define BACKOFF_MAX	1000
#define LATE_MS		50		/* most statements take 1 to 5 */
#define PREPARED	256		/* power of two, > 2x our statements */

enum state { DOWN, CONNECTING, READY };

struct entry {
	struct entry	*next;
	struct wait	 w;
	PGresult	*res;		/* first failure, or the last result */
	const struct stmt *st;		/* NULL: send_settings() */
	const struct stmt *preparing;	/* its Prepare has no result yet */
	bool		 abandoned;	/* no coroutine waits for it */
	bool		 answered;	/* no longer in the queue */
};

struct pgconn {
	const struct pg_opts *opts;
	int		 lock_ms;
	PGconn		*c;
	struct loop_fd	*fd;
	enum state	 state;
	struct entry	*head, **tail;
	int64_t		 head_since;	/* loop_now(): it has been the head */
	struct conn_wait *waiting;	/* for the connection to come up */
	const struct stmt *prepared[PREPARED];
	int64_t		 not_before;	/* loop_now() of the next attempt */
	int		 backoff;	/* ms */
	bool		 dirty;		/* in the list of those to flush */
	bool		 freed;		/* by its owner, while connecting */
	bool		 pinned;	/* by a transaction */
	struct pgconn	*next_dirty;
};

static struct pgconn *dirty;		/* flushed once a turn of the loop */
static bool hooked;

/* A coroutine that waits for a connection; on its own stack. */
struct conn_wait {
	struct wait	  w;
	struct conn_wait *next;
};

static void on_event(void *, int);

static void
flush(struct pgconn *pc)
{
	int rc;

	if (pc->state != READY)
		return;
	rc = PQflush(pc->c);
	if (rc < 0)
		pgconn_drop(pc, PQerrorMessage(pc->c));
	else
		loop_fd_watch(pc->fd, rc == 0 ? LOOP_READ :
		    LOOP_READ | LOOP_WRITE);
}

static void
flush_all(void)
{
	struct pgconn *pc;

	while ((pc = dirty) != NULL) {
		dirty = pc->next_dirty;
		pc->dirty = false;
		flush(pc);
	}
}

static void
mark_dirty(struct pgconn *pc)
{
	if (pc->dirty)
		return;
	pc->dirty = true;
	pc->next_dirty = dirty;
	dirty = pc;
}

struct pgconn *
pgconn_new(const struct pg_opts *opts, int lock_ms)
{
	struct pgconn *pc;

	if (!hooked) {
		loop_each_turn(flush_all);
		hooked = true;
	}
	XXXAN(pc = calloc(1, sizeof *pc));
	pc->opts = opts;
	pc->lock_ms = lock_ms;
	pc->tail = &pc->head;
	pc->backoff = BACKOFF_MIN;
	return pc;
}

bool
pgconn_ready(const struct pgconn *pc)
{
	return pc->state == READY;
}

/* Not how long the queue is: many quick statements are no reason. */
bool
pgconn_late(const struct pgconn *pc)
{
	return pc->head != NULL && loop_now() - pc->head_since > LATE_MS;
}

bool
pgconn_busy(const struct pgconn *pc)
{
	return pc->head != NULL;
}

static void
append(struct pgconn *pc, struct entry *e)
{
	if (pc->head == NULL)
		pc->head_since = loop_now();
	*pc->tail = e;
	pc->tail = &e->next;
	mark_dirty(pc);
}

static void
wake_waiters(struct pgconn *pc, enum err er)
{
	struct conn_wait *cw, *next;

	cw = pc->waiting;
	pc->waiting = NULL;
	for (; cw != NULL; cw = next) {
		next = cw->next;
		wait_wake(&cw->w, er);
	}
}

static void
entry_done(struct entry *e, enum err er)
{
	if (e->abandoned) {
		PQclear(e->res);
		free(e);
	} else {
		e->answered = true;
		wait_wake(&e->w, er);
	}
}

static void
close_conn(struct pgconn *pc)
{
	struct entry *e;

	loop_fd_free(pc->fd);
	pc->fd = NULL;
	if (pc->c != NULL)
		PQfinish(pc->c);
	pc->c = NULL;
	pc->state = DOWN;
	memset(pc->prepared, 0, sizeof pc->prepared);
	while ((e = pc->head) != NULL) {
		pc->head = e->next;
		entry_done(e, E_DB);
	}
	pc->tail = &pc->head;
}

void
pgconn_drop(struct pgconn *pc, const char *why)
{
	if (pc->state != READY)
		return;
	log_warn(NULL, "postgres: connection dropped: %.*s",
	    (int)strcspn(why, "\n"), why);
	close_conn(pc);
}

bool
pgconn_close_idle(struct pgconn *pc, int64_t ms)
{
	if (pc->state == READY && pc->head == NULL &&
	    loop_now() - pc->head_since >= ms)
		close_conn(pc);
	return pc->state == DOWN;
}

void
pgconn_free(struct pgconn *pc)
{
	struct pgconn **p;

	if (pc == NULL)
		return;
	for (p = &dirty; *p != NULL; p = &(*p)->next_dirty)
		if (*p == pc) {
			*p = pc->next_dirty;
			break;
		}
	if (pc->state == CONNECTING) {
		pc->freed = true;	/* its coroutine frees it */
		return;
	}
	close_conn(pc);
	free(pc);
}

/* --- connecting */

/* By default libpq prints notices to stderr, past our log. */
static void
on_notice(void *arg, const char *msg)
{
	(void)arg;
	log_info(NULL, "postgres: %.*s", (int)strcspn(msg, "\n"), msg);
}

/*
 * A peer that is gone is noticed after 30 s of silence and 10 s more, or 10 s
 * after something was sent, unless the connection string, which comes later,
 * says otherwise.  Over a Unix socket libpq ignores these.
 */
PGconn *
pgconn_connect(const char *conninfo, const char *name)
{
	const char *key[] = { "keepalives", "keepalives_idle",
	    "keepalives_interval", "keepalives_count", "tcp_user_timeout",
	    "dbname", "application_name", "client_encoding",
	    "connect_timeout", NULL };
	const char *val[] = { "1", "30", "5", "2", "10000", conninfo, name,
	    "UTF8", "5", NULL };

	return PQconnectStartParams(key, val, 1);
}

coroutine_fn bool
pgconn_handshake(PGconn *c)
{
	PostgresPollingStatusType st = PGRES_POLLING_WRITING;
	int64_t deadline = loop_now() + 5000;

	if (c == NULL || PQstatus(c) == CONNECTION_BAD)
		return false;
	while (st != PGRES_POLLING_OK) {
		if (st == PGRES_POLLING_FAILED || loop_fd_wait(W_PG_CONNECT,
		    PQsocket(c), st == PGRES_POLLING_READING ? LOOP_READ :
		    LOOP_WRITE, deadline) != E_OK)
			return false;
		st = PQconnectPoll(c);
	}
	return true;
}

/*
 * By a statement and not in the startup packet, because poolers refuse
 * options they do not know.  The result is discarded.
 */
static bool
send_settings(struct pgconn *pc)
{
	struct entry *e;
	char sql[400], lock[64] = "";

	if (pc->lock_ms >= 0)
		snprintf(lock, sizeof lock, "set_config('lock_timeout','%d',"
		    "false), ", pc->lock_ms);
	snprintf(sql, sizeof sql, "select set_config('statement_timeout',"
	    "'%d',false), %s"
	    "set_config('idle_in_transaction_session_timeout',"
	    "'30000',false), set_config('search_path','public',false), "
	    "set_config('timezone','UTC',false)", pc->opts->timeout_ms,
	    lock);
	XXXAN(e = calloc(1, sizeof *e));
	e->abandoned = true;
	if (!PQsendQueryParams(pc->c, sql, 0, NULL, NULL, NULL, NULL, 0) ||
	    !PQpipelineSync(pc->c)) {
		free(e);
		return false;
	}
	append(pc, e);
	return true;
}

static void
connect_failed(struct pgconn *pc, const PGconn *c)
{
	uint8_t r;

	crypto_random(&r, sizeof r);
	pc->not_before = loop_now() + pc->backoff + r * pc->backoff / 512;
	pc->backoff = pc->backoff * 2 > BACKOFF_MAX ? BACKOFF_MAX :
	    pc->backoff * 2;
	log_warn(NULL, "postgres: cannot connect: %.*s",
	    c != NULL ? (int)strcspn(PQerrorMessage(c), "\n") : 13,
	    c != NULL ? PQerrorMessage(c) : "out of memory");
}

static coroutine_fn void
connector(void *arg)
{
	struct pgconn *pc = arg;
	/* When it was freed before this began, the options are, too. */
	PGconn *c = pc->freed ? NULL :
	    pgconn_connect(pc->opts->conninfo, pc->opts->name);
	bool up = pgconn_handshake(c);

	if (pc->freed) {
		PQfinish(c);
		wake_waiters(pc, E_DB);
		free(pc);
		return;
	}
	if (up && PQsetnonblocking(c, 1) == 0 && PQenterPipelineMode(c) == 1 &&
	    (pc->fd = loop_fd_new(PQsocket(c), on_event, pc)) != NULL) {
		PQsetNoticeProcessor(c, on_notice, NULL);
		pc->c = c;
		pc->state = READY;
		pc->backoff = BACKOFF_MIN;
		loop_fd_watch(pc->fd, LOOP_READ);
		if (send_settings(pc)) {
			wake_waiters(pc, E_OK);
			return;
		}
		close_conn(pc);
		c = NULL;
	}
	connect_failed(pc, c);
	PQfinish(c);
	pc->state = DOWN;
	wake_waiters(pc, E_DB);
}

void
pgconn_start(struct pgconn *pc)
{
	if (pc->state != DOWN || loop_now() < pc->not_before)
		return;
	pc->state = CONNECTING;
	loop_go(connector, pc);
}

void
pgconn_pin(struct pgconn *pc, bool pinned)
{
	pc->pinned = pinned;
}

bool
pgconn_aborted(const struct pgconn *pc)
{
	return pc->state == READY &&
	    PQtransactionStatus(pc->c) == PQTRANS_INERROR;
}

static coroutine_fn enum err
ensure_ready(struct cx *cx, struct pgconn *pc)
{
	struct conn_wait cw = { .w = WAIT_INIT(W_PG_UP) }, **p;
	enum err er;

	if (pc->state == READY)
		return E_OK;
	if (pc->pinned)
		return err_set(cx, E_DB, "connection lost in a transaction");
	pgconn_start(pc);
	if (pc->state == DOWN)
		return err_set(cx, E_DB, "postgres is not reachable");
	cw.next = pc->waiting;
	pc->waiting = &cw;
	if ((er = wait_for(&cw.w, loop_deadline(cx, CONNECT_MS))) == E_OK &&
	    pc->state == READY)
		return E_OK;
	if (er == E_TIMEOUT)
		for (p = &pc->waiting; *p != NULL; p = &(*p)->next)
			if (*p == &cw) {
				*p = cw.next;
				break;
			}
	return err_set(cx, E_DB, "postgres is not reachable");
}

/* --- sending */

/* The place of st in the hash table of prepared statements. */
static const struct stmt **
slot(struct pgconn *pc, const struct stmt *st)
{
	size_t i = ((uintptr_t)st >> 4) * 0x9e3779b1u;

	for (size_t n = 0; n < PREPARED; n++) {
		i &= PREPARED - 1;
		if (pc->prepared[i] == st || pc->prepared[i] == NULL)
			return &pc->prepared[i];
		i++;
	}
	BUG("more statements than slots");
}

static bool
send_stmt(struct pgconn *pc, const struct stmt *st,
    const struct param *params, size_t n, struct entry *e)
{
	const struct stmt **sl = slot(pc, st);
	const char *val[PG_MAXPARAM];
	char num[PG_MAXPARAM][24];

	for (size_t i = 0; i < n; i++) {
		val[i] = NULL;
		if (params[i].type == P_TEXT)
			val[i] = params[i].s;
		else if (params[i].type == P_BOOL)
			val[i] = params[i].i ? "t" : "f";
		else if (params[i].type == P_INT) {
			snprintf(num[i], sizeof num[i], "%" PRId64,
			    params[i].i);
			val[i] = num[i];
		}
	}
	if (*sl == NULL) {
		if (!PQsendPrepare(pc->c, st->name, st->sql, 0, NULL))
			return false;
		*sl = st;
		e->preparing = st;
	}
	return PQsendQueryPrepared(pc->c, st->name, (int)n, val, NULL, NULL,
	    0) == 1 && PQpipelineSync(pc->c) == 1;
}

/* --- receiving */

/* Rebuilds the table without st: probing must not stop at an empty slot. */
static void
forget_prepared(struct pgconn *pc, const struct stmt *st)
{
	const struct stmt *all[PREPARED];

	memcpy(all, pc->prepared, sizeof all);
	memset(pc->prepared, 0, sizeof pc->prepared);
	for (size_t i = 0; i < PREPARED; i++)
		if (all[i] != NULL && all[i] != st)
			*slot(pc, all[i]) = all[i];
}

static bool
failed(const PGresult *r)
{
	return r != NULL && PQresultStatus(r) == PGRES_FATAL_ERROR;
}

static bool
unprepared(const PGresult *r)
{
	const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);

	return state != NULL && strcmp(state, "26000") == 0;
}

static void
take_result(struct pgconn *pc, PGresult *r)
{
	struct entry *e = pc->head;

	if (PQresultStatus(r) == PGRES_PIPELINE_SYNC) {
		PQclear(r);
		if (e == NULL)
			return;
		if ((pc->head = e->next) == NULL)
			pc->tail = &pc->head;
		pc->head_since = loop_now();
		entry_done(e, E_OK);
		return;
	}
	if (e == NULL || failed(e->res) ||
	    PQresultStatus(r) == PGRES_PIPELINE_ABORTED) {
		PQclear(r);
		return;
	}
	if (e->preparing != NULL) {
		if (failed(r))
			forget_prepared(pc, e->preparing);
		e->preparing = NULL;
	} else if (e->st != NULL && unprepared(r))
		forget_prepared(pc, e->st);
	PQclear(e->res);
	e->res = r;
}

static void
on_event(void *arg, int events)
{
	struct pgconn *pc = arg;
	PGresult *r;

	if (events & LOOP_WRITE)
		flush(pc);
	if (pc->state != READY)
		return;
	if (!PQconsumeInput(pc->c)) {
		pgconn_drop(pc, PQerrorMessage(pc->c));
		return;
	}
	while (!PQisBusy(pc->c)) {
		if ((r = PQgetResult(pc->c)) != NULL)
			take_result(pc, r);
		else if (pc->head == NULL)
			break;
		if (PQstatus(pc->c) == CONNECTION_BAD) {
			pgconn_drop(pc, PQerrorMessage(pc->c));
			return;
		}
	}
}

/* --- the call */

/* The error code for a failed statement, by its SQLSTATE. */
static enum err
result_error(struct cx *cx, struct pgconn *pc, const struct stmt *st,
    const PGresult *res)
{
	const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
	const char *msg = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
	enum err er = E_BUG;

	snprintf(cx->sqlstate, sizeof cx->sqlstate, "%s",
	    state != NULL ? state : "");
	state = cx->sqlstate;
	if (strncmp(state, "08", 2) == 0 || strncmp(state, "53", 2) == 0 ||
	    strncmp(state, "57", 2) == 0 || strncmp(state, "40", 2) == 0 ||
	    strncmp(state, "55", 2) == 0 || *state == '\0')
		er = E_DB;
	else if (strcmp(state, "MN410") == 0)
		er = E_DISABLED;	/* this customer was erased */
	else if (strncmp(state, "MN", 2) == 0 || strcmp(state, "23505") == 0)
		er = E_CONFLICT;
	/* Its Prepare failed; take_result() has removed it from the table. */
	if (strcmp(state, "26000") == 0)
		er = E_DB;
	/*
	 * 0A000: a migration changed the columns of a prepared statement.
	 * 42P05: one is prepared that is not in our table.  A new connection
	 * has no prepared statements.
	 */
	if (strcmp(state, "0A000") == 0 || strcmp(state, "42P05") == 0) {
		pgconn_drop(pc, "prepared statement out of date");
		er = E_DB;
		cx->sqlstate[0] = '\0';
	}
	er = err_set(cx, er, "%s: %s %s", st->name,
	    state, msg != NULL ? msg : PQresultErrorMessage(res));
	return er == E_BUG && (strncmp(state, "22", 2) == 0 ||
	    strncmp(state, "23", 2) == 0) ? err_reason(cx, PG_BAD_DATA, er) :
	    er;
}

static void
clear_result(void *res)
{
	PQclear(res);
}

/*
 * Unless the deadline was the caller's, Postgres did not keep to its own
 * statement_timeout: the connection is taken for dead, because TCP would
 * notice that only after hours.
 */
static enum err
timed_out(struct cx *cx, struct pgconn *pc, struct entry *e,
    const struct stmt *st, bool callers)
{
	/* The result may have come in the same turn of the loop. */
	if (e->answered) {
		PQclear(e->res);
		free(e);
	} else
		e->abandoned = true;
	if (cx->tx != NULL || !callers)
		pgconn_drop(pc, "no answer in time");
	return err_set(cx, E_DB, "%s: no answer in time", st->name);
}

coroutine_fn enum err
pgconn_run(struct cx *cx, struct pgconn *pc, const struct stmt *st,
    enum pg_shape shape, const struct row **row, const struct rows **rows,
    const struct param *params, size_t n)
{
	int64_t start = loop_us(), limit;
	struct entry *e;
	PGresult *res;
	enum err er;

	if ((er = ensure_ready(cx, pc)) != E_OK)
		return er;
	XXXAN(e = calloc(1, sizeof *e));
	e->st = st;
	e->w = (struct wait)WAIT_INIT(W_PG_REPLY);
	if (!send_stmt(pc, st, params, n, e)) {
		er = err_set(cx, E_DB, "%s: %s", st->name,
		    PQerrorMessage(pc->c));
		free(e);
		pgconn_drop(pc, "cannot send");
		return er;
	}
	append(pc, e);
	limit = loop_now() + pc->opts->timeout_ms + 1000;
	er = wait_for(&e->w, loop_deadline(cx, pc->opts->timeout_ms + 1000));
	cx->db_us += loop_us() - start;
	if (er == E_TIMEOUT)
		return timed_out(cx, pc, e, st, cx->deadline != 0 &&
		    cx->deadline < limit);
	res = e->res;
	free(e);
	if (er != E_OK) {
		PQclear(res);
		return err_set(cx, E_DB, "%s: connection lost", st->name);
	}
	if (res == NULL)
		return err_set(cx, E_DB, "%s: no result", st->name);
	arena_defer(cx->mem, clear_result, res);
	if (failed(res))
		return result_error(cx, pc, st, res);
	return pgrow_take(cx, st, res, shape, row, rows);
}
