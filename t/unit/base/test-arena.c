/*
 * test-arena - alignment, the cap and deferred calls of arenas
 */
#include "config.h"

#include <signal.h>
#include <stdint.h>

#include "../unit.h"
#include "base/arena.h"

START_TEST(aligned_and_apart)
{
	struct arena *a = arena_new(1 << 20);
	unsigned char *p[400];

	for (size_t n = 0; n < N_OF(p); n++) {
		p[n] = arena_alloc(a, n);
		ck_assert_ptr_nonnull(p[n]);
		ck_assert_uint_eq((uintptr_t)p[n] % _Alignof(max_align_t), 0);
		memset(p[n], (int)(n & 255), n);
	}
	for (size_t n = 0; n < N_OF(p); n++)
		for (size_t i = 0; i < n; i++)
			ck_assert_uint_eq(p[n][i], n & 255);
	arena_free(a);
}
END_TEST

START_TEST(zeroed_after_reset)
{
	struct arena *a = arena_new(1 << 20);
	unsigned char *p;

	for (int round = 0; round < 3; round++) {
		ck_assert_ptr_nonnull(p = arena_zalloc(a, 1500));
		for (int i = 0; i < 1500; i++)
			ck_assert_uint_eq(p[i], 0);
		memset(p, 0xa5, 1500);
		arena_reset(a);
	}
	arena_free(a);
}
END_TEST

START_TEST(strings)
{
	struct arena *a = arena_new(1 << 20);

	ck_assert_str_eq(arena_dupn(a, "abcdef", 3), "abc");
	ck_assert_str_eq(arena_dupn(a, "", 0), "");
	ck_assert_str_eq(arena_dupn(a, NULL, 0), "");
	ck_assert_mem_eq(arena_dupn(a, "a\0b", 3), "a\0b", 4);
	arena_free(a);
}
END_TEST

START_TEST(large_stops_at_the_cap)
{
	struct arena *a = arena_new(1 << 20);

	ck_assert_ptr_nonnull(arena_alloc(a, 900 << 10));
	ck_assert(!arena_over(a));
	ck_assert_ptr_null(arena_alloc(a, 200 << 10));
	/* What was refused was not counted. */
	ck_assert_uint_le(arena_used(a), 1 << 20);
	ck_assert_ptr_null(arena_zalloc(a, 2 << 20));
	ck_assert_ptr_null(arena_alloc(a, SIZE_MAX));
	ck_assert_ptr_null(arena_alloc(a, SIZE_MAX - 15));
	ck_assert_ptr_null(arena_alloc(a, SIZE_MAX / 2));
	arena_free(a);
}
END_TEST

START_TEST(exactly_the_cap)
{
	struct arena *a = arena_new(1 << 20);

	ck_assert_ptr_nonnull(arena_alloc(a, 1 << 20));
	ck_assert(!arena_over(a));
	arena_reset(a);
	ck_assert_ptr_null(arena_alloc(a, (1 << 20) + 1));
	arena_free(a);
}
END_TEST

START_TEST(small_is_served_and_marked)
{
	struct arena *a = arena_new(4096);

	for (int i = 0; i < 7; i++)
		ck_assert_ptr_nonnull(arena_alloc(a, 1024));
	ck_assert(arena_over(a));
	arena_reset(a);
	ck_assert(!arena_over(a));
	ck_assert_uint_eq(arena_used(a), 0);
	ck_assert_ptr_nonnull(arena_alloc(a, 1024));
	ck_assert(!arena_over(a));
	arena_free(a);
}
END_TEST

static void
grow_for_ever(void *arg)
{
	struct arena *a = arena_new(4096);

	(void)arg;
	for (int i = 0; i < 100000; i++)
		arena_alloc(a, 64);
	arena_free(a);
}

START_TEST(twice_the_cap_aborts)
{
	ck_aborts(grow_for_ever, NULL);
}
END_TEST

START_TEST(foreign_memory_counts)
{
	struct arena *a = arena_new(1 << 20);

	ck_assert(arena_charge(a, 1000));
	ck_assert_uint_eq(arena_used(a), 1000);
	ck_assert(!arena_charge(a, 2 << 20));
	ck_assert(arena_over(a));
	ck_assert(!arena_charge(a, SIZE_MAX));
	arena_free(a);
}
END_TEST

static char order[16];

static void
note(void *arg)
{
	size_t n = strlen(order);

	order[n] = *(char *)arg;
	order[n + 1] = '\0';
}

static void
note_and_more(void *arg)
{
	static char last[] = "z";

	note(last);
	arena_defer(arg, note, last);
}

START_TEST(deferred_in_reverse)
{
	struct arena *a = arena_new(1 << 20);
	char w[] = "abc";

	order[0] = '\0';
	for (int i = 0; i < 3; i++)
		arena_defer(a, note, &w[i]);
	arena_reset(a);
	ck_assert_str_eq(order, "cba");
	arena_defer(a, note, &w[0]);
	arena_free(a);
	ck_assert_str_eq(order, "cbaa");
}
END_TEST

START_TEST(deferred_may_defer)
{
	struct arena *a = arena_new(1 << 20);

	order[0] = '\0';
	arena_defer(a, note_and_more, a);
	arena_free(a);
	ck_assert_str_eq(order, "zz");
	arena_free(NULL);
}
END_TEST

START_TEST(many_of_all_sizes)
{
	struct arena *a = arena_new(64 << 20);

	for (int round = 0; round < 20; round++) {
		for (size_t n = 1; n < 70000; n = n * 3 / 2 + 1) {
			char *p = arena_alloc(a, n);

			ck_assert_ptr_nonnull(p);
			p[0] = p[n - 1] = 1;
		}
		ck_assert_uint_ge(arena_used(a), 100000);
		arena_reset(a);
	}
	arena_free(a);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("arena");
	TCase *tc = unit_case(s, "arena");

	tcase_add_test(tc, aligned_and_apart);
	tcase_add_test(tc, zeroed_after_reset);
	tcase_add_test(tc, strings);
	tcase_add_test(tc, large_stops_at_the_cap);
	tcase_add_test(tc, exactly_the_cap);
	tcase_add_test(tc, small_is_served_and_marked);
	tcase_add_test(tc, twice_the_cap_aborts);
	tcase_add_test(tc, foreign_memory_counts);
	tcase_add_test(tc, deferred_in_reverse);
	tcase_add_test(tc, deferred_may_defer);
	tcase_add_test(tc, many_of_all_sizes);
	return s;
}

int
main(void)
{
	return unit_main(suite());
}
