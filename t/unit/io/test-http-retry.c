/*
 * test-http-retry - Retry-After, by RFC 9110 10.2.3 and as servers send it
 */
#include "config.h"

#include "../unit.h"
#include "base/clock.h"
#include "io/http.h"

static int64_t
after(const char *value)
{
	struct http_call call = HTTP_CALL("GET", "https://h/");

	call.got[call.ngot].name = "Content-Type";
	call.got[call.ngot++].value = "99";
	if (value != NULL) {
		call.got[call.ngot].name = "rETRY-aFTER";
		call.got[call.ngot++].value = value;
	}
	return http_retry_after(&call);
}

START_TEST(seconds)
{
	static const struct {
		const char	*value;
		int64_t		 ms;
	} rows[] = {
		{ NULL, 0 }, { "0", 0 }, { "1", 1000 }, { "2.0", 2000 },
		{ "1.5", 1500 }, { "0.0001", 1 }, { "1.0001", 1001 },
		{ "120", 120000 }, { "3600", 3600000 },
		{ "3600.5", 3600000 }, { "3601", 3600000 },
		{ "86400", 3600000 }, { "99999999999999999999", 3600000 },
		{ "9999999999999999999999999999999999999.5", 3600000 },
	};

	for (size_t i = 0; i < N_OF(rows); i++)
		ck_assert_msg(after(rows[i].value) == rows[i].ms, "%s gives "
		    "%lld", rows[i].value, (long long)after(rows[i].value));
}
END_TEST

START_TEST(nonsense)
{
	static const char *const bad[] = { "", "-1", "+5", "soon", "5s",
	    "5 seconds", "5,", "1.2.3", "nan", "inf", "infinity", "NaN",
	    "2026-11-22T10:30:00Z", "Sun", "Sun, 22 Nov 2026", ".", NULL };

	for (int i = 0; bad[i] != NULL; i++)
		ck_assert_msg(after(bad[i]) == 0, "%s", bad[i]);
}
END_TEST

/* What only strtod() takes for a number. */
START_TEST(only_decimals)
{
	ck_assert_int_eq(after("0x10"), 0);
	ck_assert_int_eq(after("1e3"), 0);
	ck_assert_int_eq(after("0x1p4"), 0);
}
END_TEST

START_TEST(dates)
{
	char t[CLOCK_LEN];
	int64_t now = clock_now(), ms;

	clock_http(now + 30000, t);
	ms = after(t);
	ck_assert_int_gt(ms, 25000);
	ck_assert_int_le(ms, 30000);
	clock_http(now - 30000, t);
	ck_assert_int_eq(after(t), 0);
	ck_assert_int_eq(after("Thu, 01 Jan 1970 00:00:00 GMT"), 0);
	ck_assert_int_eq(after("Fri, 31 Dec 9999 23:59:59 GMT"), 3600000);
	ck_assert_int_eq(after("Fri, 32 Dec 9999 23:59:59 GMT"), 0);
}
END_TEST

START_TEST(headers_are_found)
{
	struct http_call call = HTTP_CALL("GET", "https://h/");

	ck_assert_ptr_null(http_got(&call, "x"));
	call.got[0].name = "X-A";
	call.got[0].value = "1";
	call.got[1].name = "x-a";
	call.got[1].value = "2";
	call.ngot = 2;
	ck_assert_str_eq(http_got(&call, "x-A"), "1");
	ck_assert_ptr_null(http_got(&call, "x-"));
	ck_assert_ptr_null(http_got(&call, "x-ab"));
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("http-retry");
	TCase *tc = unit_case(s, "http-retry");

	tcase_add_test(tc, seconds);
	tcase_add_test(tc, nonsense);
	tcase_add_test(tc, only_decimals);
	tcase_add_test(tc, dates);
	tcase_add_test(tc, headers_are_found);
	return s;
}

int
main(void)
{
	return unit_main(suite());
}
