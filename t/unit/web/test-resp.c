/*
 * test-resp - ETags and If-None-Match of responses
 */
#include "config.h"

#include "../unit.h"
#include "base/buf.h"
#include "web/req.h"
#include "web/resp.h"
#include "web/transport.h"

START_TEST(listed)
{
	static const char *const yes[] = { "*", "\"a\"", "W/\"a\"",
	    "\"b\", \"a\"", "\"b\",\"a\",\"c\"", " , ,\"a\"", "\"\",W/\"a\"",
	    "\"b,\", \"a\"", "\t\"a\"\t", "\"b\"\"a\"",
	    "\"a\", and then nonsense" };
	static const char *const no[] = { "", "a", "\"a", "a\"", "\"A\"",
	    "\"aa\"", "\"\"", "* ", "\"b\", *", "W/", "W/a", "w/\"a\"",
	    "\"b, \"a\"", "W/W/\"a\"", "\"b\" x \"a\"", "\"", "W/\"", ", ",
	    "\"b\", \"c" };

	for (size_t i = 0; i < N_OF(yes); i++)
		ck_assert_msg(resp_etag_listed(yes[i], "\"a\""), "%s",
		    yes[i]);
	for (size_t i = 0; i < N_OF(no); i++)
		ck_assert_msg(!resp_etag_listed(no[i], "\"a\""), "%s", no[i]);
}
END_TEST

static const char *seen;

static const char *
param(struct transport *p, const char *name)
{
	(void)p;
	return strcmp(name, "HTTP_IF_NONE_MATCH") == 0 ? seen : NULL;
}

static const struct transport_ops ops = { .param = param };
static struct transport transport = { &ops };

/* The response {"credits":n} to a request with this If-None-Match. */
static struct resp *
answer(int n, const char *etag)
{
	struct resp *rs = cx_alloc(cx, sizeof *rs);
	struct req rq = { .magic = REQ_MAGIC, .transport = &transport };

	seen = etag;
	resp_init(cx, rs);
	json_int(resp_json(rs, 200), "credits", n);
	ck_assert_int_eq(resp_done_etag(rs, &rq), E_OK);
	ck_assert(rs->done);
	return rs;
}

static char *
etag(const struct resp *rs)
{
	const char *s = strstr(rs->headers->data, "ETag: ");

	ck_assert_ptr_nonnull(s);
	return cx_dupn(cx, s + 6, strcspn(s + 6, "\r"));
}

START_TEST(tagged)
{
	struct resp *a = answer(1, NULL), *b = answer(2, NULL), *c;

	ck_assert_int_eq(a->status, 200);
	ck_assert_str_eq(a->body->data, "{\"credits\":1}");
	/* Strong: no W/ before it. */
	ck_assert_uint_eq(strspn(etag(a), "\"0123456789abcdef"), 34);
	ck_assert_str_ne(etag(a), etag(b));
	ck_assert_str_eq(etag(a), etag(answer(1, NULL)));
	ck_assert_ptr_nonnull(strstr(a->headers->data,
	    "Cache-Control: private, no-cache\r\n"));

	c = answer(1, etag(b));
	ck_assert_int_eq(c->status, 200);
	c = answer(1, cx_fmt(cx, "%s, W/%s", etag(b), etag(a)));
	ck_assert_int_eq(c->status, 304);
	ck_assert_uint_eq(c->body->len, 0);
	ck_assert_str_eq(etag(c), etag(a));
	ck_assert_ptr_nonnull(strstr(c->headers->data, "Cache-Control: "));
	ck_assert_int_eq(answer(1, "*")->status, 304);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("resp");
	TCase *tc = unit_case(s, "resp");

	tcase_add_test(tc, listed);
	tcase_add_test(tc, tagged);
	return s;
}

int
main(void)
{
	return unit_main(suite());
}
