/*
 * test-idmap - ids are found, and what finding them costs
 */
#include "config.h"

#include <stdio.h>

#include "../unit.h"
#include "base/idmap.h"

#define MANY	10000

struct thing {
	struct idmap_node node;
	char		 id[40];
};

static struct thing thing[MANY];
static struct idmap map;

static void
fill(void)
{
	memset(&map, 0, sizeof map);
	for (int i = 0; i < MANY; i++) {
		snprintf(thing[i].id, sizeof thing[i].id, "gen_still_%024x",
		    (unsigned)i * 2654435761u);
		idmap_add(&map, &thing[i].node, thing[i].id);
	}
}

START_TEST(finds)
{
	fill();
	for (int i = 0; i < MANY; i++)
		ck_assert_ptr_eq(idmap_find(&map, thing[i].id),
		    &thing[i].node);
	ck_assert_ptr_null(idmap_find(&map, "gen_still_"));
	ck_assert_ptr_null(idmap_find(&map, ""));
}
END_TEST

START_TEST(forgets)
{
	fill();
	for (int i = 0; i < MANY; i += 2)
		idmap_remove(&thing[i].node);
	for (int i = 0; i < MANY; i++)
		ck_assert_ptr_eq(idmap_find(&map, thing[i].id), i % 2 == 0 ?
		    NULL : &thing[i].node);
}
END_TEST

START_TEST(several_under_one_id)
{
	struct idmap_node more[2];

	fill();
	idmap_add(&map, &more[0], "gen_still_twice");
	idmap_add(&map, &more[1], "gen_still_twice");
	ck_assert_ptr_eq(idmap_find(&map, "gen_still_twice"), &more[1]);
	ck_assert_ptr_eq(idmap_more(&map, &more[1]), &more[0]);
	ck_assert_ptr_null(idmap_more(&map, &more[0]));
	ck_assert_ptr_null(idmap_more(&map, &thing[0].node));
	idmap_remove(&more[1]);
	ck_assert_ptr_eq(idmap_find(&map, "gen_still_twice"), &more[0]);
	ck_assert_ptr_null(idmap_more(&map, &more[0]));
}
END_TEST

/* All leases of a worker with 10 000 generations are renewed at once. */
START_TEST(ten_thousand_are_found_with_a_few_comparisons_each)
{
	fill();
	for (int i = 0; i < MANY; i++)
		(void)idmap_find(&map, thing[i].id);
	ck_assert_uint_le(map.compared, 3 * MANY);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("idmap");
	TCase *tc = unit_case(s, "idmap");

	tcase_add_test(tc, finds);
	tcase_add_test(tc, several_under_one_id);
	tcase_add_test(tc, forgets);
	tcase_add_test(tc, ten_thousand_are_found_with_a_few_comparisons_each);
	return s;
}

int
main(void)
{
	return unit_main(suite());
}
