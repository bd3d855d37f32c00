/*
 * test-json - writing and reading JSON
 */
#include "config.h"

#include <math.h>

#include "../unit.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/str.h"

static struct buf *b;
static struct json js;

static void
begin(void)
{
	b = buf_new(cx, 65536);
	json_init(&js, b);
}

static const struct cJSON *
parsed(const char *s)
{
	struct cJSON *tree = NULL;

	ck_assert_msg(json_parse(cx, s, strlen(s), &tree) == E_OK, "%s: %s",
	    s, cx->err.detail);
	ck_assert_ptr_nonnull(tree);
	return tree;
}

START_TEST(writes)
{
	begin();
	json_obj(&js, NULL);
	json_int(&js, "credits", 12);
	json_list(&js, "items");
	json_str(&js, NULL, "a");
	json_obj(&js, NULL);
	json_end(&js);
	json_list(&js, NULL);
	json_end(&js);
	json_null(&js, NULL);
	json_end(&js);
	json_bool(&js, "t", true);
	json_bool(&js, "f", false);
	json_str(&js, "none", NULL);
	json_time(&js, "at", INT64_C(1795343400000));
	json_time(&js, "never", 0);
	json_raw(&js, "raw", "{\"x\":[1]}");
	json_raw(&js, "rawless", NULL);
	json_tree(&js, "tree", parsed("{\"a\" : [1, 2.5, \"b\"]}"));
	json_tree(&js, "treeless", NULL);
	json_end(&js);
	ck_assert(json_ok(&js));
	ck_assert_str_eq(b->data, "{\"credits\":12,\"items\":[\"a\",{},[],"
	    "null],\"t\":true,\"f\":false,\"none\":null,"
	    "\"at\":\"2026-11-22T10:30:00.000Z\",\"never\":null,"
	    "\"raw\":{\"x\":[1]},\"rawless\":null,"
	    "\"tree\":{\"a\":[1,2.5,\"b\"]},\"treeless\":null}");
	parsed(b->data);
}
END_TEST

START_TEST(numbers_out)
{
	begin();
	json_list(&js, NULL);
	json_int(&js, NULL, INT64_MAX);
	json_int(&js, NULL, INT64_MIN);
	json_num(&js, NULL, 1.0 / 3);
	json_num(&js, NULL, -2);
	json_num(&js, NULL, NAN);
	json_num(&js, NULL, INFINITY);
	json_num(&js, NULL, 1e300);
	json_end(&js);
	ck_assert(json_ok(&js));
	ck_assert(str_starts(b->data, "[9223372036854775807,"
	    "-9223372036854775808,0.333,-2.000,null,null,1"));
	parsed(b->data);
}
END_TEST

/* Any string is read back as it was written. */
START_TEST(quoting)
{
	char s[256];

	for (int i = 0; i < 127; i++)
		s[i] = (char)(i + 1);
	memcpy(s + 127, "\xc3\xa4\xf0\x9f\x98\x80", 7);
	begin();
	json_obj(&js, NULL);
	json_str(&js, s, s);
	json_end(&js);
	ck_assert(json_ok(&js));
	for (size_t i = 0; i < b->len; i++)
		ck_assert((unsigned char)b->data[i] >= 0x20);
	ck_assert_str_eq(json_text(json_get(parsed(b->data), s)), s);
	begin();
	json_quote(b, "a\"\\\n\r\t\b\x1f/");
	ck_assert_str_eq(b->data, "\"a\\\"\\\\\\n\\r\\t\\u0008\\u001f/\"");
}
END_TEST

START_TEST(too_deep_sticks)
{
	begin();
	for (int i = 0; i < JSON_DEPTH + 8; i++)
		json_list(&js, NULL);
	for (int i = 0; i < JSON_DEPTH + 8; i++)
		json_end(&js);
	ck_assert(!json_ok(&js));
	json_init(&js, b);
	ck_assert(json_ok(&js));
	json_end(&js);
	ck_assert(!json_ok(&js));
	json_str(&js, NULL, "x");
	ck_assert(!json_ok(&js));
}
END_TEST

START_TEST(deep_enough)
{
	begin();
	for (int i = 0; i < JSON_DEPTH - 1; i++)
		json_list(&js, NULL);
	for (int i = 0; i < JSON_DEPTH - 1; i++)
		json_end(&js);
	ck_assert(json_ok(&js));
	parsed(b->data);
}
END_TEST

START_TEST(full_sticks)
{
	struct buf *small = buf_new(cx, 10);

	json_init(&js, small);
	json_obj(&js, NULL);
	json_str(&js, "key", "far too long for it");
	json_end(&js);
	ck_assert(!json_ok(&js));
}
END_TEST

START_TEST(reads)
{
	const struct cJSON *t = parsed(" {\"a\":{\"b\":[10,{\"c\":\"x\"}]},"
	    "\"m~n\":1,\"s/t\":2,\"\":3,\"n\":null,\"t\":true,\"f\":false,"
	    "\"A\":4}\r\n\t ");
	const struct cJSON *list;

	ck_assert(json_is_obj(t));
	ck_assert_uint_eq(json_count(t), 8);
	list = json_pointer(t, "/a/b");
	ck_assert(json_is_list(list));
	ck_assert_uint_eq(json_count(list), 2);
	ck_assert_int_eq(json_int_or(json_first(list), 0), 10);
	ck_assert_ptr_null(json_next(json_next(json_first(list))));
	ck_assert_str_eq(json_text(json_pointer(t, "/a/b/1/c")), "x");
	ck_assert_str_eq(json_key(json_first(t)), "a");
	ck_assert_int_eq(json_int_or(json_pointer(t, "/m~0n"), 0), 1);
	ck_assert_int_eq(json_int_or(json_pointer(t, "/s~1t"), 0), 2);
	ck_assert_int_eq(json_int_or(json_pointer(t, "/"), 0), 3);
	ck_assert_int_eq(json_int_or(json_get(t, "A"), 0), 4);
	ck_assert_ptr_eq(json_pointer(t, ""), t);
	ck_assert(json_is_null(json_get(t, "n")));
	ck_assert(json_is_null(json_get(t, "missing")));
	ck_assert(!json_is_null(json_get(t, "f")));
	ck_assert(json_true(json_get(t, "t")));
	ck_assert(!json_true(json_get(t, "f")));
	ck_assert(!json_true(json_get(t, "A")));
	ck_assert(!json_true(NULL));
}
END_TEST

START_TEST(nothing_there)
{
	static const char *const miss[] = { "a", "/b", "/a/b/2", "/a/b/-1",
	    "/a/b/-", "/a/b/x", "/a/b/", "/a/b/99999999999999999999",
	    "/a/b/0/x", "x/a", "/a/b/1.0", "/a/b/+1", "/a/b/ 1", "/a/b/1 ",
	    NULL };
	const struct cJSON *t = parsed("{\"a\":{\"b\":[10,20]}}");
	char ptr[400];

	for (int i = 0; miss[i] != NULL; i++)
		ck_assert_msg(json_pointer(t, miss[i]) == NULL, "%s", miss[i]);
	memset(ptr, 'a', sizeof ptr - 1);
	ptr[0] = '/';
	ptr[sizeof ptr - 1] = '\0';
	ck_assert_ptr_null(json_pointer(t, ptr));
	ck_assert_ptr_null(json_pointer(NULL, "/a"));
	ck_assert_ptr_null(json_get(NULL, "a"));
	ck_assert_ptr_null(json_get(parsed("[1]"), "a"));
	ck_assert_ptr_null(json_first(parsed("3")));
	ck_assert_ptr_null(json_first(NULL));
	ck_assert_ptr_null(json_text(parsed("3")));
	ck_assert_ptr_null(json_text(NULL));
	ck_assert_uint_eq(json_count(parsed("\"abc\"")), 0);
	ck_assert_uint_eq(json_count(NULL), 0);
	ck_assert_int_eq(json_int_or(parsed("\"3\""), -1), -1);
	ck_assert_int_eq(json_int_or(parsed("3.5"), -1), -1);
	ck_assert_int_eq(json_int_or(parsed("1e300"), -1), -1);
	ck_assert_int_eq(json_int_or(parsed("1e999"), -1), -1);
	ck_assert_int_eq(json_int_or(NULL, -1), -1);
	ck_assert(json_num_or(parsed("2.5"), -1) == 2.5);
	ck_assert(json_num_or(parsed("-3"), 0) == -3);
	ck_assert(json_num_or(parsed("\"2.5\""), -1) == -1);
	ck_assert(json_num_or(NULL, -1) == -1);
}
END_TEST

START_TEST(malformed)
{
	static const char *const bad[] = { "", " ", "{", "}", "[", "]", "{]",
	    "[1,]", "[,1]", "{\"a\"}", "{\"a\":}", "{a:1}", "{'a':1}",
	    "{\"a\":1,}", "{\"a\":1 \"b\":2}", "tru", "nul", "\"a", "\"\\x\"",
	    "\"\\u12\"", "\"\\u0000\"", "-", "+1", ".5", "1 2", "{}x",
	    "{} {}", "[1]]", "NaN", "Infinity", "0x10", "\"\xff\"",
	    "{\"\xc3\":1}", "]]]][[[[", "// c\n1", NULL };
	struct cJSON *tree;

	for (int i = 0; bad[i] != NULL; i++) {
		tree = NULL;
		ck_assert_msg(json_parse(cx, bad[i], strlen(bad[i]),
		    &tree) == E_JSON, "%s", bad[i]);
		ck_assert_ptr_null(tree);
		ck_assert_int_eq(cx->err.code, E_JSON);
		ck_assert_str_ne(cx->err.say, "");
	}
	/* The error names the byte. */
	ck_assert(json_parse(cx, "{\"a\":1,\"b\":x}", 13, &tree) == E_JSON);
	ck_assert_ptr_nonnull(strstr(cx->err.say, "byte 11"));
	/* Length, not NUL, is the end; and a NUL is no JSON. */
	ck_assert(json_parse(cx, "12345", 3, &tree) == E_OK);
	ck_assert_int_eq(json_int_or(tree, 0), 123);
	ck_assert(json_parse(cx, "[1]\0", 4, &tree) == E_JSON);
	ck_assert(json_parse(cx, "[1\0]", 4, &tree) == E_JSON);
}
END_TEST

/* A C string ends at it, so what follows would be lost. */
START_TEST(no_hidden_nul)
{
	static const char *const bad[] = { "\"a\\u0000b\"",
	    "{\"a\\u0000b\":1}", "[\"\\u0000\"]", NULL };
	struct cJSON *tree;

	for (int i = 0; bad[i] != NULL; i++)
		ck_assert_msg(json_parse(cx, bad[i], strlen(bad[i]),
		    &tree) == E_JSON, "%s", bad[i]);
	/* A backslash that is itself escaped starts nothing. */
	ck_assert_str_eq(json_text(parsed("\"\\\\u0000\"")), "\\u0000");
}
END_TEST

START_TEST(nesting)
{
	static char s[200001];
	struct cJSON *tree;

	memset(s, '[', 100000);
	memset(s + 100000, ']', 100000);
	ck_assert(json_parse(cx, s, 200000, &tree) == E_JSON);
	/* As deep as allowed, and one more. */
	memset(s, '[', JSON_DEPTH);
	memset(s + JSON_DEPTH, ']', JSON_DEPTH);
	ck_assert(json_parse(cx, s, 2 * JSON_DEPTH, &tree) == E_OK);
	memset(s, '[', JSON_DEPTH + 1);
	memset(s + JSON_DEPTH + 1, ']', JSON_DEPTH + 1);
	ck_assert(json_parse(cx, s, 2 * JSON_DEPTH + 2, &tree) == E_JSON);
	/* Closing brackets in front do not allow more depth. */
	memset(s, ']', 1000);
	memset(s + 1000, '[', 1000);
	ck_assert(json_parse(cx, s, 2000, &tree) == E_JSON);
	/* Brackets in strings do not count; nor do quotes behind a slash. */
	memset(s, '[', 1000);
	s[0] = '"';
	s[1] = '\\';
	s[2] = '"';
	s[999] = '"';
	ck_assert(json_parse(cx, s, 1000, &tree) == E_OK);
}
END_TEST

START_TEST(strings_wanted)
{
	const struct cJSON *t = parsed("{\"s\":\"\xc3\xa4\xc3\xb6\",\"e\":\"\","
	    "\"n\":null,\"i\":5}");
	const char *s = "kept";

	ck_assert(json_may_str(cx, t, "", "missing", 1, 9, &s) == E_OK);
	ck_assert(json_may_str(cx, t, "", "n", 1, 9, &s) == E_OK);
	ck_assert_str_eq(s, "kept");
	ck_assert(json_want_str(cx, t, "", "missing", 0, 9, &s) == E_FIELD);
	ck_assert_str_eq(cx->err.field, "missing");
	ck_assert(json_want_str(cx, t, "inputs", "n", 0, 9, &s) == E_FIELD);
	ck_assert_str_eq(cx->err.field, "inputs.n");
	ck_assert(json_want_str(cx, t, "a.b", "i", 0, 9, &s) == E_FIELD);
	ck_assert_str_eq(cx->err.field, "a.b.i");
	ck_assert(json_want_str(cx, t, "", "e", 1, 9, &s) == E_FIELD);
	ck_assert_str_eq(s, "kept");
	ck_assert(json_want_str(cx, t, "", "e", 0, 9, &s) == E_OK);
	ck_assert_str_eq(s, "");
	/* Characters are counted, not bytes. */
	ck_assert(json_want_str(cx, t, "", "s", 2, 2, &s) == E_OK);
	ck_assert_str_eq(s, "\xc3\xa4\xc3\xb6");
	ck_assert(json_want_str(cx, t, "", "s", 3, 9, &s) == E_FIELD);
	ck_assert(json_want_str(cx, t, "", "s", 0, 1, &s) == E_FIELD);
	ck_assert(json_want_str(cx, NULL, "", "s", 0, 1, &s) == E_FIELD);
}
END_TEST

START_TEST(others_wanted)
{
	const struct cJSON *t = parsed("{\"i\":-5,\"d\":1.5,\"b\":false,"
	    "\"o\":{},\"l\":[1,2,3],\"n\":null,\"big\":9007199254740993,"
	    "\"huge\":1e30,\"s\":\"1\"}");
	const struct cJSON *got = NULL;
	int64_t v = 77;
	bool f = true;

	ck_assert(json_may_int(cx, t, "", "n", 0, 9, &v) == E_OK);
	ck_assert_int_eq(v, 77);
	ck_assert(json_may_int(cx, t, "", "d", 0, 9, &v) == E_FIELD);
	ck_assert(json_may_int(cx, t, "", "s", 0, 9, &v) == E_FIELD);
	ck_assert(json_may_int(cx, t, "", "huge", INT64_MIN, INT64_MAX,
	    &v) == E_FIELD);
	ck_assert(json_may_int(cx, t, "", "i", -4, 4, &v) == E_FIELD);
	ck_assert_int_eq(v, 77);
	ck_assert(json_may_int(cx, t, "", "i", -5, -5, &v) == E_OK);
	ck_assert_int_eq(v, -5);
	/* Beyond 2^53 a double is not the number any more. */
	ck_assert(json_may_int(cx, t, "", "big", 0, INT64_MAX, &v) ==
	    E_FIELD);
	ck_assert(json_may_bool(cx, t, "", "i", &f) == E_FIELD);
	ck_assert(f);
	ck_assert(json_may_bool(cx, t, "", "b", &f) == E_OK);
	ck_assert(!f);
	ck_assert(json_may_obj(cx, t, "", "l", &got) == E_FIELD);
	ck_assert(json_may_obj(cx, t, "", "n", &got) == E_OK);
	ck_assert_ptr_null(got);
	ck_assert(json_may_obj(cx, t, "", "o", &got) == E_OK);
	ck_assert(json_is_obj(got));
	ck_assert(json_may_list(cx, t, "", "o", 9, &got) == E_FIELD);
	ck_assert(json_may_list(cx, t, "", "l", 2, &got) == E_FIELD);
	ck_assert(json_is_obj(got));
	ck_assert(json_may_list(cx, t, "", "l", 3, &got) == E_OK);
	ck_assert_uint_eq(json_count(got), 3);
}
END_TEST

START_TEST(printed_and_compared)
{
	const struct cJSON *t = parsed("{\"a\":[1,-2.5,\"\xc3\xa4\\\"\"],"
	    "\"b\":null}");

	ck_assert_str_eq(json_print(cx, t),
	    "{\"a\":[1,-2.5,\"\xc3\xa4\\\"\"],\"b\":null}");
	ck_assert(json_same(t, parsed("{\"b\":null,\"a\":[1,-2.5,"
	    "\"\\u00e4\\\"\"]}")));
	ck_assert(!json_same(t, parsed("{\"a\":[1],\"b\":null}")));
	ck_assert(!json_same(parsed("{\"a\":1}"), parsed("{\"A\":1}")));
	ck_assert(!json_same(parsed("[1,2]"), parsed("[2,1]")));
}
END_TEST

START_TEST(memory_is_capped)
{
	static char s[600002];
	struct cx small;
	struct cJSON *tree;

	cx_init(&small, 256 << 10);
	memset(s, ' ', sizeof s);
	s[0] = '1';
	ck_assert(json_parse(&small, s, sizeof s, &tree) == E_NOMEM);
	cx_release(&small);
}
END_TEST

static const char *
word(const char *text, const char *ptr)
{
	return json_word(cx, parsed(text), text, ptr);
}

/* Ids keep all of their digits. */
START_TEST(words)
{
	static const char text[] = "{ \"a\" : {\"q\\\"]\":[1,{\"x\":\"}\"}],"
	    "\"task_id\" : 867283741759111203 },\n\"l\":[[ ],-1.50e+3 ,true,"
	    "{\"id\":\"s\"},null,{\"id\":12345678901234567890}]}";

	ck_assert_str_eq(word(text, "/a/task_id"), "867283741759111203");
	ck_assert_str_eq(word(text, "/l/1"), "-1.50e+3");
	ck_assert_str_eq(word(text, "/l/2"), "true");
	ck_assert_str_eq(word(text, "/l/3/id"), "s");
	ck_assert_str_eq(word(text, "/l/5/id"), "12345678901234567890");
	ck_assert_ptr_null(word(text, "/l/4"));
	ck_assert_ptr_null(word(text, "/l/0"));
	ck_assert_ptr_null(word(text, "/a"));
	ck_assert_ptr_null(word(text, "/l/9"));
	ck_assert_ptr_null(word(text, "/none"));
	ck_assert_str_eq(word("7", ""), "7");
}
END_TEST

/* A browser may send these: half of an emoji that was cut. */
START_TEST(lone_surrogates)
{
	static const struct {
		const char	*s, *want;
	} c[] = {
		{ "[\"a\\ud800\"]", "a\xef\xbf\xbd" },
		{ "[\"\\udc00b\"]", "\xef\xbf\xbd" "b" },
		{ "[\"\\ud800\\ud83d\\ude00\"]",
		    "\xef\xbf\xbd\xf0\x9f\x98\x80" },
		{ "[\"\\ud83d\\ude00\\\\ud800\"]",
		    "\xf0\x9f\x98\x80\\ud800" },
		{ "[\"\\uD83Dx\\u00e9\"]", "\xef\xbf\xbdx\xc3\xa9" },
	};
	struct cJSON *tree;

	for (size_t i = 0; i < N_OF(c); i++) {
		ck_assert_msg(json_parse(cx, c[i].s, strlen(c[i].s), &tree) ==
		    E_OK, "%s", c[i].s);
		ck_assert_str_eq(json_text(json_first(tree)), c[i].want);
	}
}
END_TEST

/* Memory follows the values, not the bytes. */
START_TEST(values)
{
	static char text[2 * JSON_VALUES + 16];
	struct cJSON *tree;
	size_t n;

	text[0] = '[';
	for (n = 1; n < 2 * (JSON_REQUEST - 1); n += 2)
		memcpy(text + n, "0,", 2);
	text[n - 1] = ']';
	ck_assert_int_eq(json_parse_request(cx, text, n, &tree), E_OK);
	memcpy(text + n - 1, ",0]", 3);
	ck_assert_int_eq(json_parse_request(cx, text, n + 2, &tree),
	    E_TOOBIG);
	ck_assert_int_eq(json_parse(cx, text, n + 2, &tree), E_OK);
	ck_assert_uint_gt(arena_used(cx->mem), 2 * JSON_REQUEST * 64);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("json");
	TCase *tc = unit_case(s, "json");

	tcase_add_test(tc, writes);
	tcase_add_test(tc, numbers_out);
	tcase_add_test(tc, quoting);
	tcase_add_test(tc, too_deep_sticks);
	tcase_add_test(tc, deep_enough);
	tcase_add_test(tc, full_sticks);
	tcase_add_test(tc, reads);
	tcase_add_test(tc, nothing_there);
	tcase_add_test(tc, malformed);
	tcase_add_test(tc, no_hidden_nul);
	tcase_add_test(tc, nesting);
	tcase_add_test(tc, strings_wanted);
	tcase_add_test(tc, others_wanted);
	tcase_add_test(tc, printed_and_compared);
	tcase_add_test(tc, memory_is_capped);
	tcase_add_test(tc, words);
	tcase_add_test(tc, lone_surrogates);
	tcase_add_test(tc, values);
	return s;
}

int
main(void)
{
	return unit_main(suite());
}
