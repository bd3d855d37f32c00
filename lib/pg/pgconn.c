/*
 * pgconn - see pgconn.h
 *
 * Order is everything in pipeline mode: results come back in the order the
 * statements went out, so a queue of entries per connection tells whose each
 * is.  Every entry ends with a sync.  A waiter that gives up leaves its entry
 * behind, marked, and the result is thrown away when it comes.
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
#include "pg/pgrow.h"

#define CONNECT_MS	2000		/* patience of a caller */
#define BACKOFF_MIN	50
#define BACKOFF_MAX	1000
#define PREPARED	256		/* power of two, > 2x our statements */

enum state { DOWN, CONNECTING, READY };

struct entry {
	struct entry	*next;
	struct wait	 w;
	PGresult	*res;		/* first failure, or the last result */
	const struct stmt *st;		/* NULL: our settings */
	const struct stmt *preparing;	/* set when a Prepare went first */
	bool		 abandoned;	/* nobody waits any more */
	bool		 answered;	/* out of the queue */
};

struct pg_conn {
	const struct pg_opts *opts;
	PGconn		*c;
	struct loop_fd	*fd;
	enum state	 state;
	struct entry	*head, **tail;
	struct wait	*waiting;	/* for the connection to come up */
	const struct stmt *prepared[PREPARED];
	int64_t		 not_before;	/* of the next attempt to connect */
	int		 backoff;
	bool		 dirty;		/* something to flush */
	bool		 freed;		/* while connecting */
	bool		 pinned;	/* by a transaction */
	struct pg_conn	*next_dirty;
};

static struct pg_conn *dirty;		/* flushed once a turn */
static bool hooked;

/* Waiters for a connection; linked on their own stacks. */
struct conn_wait {
	struct wait	  w;
	struct conn_wait *next;
};

static void on_event(void *, int);

static void
flush(struct pg_conn *pc)
{
	int rc;

	if (pc->state != READY)
		return;
	rc = PQflush(pc->c);
	if (rc < 0)
		pg_conn_drop(pc, PQerrorMessage(pc->c));
	else
		loop_fd_watch(pc->fd, rc == 0 ? LOOP_READ :
		    LOOP_READ | LOOP_WRITE);
}

static void
flush_all(void)
{
	struct pg_conn *pc;

	while ((pc = dirty) != NULL) {
		dirty = pc->next_dirty;
		pc->dirty = false;
		flush(pc);
	}
}

static void
mark_dirty(struct pg_conn *pc)
{
	if (pc->dirty)
		return;
	pc->dirty = true;
	pc->next_dirty = dirty;
	dirty = pc;
}

struct pg_conn *
pg_conn_new(const struct pg_opts *opts)
{
	struct pg_conn *pc;

	if (!hooked) {
		loop_each_turn(flush_all);
		hooked = true;
	}
	XXXAN(pc = calloc(1, sizeof *pc));
	pc->opts = opts;
	pc->tail = &pc->head;
	pc->backoff = BACKOFF_MIN;
	return pc;
}

bool
pg_conn_ready(const struct pg_conn *pc)
{
	return pc->state == READY;
}

static void
wake_waiters(struct pg_conn *pc, enum err er)
{
	struct conn_wait *cw, *next;

	cw = (struct conn_wait *)pc->waiting;
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
close_conn(struct pg_conn *pc)
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
pg_conn_drop(struct pg_conn *pc, const char *why)
{
	if (pc->state != READY)
		return;
	log_warn(NULL, "postgres: connection given up: %.*s",
	    (int)strcspn(why, "\n"), why);
	close_conn(pc);
}

void
pg_conn_free(struct pg_conn *pc)
{
	struct pg_conn **p;

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

/* libpq would print them on stderr, raw and of several lines. */
static void
on_notice(void *arg, const char *msg)
{
	(void)arg;
	log_info(NULL, "postgres: %.*s", (int)strcspn(msg, "\n"), msg);
}

static PGconn *
start_connect(const struct pg_opts *o)
{
	const char *key[] = { "dbname", "application_name",
	    "client_encoding", "connect_timeout", NULL };
	const char *val[] = { o->conninfo, o->name, "UTF8", "5", NULL };

	return PQconnectStartParams(key, val, 1);
}

/* Waits until the handshake is over; the deadline bounds each wait. */
static bool
finish_connect(PGconn *c)
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
 * By statement rather than by the startup packet: poolers refuse options
 * they do not know.  Its result is read like any other, and ignored.
 */
static bool
send_settings(struct pg_conn *pc)
{
	struct entry *e;
	char sql[320];

	snprintf(sql, sizeof sql, "select set_config('statement_timeout',"
	    "'%d',false), set_config('idle_in_transaction_session_timeout',"
	    "'30000',false), set_config('search_path','public',false), "
	    "set_config('timezone','UTC',false)", pc->opts->timeout_ms);
	XXXAN(e = calloc(1, sizeof *e));
	e->abandoned = true;
	if (!PQsendQueryParams(pc->c, sql, 0, NULL, NULL, NULL, NULL, 0) ||
	    !PQpipelineSync(pc->c)) {
		free(e);
		return false;
	}
	*pc->tail = e;
	pc->tail = &e->next;
	mark_dirty(pc);
	return true;
}

static void
connect_failed(struct pg_conn *pc, const PGconn *c)
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

static void
connector(void *arg)
{
	struct pg_conn *pc = arg;
	/* Freed before this could even begin: then the options are gone. */
	PGconn *c = pc->freed ? NULL : start_connect(pc->opts);
	bool up = finish_connect(c);

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
pg_conn_start(struct pg_conn *pc)
{
	if (pc->state != DOWN || loop_now() < pc->not_before)
		return;
	pc->state = CONNECTING;
	loop_go(connector, pc);
}

void
pg_conn_pin(struct pg_conn *pc, bool pinned)
{
	pc->pinned = pinned;
}

bool
pg_conn_aborted(const struct pg_conn *pc)
{
	return pc->state == READY &&
	    PQtransactionStatus(pc->c) == PQTRANS_INERROR;
}

static enum err
need_ready(struct cx *cx, struct pg_conn *pc)
{
	struct conn_wait cw = { .w = WAIT_INIT(W_PG_UP) }, **p;
	enum err er;

	if (pc->state == READY)
		return E_OK;
	if (pc->pinned)
		return err_set(cx, E_DB, "connection lost in a transaction");
	pg_conn_start(pc);
	if (pc->state == DOWN)
		return err_set(cx, E_DB, "postgres is away");
	cw.next = (struct conn_wait *)pc->waiting;
	pc->waiting = (struct wait *)&cw;
	if ((er = wait_for(&cw.w, loop_deadline(cx, CONNECT_MS))) == E_OK &&
	    pc->state == READY)
		return E_OK;
	if (er == E_TIMEOUT)
		for (p = (struct conn_wait **)(void *)&pc->waiting;
		    *p != NULL; p = &(*p)->next)
			if (*p == &cw) {
				*p = cw.next;
				break;
			}
	return err_set(cx, E_DB, "postgres is away");
}

/* --- sending */

static const struct stmt **
slot(struct pg_conn *pc, const struct stmt *st)
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
send_stmt(struct pg_conn *pc, const struct stmt *st,
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

/* A slot cannot simply be emptied: others may have been placed behind it. */
static void
forget(struct pg_conn *pc, const struct stmt *st)
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
take_result(struct pg_conn *pc, PGresult *r)
{
	struct entry *e = pc->head;

	if (PQresultStatus(r) == PGRES_PIPELINE_SYNC) {
		PQclear(r);
		if (e == NULL)
			return;
		if ((pc->head = e->next) == NULL)
			pc->tail = &pc->head;
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
			forget(pc, e->preparing);
		e->preparing = NULL;
	} else if (e->st != NULL && unprepared(r))
		forget(pc, e->st);
	PQclear(e->res);
	e->res = r;
}

static void
on_event(void *arg, int events)
{
	struct pg_conn *pc = arg;
	PGresult *r;

	if (events & LOOP_WRITE)
		flush(pc);
	if (pc->state != READY)
		return;
	if (!PQconsumeInput(pc->c)) {
		pg_conn_drop(pc, PQerrorMessage(pc->c));
		return;
	}
	while (!PQisBusy(pc->c)) {
		if ((r = PQgetResult(pc->c)) != NULL)
			take_result(pc, r);
		else if (pc->head == NULL)
			break;
		if (PQstatus(pc->c) == CONNECTION_BAD) {
			pg_conn_drop(pc, PQerrorMessage(pc->c));
			return;
		}
	}
}

/* --- the call */

static enum err
explain(struct cx *cx, struct pg_conn *pc, const struct stmt *st,
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
	else if (strncmp(state, "MN", 2) == 0 || strcmp(state, "23505") == 0)
		er = E_CONFLICT;
	/* Sent behind a Prepare that failed; take_result() has forgotten it. */
	if (strcmp(state, "26000") == 0)
		er = E_DB;
	/*
	 * 0A000: a migration changed what the plan returns; 42P05: we forgot
	 * a statement that is there.  A new connection knows nothing and so
	 * has nothing wrong.
	 */
	if (strcmp(state, "0A000") == 0 || strcmp(state, "42P05") == 0) {
		pg_conn_drop(pc, "prepared statement out of date");
		er = E_DB;
		cx->sqlstate[0] = '\0';
	}
	return err_set(cx, er, "%s: %s %s", st->name,
	    state, msg != NULL ? msg : PQresultErrorMessage(res));
}

static void
clear_result(void *res)
{
	PQclear(res);
}

/* A lost peer can keep a connection looking alive for hours; we do not. */
static enum err
give_up(struct cx *cx, struct pg_conn *pc, struct entry *e,
    const struct stmt *st, bool ours)
{
	/* The answer may have come in the very turn the time ran out. */
	if (e->answered) {
		PQclear(e->res);
		free(e);
	} else
		e->abandoned = true;
	if (cx->tx != NULL || !ours)
		pg_conn_drop(pc, "no answer in time");
	return err_set(cx, E_DB, "%s: no answer in time", st->name);
}

enum err
pg_conn_run(struct cx *cx, struct pg_conn *pc, const struct stmt *st,
    int shape, const struct row **row, const struct rows **rows,
    const struct param *params, size_t n)
{
	int64_t start = loop_us(), limit;
	struct entry *e;
	PGresult *res;
	enum err er;

	if ((er = need_ready(cx, pc)) != E_OK)
		return er;
	XXXAN(e = calloc(1, sizeof *e));
	e->st = st;
	e->w = (struct wait)WAIT_INIT(W_PG_REPLY);
	if (!send_stmt(pc, st, params, n, e)) {
		er = err_set(cx, E_DB, "%s: %s", st->name,
		    PQerrorMessage(pc->c));
		free(e);
		pg_conn_drop(pc, "cannot send");
		return er;
	}
	*pc->tail = e;
	pc->tail = &e->next;
	mark_dirty(pc);
	limit = loop_now() + pc->opts->timeout_ms + 1000;
	er = wait_for(&e->w, loop_deadline(cx, pc->opts->timeout_ms + 1000));
	cx->db_us += loop_us() - start;
	if (er == E_TIMEOUT)
		return give_up(cx, pc, e, st, cx->deadline != 0 &&
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
		return explain(cx, pc, st, res);
	return pg_shape(cx, st, res, shape, row, rows);
}
