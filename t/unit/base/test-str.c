/*
 * test-str - string comparison, strict integers, UTF-8, JSON nesting
 */
#include "config.h"

#include <stdint.h>

#include "../unit.h"
#include "base/str.h"

START_TEST(equality)
{
	ck_assert(str_eq("a", "a"));
	ck_assert(!str_eq("a", "A"));
	ck_assert(!str_eq("a", NULL));
	ck_assert(!str_eq(NULL, ""));
	ck_assert(str_eq(NULL, NULL));
	ck_assert(str_ieq("Content-Type", "cONTENT-tYPE"));
	ck_assert(!str_ieq("a", "b"));
	ck_assert(!str_ieq("a", NULL));
	ck_assert(str_ieq(NULL, NULL));
	/* ASCII only: [ and { differ by the same bit as A and a. */
	ck_assert(!str_ieq("[", "{"));
	ck_assert(!str_ieq("\xc3\x84", "\xc3\xa4"));
}
END_TEST

START_TEST(ends)
{
	ck_assert(str_starts("pass:user:1", "pass:"));
	ck_assert(str_starts("x", ""));
	ck_assert(!str_starts("pas", "pass:"));
	ck_assert(!str_starts(NULL, ""));
	ck_assert(str_ends("a.png", ".png"));
	ck_assert(str_ends("x", ""));
	ck_assert(str_ends("", ""));
	ck_assert(!str_ends("png", ".png"));
	ck_assert(!str_ends(NULL, "x"));
}
END_TEST

START_TEST(sets)
{
	static const char *const set[] = { "1:1", "9:16", NULL };
	static const char *const none[] = { NULL };

	ck_assert(str_in("9:16", set));
	ck_assert(!str_in("9:1", set));
	ck_assert(!str_in("", set));
	ck_assert(!str_in(NULL, set));
	ck_assert(!str_in("1:1", none));
}
END_TEST

START_TEST(numbers)
{
	static const char *const bad[] = { "", "-", "+1", " 1", "1 ", "1\n",
	    "0x10", "1e3", "1.0", "--1", "- 1", "1-", "a", "1a", "\xc2\xb2",
	    "9223372036854775808", "-9223372036854775809",
	    "99999999999999999999999999999", NULL };
	int64_t v = 77;

	for (int i = 0; bad[i] != NULL; i++) {
		ck_assert_msg(!str_int(bad[i], INT64_MIN, INT64_MAX, &v),
		    "%s", bad[i]);
		ck_assert_int_eq(v, 77);
	}
	ck_assert(!str_int(NULL, 0, 1, &v));
	ck_assert(str_int("9223372036854775807", INT64_MIN, INT64_MAX, &v));
	ck_assert(v == INT64_MAX);
	ck_assert(str_int("-9223372036854775808", INT64_MIN, INT64_MAX, &v));
	ck_assert(v == INT64_MIN);
	ck_assert(str_int("-5", -5, -5, &v));
	ck_assert_int_eq(v, -5);
	ck_assert(!str_int("-6", -5, 5, &v));
	ck_assert(!str_int("6", -5, 5, &v));
	ck_assert(str_int("0", 0, 0, &v));
	ck_assert_int_eq(v, 0);
}
END_TEST

START_TEST(uuids)
{
	static const char *const bad[] = { "",
	    "123e4567-e89b-12d3-a456-42661417400",
	    "123e4567-e89b-12d3-a456-4266141740000",
	    "123E4567-e89b-12d3-a456-426614174000",
	    "123e4567ee89b-12d3-a456-426614174000",
	    "123e4567-e89b-12d3-a456-42661417400g",
	    "123e4567-e89b-12d3-a456-42661417400 ",
	    "-23e4567-e89b-12d3-a456-426614174000",
	    "{23e4567-e89b-12d3-a456-42661417400}", NULL };
	char out[37];

	ck_assert(str_is_uuid("123e4567-e89b-12d3-a456-426614174000"));
	ck_assert(!str_is_uuid(NULL));
	ck_assert(str_uuid("123E4567-E89B-12D3-A456-42661417400F", out));
	ck_assert_str_eq(out, "123e4567-e89b-12d3-a456-42661417400f");
	ck_assert(!str_uuid("123E4567-E89B-12D3-A456-42661417400G", out));
	ck_assert(!str_uuid(NULL, out));
	ck_assert_str_eq(out, "123e4567-e89b-12d3-a456-42661417400f");
	for (int i = 0; bad[i] != NULL; i++)
		ck_assert_msg(!str_is_uuid(bad[i]), "%s", bad[i]);
}
END_TEST

/* After "UTF-8 decoder capability and stress test", Markus Kuhn. */
static const struct {
	const char	*s;
	bool		 good;
} utf8[] = {
	{ "", true }, { "plain", true }, { "\x7f", true },
	{ "\xc2\x80", true }, { "\xdf\xbf", true },
	{ "\xe0\xa0\x80", true }, { "\xef\xbf\xbf", true },
	{ "\xed\x9f\xbf", true }, { "\xee\x80\x80", true },
	{ "\xf0\x90\x80\x80", true }, { "\xf4\x8f\xbf\xbf", true },
	{ "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5", true },
	{ "\x80", false }, { "\xbf", false }, { "\xc0\xaf", false },
	{ "\xc1\xbf", false }, { "\xe0\x80\xaf", false },
	{ "\xe0\x9f\xbf", false }, { "\xf0\x80\x80\xaf", false },
	{ "\xf0\x8f\xbf\xbf", false }, { "\xc0\x80", false },
	{ "\xed\xa0\x80", false }, { "\xed\xbf\xbf", false },
	{ "\xf4\x90\x80\x80", false }, { "\xf5\x80\x80\x80", false },
	{ "\xf8\x88\x80\x80\x80", false }, { "\xfe", false },
	{ "\xff", false }, { "\xc2", false }, { "\xe2\x82", false },
	{ "\xf0\x9f\x98", false }, { "\xe2\x28\xa1", false },
	{ "a\xc2", false }, { "\xc2\xc2\x80", false },
	{ "\xe2\x82" "a", false },
};

START_TEST(utf8_forms)
{
	for (size_t i = 0; i < N_OF(utf8); i++)
		ck_assert_msg(str_is_utf8(utf8[i].s, strlen(utf8[i].s)) ==
		    utf8[i].good, "row %zu", i);
	ck_assert(!str_is_utf8("a\0b", 3));
	ck_assert(!str_is_utf8("\0", 1));
	/* Never reads past len. */
	ck_assert(!str_is_utf8("\xe2\x82\xac", 2));
	ck_assert(str_is_utf8("\xff", 0));
}
END_TEST

START_TEST(utf8_lengths)
{
	const char *s = "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80z";
	static const size_t cut[] = { 0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11,
	    11, 11 };

	ck_assert_uint_eq(str_utf8_len(s), 5);
	ck_assert_uint_eq(str_utf8_len(""), 0);
	for (size_t n = 0; n < N_OF(cut); n++)
		ck_assert_uint_eq(str_utf8_cut(s, n), cut[n]);
	ck_assert_uint_eq(str_utf8_cut("", 5), 0);
	/* Nothing but continuation bytes: still within the string. */
	ck_assert_uint_eq(str_utf8_cut("\x80\x80\x80", 2), 0);
}
END_TEST

START_TEST(nesting)
{
	static const struct {
		const char	*s;
		int		 depth;
	} c[] = {
		{ "", 0 }, { "7", 0 }, { "[]", 1 }, { "{\"a\":[{}]}", 3 },
		{ "[[],[],[]]", 2 }, { "\"[[[\"", 0 },
		{ "[\"\\\"[[[\"]", 1 }, { "[\"\\\\\",[[", 3 },
		{ "[[[", 3 }, { "\"[", 0 }, { "\"\\", 0 },
	};

	for (size_t i = 0; i < N_OF(c); i++)
		ck_assert_msg(str_nesting(c[i].s, strlen(c[i].s), NULL) ==
		    c[i].depth, "%s", c[i].s);
	ck_assert_int_eq(str_nesting("[[]]", 1, NULL), 1);
}
END_TEST

START_TEST(values)
{
	static const struct {
		const char	*s;
		size_t		 n;
	} c[] = {
		{ "7", 1 }, { "[0]", 2 }, { "[0,0]", 3 },
		{ "{\"a\":[0,0,0]}", 5 }, { "\"[,,\"", 1 },
		{ "[\"\\\",,[\"]", 2 }, { "[[[", 4 },
	};
	size_t n;

	for (size_t i = 0; i < N_OF(c); i++) {
		(void)str_nesting(c[i].s, strlen(c[i].s), &n);
		ck_assert_msg(n == c[i].n, "%s: %zu", c[i].s, n);
	}
}
END_TEST

START_TEST(repair)
{
	static const char good[] = "Gr\xc3\xbc\xc3\x9f";

	ck_assert_ptr_eq(str_repair(cx, good), good);
	ck_assert_str_eq(str_repair(cx, "caf\xe9"), "caf\xef\xbf\xbd");
	ck_assert_str_eq(str_repair(cx, "\xff\xc3\xbc\xed\xa0\x80"),
	    "\xef\xbf\xbd\xc3\xbc\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("str");
	TCase *tc = unit_case(s, "str");

	tcase_add_test(tc, equality);
	tcase_add_test(tc, ends);
	tcase_add_test(tc, sets);
	tcase_add_test(tc, numbers);
	tcase_add_test(tc, uuids);
	tcase_add_test(tc, utf8_forms);
	tcase_add_test(tc, utf8_lengths);
	tcase_add_test(tc, nesting);
	tcase_add_test(tc, values);
	tcase_add_test(tc, repair);
	return s;
}

int
main(void)
{
	return unit_main(suite());
}
