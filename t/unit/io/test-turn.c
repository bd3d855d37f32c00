/*
 * test-turn - places by name at a gate, and turns at long work
 */
#include "config.h"

#include <stdatomic.h>
#include <time.h>

#include "../unit.h"
#include "io/loop.h"
#include "io/turn.h"

static struct gate gate;
static char trail[64];

static void
mark(const char *s)
{
	size_t n = strlen(trail);

	ck_assert_uint_lt(n + strlen(s), sizeof trail);
	memcpy(trail + n, s, strlen(s) + 1);
}

static void
on_loop(void (*fn)(void *))
{
	trail[0] = '\0';
	unit_loop(fn, NULL);
	ck_assert_uint_eq(co_count(), 0);
}

static void
adds_one(void *arg)
{
	*(int *)arg += 1;
}

struct guest {
	const char	*as, *customer, *host;
	int		 n;
};

static void
goes_by_name(void *arg)
{
	const struct guest *me = arg;
	struct gate_place place = { .name = { me->customer, me->host } };

	ck_assert(gate_take(&gate, &place, me->n, 0) == E_OK);
	mark(me->as);
	loop_sleep(NULL, 10);
	gate_give(&gate, &place);
}

/* Those whose share is used up wait, and those behind them do not. */
static void
shares(void *arg)
{
	struct guest guests[] = {
		{ "a", "x", NULL, 1 }, { "b", "x", NULL, 1 },
		{ "c", "x", NULL, 1 }, { "d", "y", NULL, 1 },
		{ "e", NULL, NULL, 1 }, { "f", "z", NULL, 1 },
	};

	(void)arg;
	gate_init(&gate, W_FILE_ROOM, 4);
	gate.share[0] = 2;
	loop_all(goes_by_name, guests, sizeof *guests, N_OF(guests));
	ck_assert_int_eq(gate.free, 4);
	ck_assert_ptr_null(gate.held);
	ck_assert_ptr_null(gate.head);
}

START_TEST(gate_has_shares)
{
	on_loop(shares);
	ck_assert_str_eq(trail, "abdecf");
}
END_TEST

/* Of two names each has its own; one that needs more than a share has it. */
static void
two_names(void *arg)
{
	struct guest guests[] = {
		{ "a", "x", "h", 1 }, { "b", "y", "h", 1 },
		{ "c", "z", "h", 1 }, { "d", "x", "i", 1 },
		{ "e", "u", "j", 3 },
	};

	(void)arg;
	gate_init(&gate, W_FILE_ROOM, 6);
	gate.share[0] = 1;
	gate.share[1] = 2;
	loop_all(goes_by_name, guests, sizeof *guests, N_OF(guests));
	ck_assert_int_eq(gate.free, 6);
}

START_TEST(gate_has_shares_of_two)
{
	on_loop(two_names);
	ck_assert_str_eq(trail, "abecd");
}
END_TEST

/* Long work of one customer leaves a turn to others, and both to short work. */
static struct cx heavy, light;
static atomic_bool ended;

static void
waits_for_the_end(void *arg)
{
	(void)arg;
	while (!ended)
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
}

static void
ends_it(void *arg)
{
	(void)arg;
	ended = true;
}

static void
works_long(void *arg)
{
	(void)arg;
	turn_work(&heavy, waits_for_the_end, NULL);
}

static void
take_turns(void *arg)
{
	int ticks = 0;

	(void)arg;
	ended = false;
	heavy.customer = "heavy";
	light.customer = "light";
	for (int i = 0; i < 6; i++)
		loop_go(works_long, NULL);
	loop_sleep(NULL, 5);
	loop_work(adds_one, &ticks);
	turn_work(&light, adds_one, &ticks);
	ck_assert_int_eq(ticks, 2);
	ck_assert(!ended);
	/* Of all that was asked for one runs: another customer's had a turn. */
	turn_work(&light, ends_it, NULL);
	turn_work(&heavy, adds_one, &ticks);
	ck_assert_int_eq(ticks, 3);
}

START_TEST(long_work_has_turns)
{
	on_loop(take_turns);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("turn");
	TCase *tc = unit_case(s, "turn");

	tcase_add_test(tc, gate_has_shares);
	tcase_add_test(tc, gate_has_shares_of_two);
	tcase_add_test(tc, long_work_has_turns);
	return s;
}

int
main(void)
{
	return unit_main(suite());
}
