/*
 * unit - what the unit tests share
 *
 * Each test program is one file with a suite and
 *
 *	int main(void) { return unit_main(suite()); }
 *
 * TAP goes to stdout.  Check runs each test in a process of its own unless
 * CK_FORK=no; the helpers below work either way.  Tests of a unit_case()
 * have a fresh cx each.
 */
#ifndef MINA_UNIT_H
#define MINA_UNIT_H

#include <check.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cx.h"
#include "io/loop.h"

#if defined(__SANITIZE_ADDRESS__)
#define UNIT_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define UNIT_ASAN 1
#endif
#endif
#ifndef UNIT_ASAN
#define UNIT_ASAN 0
#endif
#ifdef HAVE_VALGRIND_H
#include <valgrind/valgrind.h>
#else
#define RUNNING_ON_VALGRIND 0
#endif

#define N_OF(a)		(sizeof(a) / sizeof *(a))

static struct cx unit_memory, *cx;

static inline void
unit_setup(void)
{
	cx = &unit_memory;
	cx_init(cx, 4 << 20);
}

static inline void
unit_teardown(void)
{
	cx_release(cx);
	cx = NULL;
}

static inline TCase *
unit_case(Suite *s, const char *name)
{
	TCase *tc = tcase_create(name);

	tcase_add_checked_fixture(tc, unit_setup, unit_teardown);
	/* Sanitizers on a busy machine; a hang still ends. */
	tcase_set_timeout(tc, 120);
	suite_add_tcase(s, tc);
	return tc;
}

static inline int
unit_main(Suite *s)
{
	SRunner *sr = srunner_create(s);
	int failed;

	srunner_set_tap(sr, "-");
	srunner_run_all(sr, CK_SILENT);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* The signal that ends a process which calls fn(arg); 0 when none does. */
static inline int
unit_signal(void (*fn)(void *), void *arg)
{
	struct rlimit none = { 0, 0 };
	int status, fd;
	pid_t pid;

	fflush(NULL);
	if ((pid = fork()) == 0) {
		setrlimit(RLIMIT_CORE, &none);
		if ((fd = open("/dev/null", O_WRONLY)) >= 0)
			dup2(fd, STDERR_FILENO);
		fn(arg);
		_exit(0);
	}
	ck_assert(pid > 0);
	ck_assert(waitpid(pid, &status, 0) == pid);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}
#define ck_aborts(fn, arg)	ck_assert_int_eq(unit_signal(fn, arg), SIGABRT)

/* --- a loop around one coroutine */

struct unit_run {
	void	(*fn)(void *);
	void	*arg;
};

static inline void
unit_first(void *arg)
{
	struct unit_run *run = arg;

	run->fn(run->arg);
	loop_stop();
}

static inline void
unit_late(void *arg)
{
	(void)arg;
	fprintf(stderr, "a coroutine never came back\n");
	abort();
}

/* fn(arg) in a coroutine; returns when it has, whoever else still waits. */
static inline void
unit_turns(void (*fn)(void *), void *arg)
{
	struct unit_run run = { fn, arg };
	struct loop_timer *late = loop_timer_new(unit_late, NULL);

	loop_timer_set(late, 110000);
	loop_go(unit_first, &run);
	loop_run();
	loop_timer_free(late);
}

static inline void
unit_loop(void (*fn)(void *), void *arg)
{
	loop_init();
	unit_turns(fn, arg);
	loop_close();
}

#endif
