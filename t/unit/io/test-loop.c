/*
 * test-loop - the event loop, and everything a coroutine can wait for on it
 */
#include "config.h"

#include <signal.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "../unit.h"
#include "base/co.h"
#include "io/loop.h"

static char trail[256];

static void
mark(const char *s)
{
	size_t n = strlen(trail);

	ck_assert_uint_lt(n + strlen(s), sizeof trail);
	memcpy(trail + n, s, strlen(s) + 1);
}

static void
on_loop(void (*fn)(void *))
{
	trail[0] = '\0';
	unit_loop(fn, NULL);
	ck_assert_uint_eq(co_count(), 0);
}

/* --- the loop itself */

static void
only_one(void *arg)
{
	(void)arg;
	mark("ran");
	loop_stop();
}

/* Nothing but a coroutine: no timer and no descriptor keeps the loop up. */
START_TEST(runs_until_stopped)
{
	trail[0] = '\0';
	loop_init();
	loop_go(only_one, NULL);
	loop_run();
	ck_assert_str_eq(trail, "ran");
	loop_close();
}
END_TEST

static void
wakes_later(void *arg)
{
	struct wait *w = arg;

	wait_wake(w, E_OK);
}

static void
waits_for_another(void *arg)
{
	struct wait w = WAIT_INIT(W_SLEEP);

	(void)arg;
	loop_go(wakes_later, &w);
	ck_assert(wait_for(&w, 0) == E_OK);
	mark("ok");
}

START_TEST(one_coroutine_wakes_another)
{
	on_loop(waits_for_another);
	ck_assert_str_eq(trail, "ok");
}
END_TEST

static void
appends(void *arg)
{
	mark(arg);
}

static void
starts_three(void *arg)
{
	static char name[] = "a\0b\0c";

	(void)arg;
	for (int i = 0; i < 3; i++)
		loop_go(appends, name + 2 * i);
	/* At the end of the turn, not before. */
	ck_assert_str_eq(trail, "");
	loop_sleep(NULL, 1);
	ck_assert_str_eq(trail, "abc");
}

START_TEST(starts_in_order)
{
	on_loop(starts_three);
	ck_assert_str_eq(trail, "abc");
}
END_TEST

static int turns;

static void
each_turn(void)
{
	turns++;
}

static void
counts_turns(void *arg)
{
	(void)arg;
	turns = 0;
	loop_each_turn(each_turn);
	for (int i = 0; i < 5; i++)
		loop_sleep(NULL, 2);
	ck_assert_int_ge(turns, 5);
}

START_TEST(hooks_run_each_turn)
{
	on_loop(counts_turns);
}
END_TEST

static struct wait *hook_wait;

static void
hook_wakes(void)
{
	struct wait *w = hook_wait;

	hook_wait = NULL;
	if (w != NULL)
		wait_wake(w, E_DB);
}

static void
woken_by_hook(void *arg)
{
	struct wait w = WAIT_INIT(W_SLEEP);

	(void)arg;
	loop_each_turn(hook_wakes);
	hook_wait = &w;
	ck_assert(wait_for(&w, loop_now() + 5000) == E_DB);
}

START_TEST(hooks_may_wake)
{
	on_loop(woken_by_hook);
}
END_TEST

static int signals;

static void
on_usr1(int sig)
{
	ck_assert_int_eq(sig, SIGUSR1);
	ck_assert_ptr_null(co_self());
	signals++;
}

static void
sends_signals(void *arg)
{
	(void)arg;
	signals = 0;
	loop_on_signal(SIGUSR1, on_usr1);
	for (int i = 1; i <= 3; i++) {
		kill(getpid(), SIGUSR1);
		for (int n = 0; n < 1000 && signals < i; n++)
			loop_sleep(NULL, 1);
		ck_assert_int_eq(signals, i);
	}
}

START_TEST(signals_come_on_the_loop)
{
	on_loop(sends_signals);
}
END_TEST

static void
writes_to_nobody(void *arg)
{
	int p[2];

	(void)arg;
	ck_assert_int_eq(pipe(p), 0);
	close(p[0]);
	ck_assert_int_eq(write(p[1], "x", 1), -1);
	close(p[1]);
}

START_TEST(sigpipe_is_harmless)
{
	on_loop(writes_to_nobody);
}
END_TEST

/* --- waiting */

static void
kept_wake(void *arg)
{
	struct wait w = WAIT_INIT(W_SLEEP);

	(void)arg;
	wait_wake(&w, E_HUP);
	wait_wake(&w, E_STOP);		/* the first one counts */
	ck_assert(wait_for(&w, loop_now() + 5000) == E_HUP);
}

START_TEST(wake_before_wait)
{
	on_loop(kept_wake);
}
END_TEST

static void
past_deadlines(void *arg)
{
	struct wait w = WAIT_INIT(W_SLEEP), v = WAIT_INIT(W_SLEEP),
	    u = WAIT_INIT(W_SLEEP);
	int64_t start = loop_us();

	(void)arg;
	ck_assert(wait_for(&w, loop_now() + 50) == E_TIMEOUT);
	ck_assert_int_ge(loop_us() - start, 40000);
	start = loop_us();
	ck_assert(wait_for(&v, 1) == E_TIMEOUT);
	ck_assert_int_lt(loop_us() - start, 1000000);
	/* Woken already: however late it is. */
	wait_wake(&u, E_OK);
	ck_assert(wait_for(&u, 1) == E_OK);
}

START_TEST(deadlines)
{
	on_loop(past_deadlines);
}
END_TEST

struct sleeper {
	const char	*name;
	int		 ms;
};

static void
sleeps(void *arg)
{
	struct sleeper *s = arg;

	ck_assert(loop_sleep(NULL, s->ms) == E_OK);
	mark(s->name);
}

static void
sleeps_together(void *arg)
{
	struct sleeper s[] = { { "d", 200 }, { "b", 80 }, { "a", 20 },
	    { "c", 140 } };
	int64_t start = loop_us();

	(void)arg;
	loop_all(sleeps, s, sizeof *s, N_OF(s));
	/* One after the other they would stand in the order of the list. */
	ck_assert_str_eq(trail, "abcd");
	ck_assert_int_ge(loop_us() - start, 190000);
}

START_TEST(sleep_in_order)
{
	on_loop(sleeps_together);
}
END_TEST

static void
sleeps_past_deadline(void *arg)
{
	int64_t start = loop_us();

	(void)arg;
	cx->deadline = loop_now() + 30;
	ck_assert(loop_sleep(cx, 10000) == E_TIMEOUT);
	ck_assert_int_eq(cx->err.code, E_TIMEOUT);
	ck_assert_int_lt(loop_us() - start, 5000000);
	cx->deadline = loop_now() + 10000;
	ck_assert(loop_sleep(cx, 5) == E_OK);
	ck_assert(loop_sleep(cx, 0) == E_OK);
	cx->deadline = 0;
	ck_assert(loop_sleep(cx, 5) == E_OK);
}

START_TEST(sleep_minds_the_deadline)
{
	on_loop(sleeps_past_deadline);
}
END_TEST

static void
earlier(void *arg)
{
	(void)arg;
	ck_assert_int_eq(loop_deadline(cx, 100), loop_now() + 100);
	cx->deadline = loop_now() + 50;
	ck_assert_int_eq(loop_deadline(cx, 100), loop_now() + 50);
	ck_assert_int_eq(loop_deadline(cx, 20), loop_now() + 20);
}

START_TEST(the_earlier_deadline)
{
	on_loop(earlier);
}
END_TEST

static void
sleeps_a_little(void *arg)
{
	int *n = arg;

	loop_sleep(NULL, *n % 7);
	*n = -*n;
}

static void
a_thousand(void *arg)
{
	static int n[1000];

	(void)arg;
	for (int i = 0; i < 1000; i++)
		n[i] = i + 1;
	loop_all(sleeps_a_little, n, sizeof *n, N_OF(n));
	for (int i = 0; i < 1000; i++)
		ck_assert_int_eq(n[i], -(i + 1));
	loop_all(sleeps_a_little, NULL, 0, 0);
}

START_TEST(all_side_by_side)
{
	on_loop(a_thousand);
}
END_TEST

/* --- descriptors */

static void
writes_soon(void *arg)
{
	loop_sleep(NULL, 20);
	ck_assert_int_eq(write(*(int *)arg, "x", 1), 1);
}

static enum err
fd_wait(int fd, int events, int64_t ms)
{
	return loop_fd_wait(W_PG_NOTIFY, fd, events, loop_now() + ms);
}

static void
waits_for_pipe(void *arg)
{
	int p[2];
	char c;

	(void)arg;
	ck_assert_int_eq(pipe(p), 0);
	ck_assert(fd_wait(p[1], LOOP_WRITE, 5000) == E_OK);
	ck_assert(fd_wait(p[0], LOOP_READ, 20) == E_TIMEOUT);
	loop_go(writes_soon, &p[1]);
	ck_assert(fd_wait(p[0], LOOP_READ, 5000) == E_OK);
	ck_assert_int_eq(read(p[0], &c, 1), 1);
	close(p[1]);
	/* The end of a stream is something to read, too. */
	ck_assert(fd_wait(p[0], LOOP_READ, 5000) == E_OK);
	ck_assert_int_eq(read(p[0], &c, 1), 0);
	close(p[0]);
	ck_assert(fd_wait(p[0], LOOP_READ, 5000) != E_OK);
}

START_TEST(fd_waits)
{
	on_loop(waits_for_pipe);
}
END_TEST

static int events, calls;

static void
on_fd(void *arg, int ev)
{
	char c;

	ck_assert_ptr_null(co_self());
	events |= ev;
	calls++;
	if (ev & LOOP_READ)
		ck_assert_int_ge(read(*(int *)arg, &c, 1), 0);
}

static void
until(const int *n, int want)
{
	for (int i = 0; i < 5000 && *n < want; i++)
		loop_sleep(NULL, 1);
	ck_assert_int_eq(*n, want);
}

static void
watches(void *arg)
{
	struct loop_fd *f;
	int p[2], n;

	(void)arg;
	ck_assert_int_eq(pipe(p), 0);
	events = calls = 0;
	ck_assert_ptr_nonnull(f = loop_fd_new(p[0], on_fd, &p[0]));
	loop_fd_watch(f, LOOP_READ);
	ck_assert_int_eq(write(p[1], "abc", 3), 3);
	until(&calls, 3);
	ck_assert_int_eq(events, LOOP_READ);
	loop_fd_watch(f, 0);
	ck_assert_int_eq(write(p[1], "d", 1), 1);
	loop_sleep(NULL, 20);
	ck_assert_int_eq(calls, 3);
	loop_fd_watch(f, LOOP_READ);
	until(&calls, 4);
	loop_fd_free(f);
	ck_assert_int_eq(write(p[1], "e", 1), 1);
	n = calls;
	loop_sleep(NULL, 20);
	ck_assert_int_eq(calls, n);
	close(p[0]);
	close(p[1]);
	loop_fd_free(NULL);
}

START_TEST(fd_watches)
{
	on_loop(watches);
}
END_TEST

/* --- timers */

static int fired;

static void
fires(void *arg)
{
	ck_assert_ptr_null(co_self());
	fired += *(int *)arg;
}

static void
timers(void *arg)
{
	struct loop_timer *a, *b;
	int one = 1, ten = 10;

	(void)arg;
	fired = 0;
	a = loop_timer_new(fires, &one);
	b = loop_timer_new(fires, &ten);
	loop_sleep(NULL, 10);
	ck_assert_int_eq(fired, 0);
	loop_timer_set(a, 10);
	loop_timer_set(b, 10);
	loop_timer_set(b, -1);
	loop_sleep(NULL, 60);
	ck_assert_int_eq(fired, 1);	/* once, not again and again */
	loop_timer_set(b, 5000);
	loop_timer_set(b, 0);		/* set anew, it forgets the old */
	loop_sleep(NULL, 20);
	ck_assert_int_eq(fired, 11);
	loop_timer_set(a, 5);
	loop_timer_free(a);
	loop_sleep(NULL, 30);
	ck_assert_int_eq(fired, 11);
	loop_timer_free(b);
	loop_timer_free(NULL);
}

START_TEST(timers_fire_once)
{
	on_loop(timers);
}
END_TEST

/* --- threads */

static atomic_int together;

/* Returns when all four are here; one after the other they never would. */
static void
on_thread(void *arg)
{
	struct timespec ts = { 0, 1000000 };

	together++;
	for (int i = 0; i < 20000 && together < 4; i++)
		nanosleep(&ts, NULL);
	*(int *)arg += together == 4;
}

static void
adds_one(void *arg)
{
	*(int *)arg += 1;
}

static void
hands_over(void *arg)
{
	loop_work(on_thread, arg);
}

static void
threads(void *arg)
{
	int n[4] = { 0 }, ticks = 0;

	(void)arg;
	together = 0;
	loop_all(hands_over, n, sizeof *n, N_OF(n));
	for (size_t i = 0; i < N_OF(n); i++)
		ck_assert_int_eq(n[i], 1);
	loop_work(adds_one, &ticks);
	ck_assert_int_eq(ticks, 1);
}

START_TEST(work_on_threads)
{
	on_loop(threads);
}
END_TEST

/* --- the gate */

static struct gate gate;
static int inside, most;

static void
goes_through(void *arg)
{
	ck_assert(gate_enter(&gate, 0) == E_OK);
	if (++inside > most)
		most = inside;
	mark(arg);
	loop_sleep(NULL, 10);
	inside--;
	gate_leave(&gate);
}

static void
queue_of_ten(void *arg)
{
	static char name[10][2];

	(void)arg;
	inside = most = 0;
	gate_init(&gate, W_FILE_ROOM, 3);
	for (int i = 0; i < 10; i++)
		name[i][0] = (char)('a' + i);
	loop_all(goes_through, name, sizeof name[0], N_OF(name));
	ck_assert_int_eq(most, 3);
	ck_assert_int_eq(gate.free, 3);
}

START_TEST(gate_is_fair)
{
	on_loop(queue_of_ten);
	ck_assert_str_eq(trail, "abcdefghij");
}
END_TEST

static struct gate narrow = GATE_INIT(narrow, W_FILE_ROOM, 1);

static void
goes_through_narrow(void *arg)
{
	(void)arg;
	ck_assert(gate_enter(&narrow, 0) == E_OK);
	if (++inside > most)
		most = inside;
	loop_sleep(NULL, 1);
	inside--;
	gate_leave(&narrow);
}

static void
three_at_once(void *arg)
{
	static char each[3];

	(void)arg;
	inside = most = 0;
	loop_all(goes_through_narrow, each, sizeof each[0], N_OF(each));
	ck_assert_int_eq(most, 1);
	ck_assert_int_eq(narrow.free, 1);
}

START_TEST(gate_may_be_static)
{
	on_loop(three_at_once);
}
END_TEST

static void
too_late(void *arg)
{
	enum err er = gate_enter(&gate, loop_now() + *(int *)arg);

	if (er == E_OK) {
		mark("+");
		loop_sleep(NULL, 1);
		gate_leave(&gate);
	} else {
		ck_assert(er == E_TIMEOUT);
		mark("-");
	}
}

static void
holds_long(void *arg)
{
	(void)arg;
	ck_assert(gate_enter(&gate, 0) == E_OK);
	loop_sleep(NULL, 100);
	gate_leave(&gate);
}

/* The first, the middle and the last of a queue give up; nobody is lost. */
static void
some_give_up(void *arg)
{
	int patience[] = { 20, 5000, 30, 5000, 40 };

	(void)arg;
	gate_init(&gate, W_FILE_ROOM, 1);
	loop_go(holds_long, NULL);
	loop_sleep(NULL, 1);
	loop_all(too_late, patience, sizeof *patience, N_OF(patience));
	ck_assert_int_eq(gate.free, 1);
	ck_assert_ptr_null(gate.head);
	/* The queue can be entered again afterwards. */
	loop_all(too_late, patience, sizeof *patience, N_OF(patience));
	ck_assert_int_eq(gate.free, 1);
}

START_TEST(gate_times_out)
{
	on_loop(some_give_up);
	ck_assert_str_eq(trail, "---+++++++");
}
END_TEST

/* Patience ends about when the place comes free, over and over. */
static void
photo_finish(void *arg)
{
	int patience[8];

	(void)arg;
	gate_init(&gate, W_FILE_ROOM, 2);
	for (int round = 0; round < 60; round++) {
		trail[0] = '\0';
		for (size_t i = 0; i < N_OF(patience); i++)
			patience[i] = (int)(i + (size_t)round) % 5;
		loop_all(too_late, patience, sizeof *patience,
		    N_OF(patience));
		ck_assert_uint_eq(strlen(trail), N_OF(patience));
		ck_assert_int_eq(gate.free, 2);
		ck_assert_ptr_null(gate.head);
	}
}

START_TEST(gate_loses_no_place)
{
	on_loop(photo_finish);
}
END_TEST

/* --- misuse */

static void
waits_without_a_name(void *arg)
{
	struct wait w = { .er = E_OK };

	(void)arg;
	wait_for(&w, 0);
}

static void
starts_nameless(void *arg)
{
	(void)arg;
	unit_loop(waits_without_a_name, NULL);
}

static void
enters_without_a_total(void *arg)
{
	static struct gate blank = { .name = W_FILE_ROOM, .free = 1 };

	(void)arg;
	if (gate_enter(&blank, 0) == E_OK)
		gate_leave(&blank);
}

static void
gates_uninitialised(void *arg)
{
	(void)arg;
	unit_loop(enters_without_a_total, NULL);
}

static void
waits_outside(void *arg)
{
	struct wait w = WAIT_INIT(W_SLEEP);

	(void)arg;
	loop_init();
	wait_for(&w, 0);
}

static void
two_loops(void *arg)
{
	(void)arg;
	loop_init();
	loop_init();
}

START_TEST(misuse_aborts)
{
	ck_aborts(waits_outside, NULL);
	ck_aborts(two_loops, NULL);
	ck_aborts(starts_nameless, NULL);
	ck_aborts(gates_uninitialised, NULL);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("loop");
	TCase *tc = unit_case(s, "loop");

	tcase_add_test(tc, runs_until_stopped);
	tcase_add_test(tc, one_coroutine_wakes_another);
	tcase_add_test(tc, starts_in_order);
	tcase_add_test(tc, hooks_run_each_turn);
	tcase_add_test(tc, hooks_may_wake);
	tcase_add_test(tc, signals_come_on_the_loop);
	tcase_add_test(tc, sigpipe_is_harmless);
	tcase_add_test(tc, wake_before_wait);
	tcase_add_test(tc, deadlines);
	tcase_add_test(tc, sleep_in_order);
	tcase_add_test(tc, sleep_minds_the_deadline);
	tcase_add_test(tc, the_earlier_deadline);
	tcase_add_test(tc, all_side_by_side);
	tcase_add_test(tc, fd_waits);
	tcase_add_test(tc, fd_watches);
	tcase_add_test(tc, timers_fire_once);
	tcase_add_test(tc, work_on_threads);
	tcase_add_test(tc, gate_is_fair);
	tcase_add_test(tc, gate_may_be_static);
	tcase_add_test(tc, gate_times_out);
	tcase_add_test(tc, gate_loses_no_place);
	tcase_add_test(tc, misuse_aborts);
	return s;
}

int
main(void)
{
	return unit_main(suite());
}
