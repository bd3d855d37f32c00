/*
 * Coroutines.
 */
#include "config.h"

#include <setjmp.h>
#include <signal.h>
#include <stdint.h>

#include "../unit.h"
#include "base/co.h"

/* Below CO_STACK with room for a sanitizer's red zones. */
#define DEEP	(96 * 1024)
/* Past every CO_STACK. */
#define TOO_DEEP (2 * 1024 * 1024)

static long count;

static void
counts(void *arg)
{
	long n = *(long *)arg;

	for (long i = 0; i < n; i++) {
		count++;
		co_yield();
	}
}

START_TEST(a_hundred_thousand_switches)
{
	long n = 100000;
	struct co *co = co_new(counts, &n);

	count = 0;
	ck_assert_uint_eq(co_count(), 1);
	for (long i = 0; i < n; i++) {
		co_enter(co);
		ck_assert_int_eq(count, i + 1);
	}
	co_enter(co);
	ck_assert_uint_eq(co_count(), 0);
	co_drain();
}
END_TEST

static struct co *seen[4];
static char trail[64];

static void
mark(char c)
{
	size_t n = strlen(trail);

	trail[n] = c;
	trail[n + 1] = '\0';
}

static void
inner(void *arg)
{
	(void)arg;
	seen[1] = co_self();
	mark('b');
	co_yield();
	mark('d');
}

static void
outer(void *arg)
{
	struct co *in = co_new(inner, NULL);

	(void)arg;
	seen[0] = co_self();
	mark('a');
	co_enter(in);
	ck_assert_ptr_eq(co_self(), seen[0]);
	mark('c');
	co_yield();
	co_enter(in);
	mark('e');
	ck_assert_ptr_eq(co_self(), seen[0]);
}

START_TEST(one_within_another)
{
	struct co *out = co_new(outer, NULL);

	trail[0] = '\0';
	ck_assert_ptr_null(co_self());
	co_enter(out);
	ck_assert_ptr_null(co_self());
	ck_assert_str_eq(trail, "abc");
	ck_assert_uint_eq(co_count(), 2);
	co_enter(out);
	ck_assert_ptr_null(co_self());
	ck_assert_str_eq(trail, "abcde");
	ck_assert_ptr_ne(seen[0], seen[1]);
	ck_assert_uint_eq(co_count(), 0);
	co_drain();
}
END_TEST

static struct co *chain[100];

static void
nest(void *arg)
{
	long at = count++;

	(void)arg;
	if (count < (long)N_OF(chain)) {
		chain[count] = co_new(nest, NULL);
		co_enter(chain[count]);
	}
	co_yield();
	/* Taken up from outside now, so in any order. */
	chain[at] = NULL;
}

START_TEST(a_hundred_within_each_other)
{
	count = 0;
	co_enter(chain[0] = co_new(nest, NULL));
	ck_assert_int_eq(count, N_OF(chain));
	ck_assert_uint_eq(co_count(), N_OF(chain));
	for (size_t i = 0; i < N_OF(chain); i++) {
		co_enter(chain[i]);
		ck_assert_ptr_null(chain[i]);
	}
	ck_assert_uint_eq(co_count(), 0);
	co_drain();
}
END_TEST

struct worker {
	unsigned long	 seed, sum;
	double		 real;
	int		 rounds;
};

/* Locals and callee-saved registers must survive every switch. */
static void
works(void *arg)
{
	struct worker *w = arg;
	unsigned long a = w->seed, b = a * 3, c = a ^ 0x5555, d = a + 7;
	double x = (double)a, y = x / 3;
	unsigned char local[64];

	memset(local, (int)(a & 255), sizeof local);
	for (int i = 0; i < w->rounds; i++) {
		a += b;
		b ^= c;
		c += d;
		d = d * 5 + a;
		x += y;
		y = y * 0.5 + 1;
		co_yield();
	}
	for (size_t i = 0; i < sizeof local; i++)
		ck_assert_uint_eq(local[i], w->seed & 255);
	w->sum = a ^ b ^ c ^ d;
	w->real = x + y;
}

static void
works_alone(struct worker *w)
{
	unsigned long a = w->seed, b = a * 3, c = a ^ 0x5555, d = a + 7;
	double x = (double)a, y = x / 3;

	for (int i = 0; i < w->rounds; i++) {
		a += b;
		b ^= c;
		c += d;
		d = d * 5 + a;
		x += y;
		y = y * 0.5 + 1;
	}
	w->sum = a ^ b ^ c ^ d;
	w->real = x + y;
}

START_TEST(thousands_alive)
{
	size_t n = RUNNING_ON_VALGRIND ? 300 : 5000;
	struct worker *w = calloc(n, sizeof *w), want;
	struct co **co = calloc(n, sizeof *co);

	ck_assert(w != NULL && co != NULL);
	for (size_t i = 0; i < n; i++) {
		w[i].seed = i + 1;
		w[i].rounds = 10;
		co[i] = co_new(works, &w[i]);
	}
	ck_assert_uint_eq(co_count(), n);
	for (int round = 0; round <= 10; round++)
		for (size_t i = 0; i < n; i++)
			co_enter(co[(i * 7919) % n]);
	ck_assert_uint_eq(co_count(), 0);
	for (size_t i = 0; i < n; i++) {
		want = w[i];
		works_alone(&want);
		ck_assert_uint_eq(w[i].sum, want.sum);
		ck_assert(w[i].real == want.real);
	}
	free(w);
	free(co);
	co_drain();
}
END_TEST

static int
eat_stack(size_t left)
{
	volatile char frame[1024];
	int below;

	memset((void *)(uintptr_t)frame, 1, sizeof frame);
	below = left > sizeof frame ? eat_stack(left - sizeof frame) : 0;
	return below + frame[left % sizeof frame];
}

static void
eats(void *arg)
{
	count = eat_stack(*(size_t *)arg);
	co_yield();
	count += eat_stack(*(size_t *)arg);
}

START_TEST(deep_stacks)
{
	/* Sanitizers make frames fatter, and the stack with them. */
	size_t n = DEEP;
	struct co *co[20];

	for (size_t i = 0; i < N_OF(co); i++)
		co[i] = co_new(eats, &n);
	for (int round = 0; round < 2; round++)
		for (size_t i = 0; i < N_OF(co); i++) {
			co_enter(co[i]);
			ck_assert_int_ge(count, DEEP / 1024);
		}
	ck_assert_uint_eq(co_count(), 0);
	co_drain();
}
END_TEST

static void
overflows(void *arg)
{
	size_t n = TOO_DEEP;
	/* A neighbour right below, whom the guard page protects. */
	struct co *a = co_new(eats, &n), *b = co_new(eats, &n);

	(void)arg;
	co_enter(a);
	co_enter(b);
}

START_TEST(overflow_hits_the_guard_page)
{
	/* There the signal would be caught and made into a report. */
	if (UNIT_ASAN || RUNNING_ON_VALGRIND)
		return;
	ck_assert_int_eq(unit_signal(overflows, NULL), SIGSEGV);
}
END_TEST

static long
pages(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	long n = 0;

	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(fscanf(f, "%ld", &n), 1);
	fclose(f);
	return n;
}

static void
returns(void *arg)
{
	(void)arg;
	count++;
}

START_TEST(stacks_are_used_again)
{
	struct co *co[1000];
	long before, after;

	count = 0;
	co_enter(co_new(returns, NULL));
	before = pages();
	for (int i = 0; i < 20000; i++)
		co_enter(co_new(returns, NULL));
	after = pages();
	ck_assert_int_eq(count, 20001);
	if (!UNIT_ASAN && !RUNNING_ON_VALGRIND)
		ck_assert_int_eq(after, before);
	/* A crowd does not stay in the pool for ever. */
	for (size_t i = 0; i < N_OF(co); i++)
		co[i] = co_new(returns, NULL);
	for (size_t i = 0; i < N_OF(co); i++)
		co_enter(co[i]);
	if (!UNIT_ASAN && !RUNNING_ON_VALGRIND)
		ck_assert_int_lt(pages(), before + 300 * 33 + 200);
	co_drain();
	if (!UNIT_ASAN && !RUNNING_ON_VALGRIND)
		ck_assert_int_lt(pages(), before + 200);
	co_enter(co_new(returns, NULL));
	co_drain();
}
END_TEST

static void
jumps(void *arg)
{
	jmp_buf here;
	volatile int tries = 0;

	(void)arg;
	if (setjmp(here) < 3) {
		tries++;
		co_yield();
		longjmp(here, tries);
	}
	count = tries;
}

START_TEST(jumps_inside)
{
	struct co *co = co_new(jumps, NULL);

	count = 0;
	for (int i = 0; i < 4; i++)
		co_enter(co);
	ck_assert_int_eq(count, 3);
	ck_assert_uint_eq(co_count(), 0);
	co_drain();
}
END_TEST

static void
yields_outside(void *arg)
{
	(void)arg;
	co_yield();
}

static void
enters_itself(void *arg)
{
	(void)arg;
	co_enter(co_self());
}

static void
start_self_entry(void *arg)
{
	(void)arg;
	co_enter(co_new(enters_itself, NULL));
}

static void
enters_the_dead(void *arg)
{
	struct co *co = co_new(returns, NULL);

	(void)arg;
	co_enter(co);
	co_enter(co);
}

START_TEST(misuse_aborts)
{
	ck_aborts(yields_outside, NULL);
	ck_aborts(start_self_entry, NULL);
	ck_aborts(enters_the_dead, NULL);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("co");
	TCase *tc = unit_case(s, "co");

	tcase_add_test(tc, a_hundred_thousand_switches);
	tcase_add_test(tc, one_within_another);
	tcase_add_test(tc, a_hundred_within_each_other);
	tcase_add_test(tc, thousands_alive);
	tcase_add_test(tc, deep_stacks);
	tcase_add_test(tc, overflow_hits_the_guard_page);
	tcase_add_test(tc, stacks_are_used_again);
	tcase_add_test(tc, jumps_inside);
	tcase_add_test(tc, misuse_aborts);
	return s;
}

int
main(void)
{
	return unit_main(suite());
}
