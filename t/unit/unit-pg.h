/*
 * unit-pg - what the tests of the Postgres client share
 *
 * T_DB_URL names a cluster of the test's own; t/sql/pg_client.sh makes one.
 * db is the pool under test; the context boss uses another pool, admin, to
 * check on it.  There is a table t (k text primary key, n bigint), empty.
 */
#ifndef MINA_UNIT_PG_H
#define MINA_UNIT_PG_H

#include "base/log.h"
#include "pg/pg.h"
#include "unit.h"

static const struct stmt S_ROWS = STMT_READ("rows", "select count(*) from t");
static const struct stmt S_PUT = STMT("put", "insert into t values ($1, $2)");
static const struct stmt S_PID = STMT_READ("pid", "select pg_backend_pid()");
static const struct stmt S_SELF = STMT_READ("self",
    "select $1::bigint, pg_backend_pid()");
static const struct stmt S_MANY = STMT_READ("many",
    "select * from generate_series(1, $1::int)");
static const struct stmt S_SLEEP = STMT("sleep", "select pg_sleep($1)");

static struct pg *db, *admin;
static struct cx boss;
static const char *conninfo;
static int timeout_ms = 5000;

static inline void
sql(const char *text)
{
	struct stmt st = STMT_READ(NULL, text);
	const struct rows *rows;

	/* A statement needs its own name and address while db lives. */
	st.name = cx_fmt(cx, "t%p", (void *)cx_dup(cx, text));
	ck_assert_msg(pg_each(&boss, (const struct stmt *)memcpy(cx_alloc(cx,
	    sizeof st), &st, sizeof st), &rows) == E_OK, "%s: %s", text,
	    boss.err.detail);
}

struct plan {
	void	(*fn)(void);
};

static inline void
set_up(void *arg)
{
	struct plan *p = arg;

	db = pg_new(conninfo, "victim", 2, timeout_ms);
	admin = pg_new(conninfo, "admin", 1, 20000);
	cx->db = db;
	cx_init(&boss, 4 << 20);
	boss.db = admin;
	sql("set client_min_messages = warning");
	sql("create table if not exists t (k text primary key, n bigint)");
	sql("truncate t");
	p->fn();
	pg_free(db);
	/* Lets coroutines end that were connecting. */
	loop_sleep(NULL, 5);
	pg_free(admin);
	cx_release(&boss);
}

/*
 * One loop per process, also without forking: its hooks and the listening
 * coroutine belong to the process, as in a program.
 */
static inline void
on_loop(void (*fn)(void))
{
	static bool made;
	struct plan p = { fn };

	if (!made)
		loop_init();
	made = true;
	log_level("err");
	unit_turns(set_up, &p);
	timeout_ms = 5000;
}

static inline int64_t
number(const struct stmt *st)
{
	const struct row *row;

	ck_assert_msg(pg_one(&boss, st, &row) == E_OK, "%s",
	    boss.err.detail);
	return row_int(row, 0);
}

struct job {
	int64_t	 n, pid;
	enum err er;
	struct cx cx;
};

static inline struct job *
jobs(size_t n)
{
	struct job *j = cx_alloc(cx, n * sizeof *j);

	for (size_t i = 0; i < n; i++) {
		j[i].n = (int64_t)i;
		j[i].cx = cx_child(cx);
	}
	return j;
}

static inline enum err
puts_slowly(struct cx *c, void *arg)
{
	enum err er = pg_none(c, &S_PUT, pg_text(arg), pg_int(1));

	loop_sleep(NULL, 10);
	return er;
}

static inline int
pg_main(Suite *s)
{
	if ((conninfo = getenv("T_DB_URL")) == NULL || *conninfo == '\0') {
		puts("1..0 # SKIP T_DB_URL names no cluster");
		return 0;
	}
	return unit_main(s);
}

#endif
