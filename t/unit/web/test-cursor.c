/*
 * test-cursor - encoding, decoding and refusal of cursors
 */
#include "config.h"

#include "../unit.h"
#include "base/crypto.h"
#include "base/encode.h"
#include "web/cursor.h"

START_TEST(both_ways)
{
	static const int64_t at[] = { 0, 1, 255, 256, 1795343400123456,
	    1795343400123457, CURSOR_START - 1, CURSOR_START };
	static char longest[CURSOR_ID_MAX + 1];
	const char *const id[] = { "a", "credit_transaction:settle:gen_still_0",
	    "\xe6\x8a\xb9\xe8\x8c\xb6", "a b\n", longest };
	const char *back;
	int64_t us;
	char *s;

	memset(longest, 'x', CURSOR_ID_MAX);
	for (size_t i = 0; i < N_OF(at); i++)
		for (size_t j = 0; j < N_OF(id); j++) {
			s = cursor_text(cx, at[i], id[j]);
			/* Fit for a query as it is. */
			ck_assert_uint_eq(strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXY"
			    "Zabcdefghijklmnopqrstuvwxyz0123456789-_"),
			    strlen(s));
			ck_assert(cursor_parse(cx, s, &us, &back));
			ck_assert_int_eq(us, at[i]);
			ck_assert_str_eq(back, id[j]);
		}
}
END_TEST

static bool
parses(const char *s)
{
	const char *id;
	int64_t us;

	return cursor_parse(cx, s, &us, &id);
}

/* These bytes with a good check behind them, as it would be sent. */
static const char *
checked(const char *bytes, size_t n)
{
	unsigned char md[SHA256_LEN], *p = cx_alloc(cx, n + 4);

	crypto_sha256(bytes, n, md);
	memcpy(p, bytes, n);
	memcpy(p + n, md, 4);
	return encode_base64url(cx, p, n + 4);
}

START_TEST(nonsense)
{
	/* Raw bytes: a version of another, times out of range, no id. */
	static const struct {
		const char	*bytes;
		size_t		 n;
	} raw[] = {
		{ "", 0 }, { "\1", 1 }, { "\1\0\0\0\0\0\0\0\0", 9 },
		{ "\0\0\0\0\0\0\0\0\0a", 10 }, { "\2\0\0\0\0\0\0\0\0a", 10 },
		{ "\1\0\x20\0\0\0\0\0\0a", 10 },
		{ "\1\x80\0\0\0\0\0\0\0a", 10 },
		{ "\1\xff\xff\xff\xff\xff\xff\xff\xff" "a", 10 },
		{ "\1\0\0\0\0\0\0\0\0a\0b", 12 },
		{ "\1\0\0\0\0\0\0\0\0\xff", 10 },
		{ "\1\0\0\0\0\0\0\0\0\xed\xa0\x80", 12 },
	};
	static const char *const text[] = { "", "0", "AAAA", "null", "1",
	    "-1", "Cg==", "../../etc", "AQAAAAAAAAAAYQ", "AQAAAAAAAAAAYQ==" };
	static char big[100000];
	char *s;

	ck_assert(parses(checked("\1\0\0\0\0\0\0\0\0a", 10)));
	for (size_t i = 0; i < N_OF(raw); i++)
		ck_assert_msg(!parses(checked(raw[i].bytes, raw[i].n)),
		    "raw %zu", i);
	for (size_t i = 0; i < N_OF(text); i++)
		ck_assert_msg(!parses(text[i]), "\"%s\"", text[i]);
	memset(big, 'A', sizeof big - 1);
	ck_assert(!parses(big));
	s = cursor_text(cx, 1795343400123456, "credit_transaction:a");
	for (size_t i = 0; s[i] != '\0'; i++) {
		char was = s[i];

		s[i] = was == 'A' ? 'B' : 'A';
		ck_assert(!parses(s));
		s[i] = was;
		ck_assert(!parses(cx_dupn(cx, s, i)));
		ck_assert(!parses(s + i + 1));
	}
	ck_assert(parses(s));
	ck_assert(!parses(cx_fmt(cx, "%sA", s)));
	ck_assert(!parses(cx_fmt(cx, "%s=", s)));
	ck_assert(!parses(cx_fmt(cx, " %s", s)));
	ck_assert(!parses(cx_fmt(cx, "%s\n", s)));
}
END_TEST

static void
cursor_of_nothing(void *arg)
{
	(void)arg;
	cursor_text(cx, 0, "");
}

static void
cursor_before_time(void *arg)
{
	(void)arg;
	cursor_text(cx, -1, "a");
}

START_TEST(misuse)
{
	ck_aborts(cursor_of_nothing, NULL);
	ck_aborts(cursor_before_time, NULL);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("page");
	TCase *tc = unit_case(s, "page");

	tcase_add_test(tc, both_ways);
	tcase_add_test(tc, nonsense);
	tcase_add_test(tc, misuse);
	return s;
}

int
main(void)
{
	return unit_main(suite());
}
