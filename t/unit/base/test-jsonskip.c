/*
 * test-jsonskip - what is left of JSON without some members, however it is cut
 */
#include "config.h"

#include <string.h>

#include "../unit.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/jsonskip.h"

static const char *const names[] = { "logs", "trace", NULL };

static const struct {
	const char	*in, *out;
} cases[] = {
	{ "{\"a\":1}", "{\"a\":1}" },
	{ "{\"logs\":\"x\",\"a\":1}", "{\"logs\":null,\"a\":1}" },
	{ "{\"a\":1,\"logs\" : \"x\"}", "{\"a\":1,\"logs\" :null}" },
	{ "{\"logs\":[{\"a\":\"]}\"},[1]],\"b\":2}",
	    "{\"logs\":null,\"b\":2}" },
	{ "{\"logs\":{\"logs\":{}},\"b\":2}", "{\"logs\":null,\"b\":2}" },
	{ "{\"logs\":12.5e3,\"b\":2}", "{\"logs\":null,\"b\":2}" },
	{ "{\"logs\":null}", "{\"logs\":null}" },
	{ "{\"logs\": true }", "{\"logs\":null}" },
	{ "{\"logs\":\"a\\\"b\\\\\",\"b\":2}", "{\"logs\":null,\"b\":2}" },
	{ "{\"logs\":\"\",\"trace\":[]}", "{\"logs\":null,\"trace\":null}" },
	{ "[{\"b\":{\"logs\":[1]}},{\"logs\":\"y\"}]",
	    "[{\"b\":{\"logs\":null}},{\"logs\":null}]" },
	/* Values, and longer names. */
	{ "{\"a\":\"logs\",\"b\":[\"logs\",\"trace\"]}",
	    "{\"a\":\"logs\",\"b\":[\"logs\",\"trace\"]}" },
	{ "{\"logs2\":1,\"mylogs\":2,\"log\":3,\"\":4}",
	    "{\"logs2\":1,\"mylogs\":2,\"log\":3,\"\":4}" },
	{ "{\"a\":\"\\\"logs\\\":1\"}", "{\"a\":\"\\\"logs\\\":1\"}" },
	{ "{\"a_name_that_is_far_longer_than_thirty_two\":1}",
	    "{\"a_name_that_is_far_longer_than_thirty_two\":1}" },
	/* No JSON, and half of it. */
	{ "<html>", "<html>" },
	{ "{\"logs\":\"never en", "{\"logs\":null" },
};

static void
check(const char *in, const char *out, size_t piece)
{
	struct jsonskip s = { .names = names };
	size_t len = strlen(in), n;
	struct buf b;

	buf_init(&b, 1 << 16);
	for (size_t i = 0; i < len; i += n) {
		n = len - i < piece ? len - i : piece;
		ck_assert(jsonskip_put(&s, &b, in + i, n));
	}
	ck_assert_str_eq(b.data, out);
	buf_release(&b);
}

START_TEST(skips)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		for (size_t piece = 1; piece < 40; piece++)
			check(cases[i].in, cases[i].out, piece);
}
END_TEST

/* What is skipped does not count; what is kept does. */
START_TEST(limits)
{
	struct jsonskip s = { .names = names };
	struct buf b;

	buf_init(&b, 64);
	ck_assert(jsonskip_put(&s, &b, "{\"logs\":\"", 9));
	for (int i = 0; i < 1000; i++)
		ck_assert(jsonskip_put(&s, &b, "0123456789", 10));
	ck_assert(jsonskip_put(&s, &b, "\",\"a\":1}", 8));
	ck_assert_str_eq(b.data, "{\"logs\":null,\"a\":1}");
	ck_assert(!jsonskip_put(&s, &b, "0123456789012345678901234567890123"
	    "456789012345678901234567890123456789", 70));
	buf_release(&b);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("jsonskip");
	TCase *tc = unit_case(s, "jsonskip");

	tcase_add_test(tc, skips);
	tcase_add_test(tc, limits);
	return s;
}

int
main(void)
{
	return unit_main(suite());
}
