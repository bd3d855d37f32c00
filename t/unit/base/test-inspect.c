/*
 * test-inspect - the list of coroutines, and warnings about slow ones
 */
#include "config.h"

#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "../unit.h"
#include "base/co.h"
#include "base/inspect.h"
#include "base/log.h"

static int saved, file;
static char text[20000];

static void
capture(void)
{
	log_flush();
	fflush(stderr);
	ck_assert_int_ge(saved = dup(STDERR_FILENO), 0);
	ck_assert_int_ge(file = memfd_create("log", MFD_CLOEXEC), 0);
	dup2(file, STDERR_FILENO);
}

/* What was written, without the times; one line after the other. */
static const char *
captured(void)
{
	char *p = text, *to = text;
	ssize_t n;

	log_flush();
	dup2(saved, STDERR_FILENO);
	close(saved);
	n = pread(file, text, sizeof text - 1, 0);
	close(file);
	ck_assert_int_ge(n, 0);
	text[n] = '\0';
	while (*p != '\0') {
		size_t len = strcspn(p, "\n") + 1;

		ck_assert_int_eq(strncmp(p, "time=", 5), 0);
		memmove(to, p + 30, len - 30);
		to += len - 30;
		p += len;
	}
	*to = '\0';
	return text;
}

/* The head of a coroutine's line up to its function. */
static const char *
head(const char *req, const struct co *co)
{
	static char s[200];

	snprintf(s, sizeof s, "level=info prog=test-inspect %sco=%p ", req,
	    (const void *)co);
	return s;
}

static void
stops(void *arg)
{
	struct co_info *ci = co_info(co_self());

	if (arg != NULL)
		co_label("gen still\"1\"", arg);
	ci->wait = "keys";
	ci->at = "x.c:7";
	ci->since = 3000;
	co_yield();
}

START_TEST(all_are_listed)
{
	static char work[] = "generation";
	struct co *co[2];
	const char *p;
	char want[400];

	co[0] = co_new(stops, work);
	co[1] = co_make(stops, NULL, "other", "y.c:8");
	co_info(co[0])->born = 1000;
	co_info(co[1])->born = 2000;
	for (int i = 0; i < 2; i++)
		co_enter(co[i]);
	/* It was asked for, so it is written at any level. */
	log_level("err");
	capture();
	inspect_dump(3250);
	p = captured();
	log_level("info");
	snprintf(want, sizeof want, "%sfn=stops from=%s age_ms=2250 "
	    "work=\"generation\" wait=\"keys\" at=x.c:7 since_ms=250\n",
	    head("req=gen?still?1? ", co[0]), co_info(co[0])->from);
	ck_assert_msg(strncmp(p, want, strlen(want)) == 0, "%s", p);
	p += strlen(want);
	snprintf(want, sizeof want, "%sfn=other from=y.c:8 age_ms=1250 "
	    "wait=\"keys\" at=x.c:7 since_ms=250\n", head("", co[1]));
	ck_assert_msg(strncmp(p, want, strlen(want)) == 0, "%s", p);
	p += strlen(want);
	/* The arena is cx's, which has no block yet. */
	ck_assert_str_eq(p, "level=info prog=test-inspect coroutines=2 "
	    "idle_stacks=0 arenas=1 arena_kb=0\n");
	for (int i = 0; i < 2; i++)
		co_enter(co[i]);
	(void)cx_alloc(cx, 4096);
	capture();
	inspect_dump(0);
	ck_assert_str_eq(captured(), "level=info prog=test-inspect "
	    "coroutines=0 idle_stacks=2 arenas=1 arena_kb=4\n");
	co_drain();
}
END_TEST

/* Before its first wait there is none to tell. */
START_TEST(one_that_has_not_begun)
{
	struct co *co = co_make(stops, NULL, "other", "y.c:8");
	char want[400];

	capture();
	inspect_dump(5);
	snprintf(want, sizeof want, "%sfn=other from=y.c:8 age_ms=5\n",
	    head("", co));
	ck_assert_int_eq(strncmp(captured(), want, strlen(want)), 0);
	for (int i = 0; i < 2; i++)
		co_enter(co);
	co_drain();
}
END_TEST

/* --- what holds the loop up */

static int64_t
clock_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

/* So much time of the CPU, however busy the machine is. */
static void
spin(int64_t ms)
{
	int64_t end = clock_ns(CLOCK_THREAD_CPUTIME_ID) + ms * 1000000;

	while (clock_ns(CLOCK_THREAD_CPUTIME_ID) < end)
		;
}

static void
begin_now(void)
{
	inspect_begin(clock_ns(CLOCK_MONOTONIC) / 1000000);
}

START_TEST(slow_ones_are_named)
{
	struct co_info ci = { .fn = "make", .id = "8f3c", .wait = "pg reply",
	    .at = "x.c:7" };
	const char *p;
	long took, used;
	int n = 0;

	capture();
	begin_now();
	spin(60);
	inspect_resumed(&ci, "keys", "y.c:8", false);
	p = captured();
	ck_assert_msg(sscanf(p, "level=warn prog=test-inspect req=8f3c "
	    "msg=\"slow: coroutine make held up the loop for %ld ms, %ld ms of "
	    "it on the CPU, from keys at y.c:8 to pg reply at "
	    "x.c:7\"%n", &took, &used, &n) == 2 && p[n] == '\n', "%s", p);
	ck_assert_int_ge(used, 60);
	ck_assert_int_ge(took, used);
	ck_assert_int_lt(used, 80);
}
END_TEST

START_TEST(from_start_to_end)
{
	struct co_info ci = { .fn = "make", .wait = "keys", .at = "x.c:7" };
	const char *p;

	capture();
	begin_now();
	spin(60);
	inspect_resumed(&ci, NULL, NULL, true);
	p = captured();
	ck_assert_msg(strstr(p, "=test-inspect msg=\"slow: coroutine make ") !=
	    NULL, "%s", p);
	ck_assert_ptr_nonnull(strstr(p, " CPU, from its start to its end\"\n"));
}
END_TEST

START_TEST(callbacks_are_named)
{
	const char *p;

	capture();
	begin_now();
	spin(60);
	inspect_called("timer", "tick");
	p = captured();
	ck_assert_msg(strstr(p, "=test-inspect msg=\"slow: timer tick held up "
	    "the loop for ") != NULL, "%s", p);
	ck_assert_ptr_nonnull(strstr(p, " ms of it on the CPU\"\n"));
}
END_TEST

/* Each is measured from the end of the last, not from the first begin. */
START_TEST(many_quick_ones_are_not_slow)
{
	capture();
	begin_now();
	for (int i = 0; i < 20; i++) {
		spin(10);
		inspect_called("timer", "quick");
	}
	ck_assert_ptr_null(strstr(captured(), "slow"));
}
END_TEST

/* What ran before is not counted, nor that nothing ran. */
START_TEST(only_what_it_did_itself)
{
	capture();
	begin_now();
	spin(60);
	begin_now();
	spin(30);
	inspect_called("timer", "quick");
	ck_assert_ptr_null(strstr(captured(), "slow"));
	capture();
	usleep(250000);
	begin_now();
	inspect_called("timer", "quick");
	ck_assert_str_eq(captured(), "");
}
END_TEST

START_TEST(starved_ones_are_told_apart)
{
	const char *p;

	capture();
	begin_now();
	usleep(100000);
	inspect_called("timer", "waits");
	/* Unless the machine is busy. */
	p = captured();
	ck_assert(*p == '\0' || strstr(p, "starved: ") != NULL);
	capture();
	begin_now();
	usleep(220000);
	inspect_called("timer", "blocks");
	p = captured();
	ck_assert_msg(strstr(p, "starved: timer blocks held up the loop for "
	    "2") != NULL, "%s", p);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("inspect");
	TCase *tc = unit_case(s, "inspect");

	tcase_add_test(tc, all_are_listed);
	tcase_add_test(tc, one_that_has_not_begun);
	tcase_add_test(tc, slow_ones_are_named);
	tcase_add_test(tc, from_start_to_end);
	tcase_add_test(tc, callbacks_are_named);
	tcase_add_test(tc, many_quick_ones_are_not_slow);
	tcase_add_test(tc, only_what_it_did_itself);
	tcase_add_test(tc, starved_ones_are_told_apart);
	return s;
}

int
main(void)
{
	return unit_main(suite());
}
