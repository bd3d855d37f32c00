/*
 * test-pg - the Postgres client: values, pipelines, transactions, time limits
 */
#include "config.h"

#include "../unit-pg.h"
#include "base/str.h"

static const struct stmt S_TWO = STMT_READ("two",
    "select * from generate_series(1, 2)");
static const struct stmt S_NONE = STMT_READ("none", "select 1 where false");

/* --- shapes and values */

static void
shapes(void)
{
	const struct rows *rows;
	const struct row *row, *kept;

	ck_assert(pg_one(cx, &S_PID, &row) == E_OK);
	ck_assert_int_gt(row_int(row, 0), 0);
	kept = row;
	ck_assert(pg_one(cx, &S_TWO, &row) == E_BUG);
	ck_assert(pg_one(cx, &S_NONE, &row) == E_BUG);
	ck_assert(pg_maybe(cx, &S_TWO, &row) == E_BUG);
	ck_assert(pg_none(cx, &S_TWO) == E_BUG);
	/* A failure writes nothing. */
	ck_assert_ptr_eq(row, kept);
	ck_assert(pg_maybe(cx, &S_PID, &row) == E_OK);
	ck_assert_ptr_nonnull(row);
	ck_assert(pg_maybe(cx, &S_NONE, &row) == E_OK);
	ck_assert_ptr_null(row);
	ck_assert(pg_none(cx, &S_NONE) == E_OK);
	ck_assert(pg_none(cx, &S_PUT, pg_text("a"), pg_int(1)) == E_OK);
	ck_assert(pg_each(cx, &S_NONE, &rows) == E_OK);
	ck_assert_uint_eq(rows_n(rows), 0);
	ck_assert(pg_each(cx, &S_MANY, &rows, pg_int(1000)) == E_OK);
	ck_assert_uint_eq(rows_n(rows), 1000);
	for (size_t i = 0; i < 1000; i++)
		ck_assert_int_eq(row_int(rows_at(rows, i), 0), (int64_t)i + 1);
	/* Rows live as long as cx does. */
	ck_assert_int_gt(row_int(kept, 0), 0);
}

START_TEST(shapes_hold)
{
	on_loop(shapes);
}
END_TEST

static const struct stmt S_ECHO = STMT_READ("echo",
    "select $1::text, $2::bigint, $3::boolean, $4::text, $5::jsonb, "
    "$6::bigint, $7::boolean");
static const struct stmt S_TYPES = STMT_READ("types",
    "select 2.5::numeric, '2026-11-22 10:30:00.123+02'::timestamptz, "
    "null::timestamptz, null::text, ''::text");

static void
values(void)
{
	const char *s = "\xc3\xa4'\"\\;--\n\t\xf0\x9f\x98\x80 $1";
	const struct row *row;

	ck_assert(pg_one(cx, &S_ECHO, &row, pg_text(s), pg_int(INT64_MIN),
	    pg_bool(true), pg_null(), pg_json("{\"a\": [1]}"),
	    pg_int(INT64_MAX), pg_bool(false)) == E_OK);
	ck_assert_str_eq(row_text(row, 0), s);
	ck_assert(row_int(row, 1) == INT64_MIN);
	ck_assert(row_bool(row, 2));
	ck_assert(row_null(row, 3));
	ck_assert_str_eq(row_text(row, 4), "{\"a\": [1]}");
	ck_assert(row_int(row, 5) == INT64_MAX);
	ck_assert(!row_bool(row, 6));
	ck_assert(pg_one(cx, &S_ECHO, &row, pg_text(NULL), pg_null(),
	    pg_null(), pg_text(""), pg_text(NULL), pg_int(0),
	    pg_null()) == E_OK);
	ck_assert(row_null(row, 0) && row_null(row, 1) && row_null(row, 2));
	ck_assert(!row_null(row, 3));
	ck_assert_str_eq(row_text(row, 3), "");
	ck_assert_ptr_null(row_text(row, 0));

	ck_assert(pg_one(cx, &S_TYPES, &row) == E_OK);
	ck_assert(row_num(row, 0) == 2.5);
	/* Times come in UTC whatever the server's zone is. */
	ck_assert_int_eq(row_time(row, 1), INT64_C(1795336200123));
	ck_assert(str_ends(row_text(row, 1), "+00"));
	ck_assert_int_eq(row_time(row, 2), 0);
	ck_assert_ptr_null(row_text(row, 3));
	ck_assert_str_eq(row_text(row, 4), "");
}

START_TEST(values_travel)
{
	on_loop(values);
}
END_TEST

/* --- concurrent statements */

static void
asks(void *arg)
{
	struct job *j = arg;
	const struct row *row;

	for (int i = 0; i < 5; i++) {
		j->er = pg_one(&j->cx, &S_SELF, &row, pg_int(j->n + i));
		if (j->er != E_OK)
			return;
		ck_assert_int_eq(row_int(row, 0), j->n + i);
		j->pid = row_int(row, 1);
	}
}

static void
crowd(void)
{
	size_t n = 1000;
	struct job *j = jobs(n);
	int64_t pid[4] = { 0 };

	loop_all(asks, j, sizeof *j, n);
	for (size_t i = 0; i < n; i++) {
		ck_assert(j[i].er == E_OK);
		for (int k = 0;; k++) {
			ck_assert_int_lt(k, 4);
			if (pid[k] == 0 || pid[k] == j[i].pid) {
				pid[k] = j[i].pid;
				break;
			}
		}
	}
	/* Over two, and two more where Postgres was slow; both were used. */
	ck_assert_int_ne(pid[1], 0);
	ck_assert(pg_up(db));
}

START_TEST(a_thousand_share_few)
{
	on_loop(crowd);
}
END_TEST

static void
one_then_many(void)
{
	const struct row *row;
	struct job *j = jobs(200);
	int64_t first;
	bool other = false;

	ck_assert(pg_one(cx, &S_PID, &row) == E_OK);
	first = row_int(row, 0);
	/* Sequential statements at first must not tie all to one. */
	for (int i = 0; i < 100 && !other; i++) {
		loop_all(asks, j, sizeof *j, 20);
		for (int k = 0; k < 20; k++)
			other = other || j[k].pid != first;
		loop_sleep(NULL, 10);
	}
	ck_assert(other);
}

START_TEST(both_are_used)
{
	on_loop(one_then_many);
}
END_TEST

static const struct stmt S_ZERO = STMT("zero", "select 1 / $1::int");
static const struct stmt S_WRONG = STMT("wrong", "selekt 1");

static void
fails_or_writes(void *arg)
{
	struct job *j = arg;

	if (j->n % 5 == 0)
		j->er = pg_none(&j->cx, &S_ZERO, pg_int(0));
	else
		j->er = pg_none(&j->cx, &S_PUT, pg_text(cx_fmt(&j->cx, "%d",
		    (int)j->n)), pg_int(j->n));
}

static void
neighbours(void)
{
	struct job *j = jobs(200);

	loop_all(fails_or_writes, j, sizeof *j, 200);
	for (int i = 0; i < 200; i++) {
		ck_assert_msg(j[i].er == (i % 5 == 0 ? E_BUG : E_OK),
		    "%d: %s", i, j[i].cx.err.detail);
		ck_assert_str_eq(pg_sqlstate(&j[i].cx), i % 5 == 0 ?
		    "22012" : "");
	}
	ck_assert_int_eq(number(&S_ROWS), 160);
}

START_TEST(failures_stay_alone)
{
	on_loop(neighbours);
}
END_TEST

static const struct stmt S_SLOW_PUT = STMT("slow_put",
    "insert into t select $1, 1 from pg_sleep(0.2)");

static void
wrong_or_writes(void *arg)
{
	struct job *j = arg;

	if (j->n < 3)
		j->er = pg_none(&j->cx, &S_WRONG);
	else
		j->er = pg_none(&j->cx, &S_SLOW_PUT, pg_text(cx_fmt(&j->cx,
		    "%d", (int)j->n)));
}

static void
wrong_together(void)
{
	struct pg *one = pg_new(conninfo, "one", 1, 5000);
	const struct row *row;
	struct job *j;

	cx->db = one;
	ck_assert(pg_one(cx, &S_PID, &row) == E_OK);
	j = jobs(6);
	loop_all(wrong_or_writes, j, sizeof *j, 6);
	for (int i = 0; i < 6; i++)
		ck_assert_msg(i < 3 ? j[i].er != E_OK : j[i].er == E_OK,
		    "%d: %s %s", i, err_name(j[i].er), j[i].cx.err.detail);
	ck_assert(pg_none(cx, &S_WRONG) == E_BUG);
	ck_assert_str_eq(pg_sqlstate(cx), "42601");
	cx->db = db;
	pg_free(one);
}

/* A statement that cannot be prepared, run by several coroutines. */
START_TEST(wrong_sql_stays_alone)
{
	on_loop(wrong_together);
}
END_TEST

static const struct stmt S_RAISE = STMT("raise",
    "select mina_test_raise($1)");

static void
conflicts(void)
{
	sql("create or replace function mina_test_raise(code text) returns "
	    "void language plpgsql as $$ begin raise exception 'on purpose' "
	    "using errcode = code; end $$");
	ck_assert(pg_none(cx, &S_PUT, pg_text("a"), pg_int(1)) == E_OK);
	ck_assert(pg_none(cx, &S_PUT, pg_text("a"), pg_int(2)) == E_CONFLICT);
	ck_assert_str_eq(pg_sqlstate(cx), "23505");
	ck_assert_int_eq(cx->err.code, E_CONFLICT);
	ck_assert_ptr_nonnull(strstr(cx->err.detail, "put"));
	ck_assert(pg_none(cx, &S_RAISE, pg_text("MN001")) == E_CONFLICT);
	ck_assert_str_eq(pg_sqlstate(cx), "MN001");
	ck_assert(pg_none(cx, &S_RAISE, pg_text("23514")) == E_BUG);
	ck_assert(pg_none(cx, &S_RAISE, pg_text("57P03")) == E_DB);
	ck_assert(pg_none(cx, &S_RAISE, pg_text("53300")) == E_DB);
	ck_assert(pg_none(cx, &S_RAISE, pg_text("55P03")) == E_DB);
	ck_assert(pg_none(cx, &S_PUT, pg_text("b"), pg_int(2)) == E_OK);
	ck_assert_str_eq(pg_sqlstate(cx), "");
}

START_TEST(conflicts_are_told)
{
	on_loop(conflicts);
}
END_TEST

/* --- transactions */

static enum err
puts_two(struct cx *c, void *arg)
{
	enum err er;

	if ((er = pg_none(c, &S_PUT, pg_text("x"), pg_int(1))) != E_OK ||
	    (er = pg_none(c, &S_PUT, pg_text("y"), pg_int(2))) != E_OK)
		return er;
	/* Other connections do not see them yet. */
	ck_assert_int_eq(number(&S_ROWS), 0);
	return *(enum err *)arg == E_OK ? E_OK :
	    err_set(c, *(enum err *)arg, "changed its mind");
}

static enum err
puts_twice(struct cx *c, void *arg)
{
	enum err er;

	(void)arg;
	if ((er = pg_none(c, &S_PUT, pg_text("z"), pg_int(1))) != E_OK)
		return er;
	return pg_none(c, &S_PUT, pg_text("z"), pg_int(1));
}

static void
transactions(void)
{
	enum err er = E_NOMATCHA;

	ck_assert(pg_tx(cx, puts_two, &er) == E_NOMATCHA);
	ck_assert_str_eq(cx->err.detail, "changed its mind");
	ck_assert_int_eq(number(&S_ROWS), 0);
	ck_assert(pg_tx(cx, puts_twice, NULL) == E_CONFLICT);
	ck_assert_str_eq(pg_sqlstate(cx), "23505");
	ck_assert_int_eq(number(&S_ROWS), 0);
	er = E_OK;
	ck_assert(pg_tx(cx, puts_two, &er) == E_OK);
	ck_assert_int_eq(number(&S_ROWS), 2);
	ck_assert_ptr_null(cx->tx);
}

START_TEST(all_or_nothing)
{
	on_loop(transactions);
}
END_TEST

static enum err
hides_a_failure(struct cx *c, void *arg)
{
	(void)arg;
	puts_twice(c, NULL);
	return E_OK;
}

static void
hidden_failure(void)
{
	/* Postgres answers such a commit with a rollback. */
	ck_assert(pg_tx(cx, hides_a_failure, NULL) != E_OK);
	ck_assert_int_eq(number(&S_ROWS), 0);
}

/* E_OK means committed. */
START_TEST(a_hidden_failure_is_no_commit)
{
	on_loop(hidden_failure);
}
END_TEST

static const struct stmt S_SERIAL = STMT("serial",
    "set transaction isolation level serializable");
static const struct stmt S_SUM = STMT_READ("sum",
    "select coalesce(sum(n), 0)::bigint from t");
static int attempts;

/* Two transactions read the same sum; only one may commit at first. */
static enum err
adds_to_sum(struct cx *c, void *arg)
{
	const struct row *row;
	enum err er;

	attempts++;
	if ((er = pg_none(c, &S_SERIAL)) != E_OK ||
	    (er = pg_one(c, &S_SUM, &row)) != E_OK)
		return er;
	loop_sleep(NULL, 30);
	return pg_none(c, &S_PUT, pg_text(arg), pg_int(row_int(row, 0) + 1));
}

static void
serial(void *arg)
{
	struct job *j = arg;

	j->er = pg_tx(&j->cx, adds_to_sum, cx_fmt(&j->cx, "%d", (int)j->n));
}

static void
serialized(void)
{
	struct job *j = jobs(2);

	attempts = 0;
	loop_all(serial, j, sizeof *j, 2);
	for (int i = 0; i < 2; i++)
		ck_assert_msg(j[i].er == E_OK, "%s", j[i].cx.err.detail);
	/* 1, then 1 + 1: as if one after the other. */
	ck_assert_int_eq(number(&S_SUM), 3);
	ck_assert_int_ge(attempts, 3);
}

START_TEST(serialization_is_tried_again)
{
	on_loop(serialized);
}
END_TEST

static const struct stmt S_ADD = STMT("add",
    "update t set n = n + 1 where k = $1");

static enum err
crosswise(struct cx *c, void *arg)
{
	const char *first = arg;
	enum err er;

	attempts++;
	if ((er = pg_none(c, &S_ADD, pg_text(first))) != E_OK)
		return er;
	loop_sleep(NULL, 50);
	return pg_none(c, &S_ADD, pg_text(*first == 'a' ? "b" : "a"));
}

static void
crosses(void *arg)
{
	struct job *j = arg;
	char first[2] = { j->n == 0 ? 'a' : 'b', '\0' };

	j->er = pg_tx(&j->cx, crosswise, first);
}

static void
deadlock(void)
{
	struct job *j = jobs(2);

	sql("insert into t values ('a', 0), ('b', 0)");
	attempts = 0;
	loop_all(crosses, j, sizeof *j, 2);
	ck_assert(j[0].er == E_OK && j[1].er == E_OK);
	ck_assert_int_ge(attempts, 3);
	ck_assert_int_eq(number(&S_SUM), 4);
}

START_TEST(deadlocks_are_tried_again)
{
	on_loop(deadlock);
}
END_TEST

static void
one_tx(void *arg)
{
	struct job *j = arg;

	j->er = pg_tx(&j->cx, puts_slowly, cx_fmt(&j->cx, "%d", (int)j->n));
}

static void
crowd_of_tx(void)
{
	struct job *j = jobs(40);

	loop_all(one_tx, j, sizeof *j, 40);
	for (int i = 0; i < 40; i++)
		ck_assert_msg(j[i].er == E_OK, "%s", j[i].cx.err.detail);
	ck_assert_int_eq(number(&S_ROWS), 40);
}

START_TEST(more_transactions_than_connections)
{
	on_loop(crowd_of_tx);
}
END_TEST

/* --- locks */

static const struct stmt S_LOCK = STMT_READ("lock",
    "select n from t where k = 'a' for update");
static bool held, let_go;

static enum err
holds(struct cx *c, void *arg)
{
	const struct row *row;
	enum err er = pg_one(c, &S_LOCK, &row);

	(void)arg;
	held = true;
	while (er == E_OK && !let_go)
		loop_sleep(NULL, 5);
	return er;
}

static void
holder(void *arg)
{
	struct cx *c = arg;

	ck_assert_msg(pg_tx(c, holds, NULL) == E_OK, "%s", c->err.detail);
	held = false;
}

/* Another session locks the row a until let_go. */
static void
hold(struct cx *c)
{
	sql("insert into t values ('a', 0)");
	held = let_go = false;
	*c = cx_child(&boss);
	loop_go(holder, c);
	while (!held)
		loop_sleep(NULL, 5);
}

static int added;

static void
adds(void *arg)
{
	struct job *j = arg;

	j->er = pg_none(&j->cx, &S_ADD, pg_text("a"));
	added++;
}

static void
lets_go(void)
{
	let_go = true;
	while (held)
		loop_sleep(NULL, 5);
}

static void
locked_row(void)
{
	const struct row *row;
	struct job *j = jobs(10);
	struct cx other;

	hold(&other);
	added = 0;
	for (int i = 0; i < 10; i++)
		loop_go(adds, &j[i]);
	for (int i = 0; i < 100; i++) {
		ck_assert(pg_one(cx, &S_SELF, &row, pg_int(i)) == E_OK);
		ck_assert(pg_none(cx, &S_PUT, pg_text(cx_fmt(cx, "%d", i)),
		    pg_int(0)) == E_OK);
	}
	/* The row was locked all the time. */
	ck_assert_int_eq(added, 0);
	lets_go();
	for (int i = 0; i < 2000 && added < 10; i++)
		loop_sleep(NULL, 5);
	for (int i = 0; i < 10; i++)
		ck_assert_msg(j[i].er == E_OK, "%d: %s", i,
		    j[i].cx.err.detail);
	/* Each was carried out once, however often it was sent. */
	ck_assert_int_eq(number(&S_SUM), 10);
}

START_TEST(a_locked_row_holds_up_no_other)
{
	on_loop(locked_row);
}
END_TEST

/* For cx: one that waits for a lock for lock_ms. */
static void
pool(const char *name, const char *lock_ms, int timeout)
{
	setenv("MINA_DB_LOCK_MS", lock_ms, 1);
	cx->db = pg_new(conninfo, name, 2, timeout);
	unsetenv("MINA_DB_LOCK_MS");
}

static void
locked_for_long(void)
{
	struct job *j = jobs(20);
	struct cx other;

	hold(&other);
	pool("brief", "300", 5000);
	for (int i = 0; i < 20; i++)
		j[i].cx.db = cx->db;
	loop_all(adds, j, sizeof *j, 20);
	ck_assert(held);
	for (int i = 0; i < 20; i++) {
		ck_assert(j[i].er == E_DB);
		ck_assert_str_eq(pg_sqlstate(&j[i].cx), "55P03");
	}
	lets_go();
	ck_assert_int_eq(number(&S_SUM), 0);
	ck_assert(pg_none(cx, &S_ADD, pg_text("a")) == E_OK);
	ck_assert_int_eq(number(&S_SUM), 1);
	pg_free(cx->db);
	cx->db = db;
}

START_TEST(a_lock_is_not_waited_for_long)
{
	on_loop(locked_for_long);
}
END_TEST

static enum err
sees_timeout(struct cx *c, void *arg)
{
	static const struct stmt show = STMT_READ("lock_timeout",
	    "select current_setting('lock_timeout')");
	const struct row *row;

	ck_assert(pg_one(c, &show, &row) == E_OK);
	ck_assert_str_eq(row_text(row, 0), arg);
	return E_OK;
}

/* Its connections are the pooler's, and a setting stays on them. */
static void
behind_a_pooler(void)
{
	char brief[] = "100ms", patient[] = "3s", none[] = "0";

	ck_assert(sees_timeout(cx, brief) == E_OK);
	ck_assert(pg_tx(cx, sees_timeout, patient) == E_OK);
	setenv("MINA_DB_LISTEN_URL", conninfo, 1);
	cx->db = pg_new(conninfo, "pooled", 2, 5000);
	ck_assert(sees_timeout(cx, none) == E_OK);
	ck_assert(pg_tx(cx, sees_timeout, none) == E_OK);
	pg_free(cx->db);
	cx->db = db;
	unsetenv("MINA_DB_LISTEN_URL");
}

START_TEST(a_pooler_keeps_its_lock_timeout)
{
	on_loop(behind_a_pooler);
}
END_TEST

static enum err
adds_b(struct cx *c, void *arg)
{
	(void)arg;
	return pg_none(c, &S_ADD, pg_text("b"));
}

static void
locked_customer(void)
{
	struct job *j = jobs(10);
	struct cx other;

	hold(&other);
	sql("insert into t values ('b', 0)");
	added = 0;
	pool("patient", "4500", 6000);
	for (int i = 0; i < 10; i++) {
		j[i].cx.db = cx->db;
		j[i].cx.customer = "pass:anon:1";
		loop_go(adds, &j[i]);
	}
	/* All have met the lock, and none has given up. */
	loop_sleep(NULL, 1200);
	/* These need a connection of their own, too. */
	cx->customer = "pass:anon:2";
	ck_assert_msg(pg_tx(cx, adds_b, NULL) == E_OK, "%s", cx->err.detail);
	cx->customer = NULL;
	ck_assert_msg(pg_tx(cx, adds_b, NULL) == E_OK, "%s", cx->err.detail);
	ck_assert_int_eq(added, 0);
	lets_go();
	while (added < 10)
		loop_sleep(NULL, 5);
	pg_free(cx->db);
	cx->db = db;
}

START_TEST(one_customer_does_not_have_all_connections)
{
	on_loop(locked_customer);
}
END_TEST

static const struct stmt S_WPID = STMT("wpid", "select pg_backend_pid()");

static int64_t
writes_at(const char *customer)
{
	const struct row *row;

	cx->customer = customer;
	ck_assert(pg_one(cx, &S_WPID, &row) == E_OK);
	cx->customer = NULL;
	return row_int(row, 0);
}

static void
locked_before(void)
{
	int64_t shared[2], own;
	struct cx other;

	hold(&other);
	pool("brief", "300", 5000);
	cx->customer = "pass:anon:1";
	ck_assert(pg_none(cx, &S_ADD, pg_text("a")) == E_DB);
	shared[0] = writes_at("pass:anon:2");
	shared[1] = writes_at(NULL);
	own = writes_at("pass:anon:1");
	ck_assert(own != shared[0] && own != shared[1]);
	ck_assert(writes_at("pass:anon:1") == own);
	lets_go();
	pg_free(cx->db);
	cx->db = db;
}

START_TEST(who_met_a_lock_leaves_the_shared_ones)
{
	on_loop(locked_before);
}
END_TEST

static void
gone_meanwhile(void)
{
	struct cx other;

	hold(&other);
	sql("insert into t values ('b', 0)");
	pool("patient", "4500", 6000);
	cx->deadline = loop_now() + 400;
	ck_assert(pg_none(cx, &S_ADD, pg_text("a")) == E_DB);
	/* Its statement waits for the lock even now. */
	cx->deadline = loop_now() + 3500;
	ck_assert_msg(pg_tx(cx, adds_b, NULL) == E_OK, "%s", cx->err.detail);
	cx->deadline = 0;
	ck_assert(held);
	lets_go();
	pg_free(cx->db);
	cx->db = db;
}

START_TEST(an_abandoned_statement_is_not_passed_on)
{
	on_loop(gone_meanwhile);
}
END_TEST

/* --- time */

static void
too_slow(void)
{
	const struct row *row;
	int64_t start = loop_us();

	ck_assert(pg_one(cx, &S_SLEEP, &row, pg_text("30")) == E_DB);
	ck_assert_str_eq(pg_sqlstate(cx), "57014");
	ck_assert_int_lt(loop_us() - start, 3000000);
	ck_assert(pg_one(cx, &S_PID, &row) == E_OK);
}

START_TEST(statements_time_out)
{
	timeout_ms = 300;
	on_loop(too_slow);
}
END_TEST

static void
impatient(void)
{
	const struct row *row;
	int64_t start = loop_us();
	struct cx child = cx_child(cx);

	ck_assert(pg_one(cx, &S_PID, &row) == E_OK);
	child.deadline = loop_now() + 100;
	start = loop_us();
	ck_assert(pg_one(&child, &S_SLEEP, &row, pg_text("2")) == E_DB);
	ck_assert_int_lt(loop_us() - start, 1900000);
	/* The late result is not given to another statement. */
	for (int i = 0; i < 4; i++) {
		ck_assert(pg_one(cx, &S_SELF, &row, pg_int(i)) == E_OK);
		ck_assert_int_eq(row_int(row, 0), i);
	}
	child.deadline = loop_now() - 1;
	start = loop_us();
	ck_assert(pg_one(&child, &S_SLEEP, &row, pg_text("2")) == E_DB);
	ck_assert_int_lt(loop_us() - start, 1900000);
	ck_assert(pg_one(cx, &S_PID, &row) == E_OK);
}

START_TEST(deadlines_are_kept)
{
	on_loop(impatient);
}
END_TEST

/* --- memory */

static void
caps(void)
{
	const struct rows *rows;
	const struct row *row;
	struct cx small;

	cx_init(&small, 256 << 10);
	small.db = db;
	ck_assert(pg_each(&small, &S_MANY, &rows, pg_int(100000)) == E_NOMEM);
	cx_release(&small);

	cx_init(&small, 8192);
	small.db = db;
	ck_assert(pg_one(&small, &S_PID, &row) == E_OK);
	for (int i = 0; i < 12; i++)
		cx_alloc(&small, 1024);
	ck_assert(arena_over(small.mem));
	ck_assert(pg_one(&small, &S_PID, &row) == E_NOMEM);
	ck_assert(pg_tx(&small, puts_twice, NULL) == E_NOMEM);
	cx_release(&small);
	ck_assert(pg_one(cx, &S_PID, &row) == E_OK);
}

START_TEST(memory_is_capped)
{
	on_loop(caps);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("pg");
	TCase *tc = unit_case(s, "pg");

	tcase_add_test(tc, shapes_hold);
	tcase_add_test(tc, values_travel);
	tcase_add_test(tc, a_thousand_share_few);
	tcase_add_test(tc, both_are_used);
	tcase_add_test(tc, failures_stay_alone);
	tcase_add_test(tc, wrong_sql_stays_alone);
	tcase_add_test(tc, conflicts_are_told);
	tcase_add_test(tc, all_or_nothing);
	tcase_add_test(tc, a_hidden_failure_is_no_commit);
	tcase_add_test(tc, serialization_is_tried_again);
	tcase_add_test(tc, deadlocks_are_tried_again);
	tcase_add_test(tc, more_transactions_than_connections);
	tcase_add_test(tc, a_locked_row_holds_up_no_other);
	tcase_add_test(tc, a_lock_is_not_waited_for_long);
	tcase_add_test(tc, a_pooler_keeps_its_lock_timeout);
	tcase_add_test(tc, one_customer_does_not_have_all_connections);
	tcase_add_test(tc, who_met_a_lock_leaves_the_shared_ones);
	tcase_add_test(tc, an_abandoned_statement_is_not_passed_on);
	tcase_add_test(tc, statements_time_out);
	tcase_add_test(tc, deadlines_are_kept);
	tcase_add_test(tc, memory_is_capped);
	return s;
}

int
main(void)
{
	return pg_main(suite());
}
