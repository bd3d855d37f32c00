/*
 * test-co - coroutines: switching, stacks, and what they tell of themselves
 */
#include "config.h"

#include <setjmp.h>
#include <signal.h>
#include <stdint.h>

#include "../unit.h"
#include "base/co.h"
#include "base/postmortem.h"

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

struct listed {
	size_t	 n;
	struct co *co[200];
};

static void
lists(void *arg, struct co *co)
{
	struct listed *l = arg;

	ck_assert_uint_lt(l->n, N_OF(l->co));
	l->co[l->n++] = co;
}

static struct listed
living(void)
{
	struct listed l = { .n = 0 };

	co_each(lists, &l);
	return l;
}

START_TEST(the_living_are_listed)
{
	long turns[5] = { 3, 1, 2, 0, 3 };
	struct co *co[5];
	struct listed l;

	count = 0;
	for (size_t i = 0; i < N_OF(co); i++)
		co[i] = co_new(counts, &turns[i]);
	/* In each round those that end leave; the others stay in order. */
	for (long round = 0; round < 4; round++) {
		size_t n = 0;

		l = living();
		for (size_t i = 0; i < N_OF(co); i++)
			if (turns[i] >= round)
				ck_assert_ptr_eq(l.co[n++], co[i]);
		ck_assert_uint_eq(l.n, n);
		ck_assert_uint_eq(n, co_count());
		for (size_t i = 0; i < N_OF(co); i++)
			if (turns[i] >= round)
				co_enter(co[i]);
	}
	ck_assert_uint_eq(living().n, 0);
	/* From the pool they come back to the end of the list. */
	co[0] = co_new(returns, NULL);
	co[1] = co_new(returns, NULL);
	l = living();
	ck_assert_uint_eq(l.n, 2);
	ck_assert_ptr_eq(l.co[0], co[0]);
	ck_assert_ptr_eq(l.co[1], co[1]);
	co_enter(co[1]);
	co_enter(co[0]);
	ck_assert_uint_eq(living().n, 0);
	co_drain();
}
END_TEST

static void
labels(void *arg)
{
	char id[200];

	co_label("8f3c", arg);
	co_yield();
	memset(id, 'x', sizeof id - 1);
	id[sizeof id - 1] = '\0';
	co_label(id, NULL);
	co_yield();
}

START_TEST(what_they_are)
{
	static char work[] = "/credits/balance";
	const struct co_info *ci;
	struct co *co;
	int line = __LINE__ + 3;

	co_label("nobody", "outside");		/* does nothing */
	co = co_new(labels, work);
	ci = co_info(co);
	ck_assert_str_eq(ci->fn, "labels");
	ck_assert_int_eq(strtol(strrchr(ci->from, ':') + 1, NULL, 10), line);
	ck_assert_ptr_nonnull(strstr(ci->from, "t/unit/base/test-co.c:"));
	ck_assert_int_eq(ci->from[0], 't');	/* a path within the tree */
	ck_assert_ptr_null(ci->work);
	ck_assert_ptr_null(ci->wait);
	ck_assert_str_eq(ci->id, "");
	co_enter(co);
	ck_assert_str_eq(ci->id, "8f3c");
	ck_assert_ptr_eq(ci->work, work);
	co_enter(co);
	ck_assert_uint_eq(strlen(ci->id), sizeof ci->id - 1);
	ck_assert_ptr_null(ci->work);
	co_enter(co);
	ck_assert_uint_eq(co_count(), 0);
	/* Over, and can still be asked. */
	ck_assert_str_eq(co_info(co)->fn, "labels");
	/* The next one has none of it. */
	co = co_new(returns, NULL);
	ck_assert_str_eq(co_info(co)->id, "");
	ck_assert_str_eq(co_info(co)->fn, "returns");
	co_enter(co);
	co_drain();
}
END_TEST

/* With the pool full, what ended last may still be asked what it was. */
START_TEST(what_the_last_one_was)
{
	struct co *co[300];

	for (size_t i = 0; i < N_OF(co); i++)
		co[i] = co_new(returns, NULL);
	for (size_t i = 0; i < N_OF(co); i++) {
		co_enter(co[i]);
		ck_assert_str_eq(co_info(co[i])->fn, "returns");
	}
	co_drain();
}
END_TEST

static void
sees_itself(void *arg)
{
	ck_assert_ptr_eq(mina_post_mortem.running, co_self());
	ck_assert_ptr_eq(mina_post_mortem.running, *(struct co **)arg);
	co_yield();
}

START_TEST(post_mortem)
{
	struct co *co = co_new(sees_itself, &co);

	ck_assert_str_eq(mina_post_mortem.magic, "MINA POST MORTEM 1");
	ck_assert_str_eq(mina_post_mortem.version, PACKAGE_VERSION);
	ck_assert_ptr_null(mina_post_mortem.running);
	ck_assert_ptr_eq(mina_post_mortem.all, co);
	co_enter(co);
	ck_assert_ptr_null(mina_post_mortem.running);
	ck_assert_uint_eq(mina_post_mortem.nlive, 1);
	co_enter(co);
	ck_assert_ptr_null(mina_post_mortem.all);
	ck_assert_ptr_eq(mina_post_mortem.pool, co);
	ck_assert_uint_eq(mina_post_mortem.npool, 1);
	co_drain();
	ck_assert_ptr_null(mina_post_mortem.pool);
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
	tcase_add_test(tc, the_living_are_listed);
	tcase_add_test(tc, what_they_are);
	tcase_add_test(tc, what_the_last_one_was);
	tcase_add_test(tc, post_mortem);
	tcase_add_test(tc, misuse_aborts);
	return s;
}

int
main(void)
{
	return unit_main(suite());
}
