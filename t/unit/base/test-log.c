/*
 * test-log - log lines stay one line each, and secrets stay out of them
 */
#include "config.h"

#include <sys/stat.h>

#include "../unit.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"

static int saved = -1, file = -1;
static char text[200000];

/* What goes to stderr from here comes out of captured(). */
static void
capture(void)
{
	char path[] = "/tmp/mina-log.XXXXXX";

	log_flush();
	fflush(stderr);
	ck_assert_int_ge(saved = dup(STDERR_FILENO), 0);
	ck_assert_int_ge(file = mkstemp(path), 0);
	unlink(path);
	dup2(file, STDERR_FILENO);
}

static const char *
written(void)
{
	ssize_t n = pread(file, text, sizeof text - 1, 0);

	ck_assert_int_ge(n, 0);
	text[n] = '\0';
	return text;
}

/* Everything that was written, times and all. */
static const char *
captured_raw(void)
{
	log_flush();
	dup2(saved, STDERR_FILENO);
	close(saved);
	written();
	close(file);
	return text;
}

/* The time in front of a line, which must be well formed and now. */
static const char *
without_time(const char *p)
{
	char at[CLOCK_LEN];
	int64_t ms, now = clock_now();

	ck_assert_msg(strncmp(p, "time=", 5) == 0, "%s", p);
	snprintf(at, 25, "%s", p + 5);
	ck_assert_msg(clock_parse(at, &ms), "%s", at);
	ck_assert_int_le(ms, now);
	ck_assert_int_gt(ms, now - 600000);
	ck_assert_int_eq(at[23], 'Z');
	ck_assert_int_eq(p[29], ' ');
	return p + 30;
}

/* What was written, without the times. */
static const char *
captured(void)
{
	const char *p = captured_raw();
	char *to = text;
	size_t n;

	while (*p != '\0') {
		p = without_time(p);
		n = strcspn(p, "\n") + 1;
		memmove(to, p, n);
		to += n;
		p += n;
	}
	*to = '\0';
	return text;
}

START_TEST(a_line)
{
	snprintf(cx->reqid, sizeof cx->reqid, "8f3c");
	log_level("info");
	capture();
	log_info(cx, "started on %s:%d", "h", 80);
	ck_assert_str_eq(captured(), "level=info prog=test-log req=8f3c "
	    "msg=\"started on h:80\"\n");
}
END_TEST

START_TEST(without_a_request)
{
	log_level("info");
	capture();
	log_info(NULL, "x");
	log_info(cx, "y");
	ck_assert_str_eq(captured(), "level=info prog=test-log msg=\"x\"\n"
	    "level=info prog=test-log msg=\"y\"\n");
}
END_TEST

START_TEST(levels)
{
	static const char *const names[] = { "debug", "info", "warn", "err",
	    "nonsense", "", NULL };
	static const char *const want[] = { "diwe", "iwe", "we", "e", "iwe",
	    "iwe", "iwe" };
	char got[8];
	size_t n;

	for (size_t i = 0; i < N_OF(names); i++) {
		log_level(names[i]);
		capture();
		log_debug(NULL, "d");
		log_info(NULL, "i");
		log_warn(NULL, "w");
		log_err(NULL, "e");
		n = 0;
		for (const char *p = captured(); (p = strstr(p, "level=")) !=
		    NULL; p += 6)
			got[n++] = p[6];
		got[n] = '\0';
		ck_assert_str_eq(got, want[i]);
	}
	log_level("info");
}
END_TEST

START_TEST(gathered_until_flushed)
{
	log_level("info");
	capture();
	log_info(NULL, "quiet");
	ck_assert_str_eq(written(), "");
	log_warn(NULL, "loud");
	ck_assert_ptr_nonnull(strstr(written(), "quiet"));
	ck_assert_ptr_nonnull(strstr(text, "loud"));
	log_info(NULL, "again");
	ck_assert_ptr_null(strstr(written(), "again"));
	ck_assert_ptr_nonnull(strstr(captured(), "again"));
}
END_TEST

START_TEST(one_line_whatever_is_in_it)
{
	char s[300], *nl;

	for (int i = 0; i < 255; i++)
		s[i] = (char)(i + 1);
	s[255] = '\0';
	log_level("info");
	capture();
	log_info(NULL, "%s", s);
	captured();
	nl = strchr(text, '\n');
	ck_assert_ptr_nonnull(nl);
	ck_assert_int_eq(nl[1], '\0');
	for (const char *p = text; p < nl; p++)
		ck_assert((unsigned char)*p >= 0x20 && *p != 0x7f);
	ck_assert_ptr_nonnull(strstr(text, "\\x01"));
	ck_assert_ptr_nonnull(strstr(text, "\\n"));
	ck_assert_ptr_nonnull(strstr(text, "\\\""));
	ck_assert_ptr_nonnull(strstr(text, "\\\\"));
	ck_assert_ptr_nonnull(strstr(text, "\\x1b"));
	ck_assert_ptr_nonnull(strstr(text, "\\x7f"));
}
END_TEST

/* Whatever cx is, or none: the lines of one program have one name. */
START_TEST(lines_name_the_program)
{
	log_open("credits");
	capture();
	log_info(NULL, "x");
	log_info(cx, "y");
	log_id(LOG_WARN, "8f3c", "z");
	log_access(cx, "GET", "/", 200, 1, 1, NULL);
	log_fields("", "n=%d", 1);
	log_bug("f.c", 7, "fn", "a \"b\"");
	ck_assert_str_eq(captured(), "level=info prog=credits msg=\"x\"\n"
	    "level=info prog=credits msg=\"y\"\n"
	    "level=warn prog=credits req=8f3c msg=\"z\"\n"
	    "level=info prog=credits method=GET route=/ status=200 us=1 "
	    "db_us=0 bytes=1\n"
	    "level=info prog=credits n=1\n"
	    "level=bug prog=credits where=f.c:7 in=fn "
	    "what=\"a \\\"b\\\"\"\n");
	log_open(NULL);
}
END_TEST

START_TEST(fields_are_written_at_any_level)
{
	char s[4000];

	memset(s, 'x', sizeof s - 1);
	s[sizeof s - 1] = '\0';
	log_level("err");
	capture();
	log_fields("8f3c", "n=%d", 1);
	log_fields("", "%s", s);
	captured();
	ck_assert_ptr_nonnull(strstr(text, "req=8f3c n=1\n"));
	ck_assert_uint_lt(strlen(text), 2 * 2048);
	ck_assert_int_eq(text[strlen(text) - 1], '\n');
	log_level("info");
}
END_TEST

/* The milliseconds go on while the second's text is kept. */
START_TEST(times_are_in_order)
{
	char before[25] = "";
	const char *p;
	int n = 0;

	capture();
	for (int64_t end = clock_now() + 1100; clock_now() < end; n++) {
		log_info(NULL, "x");
		usleep(20000);
	}
	for (p = captured_raw(); *p != '\0'; p = strchr(p, '\n') + 1) {
		without_time(p);
		ck_assert_int_gt(strncmp(p + 5, before, 24), 0);
		memcpy(before, p + 5, 24);
		n--;
	}
	ck_assert_int_eq(n, 0);
}
END_TEST

static void
name_stream(int fd, int more)
{
	char s[64];
	struct stat st;

	ck_assert_int_eq(fstat(fd, &st), 0);
	snprintf(s, sizeof s, "%ju:%ju", (uintmax_t)st.st_dev,
	    (uintmax_t)st.st_ino + (uintmax_t)more);
	setenv("JOURNAL_STREAM", s, 1);
}

START_TEST(the_journal_gets_priorities)
{
	capture();
	name_stream(STDERR_FILENO, 0);
	log_open("credits");
	log_level("debug");
	log_debug(NULL, "d");
	log_info(NULL, "i");
	log_warn(NULL, "w");
	log_err(NULL, "e");
	log_access(cx, "GET", "/", 200, 1, 1, NULL);
	log_fields("", "n=1");
	log_bug("f.c", 7, "fn", "b");
	ck_assert_str_eq(captured_raw(),
	    "<7>level=debug prog=credits msg=\"d\"\n"
	    "<6>level=info prog=credits msg=\"i\"\n"
	    "<4>level=warn prog=credits msg=\"w\"\n"
	    "<3>level=err prog=credits msg=\"e\"\n"
	    "<6>level=info prog=credits method=GET route=/ status=200 us=1 "
	    "db_us=0 bytes=1\n"
	    "<6>level=info prog=credits n=1\n"
	    "<2>level=bug prog=credits where=f.c:7 in=fn what=\"b\"\n");
	log_level("info");
	unsetenv("JOURNAL_STREAM");
	log_open(NULL);
}
END_TEST

/* Inherited from a service whose stderr was sent elsewhere. */
START_TEST(another_stream_is_no_journal)
{
	static const char *const odd[] = { "", "1", "a:b", "0:0", NULL };

	for (int i = 0; odd[i] != NULL; i++) {
		setenv("JOURNAL_STREAM", odd[i], 1);
		capture();
		log_open("credits");
		log_info(NULL, "x");
		ck_assert_str_eq(captured(),
		    "level=info prog=credits msg=\"x\"\n");
	}
	capture();
	name_stream(STDERR_FILENO, 1);
	log_open("credits");
	log_info(NULL, "x");
	ck_assert_str_eq(captured(),
	    "level=info prog=credits msg=\"x\"\n");
	unsetenv("JOURNAL_STREAM");
	log_open(NULL);
}
END_TEST

START_TEST(forged_lines)
{
	log_level("info");
	capture();
	log_info(NULL, "x\"\nlevel=err prog=unit msg=\"forged");
	captured();
	ck_assert_ptr_eq(strchr(text, '\n') + 1, text + strlen(text));
	ck_assert_ptr_null(strstr(text, "\nlevel=err"));
}
END_TEST

START_TEST(long_lines_are_cut)
{
	char s[20000];
	const char *p;

	memset(s, '\x01', sizeof s - 1);
	s[sizeof s - 1] = '\0';
	log_level("info");
	capture();
	for (int i = 0; i < 20; i++)
		log_info(NULL, "%s", s);
	p = captured();
	for (int i = 0; i < 20; i++) {
		const char *nl = strchr(p, '\n');

		ck_assert_ptr_nonnull(nl);
		ck_assert(str_starts(p, "level=info prog=test-log msg=\""));
		ck_assert_int_eq(nl[-1], '"');
		ck_assert_int_lt(nl - p, 2048);
		p = nl + 1;
	}
	ck_assert_str_eq(p, "");
}
END_TEST

START_TEST(many_lines)
{
	int n = 0;

	log_level("info");
	capture();
	for (int i = 0; i < 1500; i++)
		log_info(NULL, "%d", i);
	for (const char *p = captured(); *p != '\0'; p = strchr(p, '\n') + 1,
	    n++) {
		char want[64];

		snprintf(want, sizeof want, "level=info prog=test-log "
		    "msg=\"%d\"\n", n);
		ck_assert(str_starts(p, want));
	}
	ck_assert_int_eq(n, 1500);
}
END_TEST

START_TEST(access_lines)
{
	snprintf(cx->reqid, sizeof cx->reqid, "8f3c");
	cx->db_us = 250;
	log_level("info");
	capture();
	log_access(cx, "GET", "/credits/balance", 200, 1234, 56, NULL);
	log_access(cx, "POST", "/x", 402, 1, 0, "E_NOMATCHA");
	ck_assert_str_eq(captured(), "level=info prog=test-log req=8f3c "
	    "method=GET route=/credits/balance status=200 us=1234 db_us=250 "
	    "bytes=56\n"
	    "level=info prog=test-log req=8f3c method=POST route=/x "
	    "status=402 us=1 db_us=250 bytes=0 er=E_NOMATCHA\n");
	log_level("warn");
	capture();
	log_access(cx, "GET", "/", 200, 1, 1, NULL);
	ck_assert_str_eq(captured(), "");
	log_level("info");
}
END_TEST

START_TEST(urls_without_secrets)
{
	static const char *const rows[][2] = {
		{ "https://h/p?X-Amz-Signature=s3cret", "https://h/p" },
		{ "https://h/p#s3cret", "https://h/p" },
		{ "https://u:s3cret@h/p", "https://h/p" },
		{ "https://s3cret@h:99", "https://h:99" },
		{ "https://h", "https://h" },
		{ "https://h/a@b", "https://h/a@b" },
		{ "https://h?s3cret@", "https://h" },
		{ "/path?s3cret", "/path" },
		{ "", "" },
	};
	char out[64];

	for (size_t i = 0; i < N_OF(rows); i++) {
		log_url(rows[i][0], out, sizeof out);
		ck_assert_str_eq(out, rows[i][1]);
		ck_assert_ptr_eq(log_url(rows[i][0], out, sizeof out), out);
	}
}
END_TEST

/* The last @ ends the userinfo, and a scheme stands in front. */
START_TEST(urls_that_try_harder)
{
	static const char *const tricky[] = { "https://u:s3@cret@h/p",
	    "/p?u=https://s3cret/", "/p?s3cret=https://u@h/",
	    "/p#s3cret://x", NULL };
	char out[64];

	for (int i = 0; tricky[i] != NULL; i++) {
		log_url(tricky[i], out, sizeof out);
		ck_assert_msg(strstr(out, "cret") == NULL, "%s gives %s",
		    tricky[i], out);
	}
}
END_TEST

START_TEST(urls_are_cut)
{
	char out[12];

	log_url("https://u@host.example/path", out, sizeof out);
	ck_assert_str_eq(out, "https://hos");
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("log");
	TCase *tc = unit_case(s, "log");

	tcase_add_test(tc, a_line);
	tcase_add_test(tc, without_a_request);
	tcase_add_test(tc, levels);
	tcase_add_test(tc, gathered_until_flushed);
	tcase_add_test(tc, one_line_whatever_is_in_it);
	tcase_add_test(tc, lines_name_the_program);
	tcase_add_test(tc, fields_are_written_at_any_level);
	tcase_add_test(tc, times_are_in_order);
	tcase_add_test(tc, the_journal_gets_priorities);
	tcase_add_test(tc, another_stream_is_no_journal);
	tcase_add_test(tc, forged_lines);
	tcase_add_test(tc, long_lines_are_cut);
	tcase_add_test(tc, many_lines);
	tcase_add_test(tc, access_lines);
	tcase_add_test(tc, urls_without_secrets);
	tcase_add_test(tc, urls_that_try_harder);
	tcase_add_test(tc, urls_are_cut);
	return s;
}

int
main(void)
{
	return unit_main(suite());
}
