/*
 * test-buf - growth, the cap and the sticky error of buffers
 */
#include "config.h"

#include <stdint.h>

#include "../unit.h"
#include "base/buf.h"

static void
intact(const struct buf *b)
{
	ck_assert_ptr_nonnull(b->data);
	ck_assert_uint_le(b->len, b->cap);
	ck_assert_int_eq(b->data[b->len], '\0');
}

START_TEST(appends)
{
	struct buf *b = buf_new(cx, 1000);

	intact(b);
	ck_assert_str_eq(b->data, "");
	ck_assert(buf_puts(b, "hello "));
	ck_assert(buf_fmt(b, "%d%%", 42));
	ck_assert(buf_putc(b, '!'));
	ck_assert(buf_put(b, "a\0b", 3));
	ck_assert(buf_put(b, NULL, 0));
	ck_assert(buf_puts(b, ""));
	ck_assert_uint_eq(b->len, 13);
	ck_assert_mem_eq(b->data, "hello 42%!a\0b", 14);
	ck_assert(buf_ok(b));
}
END_TEST

START_TEST(stops_at_the_cap)
{
	struct buf *b = buf_new(cx, 600);

	for (int i = 0; i < 600; i++) {
		ck_assert(buf_putc(b, 'x'));
		intact(b);
	}
	ck_assert(buf_ok(b));
	ck_assert(buf_put(b, "", 0));
	ck_assert(!buf_putc(b, 'y'));
	ck_assert(!buf_ok(b));
	intact(b);
	ck_assert_uint_eq(b->len, 600);
	ck_assert_uint_eq(strspn(b->data, "x"), 600);
}
END_TEST

START_TEST(error_sticks_until_cleared)
{
	struct buf *b = buf_new(cx, 8);

	ck_assert(buf_puts(b, "1234"));
	ck_assert(!buf_puts(b, "56789"));
	ck_assert(!buf_puts(b, "5"));
	ck_assert(!buf_putc(b, '5'));
	ck_assert(!buf_fmt(b, "5"));
	ck_assert(!buf_reserve(b, 0));
	ck_assert_str_eq(b->data, "1234");
	buf_clear(b);
	ck_assert(buf_ok(b));
	ck_assert_str_eq(b->data, "");
	ck_assert(buf_puts(b, "12345678"));
	ck_assert_str_eq(b->data, "12345678");
}
END_TEST

START_TEST(no_room_at_all)
{
	struct buf b;

	buf_init(&b, 0);
	buf_clear(&b);
	intact(&b);
	ck_assert(buf_put(&b, "", 0));
	ck_assert(buf_ok(&b));
	ck_assert(!buf_putc(&b, 'a'));
	intact(&b);
	buf_release(&b);
	intact(&b);
	/* The empty string that all of them share is still empty. */
	buf_init(&b, 10);
	ck_assert_str_eq(b.data, "");
	buf_release(&b);
}
END_TEST

START_TEST(absurd_sizes)
{
	struct buf b;

	buf_init(&b, 100);
	ck_assert(buf_puts(&b, "abc"));
	ck_assert(!buf_reserve(&b, SIZE_MAX));
	buf_clear(&b);
	ck_assert(buf_puts(&b, "abc"));
	ck_assert(!buf_put(&b, "x", SIZE_MAX - 2));
	ck_assert_str_eq(b.data, "abc");
	buf_release(&b);
	buf_init(&b, SIZE_MAX);
	ck_assert(!buf_puts(&b, "abc"));
	buf_release(&b);
}
END_TEST

START_TEST(formats_of_every_length)
{
	char want[700], *s = want;
	struct buf b;

	memset(want, 'f', sizeof want);
	for (int n = 0; n < 600; n++) {
		buf_init(&b, 601);
		ck_assert(buf_fmt(&b, "%.*s", n, s));
		ck_assert_uint_eq(b.len, n);
		ck_assert_mem_eq(b.data, want, n);
		intact(&b);
		ck_assert(buf_fmt(&b, "%c", '.'));
		ck_assert_int_eq(b.data[n], '.');
		intact(&b);
		buf_release(&b);
	}
	buf_init(&b, 300);
	ck_assert(!buf_fmt(&b, "%.*s", 301, want));
	ck_assert_uint_eq(b.len, 0);
	intact(&b);
	buf_release(&b);
}
END_TEST

START_TEST(room_ahead)
{
	struct buf b;
	char *at;

	buf_init(&b, 1 << 20);
	ck_assert(buf_puts(&b, "x"));
	ck_assert(buf_reserve(&b, 100000));
	ck_assert_uint_eq(b.len, 1);
	at = b.data;
	for (int i = 0; i < 100000; i++)
		buf_putc(&b, 'y');
	ck_assert_ptr_eq(b.data, at);
	ck_assert_uint_eq(b.len, 100001);
	buf_release(&b);
	ck_assert_uint_eq(b.len, 0);
	ck_assert(buf_puts(&b, "again"));
	ck_assert_str_eq(b.data, "again");
	buf_release(&b);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("buf");
	TCase *tc = unit_case(s, "buf");

	tcase_add_test(tc, appends);
	tcase_add_test(tc, stops_at_the_cap);
	tcase_add_test(tc, error_sticks_until_cleared);
	tcase_add_test(tc, no_room_at_all);
	tcase_add_test(tc, absurd_sizes);
	tcase_add_test(tc, formats_of_every_length);
	tcase_add_test(tc, room_ahead);
	return s;
}

int
main(void)
{
	return unit_main(suite());
}
