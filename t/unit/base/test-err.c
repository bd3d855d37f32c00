/*
 * test-err - the table of error codes, and recording an error
 */
#include "config.h"

#include <signal.h>

#include "../unit.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

START_TEST(table_is_complete)
{
	for (int i = E_OK + 1; i < E__MAX; i++) {
		enum err er = (enum err)i;

		ck_assert(str_starts(err_name(er), "E_"));
		if (err_http(er) == 0) {
			/* These never reach a client. */
			ck_assert(er == E_HUP || er == E_STOP ||
			    er == E_LOST || er == E_UNKNOWN);
			continue;
		}
		ck_assert(err_http(er) >= 400 && err_http(er) <= 599);
		ck_assert_uint_eq(strspn(err_slug(er),
		    "ABCDEFGHIJKLMNOPQRSTUVWXYZ_"), strlen(err_slug(er)));
		ck_assert_str_ne(err_slug(er), "");
		ck_assert_str_ne(err_title(er), "");
		ck_assert_str_ne(err_message(er), "");
		ck_assert(str_ends(err_message(er), "."));
		/* Two codes may share a slug, but then the status too. */
		ck_assert_int_eq(err_http(err_from_slug(err_slug(er))),
		    err_http(er));
	}
	ck_assert_str_eq(err_name(E_UPSTREAM), "E_UPSTREAM");
	ck_assert(err_retry(E_UPSTREAM));
	ck_assert(!err_retry(E_REJECTED));
	ck_assert(!err_retry(E_MODERATED));
	ck_assert_int_eq(err_http(E_OK), 200);
}
END_TEST

START_TEST(slugs)
{
	ck_assert(err_from_slug("NOT_FOUND") == E_NOTFOUND);
	ck_assert(err_from_slug("INSUFFICIENT_CREDITS") == E_NOMATCHA);
	ck_assert(err_from_slug("no such") == E_BUG);
	ck_assert(err_from_slug("") == E_BUG);
	ck_assert(err_from_slug("not_found") == E_BUG);
}
END_TEST

START_TEST(detail)
{
	ck_assert(err_set(cx, E_UPSTREAM, "replicate: http %d", 500) ==
	    E_UPSTREAM);
	ck_assert_int_eq(cx->err.code, E_UPSTREAM);
	ck_assert_str_eq(cx->err.detail, "replicate: http 500");
	ck_assert_str_eq(cx->err.say, "");
	ck_assert_str_eq(cx->err.field, "");
	cx->err.needed = 5;
	cx->err.retry_after = 9;
	ck_assert(err_say(cx, E_BADREQ, "Only %s.", "that") == E_BADREQ);
	ck_assert_str_eq(cx->err.say, "Only that.");
	ck_assert_str_eq(cx->err.detail, "Only that.");
	/* Nothing is left of the error before. */
	ck_assert_int_eq(cx->err.needed, 0);
	ck_assert_int_eq(cx->err.retry_after, 0);
	ck_assert(err_field(cx, "inputs.brief", "must have %d", 3) ==
	    E_FIELD);
	ck_assert_str_eq(cx->err.field, "inputs.brief");
	ck_assert_str_eq(cx->err.say, "inputs.brief: must have 3");
	ck_assert(err_reason(cx, "PORT", err_say(cx, E_IMAGE, "Port %d.",
	    80)) == E_IMAGE);
	ck_assert_str_eq(cx->err.reason, "PORT");
	ck_assert_str_eq(cx->err.say, "Port 80.");
	err_set(cx, E_DB, "x");
	ck_assert_str_eq(cx->err.field, "");
	ck_assert_str_eq(cx->err.say, "");
	ck_assert_ptr_null(cx->err.reason);
}
END_TEST

START_TEST(long_details_are_cut)
{
	char s[5000];

	memset(s, 'x', sizeof s - 1);
	s[sizeof s - 1] = '\0';
	err_say(cx, E_BADREQ, "%s", s);
	ck_assert_uint_eq(strlen(cx->err.detail), sizeof cx->err.detail - 1);
	ck_assert_uint_eq(strlen(cx->err.say), sizeof cx->err.say - 1);
	err_field(cx, s, "%s", s);
	ck_assert_uint_eq(strlen(cx->err.field), sizeof cx->err.field - 1);
	ck_assert_uint_lt(strlen(cx->err.say), sizeof cx->err.say);
}
END_TEST

START_TEST(children_have_their_own)
{
	struct cx child;

	cx->deadline = 99;
	err_set(cx, E_DB, "mine");
	child = cx_child(cx);
	ck_assert_int_eq(child.err.code, E_OK);
	ck_assert_ptr_eq(child.mem, cx->mem);
	ck_assert_int_eq(child.deadline, 99);
	err_set(&child, E_TIMEOUT, "its");
	ck_assert_str_eq(cx->err.detail, "mine");
}
END_TEST

static void
broken_invariant(void *arg)
{
	(void)arg;
	BUG("as it should");
}

static void
broken_an(void *arg)
{
	AN(arg != NULL);
}

static void
broken_az(void *arg)
{
	AZ(arg == NULL);
}

static void
dead_object(void *arg)
{
	struct cx dead = { 0 };

	(void)arg;
	CHECK(&dead, CX_MAGIC);
}

static void
no_such_code(void *arg)
{
	(void)arg;
	err_slug((enum err)E__MAX);
}

START_TEST(bugs_abort)
{
	ck_aborts(broken_invariant, NULL);
	ck_aborts(broken_an, NULL);
	ck_aborts(broken_az, NULL);
	ck_aborts(dead_object, NULL);
	ck_aborts(no_such_code, NULL);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("err");
	TCase *tc = unit_case(s, "err");

	tcase_add_test(tc, table_is_complete);
	tcase_add_test(tc, slugs);
	tcase_add_test(tc, detail);
	tcase_add_test(tc, long_details_are_cut);
	tcase_add_test(tc, children_have_their_own);
	tcase_add_test(tc, bugs_abort);
	return s;
}

int
main(void)
{
	return unit_main(suite());
}
