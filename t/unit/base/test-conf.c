/*
 * test-conf - settings: the environment before the file before the default
 */
#include "config.h"

#include <signal.h>

#include "../unit.h"
#include "base/conf.h"
#include "base/str.h"

static char path[] = "/tmp/mina-conf.XXXXXX";

static void
with_file(const char *text)
{
	size_t n = strlen(text);
	int fd;

	memcpy(path + sizeof path - 7, "XXXXXX", 6);
	ck_assert_int_ge(fd = mkstemp(path), 0);
	ck_assert_int_eq(write(fd, text, n), (ssize_t)n);
	close(fd);
	setenv("MINA_CONF", path, 1);
}

static void
clean(void)
{
	for (int i = 0; i < CONF__MAX; i++)
		unsetenv(conf_name((enum conf)i));
	unsetenv("MINA_CONF");
}

START_TEST(defaults)
{
	ck_assert_str_eq(conf_str(C_S3_REGION), "auto");
	ck_assert_str_eq(conf_str(C_DB_URL), "");
	ck_assert(!conf_has(C_DB_URL));
	ck_assert(conf_has(C_S3_REGION));
	ck_assert_int_eq(conf_int(C_LEASE_MS), 15000);
	ck_assert_str_eq(conf_name(C_DB_URL), "MINA_DB_URL");
}
END_TEST

START_TEST(environment)
{
	setenv("MINA_S3_REGION", "weur", 1);
	setenv("MINA_DB_URL", "host=/tmp", 1);
	setenv("MINA_LEASE_MS", "250", 1);
	ck_assert_str_eq(conf_str(C_S3_REGION), "weur");
	ck_assert(conf_has(C_DB_URL));
	ck_assert_int_eq(conf_int(C_LEASE_MS), 250);
	setenv("MINA_LEASE_MS", "soon", 1);
	ck_assert_int_eq(conf_int(C_LEASE_MS), 15000);
	setenv("MINA_LEASE_MS", "", 1);
	ck_assert_int_eq(conf_int(C_LEASE_MS), 15000);
	setenv("MINA_S3_REGION", "", 1);
	ck_assert_str_eq(conf_str(C_S3_REGION), "auto");
}
END_TEST

START_TEST(file)
{
	setenv("MINA_S3_REGION", "mine", 1);
	with_file("# a comment\n"
	    "\n"
	    "MINA_S3_REGION=theirs\n"
	    "MINA_S3_BUCKET=bucket  \r\n"
	    "  MINA_MEDIA_URL=\"https://m.example/a b\"\n"
	    "MINA_TOPUP_URL='https://t.example/?a=b#c'\n"
	    "#MINA_PROXY=commented\n"
	    "nonsense without the sign\n"
	    "=empty name\n"
	    "MINA_OPENAI_KEY=\"half\n"
	    "MINA_DB_URL=host=/run user=x dbname=y");
	ck_assert(conf_load());
	unlink(path);
	ck_assert_str_eq(conf_str(C_S3_REGION), "mine");
	ck_assert_str_eq(conf_str(C_S3_BUCKET), "bucket");
	ck_assert_str_eq(conf_str(C_MEDIA_URL), "https://m.example/a b");
	ck_assert_str_eq(conf_str(C_TOPUP_URL), "https://t.example/?a=b#c");
	ck_assert_str_eq(conf_str(C_PROXY), "");
	ck_assert_str_eq(conf_str(C_OPENAI_KEY), "\"half");
	ck_assert_str_eq(conf_str(C_DB_URL), "host=/run user=x dbname=y");
}
END_TEST

START_TEST(no_file)
{
	ck_assert(conf_load());
	setenv("MINA_CONF", "", 1);
	ck_assert(conf_load());
	setenv("MINA_CONF", "/nonexistent/mina.env", 1);
	ck_assert(!conf_load());
	with_file("");
	ck_assert(conf_load());
	unlink(path);
}
END_TEST

START_TEST(a_folder_is_no_file)
{
	setenv("MINA_CONF", "/tmp", 1);
	ck_assert(!conf_load());
}
END_TEST

START_TEST(lists)
{
	ck_assert(!conf_lists(C_FETCH_ALLOW, "a:1"));
	setenv("MINA_FETCH_ALLOW", "a:1,b:22, c:3", 1);
	ck_assert(conf_lists(C_FETCH_ALLOW, "a:1"));
	ck_assert(conf_lists(C_FETCH_ALLOW, "b:22"));
	ck_assert(conf_lists(C_FETCH_ALLOW, "c:3"));
	ck_assert(!conf_lists(C_FETCH_ALLOW, "b:2"));
	ck_assert(!conf_lists(C_FETCH_ALLOW, "b:222"));
	ck_assert(!conf_lists(C_FETCH_ALLOW, "a:1,b:22"));
	ck_assert(!conf_lists(C_FETCH_ALLOW, "A:1"));
	setenv("MINA_FETCH_ALLOW", ",,a:1,", 1);
	ck_assert(conf_lists(C_FETCH_ALLOW, "a:1"));
}
END_TEST

static void
required_as_number(void *arg)
{
	(void)arg;
	conf_int(C_DB_URL);
}

static void
beyond(void *arg)
{
	(void)arg;
	conf_str((enum conf)CONF__MAX);
}

START_TEST(misuse_aborts)
{
	ck_aborts(required_as_number, NULL);
	ck_aborts(beyond, NULL);
}
END_TEST

START_TEST(names)
{
	for (int i = 0; i < CONF__MAX; i++) {
		ck_assert(str_starts(conf_name((enum conf)i), "MINA_"));
		for (int j = 0; j < i; j++)
			ck_assert_str_ne(conf_name((enum conf)i),
			    conf_name((enum conf)j));
	}
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("conf");
	TCase *tc = unit_case(s, "conf");

	tcase_add_checked_fixture(tc, clean, clean);
	tcase_add_test(tc, defaults);
	tcase_add_test(tc, environment);
	tcase_add_test(tc, file);
	tcase_add_test(tc, no_file);
	tcase_add_test(tc, a_folder_is_no_file);
	tcase_add_test(tc, lists);
	tcase_add_test(tc, misuse_aborts);
	tcase_add_test(tc, names);
	return s;
}

int
main(void)
{
	return unit_main(suite());
}
