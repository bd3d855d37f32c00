/*
 * test-ratelimit - the limit holds in every minute, wherever it begins
 *
 * Clock and sleep are wrapped by the linker (--wrap): a call goes out when it
 * asks to.
 */
#include "config.h"

#include "../../unit.h"
#include "base/cx.h"
#include "base/json.h"
#include "mma/provider/provider.h"

#define LIMIT	600
#define MINUTE	INT64_C(60000000)
#define CALLS	5000

static int64_t	 clock_us, slept_ms;

int64_t __wrap_loop_us(void);
enum err __wrap_run_sleep(struct run *, int64_t);

int64_t
__wrap_loop_us(void)
{
	return clock_us;
}

enum err
__wrap_run_sleep(struct run *r, int64_t ms)
{
	(void)r;
	slept_ms = ms;
	return E_OK;
}

/* When a call made now goes out, us. */
static int64_t
goes_out(const char *key, const char *what)
{
	static const char def[] = "{\"rate\":{\"create_per_min\":600}}";
	struct run r = { .owner = "me" };
	struct cJSON *tree;
	struct provider p = { .key = key };

	ck_assert(json_parse(cx, def, sizeof def - 1, &tree) == E_OK);
	p.def = tree;
	slept_ms = 0;
	ck_assert(ratelimit_wait(&r, &p, what) == E_OK);
	return clock_us + slept_ms * 1000;
}

/* The most calls that any minute has. */
static int
most(const int64_t *at, int n)
{
	int best = 0;

	for (int i = 0, first = 0; i < n; i++) {
		while (at[i] - at[first] >= MINUTE)
			first++;
		if (i - first + 1 > best)
			best = i - first + 1;
	}
	return best;
}

START_TEST(all_at_once)
{
	static int64_t at[CALLS];

	clock_us = 1000 * MINUTE;
	for (int i = 0; i < CALLS; i++)
		at[i] = goes_out("once", "create_per_min");
	ck_assert_int_le(most(at, CALLS), LIMIT);
	/* The limit is used, too. */
	ck_assert_int_ge(most(at, CALLS), LIMIT * 9 / 10);
	ck_assert(at[LIMIT / 20] == clock_us);
}
END_TEST

START_TEST(after_a_rest)
{
	static int64_t at[CALLS];

	clock_us = 2000 * MINUTE;
	for (int i = 0; i < CALLS; i++) {
		/* A hundred every ten seconds, and a pause of a minute. */
		if (i % 100 == 0)
			clock_us += 10 * MINUTE / 60;
		if (i % 1000 == 0)
			clock_us += MINUTE;
		at[i] = goes_out("rest", "create_per_min");
	}
	ck_assert_int_le(most(at, CALLS), LIMIT);
}
END_TEST

START_TEST(each_its_own)
{
	clock_us = 3000 * MINUTE;
	for (int i = 0; i < CALLS; i++)
		goes_out("busy", "create_per_min");
	ck_assert(goes_out("idle", "create_per_min") == clock_us);
	ck_assert(goes_out("busy", "create_per_min") > clock_us);
	/* No limit of that name: no wait. */
	ck_assert(goes_out("busy", "other_per_min") == clock_us);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("ratelimit");
	TCase *tc = unit_case(s, "ratelimit");

	tcase_add_test(tc, all_at_once);
	tcase_add_test(tc, after_a_rest);
	tcase_add_test(tc, each_its_own);
	return unit_main(s);
}
