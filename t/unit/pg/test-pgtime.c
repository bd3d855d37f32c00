/*
 * test-pgtime - the database's time between two notes, and across a step
 */
#include "config.h"

#include "../unit.h"
#include "base/clock.h"
#include "pg/pgtime.h"

#define NOON	INT64_C(1795348800000)
#define LEASE	60000

/* The database's clock, off by this many milliseconds, is noted now. */
static void
note(int64_t start, int64_t off)
{
	int64_t now = clock_boot();

	pgtime_note(now, NOON + (now - start) + off);
}

/* How far the calm time is from the one without a step. */
static int64_t
calm(int64_t start, int64_t ms)
{
	int64_t t;

	ck_assert(pgtime_calm(ms, &t));
	return t - (NOON + (clock_boot() - start));
}

static bool
near(int64_t ms, int64_t wanted)
{
	return ms > wanted - 1000 && ms < wanted + 1000;
}

START_TEST(steps)
{
	int64_t start = clock_boot(), t;

	ck_assert(!pgtime_calm(LEASE, &t));
	note(start, 0);
	ck_assert(near(calm(start, LEASE), 0));
	ck_assert_uint_eq(pgtime_steps(), 0);

	note(start, 20000);
	ck_assert_uint_eq(pgtime_steps(), 1);
	ck_assert(near(calm(start, LEASE), 0));		/* not yet */
	ck_assert(near(calm(start, 0), 20000));		/* in time */
	note(start, 50000);
	ck_assert(near(calm(start, LEASE), 0));		/* both steps */

	note(start, -60000);
	ck_assert_uint_eq(pgtime_steps(), 3);
	ck_assert_int_le(calm(start, LEASE), -59000);
	ck_assert(near(calm(start, 0), -60000));
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("pgtime");
	TCase *tc = unit_case(s, "pgtime");

	tcase_add_test(tc, steps);
	return s;
}

int
main(void)
{
	return unit_main(suite());
}
