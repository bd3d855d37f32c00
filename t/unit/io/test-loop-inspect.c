/*
 * test-loop-inspect - what coroutines and callbacks on the loop are called
 */
#include "config.h"

#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "../unit.h"
#include "base/co.h"
#include "io/loop.h"

/* --- what a coroutine tells of its wait */

/* The line above, as CO_HERE has it. */
#define ABOVE(line)	(line = __LINE__ - 1)

#define HERE	"t/unit/io/test-loop-inspect.c:"

struct seen {
	const char	*fn, *wait, *id, *work;
	int		 line;
	int64_t		 born, since;
};

static struct seen seen_first;

static void
sees(void *arg, struct co *co)
{
	const struct co_info *ci = co_info(co);
	struct seen *s = arg;

	if (co == co_self() || ci->at == NULL)
		return;
	ck_assert_int_eq(strncmp(ci->at, HERE, strlen(HERE)), 0);
	*s = (struct seen){ .fn = ci->fn, .wait = ci->wait, .id = ci->id,
	    .work = ci->work, .born = ci->born, .since = ci->since,
	    .line = (int)strtol(ci->at + strlen(HERE), NULL, 10) };
}

/* The one other coroutine that waits. */
static void
look(void *arg)
{
	(void)arg;
	memset(&seen_first, 0, sizeof seen_first);
	co_each(sees, &seen_first);
}

static void
look_then_wake(void *arg)
{
	look(NULL);
	wait_wake(arg, E_OK);
}

static void
look_then_leave(void *arg)
{
	look(NULL);
	gate_leave(arg);
}

static atomic_bool looked;

/* On a thread, until the coroutine that waits for it has been seen. */
static void
work_until_looked(void *arg)
{
	(void)arg;
	for (int ms = 0; ms < 5000 && !looked; ms++)
		usleep(1000);
}

static void
looks_later(void *arg)
{
	loop_sleep(NULL, 5);
	look(arg);
	looked = true;
}

static void
tells_its_wait(void *arg)
{
	struct wait w = WAIT_INIT(W_KEYS);
	int line = __LINE__ - 1;
	int64_t began = loop_now();
	struct gate gate;

	(void)arg;
	co_label("8f3c", "/x");
	loop_go(look_then_wake, &w);
	ck_assert(wait_for(&w, 0) == E_OK);
	ck_assert_str_eq(seen_first.fn, "unit_first");
	ck_assert_str_eq(seen_first.wait, "keys");
	ck_assert_str_eq(seen_first.id, "8f3c");
	ck_assert_str_eq(seen_first.work, "/x");
	ck_assert_int_eq(seen_first.line, line);
	ck_assert_int_le(seen_first.born, began);
	ck_assert_int_ge(seen_first.since, began);

	loop_go(looks_later, NULL);
	loop_sleep(NULL, 30);
	ABOVE(line);
	ck_assert_str_eq(seen_first.wait, "sleep");
	ck_assert_int_eq(seen_first.line, line);

	gate_init(&gate, W_STORE_ROOM, 1);
	ck_assert(gate_enter(&gate, 0) == E_OK);
	loop_go(look_then_leave, &gate);
	ck_assert(gate_enter(&gate, loop_now() + 5000) == E_OK);
	ABOVE(line);
	ck_assert_str_eq(seen_first.wait, "store room");
	ck_assert_int_eq(seen_first.line, line);

	looked = false;
	loop_go(looks_later, NULL);
	loop_work(work_until_looked, NULL);
	ABOVE(line);
	ck_assert_str_eq(seen_first.wait, "thread");
	ck_assert_int_eq(seen_first.line, line);
	ck_assert_int_ge(seen_first.since, seen_first.born);
}

START_TEST(a_wait_has_a_name_and_a_place)
{
	unit_loop(tells_its_wait, NULL);
}
END_TEST

static int members;

static void
has_labels(void *arg)
{
	const struct co_info *ci = co_info(co_self());

	(void)arg;
	ck_assert_str_eq(ci->fn, "has_labels");
	ck_assert_str_eq(ci->id, "8f3c");
	ck_assert_str_eq(ci->work, "/x");
	members++;
	look(NULL);
	ck_assert_str_eq(seen_first.wait, "together");
}

static void
shares_labels(void *arg)
{
	int n[3];

	(void)arg;
	co_label("8f3c", "/x");
	loop_all(has_labels, n, sizeof n[0], N_OF(n));
	ck_assert_int_eq(members, 3);
}

START_TEST(those_side_by_side_share_labels)
{
	members = 0;
	unit_loop(shares_labels, NULL);
}
END_TEST

/* --- what holds the loop up is reported by name */

static void
spin(void)
{
	struct timespec ts;
	int64_t ms, end = 0;

	do {
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
		ms = (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
		end = end != 0 ? end : ms + 60;
	} while (ms < end);
}

static void
spins_in_a_callback(void *arg)
{
	spin();
	wait_wake(arg, E_OK);
}

static void
spins_on_input(void *arg, int ev)
{
	(void)ev;
	loop_fd_free(*(struct loop_fd **)arg);
	*(struct loop_fd **)arg = NULL;
	spin();
}

static int spins_left;

static void
spins_each_turn(void)
{
	if (spins_left > 0) {
		spins_left--;
		spin();
	}
}

static void
spins_on_signal(int sig)
{
	(void)sig;
	spin();
}

static void
spins_and_ends(void *arg)
{
	(void)arg;
	spin();
}

static void
hold_up(void *arg)
{
	struct wait w = WAIT_INIT(W_KEYS);
	struct loop_timer *t = loop_timer_new(spins_in_a_callback, &w);
	struct loop_fd *fd;
	int p[2];

	(void)arg;
	ck_assert_int_eq(pipe2(p, O_CLOEXEC), 0);
	ck_assert_int_eq(write(p[1], "x", 1), 1);
	fd = loop_fd_new(p[0], spins_on_input, &fd);
	loop_each_turn(spins_each_turn);
	loop_on_signal(SIGUSR2, spins_on_signal);

	loop_go(spins_and_ends, NULL);
	loop_sleep(NULL, 1);
	loop_timer_set(t, 1);
	ck_assert(wait_for(&w, 0) == E_OK);
	co_label("8f3c", NULL);
	spin();
	loop_sleep(NULL, 1);
	loop_fd_watch(fd, LOOP_READ);
	while (fd != NULL)
		loop_sleep(NULL, 1);
	spins_left = 1;
	loop_sleep(NULL, 1);
	raise(SIGUSR2);
	loop_sleep(NULL, 20);
	loop_timer_free(t);
	close(p[0]);
	close(p[1]);
}

START_TEST(what_holds_it_up_is_named)
{
	static const char *const want[] = {
		" msg=\"slow: coroutine spins_and_ends held up the loop for ",
		", from its start to its end\"",
		" msg=\"slow: timer spins_in_a_callback ",
		" req=8f3c msg=\"slow: coroutine unit_first ",
		", from keys at " HERE,
		" to sleep at " HERE,
		" msg=\"slow: descriptor callback spins_on_input ",
		" msg=\"slow: hook spins_each_turn ",
		" msg=\"slow: signal handler spins_on_signal ",
	};
	int saved = dup(STDERR_FILENO), n = 0;
	int file = memfd_create("log", MFD_CLOEXEC);
	static char text[20000];
	const char *p = text;

	ck_assert(saved >= 0 && file >= 0);
	fflush(stderr);
	dup2(file, STDERR_FILENO);
	unit_loop(hold_up, NULL);
	dup2(saved, STDERR_FILENO);
	close(saved);
	ck_assert_int_gt(pread(file, text, sizeof text - 1, 0), 0);
	close(file);
	for (size_t i = 0; i < N_OF(want); i++) {
		p = strstr(p, want[i]);
		ck_assert_msg(p != NULL, "no \"%s\" in\n%s", want[i], text);
	}
	/* On a busy machine others may be starved, but none else is slow. */
	for (p = text; (p = strstr(p, "\"slow: ")) != NULL; p++)
		n++;
	ck_assert_msg(n == 6 || RUNNING_ON_VALGRIND, "%s", text);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("loop-inspect");
	TCase *tc = unit_case(s, "loop-inspect");

	tcase_add_test(tc, a_wait_has_a_name_and_a_place);
	tcase_add_test(tc, those_side_by_side_share_labels);
	tcase_add_test(tc, what_holds_it_up_is_named);
	return s;
}

int
main(void)
{
	return unit_main(suite());
}
