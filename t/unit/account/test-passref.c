/*
 * test-passref - sealed passes, tampered ones, checkout links
 */
#include "config.h"

#include "../unit.h"
#include "account/passref.h"
#include "base/crypto.h"
#include "base/encode.h"
#include "base/str.h"
#include "base/url.h"

#define ANON	"pass:anon:7c0e0000-0000-4000-8000-000000000001"
#define USER	"pass:user:7c0e0000-0000-4000-8000-000000000001"

static void
set(const char *key, const char *topup)
{
	setenv("MINA_PASS_KEY", key, 1);
	setenv("MINA_TOPUP_URL", topup, 1);
}

START_TEST(round_trip)
{
	static const char *const pass[] = { ANON, USER,
	    "pass:shopify:820982911946154508",
	    "pass:shopify:18446744073709551615" };
	char *a, *b;

	set("k", "");
	for (size_t i = 0; i < N_OF(pass); i++) {
		a = passref_seal(cx, pass[i]);
		b = passref_seal(cx, pass[i]);
		ck_assert_str_eq(passref_open(cx, a), pass[i]);
		ck_assert_str_eq(passref_open(cx, b), pass[i]);
		/* Two references of one pass cannot be linked. */
		ck_assert_str_ne(a, b);
		ck_assert_ptr_null(strstr(a, "7c0e"));
		ck_assert_uint_lt(strlen(a), 110);
	}
}
END_TEST

START_TEST(tampered)
{
	static const char all[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmn"
	    "opqrstuvwxyz0123456789-_=+/. \n";
	char *s, was;

	set("k", "");
	s = passref_seal(cx, ANON);
	for (size_t i = 0; s[i] != '\0'; i++) {
		was = s[i];
		for (const char *c = all; *c != '\0'; c++) {
			if (*c == was)
				continue;
			s[i] = *c;
			ck_assert_ptr_null(passref_open(cx, s));
		}
		s[i] = was;
		ck_assert_ptr_null(passref_open(cx, cx_dupn(cx, s, i)));
		ck_assert_ptr_null(passref_open(cx, s + i + 1));
	}
	ck_assert_ptr_null(passref_open(cx, cx_fmt(cx, "%sA", s)));
	ck_assert_ptr_null(passref_open(cx, cx_fmt(cx, "%s%s", s, s)));
	ck_assert_ptr_null(passref_open(cx, NULL));
	ck_assert_ptr_null(passref_open(cx, ""));
	ck_assert_ptr_null(passref_open(cx, ANON));
	ck_assert_str_eq(passref_open(cx, s), ANON);
	set("K", "");
	ck_assert_ptr_null(passref_open(cx, s));
	set("", "");
	ck_assert_ptr_null(passref_open(cx, s));
	ck_assert_ptr_null(passref_seal(cx, ANON));
}
END_TEST

/* Encrypted with our key, but not a well-formed pass. */
START_TEST(no_pass)
{
	static const char *const bad[] = { "", "anonymous", "pass:user:x",
	    "pass:anon:7G0E0000-0000-4000-8000-000000000001", ANON " " };
	static const char key[] = "mina pass reference" "k";
	unsigned char md[SHA256_LEN], *box;
	size_t n;

	set("k", "");
	crypto_sha256(key, strlen(key), md);
	for (size_t i = 0; i < N_OF(bad); i++) {
		box = crypto_seal(cx, md, "mina pass reference 1", bad[i],
		    strlen(bad[i]), &n);
		ck_assert_ptr_null(passref_open(cx,
		    encode_base64url(cx, box, n)));
	}
	box = crypto_seal(cx, md, "mina pass reference 1", ANON "\0x",
	    sizeof ANON + 1, &n);
	ck_assert_ptr_null(passref_open(cx, encode_base64url(cx, box, n)));
	box = crypto_seal(cx, md, "mina pass reference 2", ANON, strlen(ANON),
	    &n);
	ck_assert_ptr_null(passref_open(cx, encode_base64url(cx, box, n)));
	box = crypto_seal(cx, md, "mina pass reference 1", ANON, strlen(ANON),
	    &n);
	ck_assert_str_eq(passref_open(cx, encode_base64url(cx, box, n)), ANON);
}
END_TEST

/* The query parameter of this name, decoded. */
static const char *
member(const char *url, const char *name)
{
	const char *q = strchr(url, '?');

	ck_assert_ptr_nonnull(q);
	return url_query(cx, cx_dupn(cx, q + 1, strcspn(q + 1, "#")), name);
}

START_TEST(checkout)
{
	static const char *const base[] = { "https://shop.example/cart",
	    "https://shop.example/cart/42:1?note=hello",
	    "https://shop.example/cart?", "https://shop.example/cart?a=b&",
	    "https://shop.example/cart?a=b#packs",
	    "https://shop.example/cart#packs" };
	const char *url;

	for (size_t i = 0; i < N_OF(base); i++) {
		set("k", base[i]);
		url = passref_checkout(cx, ANON, "a+b@mail.example");
		ck_assert(str_starts(url, cx_dupn(cx, base[i],
		    strcspn(base[i], "#"))));
		ck_assert_str_eq(passref_open(cx, member(url,
		    "attributes[mina_pass]")), ANON);
		ck_assert_str_eq(member(url, "checkout[email]"),
		    "a+b@mail.example");
		ck_assert_ptr_null(strstr(url, "&&"));
		ck_assert_ptr_null(strstr(url, "?&"));
		if (strchr(base[i], '#') != NULL)
			ck_assert(str_ends(url, "#packs"));
		if (strstr(base[i], "a=b") != NULL)
			ck_assert_str_eq(member(url, "a"), "b");
	}
	set("k", "https://shop.example/cart");
	url = passref_checkout(cx, ANON, NULL);
	ck_assert(str_starts(url,
	    "https://shop.example/cart?attributes%5Bmina_pass%5D="));
	ck_assert_ptr_null(strstr(url, "email"));
	ck_assert_str_eq(passref_checkout(cx, NULL, NULL),
	    "https://shop.example/cart");
	set("", "https://shop.example/cart");
	ck_assert_str_eq(passref_checkout(cx, ANON, "a@b.example"),
	    "https://shop.example/cart?checkout%5Bemail%5D=a%40b.example");
	set("k", "");
	ck_assert_ptr_null(passref_checkout(cx, ANON, "a@b.example"));
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("passref");
	TCase *tc = unit_case(s, "passref");

	tcase_add_test(tc, round_trip);
	tcase_add_test(tc, tampered);
	tcase_add_test(tc, no_pass);
	tcase_add_test(tc, checkout);
	return s;
}

int
main(void)
{
	return unit_main(suite());
}
