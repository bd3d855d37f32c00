/*
 * test-s3 - AWS Signature V4
 *
 * Against the examples of AWS' S3 documentation, and against vectors in the
 * shape of R2 (t/data/r2-vectors.json), on which two independent
 * implementations agreed.
 */
#include "config.h"

#include "../unit.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/crypto.h"
#include "base/encode.h"
#include "base/json.h"
#include "base/str.h"
#include "base/url.h"
#include "io/s3.h"

#define MAY_24	INT64_C(1369353600000)		/* 20130524T000000Z */
#define EMPTY	"e3b0c44298fc1c149afbf4c8996fb924" \
		"27ae41e4649b934ca495991b7852b855"

static const struct s3_creds aws = {
	.access_key = "AKIAIOSFODNN7EXAMPLE",
	.secret_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
	.region = "us-east-1",
	.service = "s3",
};

static const char *
canonical_sha(const struct s3_request *rq)
{
	static char hex[SHA256_HEX];
	char *s = s3_canonical(cx, rq);

	ck_assert_ptr_nonnull(s);
	crypto_sha256_hex(s, strlen(s), hex);
	return hex;
}

static struct s3_request
example(const char *method, const char *path, const char *payload)
{
	struct s3_request rq = {
		.method = method, .path = path, .payload = payload,
		.when = MAY_24,
	};

	s3_header(&rq, "Host", "examplebucket.s3.amazonaws.com");
	s3_header(&rq, "x-amz-date", "20130524T000000Z");
	s3_header(&rq, "x-amz-content-sha256", payload);
	return rq;
}

START_TEST(signing_key)
{
	unsigned char key[32];
	char hex[65];

	s3_signing_key(&aws, MAY_24, key);
	encode_hex(key, sizeof key, hex);
	ck_assert_str_eq(hex, "dbb893acc010964918f1fd433add87c7"
	    "0e8b0db6be30c1fbeafefa5ec6ba8378");
}
END_TEST

START_TEST(get_object)
{
	struct s3_request rq = example("GET", "/test.txt", EMPTY);

	s3_header(&rq, "Range", "bytes=0-9");
	ck_assert_str_eq(canonical_sha(&rq), "7344ae5b7ee6c3e7e6b0fe0640412a37"
	    "625d1fbfff95c48bbb2dc43964946972");
	ck_assert_str_eq(s3_signed_names(cx, &rq),
	    "host;range;x-amz-content-sha256;x-amz-date");
	ck_assert_str_eq(s3_authorization(cx, &aws, &rq),
	    "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/"
	    "us-east-1/s3/aws4_request, SignedHeaders=host;range;"
	    "x-amz-content-sha256;x-amz-date, Signature="
	    "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}
END_TEST

START_TEST(put_object)
{
	static const char body[] = "Welcome to Amazon S3.";
	struct s3_request rq;
	char hex[SHA256_HEX];

	crypto_sha256_hex(body, strlen(body), hex);
	rq = example("PUT", "/test$file.text", hex);
	s3_header(&rq, "x-amz-storage-class", "REDUCED_REDUNDANCY");
	s3_header(&rq, "Date", "Fri, 24 May 2013 00:00:00 GMT");
	ck_assert_str_eq(canonical_sha(&rq), "9e0e90d9c76de8fa5b200d8c849cd5b8"
	    "dc7a3be3951ddb7f6a76b4158342019d");
	ck_assert_str_eq(s3_signature(cx, &aws, &rq),
	    "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
}
END_TEST

START_TEST(get_lifecycle)
{
	struct s3_request rq = example("GET", "/", EMPTY);

	s3_query(&rq, "lifecycle", "");
	ck_assert_str_eq(canonical_sha(&rq), "9766c798316ff2757b517bc739a67f62"
	    "13b4ab36dd5da2f94eaebf79c77395ca");
	ck_assert_str_eq(s3_signature(cx, &aws, &rq),
	    "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
}
END_TEST

START_TEST(list_objects)
{
	struct s3_request rq = example("GET", "/", EMPTY);

	/* The caller need not sort. */
	s3_query(&rq, "prefix", "J");
	s3_query(&rq, "max-keys", "2");
	ck_assert_str_eq(canonical_sha(&rq), "df57d21db20da04d7fa30298dd4488ba"
	    "3a2b47ca3a489c74750e0f1e7df1b9b7");
	ck_assert_str_eq(s3_signature(cx, &aws, &rq),
	    "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}
END_TEST

START_TEST(presigned_get)
{
	struct s3_request rq = {
		.method = "GET", .path = "/test.txt", .when = MAY_24,
	};
	char *url;

	s3_header(&rq, "host", "examplebucket.s3.amazonaws.com");
	url = s3_presign_url(cx, &aws, &rq, 86400);
	ck_assert_str_eq(canonical_sha(&rq), "3bfa292879f6447bbcda7001decf97f4"
	    "a54dc650c8942174ae0a9121cf58ad04");
	ck_assert_str_eq(url, "https://examplebucket.s3.amazonaws.com/test.txt"
	    "?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential="
	    "AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
	    "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400"
	    "&X-Amz-SignedHeaders=host&X-Amz-Signature="
	    "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
}
END_TEST

START_TEST(canonical_form)
{
	struct s3_request rq = {
		.method = "GET", .path = "/b//../a b/.%2f/\xc3\xa4",
		.payload = "UNSIGNED-PAYLOAD",
	};

	s3_header(&rq, "X-B", "  two   words  ");
	s3_header(&rq, "HOST", "h");
	s3_header(&rq, "x-empty", "   ");
	/* By encoded name, and then by value. */
	s3_query(&rq, "b", "/ +&=");
	s3_query(&rq, "a", "2");
	s3_query(&rq, "a", "1");
	s3_query(&rq, "A", "");
	s3_query(&rq, "a b", "x");
	s3_query(&rq, "a-b", "y");
	ck_assert_str_eq(s3_canonical(cx, &rq), "GET\n"
	    "/b//../a%20b/.%252f/%C3%A4\n"
	    "A=&a=1&a=2&a%20b=x&a-b=y&b=%2F%20%2B%26%3D\n"
	    "host:h\nx-b:two words\nx-empty:\n\n"
	    "host;x-b;x-empty\nUNSIGNED-PAYLOAD");
}
END_TEST

/* What is too large is refused, not truncated and signed. */
START_TEST(endless_path)
{
	static char path[100001];
	struct s3_request rq = {
		.method = "GET", .path = path, .payload = EMPTY,
		.when = MAY_24,
	};
	char *s;

	memset(path, '/', sizeof path - 1);
	s3_header(&rq, "host", "h");
	s = s3_canonical(cx, &rq);
	ck_assert(s == NULL || strlen(s) > sizeof path);
	path[70000] = '\0';
	memset(path + 1, '%', 69999);
	s = s3_canonical(cx, &rq);
	ck_assert(s == NULL || strlen(s) > 200000);
}
END_TEST

/* --- the file of vectors */

static char *
slurp(const char *name)
{
	const char *dir = getenv("srcdir");
	struct buf *b = buf_new(cx, 1 << 20);
	char path[512], chunk[4096];
	size_t n;
	FILE *f;

	snprintf(path, sizeof path, "%s/t/data/%s", dir != NULL ? dir : ".",
	    name);
	ck_assert_msg((f = fopen(path, "re")) != NULL, "%s", path);
	while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
		buf_put(b, chunk, n);
	fclose(f);
	ck_assert(buf_ok(b));
	return b->data;
}

static const char *
text(const struct cJSON *js, const char *key)
{
	const char *s = json_text(json_get(js, key));

	ck_assert_msg(s != NULL, "no %s", key);
	return s;
}

/* Our own query parameters stand in the canonical request only. */
static void
take_query(struct s3_request *rq, const char *canonical)
{
	const char *q, *end, *amp, *eq;

	ck_assert_ptr_nonnull(q = strchr(canonical, '\n'));
	ck_assert_ptr_nonnull(q = strchr(q + 1, '\n'));
	ck_assert_ptr_nonnull(end = strchr(++q, '\n'));
	for (; q < end; q = amp + 1) {
		if ((amp = memchr(q, '&', (size_t)(end - q))) == NULL)
			amp = end;
		ck_assert_ptr_nonnull(eq = memchr(q, '=', (size_t)(amp - q)));
		if (!str_starts(q, "X-Amz-"))
			s3_query(rq, url_decode(cx, q, (size_t)(eq - q),
			    false), url_decode(cx, eq + 1,
			    (size_t)(amp - eq - 1), false));
	}
}

/* 20261122T103000Z */
static int64_t
moment(const char *basic)
{
	int64_t ms;

	ck_assert(clock_parse(cx_fmt(cx, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ",
	    basic, basic + 4, basic + 6, basic + 9, basic + 11, basic + 13),
	    &ms));
	return ms;
}

static void
one_vector(const struct s3_creds *c, int64_t when, const struct cJSON *v)
{
	const char *name = text(v, "name"), *url;
	const char *canonical = text(v, "canonical_request");
	struct s3_request rq = { .method = text(v, "method"), .when = when };
	const struct cJSON *h;
	char *s;

	rq.path = cx_fmt(cx, "/mina-uploads/%s", text(v, "key"));
	h = json_first(json_get(v, "headers"));
	for (; h != NULL; h = json_next(h))
		s3_header(&rq, json_key(h), json_text(h));
	take_query(&rq, canonical);
	url = json_text(json_get(v, "url"));
	if (url != NULL) {
		s = s3_presign_url(cx, c, &rq,
		    (int)json_int_or(json_get(v, "expires"), -1));
		ck_assert_msg(str_eq(s, url), "%s: %s", name, s);
	} else {
		rq.payload = json_text(json_pointer(v,
		    "/headers/x-amz-content-sha256"));
		s = s3_authorization(cx, c, &rq);
		ck_assert_msg(str_eq(s, text(v, "authorization")), "%s: %s",
		    name, s);
	}
	s = s3_canonical(cx, &rq);
	ck_assert_msg(str_eq(s, canonical), "%s: %s", name, s);
	ck_assert_str_eq(canonical_sha(&rq), text(v, "canonical_sha256"));
	s = s3_string_to_sign(cx, c, &rq, s);
	ck_assert_msg(str_eq(s, text(v, "string_to_sign")), "%s: %s", name,
	    s);
	ck_assert_str_eq(s3_signature(cx, c, &rq), text(v, "signature"));
}

START_TEST(r2_vectors)
{
	char *file = slurp("r2-vectors.json"), hex[65];
	const struct cJSON *v;
	struct cJSON *t;
	struct s3_creds c;
	unsigned char key[32];
	int64_t when;
	int n = 0;

	ck_assert(json_parse(cx, file, strlen(file), &t) == E_OK);
	c.access_key = text(t, "access_key_id");
	c.secret_key = text(t, "secret_access_key");
	c.region = text(t, "region");
	c.service = text(t, "service");
	when = moment(text(t, "amz_date"));
	s3_signing_key(&c, when, key);
	encode_hex(key, sizeof key, hex);
	ck_assert_str_eq(hex, text(t, "signing_key_hex"));
	v = json_first(json_get(t, "vectors"));
	for (; v != NULL; v = json_next(v), n++)
		one_vector(&c, when, v);
	ck_assert_int_ge(n, 10);
}
END_TEST

/* --- with the store of the configuration */

static void
configure(const char *media)
{
	setenv("MINA_S3_ENDPOINT", "https://s3.example:8443", 1);
	setenv("MINA_S3_BUCKET", "bucket", 1);
	setenv("MINA_S3_ACCESS_KEY", "AK", 1);
	setenv("MINA_S3_SECRET_KEY", "SK", 1);
	setenv("MINA_MEDIA_URL", media, 1);
}

START_TEST(presigned_put)
{
	struct url u;
	char *s;

	configure("https://media.example");
	s = s3_presign_put(cx, "u/1/a b.png", "image/png", 1234, 300);
	ck_assert_ptr_nonnull(s);
	ck_assert(url_parse(cx, s, &u));
	ck_assert_str_eq(u.host, "s3.example");
	ck_assert_int_eq(u.port, 8443);
	ck_assert_str_eq(u.path, "/bucket/u/1/a%20b.png");
	ck_assert_str_eq(url_query(cx, u.query, "X-Amz-SignedHeaders"),
	    "content-length;content-type;host");
	ck_assert_str_eq(url_query(cx, u.query, "X-Amz-Expires"), "300");
	ck_assert(str_starts(url_query(cx, u.query, "X-Amz-Credential"),
	    "AK/"));
	ck_assert(str_ends(url_query(cx, u.query, "X-Amz-Credential"),
	    "/auto/s3/aws4_request"));
	ck_assert_uint_eq(strlen(url_query(cx, u.query, "X-Amz-Signature")),
	    64);
	s = s3_presign_put(cx, "k", "image/png", -1, 300);
	ck_assert(url_parse(cx, s, &u));
	ck_assert_str_eq(url_query(cx, u.query, "X-Amz-SignedHeaders"),
	    "content-type;host");
	unsetenv("MINA_S3_BUCKET");
	ck_assert_ptr_null(s3_presign_put(cx, "k", "image/png", 1, 300));
}
END_TEST

START_TEST(public_urls)
{
	configure("https://media.example/base");
	ck_assert_str_eq(s3_public_url(cx, "u/1/a b.png"),
	    "https://media.example/base/u/1/a%20b.png");
	ck_assert_str_eq(s3_key_of("https://media.example/base/u/1/a.png"),
	    "u/1/a.png");
	ck_assert_ptr_null(s3_key_of("https://media.example/based/a"));
	ck_assert_ptr_null(s3_key_of("https://media.example.evil/base/a"));
	ck_assert_ptr_null(s3_key_of("https://media.example/base"));
	ck_assert_ptr_null(s3_key_of("http://media.example/base/a"));
	/* Clients may read these as another host or path. */
	ck_assert_ptr_null(s3_key_of("https://media.example/base/"));
	ck_assert_ptr_null(s3_key_of("https://media.example/base//a"));
	ck_assert_ptr_null(s3_key_of("https://media.example/base/u/"));
	ck_assert_ptr_null(s3_key_of("https://media.example/base/u/../../a"));
	ck_assert_ptr_null(s3_key_of("https://media.example/base/.."));
	ck_assert_ptr_null(s3_key_of("https://media.example/base/./a"));
	ck_assert_ptr_null(s3_key_of("https://media.example/base/%2e%2e/a"));
	ck_assert_ptr_null(s3_key_of("https://media.example/base/a?b"));
	ck_assert_ptr_null(s3_key_of("https://media.example/base/a#b"));
	ck_assert_ptr_null(s3_key_of("https://media.example/base/a\\b"));
	ck_assert_ptr_null(s3_key_of("https://media.example/base/a b"));
	ck_assert_ptr_null(s3_key_of(""));
	ck_assert_ptr_null(s3_key_of(NULL));
}
END_TEST

/* A slash at the end of the setting makes no difference. */
START_TEST(public_urls_with_a_slash)
{
	configure("https://media.example/");
	ck_assert_str_eq(s3_public_url(cx, "u/a.png"),
	    "https://media.example/u/a.png");
	ck_assert_str_eq(s3_key_of("https://media.example/u/a.png"),
	    "u/a.png");
}
END_TEST

START_TEST(lists)
{
	static const char xml[] = "<?xml version=\"1.0\"?>\n"
	    "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/\"><Name>b"
	    "</Name><IsTruncated>true</IsTruncated><Contents>"
	    "<Key>a/b &amp;amp; c</Key><LastModified>2026-11-22T10:30:00.000Z"
	    "</LastModified><ETag>&quot;x&quot;</ETag><Size>12</Size>"
	    "</Contents><Contents><Size>0</Size><Key>a/d</Key><LastModified>"
	    "1970-01-01T00:00:01Z</LastModified></Contents>"
	    "</ListBucketResult>";
	static const char *const broken[] = {
		"", "<html></html>", "<ListBucketResult>",
		"<ListBucketResult><Contents></ListBucketResult>",
		"<ListBucketResult><Contents></Contents></ListBucketResult>",
		("<ListBucketResult><Contents><Key>a</Key><Size>1x</Size>"
		    "<LastModified>1970-01-01T00:00:01Z</LastModified>"
		    "</Contents></ListBucketResult>"),
		/* Otherwise it would be asked for for ever. */
		("<ListBucketResult><IsTruncated>true</IsTruncated>"
		    "</ListBucketResult>"),
	};
	struct s3_object *o;
	bool more;
	size_t n;

	ck_assert(s3_list_read(cx, xml, &o, &n, &more));
	ck_assert(more);
	ck_assert_uint_eq(n, 2);
	ck_assert_str_eq(o[0].key, "a/b &amp; c");
	ck_assert_int_eq(o[0].length, 12);
	ck_assert_int_eq(o[0].modified, INT64_C(1795343400000));
	ck_assert_str_eq(o[1].key, "a/d");
	ck_assert_int_eq(o[1].modified, 1000);
	ck_assert(s3_list_read(cx, "<ListBucketResult></ListBucketResult>",
	    &o, &n, &more));
	ck_assert(!more);
	ck_assert_uint_eq(n, 0);
	for (size_t i = 0; i < N_OF(broken); i++)
		ck_assert_msg(!s3_list_read(cx, broken[i], &o, &n, &more),
		    "%s", broken[i]);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("s3");
	TCase *tc = unit_case(s, "s3");

	tcase_add_test(tc, signing_key);
	tcase_add_test(tc, get_object);
	tcase_add_test(tc, put_object);
	tcase_add_test(tc, get_lifecycle);
	tcase_add_test(tc, list_objects);
	tcase_add_test(tc, presigned_get);
	tcase_add_test(tc, canonical_form);
	tcase_add_test(tc, endless_path);
	tcase_add_test(tc, r2_vectors);
	tcase_add_test(tc, presigned_put);
	tcase_add_test(tc, public_urls);
	tcase_add_test(tc, public_urls_with_a_slash);
	tcase_add_test(tc, lists);
	return s;
}

int
main(void)
{
	return unit_main(suite());
}
