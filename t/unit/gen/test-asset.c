/*
 * test-asset - the form and owner of keys; media types by first bytes
 */
#include "config.h"

#include "../unit.h"
#include "base/mediatype.h"
#include "base/str.h"
#include "gen/asset.h"

#define PASS	"pass:user:7c0e0000-0000-4000-8000-000000000001"
#define OTHER	"pass:anon:7c0e0000-0000-4000-8000-000000000001"
#define UUID	"0f0e8f52-7d0c-4c07-8a6a-3c8f0e6b3d11"
#define HASH	"0123456789abcdef"

START_TEST(upload_keys)
{
	static const char *const ext[] = { "jpg", "png", "webp" };
	static const char *const folder[] = { "user_uploads", "products",
	    "logos", "inspirations" };

	for (size_t i = 0; i < N_OF(ext); i++)
		for (size_t j = 0; j < N_OF(folder); j++) {
			char *key = asset_upload_key(cx, folder[j], PASS,
			    ext[i]);

			ck_assert_msg(asset_is_upload(key), "%s", key);
			ck_assert(str_starts(key, folder[j]));
			ck_assert(str_ends(key, ext[i]));
		}
	/* What comes in is not what is believed. */
	ck_assert(asset_is_incoming(asset_incoming_key(cx, "logos", PASS,
	    "png")));
	ck_assert(!asset_is_upload(asset_incoming_key(cx, "logos", PASS,
	    "png")));
	ck_assert(!asset_is_incoming(asset_upload_key(cx, "logos", PASS,
	    "png")));
	ck_assert(!asset_is_incoming(ASSET_INCOMING ASSET_INCOMING
	    "products/" HASH "/" UUID ".png"));
	/* Films are stored, but customers cannot upload them. */
	ck_assert(!asset_is_upload(asset_upload_key(cx, "products", PASS,
	    "mp4")));
}
END_TEST

START_TEST(malformed_keys)
{
	static const char *const bad[] = { "", "/", "//", "products",
	    "products/" HASH, "products/" HASH "/", "products/" HASH "/" UUID,
	    "products/" HASH "/" UUID ".", "products/" HASH "/" UUID ".gif",
	    "products/" HASH "/" UUID ".PNG",
	    "products/" HASH "/" UUID ".png.png",
	    "products/" HASH "/" UUID ".png/", "/products/" HASH "/" UUID
	    ".png", "products//" HASH "/" UUID ".png",
	    "products/" HASH "0/" UUID ".png", "products/0123/" UUID ".png",
	    "products/0123456789ABCDEF/" UUID ".png",
	    "products/0123456789abcde./" UUID ".png",
	    "products/../" UUID ".png", "products/" HASH "/..png",
	    "etc/" HASH "/" UUID ".png", "generations/" HASH "/" UUID ".png",
	    "Products/" HASH "/" UUID ".png", "products/" HASH "/" UUID
	    "x.png", "products/" HASH "/0f0e8f527d0c4c078a6a3c8f0e6b3d11.png",
	    "products/" HASH "/" UUID ".png?x", "products/" HASH "/" UUID
	    ".png\n", NULL };
	char big[1000];

	ck_assert(asset_is_upload("products/" HASH "/" UUID ".png"));
	for (int i = 0; bad[i] != NULL; i++)
		ck_assert_msg(!asset_is_upload(bad[i]), "%s", bad[i]);
	memset(big, 'a', sizeof big - 1);
	big[sizeof big - 1] = '\0';
	ck_assert(!asset_is_upload(big));
	ck_assert(!asset_is_of(big, (const char *const []){ PASS }, 1));
}
END_TEST

START_TEST(owners)
{
	static const char *const me[] = { PASS, OTHER }, *const no[] = {
	    PASS "0" };
	const char *mine = asset_upload_key(cx, "logos", PASS, "png");
	const char *before = asset_upload_key(cx, "logos", OTHER, "png");

	ck_assert(asset_is_of(mine, me, 1));
	ck_assert(asset_is_of(cx_fmt(cx, ASSET_INCOMING "%s", mine), me, 1));
	ck_assert(!asset_is_of(cx_fmt(cx, ASSET_INCOMING "%s", before), me,
	    1));
	ck_assert(!asset_is_of(before, me, 1));
	ck_assert(asset_is_of(before, me, 2));
	ck_assert(!asset_is_of(mine, me, 0));
	ck_assert(!asset_is_of(mine, no, 1));
	ck_assert(!asset_is_of("", me, 2));
	ck_assert(!asset_is_of("logos//x.png", me, 2));
}
END_TEST

static const char *
sniffed(const char *s, size_t n)
{
	char bytes[64] = { 0 };

	memcpy(bytes, s, n);
	return mediatype_sniff(bytes, sizeof bytes);
}

START_TEST(first_bytes)
{
	ck_assert_str_eq(sniffed("\xff\xd8\xff\xe0", 4), "image/jpeg");
	ck_assert_str_eq(sniffed("\x89PNG\r\n\x1a\n", 8), "image/png");
	ck_assert_str_eq(sniffed("RIFF\0\0\0\0WEBP", 12), "image/webp");
	ck_assert_str_eq(sniffed("\0\0\0 ftypisom", 12), "video/mp4");
	ck_assert_str_eq(sniffed("\0\0\0 ftypmp42", 12), "video/mp4");
	ck_assert_str_eq(sniffed("\0\0\0 ftypheic", 12), "image/heic");
	ck_assert_str_eq(sniffed("\0\0\0 ftyphevx", 12), "image/heic");
	ck_assert_str_eq(sniffed("\0\0\0 ftypmif1", 12), "image/heic");
	ck_assert_str_eq(sniffed("\0\0\0 ftypavif", 12), "image/avif");
	ck_assert_str_eq(sniffed("\0\0\0 ftypqt  ", 12), "video/quicktime");
	ck_assert_ptr_null(sniffed("RIFF\0\0\0\0WAVE", 12));
	ck_assert_ptr_null(sniffed("GIF89a", 6));
	ck_assert_ptr_null(sniffed("<svg xmlns=", 11));
	ck_assert_ptr_null(sniffed("<!DOCTYPE html>", 15));
	ck_assert_ptr_null(sniffed("\x89PNG\n\x1a\n", 7));
	ck_assert_ptr_null(mediatype_sniff("\xff\xd8\xff", 3));
	ck_assert_ptr_null(mediatype_sniff("", 0));
}
END_TEST

START_TEST(extensions)
{
	static const char *const type[] = { "image/jpeg", "image/png",
	    "image/webp" };

	for (size_t i = 0; i < N_OF(type); i++)
		ck_assert_str_eq(mediatype_of_ext(mediatype_ext(type[i])),
		    type[i]);
	ck_assert_ptr_null(mediatype_ext("image/heic"));
	ck_assert_ptr_null(mediatype_ext("video/mp4"));
	ck_assert_ptr_null(mediatype_of_ext("heic"));
	ck_assert_ptr_null(mediatype_of_ext(""));
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("asset");
	TCase *tc = unit_case(s, "asset");

	tcase_add_test(tc, upload_keys);
	tcase_add_test(tc, malformed_keys);
	tcase_add_test(tc, owners);
	tcase_add_test(tc, first_bytes);
	tcase_add_test(tc, extensions);
	return s;
}

int
main(void)
{
	return unit_main(suite());
}
