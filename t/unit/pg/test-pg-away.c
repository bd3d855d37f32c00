/*
 * test-pg-away - the Postgres client when connections are lost; notifications
 *
 * T_DB_RESTART is a shell command that restarts the server.
 */
#include "config.h"

#include <signal.h>

#include "../unit-pg.h"

static const struct stmt S_KILL = STMT_READ("kill",
    "select count(pg_terminate_backend(pid)) from pg_stat_activity "
    "where application_name = 'mina/victim'");

/* --- lost connections */

static void
kills(void *arg)
{
	loop_sleep(NULL, *(int *)arg);
	number(&S_KILL);
}

static const struct stmt S_SLOW_PUT = STMT("slow_put",
    "insert into t select 'w', 1 from pg_sleep(0.5)");
static const struct stmt S_SLOW_READ = STMT_READ("slow_read",
    "select pg_backend_pid() from pg_sleep(0.5)");

static void
slow_read(void *arg)
{
	struct job *j = arg;
	const struct row *row;

	j->er = pg_one(&j->cx, &S_SLOW_READ, &row);
	if (j->er == E_OK)
		j->pid = row_int(row, 0);
}

static void
killed(void)
{
	const struct row *row;
	struct job *j = jobs(2);
	int soon = 150;
	int64_t pid;

	ck_assert(pg_one(cx, &S_PID, &row) == E_OK);
	ck_assert(pg_one(cx, &S_PID, &row) == E_OK);
	loop_go(kills, &soon);
	ck_assert(pg_none(cx, &S_SLOW_PUT) == E_DB);
	ck_assert_int_eq(number(&S_ROWS), 0);

	ck_assert(pg_one(cx, &S_PID, &row) == E_OK);
	pid = row_int(row, 0);
	loop_go(kills, &soon);
	loop_all(slow_read, j, sizeof *j, 2);
	for (int i = 0; i < 2; i++) {
		ck_assert_msg(j[i].er == E_OK, "%s", j[i].cx.err.detail);
		ck_assert_int_ne(j[i].pid, pid);
	}
	ck_assert(pg_none(cx, &S_PUT, pg_text("a"), pg_int(1)) == E_OK);
}

START_TEST(killed_in_the_middle)
{
	on_loop(killed);
}
END_TEST

static int attempts;
static const struct stmt S_KILL_TX = STMT_READ("kill_tx",
    "select count(pg_terminate_backend(pid)) from pg_stat_activity "
    "where application_name = 'mina/victim' and state like 'idle in%'");

static enum err
loses_connection(struct cx *c, void *arg)
{
	enum err er = pg_none(c, &S_PUT, pg_text("first"), pg_int(1));

	attempts++;
	if (er != E_OK)
		return er;
	if (attempts == 1) {
		ck_assert_int_eq(number(&S_KILL_TX), 1);
		loop_sleep(NULL, 100);
	}
	return *(bool *)arg ? pg_none(c, &S_PUT, pg_text("second"),
	    pg_int(2)) : E_OK;
}

static void
lost_tx(void)
{
	bool more = true;
	enum err er;

	attempts = 0;
	er = pg_tx(cx, loses_connection, &more);
	/* The second is not there without the first. */
	ck_assert_int_eq(number(&S_ROWS), er == E_OK ? 2 : 0);
	sql("truncate t");
	attempts = 0;
	more = false;
	er = pg_tx(cx, loses_connection, &more);
	ck_assert_int_eq(number(&S_ROWS), er == E_OK ? 1 : 0);
	attempts = 1;
	sql("truncate t");
	ck_assert(pg_tx(cx, loses_connection, &more) == E_OK);
	ck_assert_int_eq(number(&S_ROWS), 1);
}

/* The connection is lost between two statements of a transaction. */
START_TEST(killed_in_a_transaction)
{
	on_loop(lost_tx);
}
END_TEST

static void
freed(void *arg)
{
	(void)arg;
	loop_sleep(NULL, 100);
	pg_free(cx->db);
	cx->db = NULL;
}

static void
freed_under_way(void)
{
	struct cx child = cx_child(cx);
	const struct row *row;

	child.db = cx->db = pg_new(conninfo, "short", 1, 5000);
	loop_go(freed, NULL);
	ck_assert(pg_one(&child, &S_SLEEP, &row, pg_text("2")) == E_DB);
	/* Before it connected. */
	cx->db = pg_new(conninfo, "shorter", 2, 5000);
	pg_free(cx->db);
	cx->db = db;
}

START_TEST(freed_while_waited_for)
{
	on_loop(freed_under_way);
}
END_TEST

static void
without_server(void)
{
	struct pg *none = pg_new("host=/nonexistent dbname=x", "none", 2,
	    1000);
	const struct row *row;
	int64_t start = loop_us();

	ck_assert(!pg_up(none));
	cx->db = none;
	for (int i = 0; i < 20; i++)
		ck_assert(pg_one(cx, &S_PID, &row) == E_DB);
	ck_assert(pg_tx(cx, puts_slowly, cx_dup(cx, "k")) == E_DB);
	ck_assert_int_lt(loop_us() - start, 3000000);
	ck_assert(!pg_up(none));
	pg_free(none);
	cx->db = db;
}

START_TEST(no_server)
{
	on_loop(without_server);
}
END_TEST

static bool restarted;
static int answered, refused;

static void
keeps_asking(void *arg)
{
	struct job *j = arg;
	const struct row *row;
	int after = 0;

	for (int i = 0; after < 3; i++) {
		struct cx one;

		cx_init(&one, 1 << 20);
		one.db = db;
		j->er = i % 2 == 0 ? pg_one(&one, &S_SELF, &row, pg_int(i)) :
		    pg_tx(&one, puts_slowly, cx_fmt(&one, "%d/%d",
		    (int)j->n, i));
		ck_assert_msg(j->er == E_OK || j->er == E_DB, "%s",
		    one.err.detail);
		if (j->er == E_OK)
			answered++;
		else
			refused++;
		after += restarted && j->er == E_OK;
		cx_release(&one);
		loop_sleep(NULL, 5);
	}
}

static void
restarts(void *arg)
{
	int rc = system(arg);

	ck_assert_int_eq(rc, 0);
}

static void
one_restart(void *arg)
{
	loop_sleep(NULL, 100);
	loop_work(restarts, arg);
	restarted = true;
}

static void
restart(void)
{
	const struct row *row;
	struct job *j = jobs(20);
	char *command = getenv("T_DB_RESTART");

	restarted = false;
	answered = refused = 0;
	loop_go(one_restart, command);
	loop_all(keeps_asking, j, sizeof *j, 20);
	/* Each connection has a pause of its own, of at most a second. */
	for (int i = 0; i < 300 && pg_one(cx, &S_PID, &row) != E_OK; i++)
		loop_sleep(NULL, 10);
	ck_assert(pg_up(db));
	ck_assert_int_ge(answered, 60);
	ck_assert_int_gt(refused, 0);
}

START_TEST(restart_is_survived)
{
	if (getenv("T_DB_RESTART") != NULL)
		on_loop(restart);
}
END_TEST

/* --- notifications */

static int missed, heard;
static char last[64];

static void
listener(void *arg, const char *payload)
{
	ck_assert_ptr_eq(arg, &heard);
	if (payload == NULL) {
		missed++;
		return;
	}
	heard++;
	snprintf(last, sizeof last, "%s", payload);
}

static const struct stmt S_NOTIFY = STMT("notify",
    "select pg_notify($1, $2)");

static void
until(const int *n, int want)
{
	for (int i = 0; i < 2000 && *n < want; i++)
		loop_sleep(NULL, 5);
	ck_assert_int_eq(*n, want);
}

static void
tell(const char *channel, const char *payload)
{
	const struct row *row;

	ck_assert(pg_one(&boss, &S_NOTIFY, &row, pg_text(channel),
	    pg_text(payload)) == E_OK);
}

static const struct stmt S_KILL_LISTEN = STMT_READ("kill_listen",
    "select count(pg_terminate_backend(pid)) from pg_stat_activity "
    "where application_name = 'mina/listen'");

static const struct stmt S_LISTENER = STMT_READ("listener",
    "select pid from pg_stat_activity where application_name = 'mina/listen'");

/* The peer is alive for the kernel, but it says nothing any more. */
static void
frozen(void)
{
	pid_t pid;

	/* A check that succeeds is no reason to connect again. */
	loop_sleep(NULL, 2500);
	ck_assert_int_eq(missed, 2);
	pid = (pid_t)number(&S_LISTENER);
	ck_assert_int_eq(kill(pid, SIGSTOP), 0);
	until(&missed, 3);
	kill(pid, SIGCONT);
	tell("test_channel", "thawed");
	until(&heard, 104);
	ck_assert_str_eq(last, "thawed");
}

static void
notifications(void)
{
	setenv("MINA_DB_URL", conninfo, 1);
	setenv("MINA_DB_NOTIFY_S", "1", 1);
	pg_listen(db, "test_channel", listener, &heard);
	until(&missed, 1);	/* as on every connect */
	tell("test_channel", "one");
	until(&heard, 1);
	ck_assert_str_eq(last, "one");
	tell("other_channel", "not for us");
	tell("test_channel", "");
	until(&heard, 2);
	ck_assert_str_eq(last, "");
	for (int i = 0; i < 100; i++)
		tell("test_channel", cx_fmt(cx, "%d", i));
	until(&heard, 102);
	ck_assert_str_eq(last, "99");
	ck_assert_int_eq(missed, 1);
	ck_assert_int_eq(number(&S_KILL_LISTEN), 1);
	until(&missed, 2);
	tell("test_channel", "again");
	until(&heard, 103);
	ck_assert_str_eq(last, "again");
	frozen();
}

START_TEST(listen_and_notify)
{
	on_loop(notifications);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("pg-away");
	TCase *tc = unit_case(s, "pg-away");

	tcase_add_test(tc, killed_in_the_middle);
	tcase_add_test(tc, killed_in_a_transaction);
	tcase_add_test(tc, freed_while_waited_for);
	tcase_add_test(tc, no_server);
	tcase_add_test(tc, restart_is_survived);
	tcase_add_test(tc, listen_and_notify);
	return s;
}

int
main(void)
{
	return pg_main(suite());
}
