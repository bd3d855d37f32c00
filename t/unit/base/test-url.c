/*
 * test-url - percent encoding, queries, parsing and joining of URLs
 */
#include "config.h"

#include "../unit.h"
#include "base/buf.h"
#include "base/str.h"
#include "base/url.h"

static const char *
encoded(const char *s, const char *keep)
{
	struct buf *b = buf_new(cx, 4096);

	url_encode(b, s, keep);
	ck_assert(buf_ok(b));
	return b->data;
}

/* RFC 3986 5.4, with the host in lower case. */
START_TEST(joins)
{
	static const char *const ref[][2] = {
		{ "g:h", "g:h" }, { "g", "https://a/b/c/g" },
		{ "./g", "https://a/b/c/g" }, { "g/", "https://a/b/c/g/" },
		{ "/g", "https://a/g" }, { "//g", "https://g" },
		{ "?y", "https://a/b/c/d;p?y" },
		{ "g?y", "https://a/b/c/g?y" },
		{ "#s", "https://a/b/c/d;p?q#s" },
		{ "g#s", "https://a/b/c/g#s" },
		{ "g?y#s", "https://a/b/c/g?y#s" },
		{ ";x", "https://a/b/c/;x" }, { "g;x", "https://a/b/c/g;x" },
		{ "", "https://a/b/c/d;p?q" }, { ".", "https://a/b/c/" },
		{ "./", "https://a/b/c/" }, { "..", "https://a/b/" },
		{ "../", "https://a/b/" }, { "../g", "https://a/b/g" },
		{ "../..", "https://a/" }, { "../../g", "https://a/g" },
		{ "../../../g", "https://a/g" },
		{ "../../../../g", "https://a/g" },
		{ "/./g", "https://a/g" }, { "/../g", "https://a/g" },
		{ "g.", "https://a/b/c/g." }, { ".g", "https://a/b/c/.g" },
		{ "g..", "https://a/b/c/g.." }, { "..g", "https://a/b/c/..g" },
		{ "./../g", "https://a/b/g" }, { "./g/.", "https://a/b/c/g/" },
		{ "g/./h", "https://a/b/c/g/h" },
		{ "g/../h", "https://a/b/c/h" },
		{ "g;x=1/./y", "https://a/b/c/g;x=1/y" },
		{ "g;x=1/../y", "https://a/b/c/y" },
		{ "g?y/./x", "https://a/b/c/g?y/./x" },
		{ "g#s/../x", "https://a/b/c/g#s/../x" },
		{ "http:g", "http:g" }, { "file:///etc/passwd",
		    "file:///etc/passwd" },
	};

	for (size_t i = 0; i < N_OF(ref); i++)
		ck_assert_str_eq(url_join(cx, "https://a/b/c/d;p?q",
		    ref[i][0]), ref[i][1]);
	ck_assert_str_eq(url_join(cx, "https://a", "g"), "https://a/g");
	ck_assert_str_eq(url_join(cx, "https://a?q", "g"), "https://a/g");
	ck_assert_str_eq(url_join(cx, "https://a?q/r", "?x"), "https://a?x");
	ck_assert_str_eq(url_join(cx, "https://a:1/x#/y", "z"),
	    "https://a:1/z");
	ck_assert_str_eq(url_join(cx, "https://[::1]:1/x/", "//h:2/"),
	    "https://h:2/");
	ck_assert_str_eq(url_join(cx, "https://a/b//c", "../d"),
	    "https://a/b/d");
}
END_TEST

START_TEST(schemes)
{
	ck_assert_uint_eq(url_scheme("https://a"), 5);
	ck_assert_uint_eq(url_scheme("view-source+x.1:y"), 15);
	ck_assert_uint_eq(url_scheme("a:"), 1);
	ck_assert_uint_eq(url_scheme(":"), 0);
	ck_assert_uint_eq(url_scheme("1a:"), 0);
	ck_assert_uint_eq(url_scheme("//a:1"), 0);
	ck_assert_uint_eq(url_scheme("a/b:c"), 0);
	ck_assert_uint_eq(url_scheme("https"), 0);
	ck_assert_uint_eq(url_scheme(""), 0);
}
END_TEST

START_TEST(encodes)
{
	ck_assert_str_eq(encoded("", NULL), "");
	ck_assert_str_eq(encoded("AZaz09-._~", NULL), "AZaz09-._~");
	ck_assert_str_eq(encoded("a b+c/d%", NULL), "a%20b%2Bc%2Fd%25");
	ck_assert_str_eq(encoded("a b+c/d%", "/"), "a%20b%2Bc/d%25");
	ck_assert_str_eq(encoded("\xc3\xa4\xff\x01", NULL), "%C3%A4%FF%01");
	ck_assert_str_eq(encoded("!*'()", NULL), "%21%2A%27%28%29");
}
END_TEST

START_TEST(every_byte_comes_back)
{
	char s[256];

	for (int i = 0; i < 255; i++)
		s[i] = (char)(i + 1);
	s[255] = '\0';
	ck_assert_str_eq(url_decode(cx, encoded(s, NULL),
	    strlen(encoded(s, NULL)), false), s);
	ck_assert_str_eq(url_decode(cx, encoded(s, NULL),
	    strlen(encoded(s, NULL)), true), s);
}
END_TEST

START_TEST(decodes)
{
	static const char *const bad[] = { "%", "%4", "%g0", "%0g", "a%",
	    "a%2", "%%20", "%00", "a%00b", "%-1", "% 1", "%+1", NULL };

	ck_assert_str_eq(url_decode(cx, "a+b", 3, true), "a b");
	ck_assert_str_eq(url_decode(cx, "a+b", 3, false), "a+b");
	ck_assert_str_eq(url_decode(cx, "%2b%2B%c3%a4", 12, true),
	    "++\xc3\xa4");
	ck_assert_str_eq(url_decode(cx, "%25%32%35", 9, true), "%25");
	ck_assert_str_eq(url_decode(cx, "", 0, true), "");
	/* The length counts, not a NUL after it. */
	ck_assert_str_eq(url_decode(cx, "abc%20", 3, true), "abc");
	ck_assert_ptr_null(url_decode(cx, "abc%20", 5, true));
	ck_assert_ptr_null(url_decode(cx, "abc%20", 4, true));
	for (int i = 0; bad[i] != NULL; i++)
		ck_assert_msg(url_decode(cx, bad[i], strlen(bad[i]), true) ==
		    NULL, "%s", bad[i]);
}
END_TEST

START_TEST(queries)
{
	const char *q = "a=1&b=x+y%26z&c&d=&=e&a=2&%61%62=deep&f==&g=h=i";

	ck_assert_str_eq(url_query(cx, q, "a"), "1");
	ck_assert_str_eq(url_query(cx, q, "b"), "x y&z");
	ck_assert_str_eq(url_query(cx, q, "c"), "");
	ck_assert_str_eq(url_query(cx, q, "d"), "");
	ck_assert_str_eq(url_query(cx, q, ""), "e");
	ck_assert_str_eq(url_query(cx, q, "ab"), "deep");
	ck_assert_str_eq(url_query(cx, q, "f"), "=");
	ck_assert_str_eq(url_query(cx, q, "g"), "h=i");
	ck_assert_ptr_null(url_query(cx, q, "A"));
	ck_assert_ptr_null(url_query(cx, q, "aa"));
	ck_assert_ptr_null(url_query(cx, q, "y"));
	ck_assert_ptr_null(url_query(cx, "", "a"));
	ck_assert_ptr_null(url_query(cx, NULL, "a"));
	ck_assert_ptr_null(url_query(cx, "&&&", "a"));
	/* A name that cannot be decoded hides only itself. */
	ck_assert_str_eq(url_query(cx, "%zz=1&a=2", "a"), "2");
	ck_assert_str_eq(url_query(cx, "a=%00", "a"), "");
	ck_assert_str_eq(url_query(cx, "a=%4", "a"), "");
	ck_assert_str_eq(url_query(cx, "%=1&&a=2&", "a"), "2");
}
END_TEST

START_TEST(parts)
{
	struct url u;

	ck_assert(url_parse(cx, "HTTPS://Ex.Ample:8443/A/b%20?x=1&y#z", &u));
	ck_assert_str_eq(u.scheme, "https");
	ck_assert_str_eq(u.host, "ex.ample");
	ck_assert_int_eq(u.port, 8443);
	ck_assert(u.has_port);
	ck_assert_str_eq(u.path, "/A/b%20");
	ck_assert_str_eq(u.query, "x=1&y");
	ck_assert(!u.userinfo);
	ck_assert(u.fragment);

	ck_assert(url_parse(cx, "http://h", &u));
	ck_assert_str_eq(u.scheme, "http");
	ck_assert_int_eq(u.port, 80);
	ck_assert(!u.has_port);
	ck_assert_str_eq(u.path, "/");
	ck_assert_ptr_null(u.query);
	ck_assert(!u.fragment);

	ck_assert(url_parse(cx, "https://h?", &u));
	ck_assert_str_eq(u.path, "/");
	ck_assert_str_eq(u.query, "");
	ck_assert(url_parse(cx, "https://h#?x", &u));
	ck_assert_ptr_null(u.query);
	ck_assert(u.fragment);
	ck_assert(url_parse(cx, "https://h/?a#b#c?d", &u));
	ck_assert_str_eq(u.query, "a");
}
END_TEST

START_TEST(addresses)
{
	struct url u;

	ck_assert(url_parse(cx, "https://[2001:DB8::1]/", &u));
	ck_assert_str_eq(u.host, "2001:db8::1");
	ck_assert_int_eq(u.port, 443);
	ck_assert(url_parse(cx, "https://[::ffff:10.0.0.1]:99", &u));
	ck_assert_str_eq(u.host, "::ffff:10.0.0.1");
	ck_assert_int_eq(u.port, 99);
	ck_assert(url_parse(cx, "https://127.0.0.1/", &u));
	ck_assert_str_eq(u.host, "127.0.0.1");
	ck_assert(!u.respelled);
	ck_assert(url_parse(cx, "https://[0:0:0:0:0:0:0:1]/", &u));
	ck_assert_str_eq(u.host, "::1");
	ck_assert(!u.respelled);
}
END_TEST

/* curl connects to 127.0.0.1 for all of these. */
START_TEST(respelled)
{
	static const char *const odd[] = { "127.1", "127.0.1", "0x7f.1",
	    "0X7F000001", "2130706433", "017700000001", "0177.0.0.01" };
	struct url u;

	for (size_t i = 0; i < N_OF(odd); i++) {
		ck_assert(url_parse(cx, cx_fmt(cx, "https://%s:1/", odd[i]),
		    &u));
		ck_assert_msg(u.respelled, "%s", odd[i]);
		ck_assert_str_eq(u.host, "127.0.0.1");
	}
	/* Not rewritten by curl; ipguard_host() refuses the first. */
	ck_assert(url_parse(cx, "https://1.1.1.256/", &u));
	ck_assert(!u.respelled);
	ck_assert(url_parse(cx, "https://H.x./", &u));
	ck_assert(!u.respelled);
}
END_TEST

/* The host is what follows the last @ before the path. */
START_TEST(userinfo)
{
	struct url u;

	ck_assert(url_parse(cx, "https://good.example@evil.example/", &u));
	ck_assert_str_eq(u.host, "evil.example");
	ck_assert(u.userinfo);
	ck_assert(url_parse(cx, "https://a:b@good@evil.example:444/@x", &u));
	ck_assert_str_eq(u.host, "evil.example");
	ck_assert_int_eq(u.port, 444);
	ck_assert(u.userinfo);
	ck_assert(url_parse(cx, "https://@h/", &u));
	ck_assert(u.userinfo);
	ck_assert(url_parse(cx, "https://good/@evil", &u));
	ck_assert_str_eq(u.host, "good");
	ck_assert(!u.userinfo);
	ck_assert(url_parse(cx, "https://good?@evil", &u));
	ck_assert_str_eq(u.host, "good");
}
END_TEST

START_TEST(refused)
{
	static const char *const bad[] = { "", "/", "//h/", "h", "h/", "https:",
	    "https:/h", "https://", "https:///p", "https://?q", "https://#f",
	    "https://:443/", "ftp://h/", "file:///etc/passwd", "data:,x",
	    "javascript:alert(1)", "httpss://h", "https//h", " https://h",
	    "https://h ", "https://h/a b", "https://h/\t", "https://h/\n",
	    "https://h/\x7f", "https://h/\r\nX: y", "https://h\\@e/",
	    "https://h/\\", "https://a_b/", "https://a,b/", "https://a%2eb/",
	    "https://\xc3\xa4/", "https://h:0/", "https://h:65536/",
	    "https://h:/", "https://h:-1/", "https://h:+80/", "https://h:8x/",
	    "https://h:80:80/", "https://h: 80/", "https://[::1/",
	    "https://[]/", "https://[:]/", "https://::1/", "https://[::1]x/",
	    "https://[::1]:/", "https://[fe80::1%25eth0]/", "https://[g::]/",
	    "https://h:99999999999999999999/", "https://u@/", "https://*/",
	    "https://a@[::1/", "https://[127.0.0.1]/", "https://[abc]/",
	    "https://[1:2]/", "https://[:::]/", "https://[::1%eth0]/",
	    "https:/a://h/", NULL };
	char big[5000];
	struct url u;

	for (int i = 0; bad[i] != NULL; i++)
		ck_assert_msg(!url_parse(cx, bad[i], &u), "%s", bad[i]);
	ck_assert(!url_parse(cx, NULL, &u));
	memset(big, 'a', sizeof big - 1);
	big[sizeof big - 1] = '\0';
	memcpy(big, "https://h/", 10);
	ck_assert(!url_parse(cx, big, &u));
	big[4096] = '\0';
	ck_assert(url_parse(cx, big, &u));
	memset(big, 'a', 4096);
	memcpy(big, "https://", 8);
	big[8 + 254] = '\0';
	ck_assert(!url_parse(cx, big, &u));
	big[8 + 253] = '\0';
	ck_assert(url_parse(cx, big, &u));
}
END_TEST

START_TEST(under)
{
	ck_assert(url_under("https://m.example/a", "https://m.example"));
	ck_assert(url_under("https://m.example/a", "https://m.example/"));
	ck_assert(url_under("https://m.example/b/a", "https://m.example/b"));
	ck_assert(!url_under("https://m.example/bc", "https://m.example/b"));
	ck_assert(!url_under("https://m.example.evil/a", "https://m.example"));
	ck_assert(!url_under("https://m.example@evil/a", "https://m.example"));
	ck_assert(!url_under("https://m.example:1/a", "https://m.example"));
	ck_assert(!url_under("http://m.example/a", "https://m.example"));
	ck_assert(!url_under("x", ""));
	ck_assert(!url_under(NULL, "x"));
	ck_assert(!url_under("x", NULL));
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("url");
	TCase *tc = unit_case(s, "url");

	tcase_add_test(tc, encodes);
	tcase_add_test(tc, every_byte_comes_back);
	tcase_add_test(tc, decodes);
	tcase_add_test(tc, queries);
	tcase_add_test(tc, parts);
	tcase_add_test(tc, addresses);
	tcase_add_test(tc, respelled);
	tcase_add_test(tc, userinfo);
	tcase_add_test(tc, refused);
	tcase_add_test(tc, schemes);
	tcase_add_test(tc, joins);
	tcase_add_test(tc, under);
	return s;
}

int
main(void)
{
	return unit_main(suite());
}
