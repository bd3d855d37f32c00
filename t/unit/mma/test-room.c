/*
 * test-room - shares of the memory for outputs, and who is refused and waits
 */
#include "config.h"

#include "../unit.h"
#include "io/loop.h"
#include "mma/room.h"

#define MB		((size_t)1 << 20)
#define ALL		60

static struct room_use
begun(const char *pass, const char *host)
{
	return (struct room_use){ .pass = pass, .host = host };
}

static void
shares(void *arg)
{
	struct room_use a = begun("p1", "h1"), b = begun("p1", "h2"),
	    c = begun("p2", "h1"), d = begun("p3", "h3"), e = begun("p4", "h4");

	(void)arg;
	room_begin(&a);
	room_begin(&b);
	room_begin(&c);
	room_begin(&d);
	room_begin(&e);
	ck_assert(room_more(&a, 20 * MB));
	ck_assert_msg(!room_more(&b, 1), "a customer has a third");
	ck_assert(room_more(&c, 10 * MB));
	ck_assert_msg(!room_more(&c, 1), "a host has a half");
	ck_assert(room_more(&d, 20 * MB));
	ck_assert_msg(!room_more(&e, 11 * MB), "nor more than there is");
	ck_assert(room_more(&e, 10 * MB));
	room_end(&a);
	ck_assert(room_more(&b, 20 * MB));
	room_end(&b);
	room_end(&c);
	room_end(&d);
	room_end(&e);
}

static struct room_use first, second;

static void
ends_second(void *arg)
{
	(void)arg;
	loop_sleep(NULL, 50);
	room_end(&second);
}

/* One is alone; the next to be refused waits for the shared room. */
static void
waits(void *arg)
{
	struct room_use large = begun("p1", "h1"), other = begun("p2", "h2"),
	    late = begun("p3", "h3");

	(void)arg;
	first = begun("p4", "h4");
	second = begun("p5", "h5");
	room_begin(&first);
	room_begin(&second);
	ck_assert(room_more(&first, 20 * MB));
	ck_assert(room_more(&second, 20 * MB));

	room_begin(&large);
	ck_assert(!room_more(&large, 21 * MB));
	ck_assert(room_wait(&large, loop_now() + 60000) == E_OK);
	ck_assert_msg(large.alone, "more than its share: never in the others'");
	ck_assert(room_more(&large, 200 * MB));

	room_begin(&late);
	ck_assert(room_more(&late, 16 * MB));
	room_begin(&other);
	ck_assert(room_more(&other, 4 * MB));
	ck_assert(!room_more(&other, 6 * MB));
	ck_assert_int_eq(room_wait(&other, loop_now() + 20), E_TIMEOUT);
	loop_go(ends_second, NULL);
	ck_assert(room_wait(&other, loop_now() + 60000) == E_OK);
	ck_assert_msg(!other.alone, "what another frees is taken");
	ck_assert(room_more(&other, 20 * MB));
	room_end(&other);
	room_end(&large);
	ck_assert_msg(!room_more(&late, 5 * MB), "a share stays a share");
	ck_assert(room_wait(&late, loop_now() + 60000) == E_OK);
	ck_assert_msg(late.alone, "alone, when the one before is gone");
	room_end(&late);
	room_end(&first);
}

static void
deadline_is_kept(void *arg)
{
	struct room_use a = begun("p1", "h1"), b = begun("p2", "h2");

	(void)arg;
	room_begin(&a);
	room_begin(&b);
	ck_assert(!room_more(&b, 1 * MB + ALL * MB));
	b.wanted = 1;
	ck_assert_int_eq(room_wait(&b, loop_now()), E_TIMEOUT);
	ck_assert(!b.alone);
	room_end(&b);
	room_end(&a);
}

static void (*const all[])(void *) = { shares, waits, deadline_is_kept };

START_TEST(room)
{
	setenv("MINA_STORE_MB", "60", 1);
	room_init();
	unit_loop(all[_i], NULL);
	ck_assert_uint_eq(co_count(), 0);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("room");
	TCase *tc = unit_case(s, "room");

	tcase_add_loop_test(tc, room, 0, (int)N_OF(all));
	return s;
}

int
main(void)
{
	return unit_main(suite());
}
