/*
 * test-clock - formats, parsing and calendar arithmetic of times
 */
#include "config.h"

#include <time.h>

#include "../unit.h"
#include "base/clock.h"

static const struct {
	int64_t		 ms;
	const char	*rfc, *basic, *http;
} known[] = {
	{ 0, "1970-01-01T00:00:00.000Z", "19700101T000000Z",
	    "Thu, 01 Jan 1970 00:00:00 GMT" },
	{ -1, "1969-12-31T23:59:59.999Z", "19691231T235959Z",
	    "Wed, 31 Dec 1969 23:59:59 GMT" },
	{ INT64_C(1795343400000), "2026-11-22T10:30:00.000Z",
	    "20261122T103000Z", "Sun, 22 Nov 2026 10:30:00 GMT" },
	{ INT64_C(1369353600000), "2013-05-24T00:00:00.000Z",
	    "20130524T000000Z", "Fri, 24 May 2013 00:00:00 GMT" },
	{ INT64_C(951782400123), "2000-02-29T00:00:00.123Z",
	    "20000229T000000Z", "Tue, 29 Feb 2000 00:00:00 GMT" },
	{ INT64_C(4107542399999), "2100-02-28T23:59:59.999Z",
	    "21000228T235959Z", "Sun, 28 Feb 2100 23:59:59 GMT" },
	{ INT64_C(4107542400000), "2100-03-01T00:00:00.000Z",
	    "21000301T000000Z", "Mon, 01 Mar 2100 00:00:00 GMT" },
	{ INT64_C(253402300799999), "9999-12-31T23:59:59.999Z",
	    "99991231T235959Z", "Fri, 31 Dec 9999 23:59:59 GMT" },
};

START_TEST(formats)
{
	char t[CLOCK_LEN];
	int64_t ms;

	for (size_t i = 0; i < N_OF(known); i++) {
		clock_rfc3339(known[i].ms, t);
		ck_assert_str_eq(t, known[i].rfc);
		ck_assert(clock_parse(t, &ms));
		ck_assert_int_eq(ms, known[i].ms);
		clock_basic(known[i].ms, t);
		ck_assert_str_eq(t, known[i].basic);
		clock_http(known[i].ms, t);
		ck_assert_str_eq(t, known[i].http);
		ck_assert(clock_parse_http(t, &ms));
		ck_assert_int_eq(ms, known[i].ms -
		    ((known[i].ms % 1000) + 1000) % 1000);
	}
}
END_TEST

/* Against the C library, a prime number of seconds apart, for 600 years. */
START_TEST(the_calendar)
{
	char t[CLOCK_LEN], want[CLOCK_LEN];
	struct tm tm;
	int64_t back;

	for (time_t s = -9000000000; s < 12000000000; s += 1000003) {
		ck_assert_ptr_nonnull(gmtime_r(&s, &tm));
		strftime(want, sizeof want, "%Y-%m-%dT%H:%M:%S.007Z", &tm);
		clock_rfc3339((int64_t)s * 1000 + 7, t);
		ck_assert_str_eq(t, want);
		ck_assert(clock_parse(t, &back));
		ck_assert(back == (int64_t)s * 1000 + 7);
		strftime(want, sizeof want, "%a, %d %b %Y %H:%M:%S GMT", &tm);
		clock_http((int64_t)s * 1000, t);
		ck_assert_str_eq(t, want);
	}
}
END_TEST

START_TEST(offsets)
{
	static const char *const same[] = {
		"2026-11-22T10:30:00Z", "2026-11-22T10:30:00.000Z",
		"2026-11-22t10:30:00z", "2026-11-22 10:30:00+00",
		"2026-11-22T12:30:00+02:00", "2026-11-22T12:30:00+0200",
		"2026-11-22 12:30:00+02", "2026-11-22T05:00:00-05:30",
		"2026-11-23T02:29:00+15:59", "2026-11-22T10:30:00-00:00",
		"2026-11-22 10:30:00.000000+00",
		"2026-11-22T10:30:00.000999999999999999999999Z",
	};
	int64_t ms;

	for (size_t i = 0; i < N_OF(same); i++) {
		ms = 1;
		ck_assert_msg(clock_parse(same[i], &ms), "%s", same[i]);
		ck_assert_int_eq(ms, INT64_C(1795343400000));
	}
	ck_assert(clock_parse("2026-11-22 10:30:00.12+00", &ms));
	ck_assert_int_eq(ms, INT64_C(1795343400120));
	ck_assert(clock_parse("2026-11-22 10:30:00.123456+00", &ms));
	ck_assert_int_eq(ms, INT64_C(1795343400123));
	/* A leap second is accepted; it is the second after it here. */
	ck_assert(clock_parse("2016-12-31T23:59:60Z", &ms));
	ck_assert_int_eq(ms, INT64_C(1483228800000));
}
END_TEST

START_TEST(nonsense)
{
	static const char *const bad[] = { "", "now", "2026", "2026-11-22",
	    "2026-11-22T10:30:00", "2026-11-22T10:30Z",
	    "2026-11-22T10:30:00X", "2026-11-22T10:30:00Zx",
	    "2026-11-22T10:30:00Z ", "2026-13-01T00:00:00Z",
	    "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z",
	    "2026-01-32T00:00:00Z", "2026-04-31T00:00:00Z",
	    "2026-02-29T00:00:00Z", "2100-02-29T00:00:00Z",
	    "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z",
	    "2026-01-01T00:00:61Z", "2026-01-01X00:00:00Z",
	    "2026-1-1T00:00:00Z", "26-01-01T00:00:00Z",
	    "20260101T000000Z", "2026/01/01T00:00:00Z",
	    "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+00:01",
	    "9999-12-31T23:59:59-00:01", "2026-01-01T00:00:00+16:00",
	    "2026-01-01T00:00:00+20:00", "2026-01-01T00:00:00-20:00",
	    "2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00+00:60",
	    "2026-01-01T00:00:00+1", "2026-01-01T00:00:00+00:1",
	    "2026-01-01T00:00:00+00:00:00x", "infinity", "-infinity",
	    "0000-00-00T00:00:00Z", "\xff", "2026-01-01T00:00:00,5Z", NULL };
	int64_t ms = 77;

	for (int i = 0; bad[i] != NULL; i++) {
		ck_assert_msg(!clock_parse(bad[i], &ms), "%s", bad[i]);
		ck_assert_int_eq(ms, 77);
	}
	ck_assert(!clock_parse(NULL, &ms));
}
END_TEST

/* Blanks and signs, which scanf() takes in front of digits. */
START_TEST(digits_are_digits)
{
	static const char *const bad[] = { "-026-11-22T10:30:00Z",
	    "+026-11-22T10:30:00Z", " 026-11-22T10:30:00Z",
	    "2026-+1-22T10:30:00Z", "2026- 1-22T10:30:00Z",
	    "2026-11-22T+1:30:00Z", "2026-11-22T10: 3:00Z",
	    "2026-11-22T10:30:-0Z", "\n2026-1-22T10:30:00Z",
	    "2026-11-22T10:30:00++4", "2026-11-22T10:30:00+ 4",
	    "2026-11-22T10:30:00+04:+5", "2026-11-22T10:30:00+04:",
	    "2026-11-22T10:30:00.Z", NULL };
	int64_t ms = 77;

	for (int i = 0; bad[i] != NULL; i++)
		ck_assert_msg(!clock_parse(bad[i], &ms), "%s", bad[i]);
}
END_TEST

START_TEST(http_nonsense)
{
	static const char *const bad[] = { "", "Sun", "0", "120",
	    "Sun, 22 Nov 2026 10:30:00", "Sun, 22 Nov 2026 10:30:00 UTC",
	    "Sun, 22 Nov 2026 10:30:00 GMTx", "Sun, 22 nov 2026 10:30:00 GMT",
	    "Sun, 32 Nov 2026 10:30:00 GMT", "Sun, 22 Foo 2026 10:30:00 GMT",
	    "Sun, 22 Nov 2026 25:30:00 GMT", "22 Nov 2026 10:30:00 GMT", NULL };
	int64_t ms = 77;

	for (int i = 0; bad[i] != NULL; i++) {
		ck_assert_msg(!clock_parse_http(bad[i], &ms), "%s", bad[i]);
		ck_assert_int_eq(ms, 77);
	}
	ck_assert(!clock_parse_http(NULL, &ms));
}
END_TEST

START_TEST(now_is_now)
{
	int64_t before = (int64_t)time(NULL) * 1000, t = clock_now();

	ck_assert_int_ge(t, before - 1000);
	ck_assert_int_le(t, (int64_t)time(NULL) * 1000 + 2000);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("when");
	TCase *tc = unit_case(s, "when");

	tcase_add_test(tc, formats);
	tcase_add_test(tc, the_calendar);
	tcase_add_test(tc, offsets);
	tcase_add_test(tc, nonsense);
	tcase_add_test(tc, digits_are_digits);
	tcase_add_test(tc, http_nonsense);
	tcase_add_test(tc, now_is_now);
	return s;
}

int
main(void)
{
	return unit_main(suite());
}
