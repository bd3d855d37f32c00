/*
 * test-crypto - digests, encryption and encodings against published vectors
 */
#include "config.h"

#include "../unit.h"
#include "base/crypto.h"
#include "base/encode.h"
#include "base/str.h"

/* FIPS 180-2, appendix B, and the empty message. */
START_TEST(sha256)
{
	static char million[1000000];
	char hex[SHA256_HEX];

	crypto_sha256_hex("", 0, hex);
	ck_assert_str_eq(hex, "e3b0c44298fc1c149afbf4c8996fb924"
	    "27ae41e4649b934ca495991b7852b855");
	crypto_sha256_hex("abc", 3, hex);
	ck_assert_str_eq(hex, "ba7816bf8f01cfea414140de5dae2223"
	    "b00361a396177a9cb410ff61f20015ad");
	memset(million, 'a', sizeof million);
	crypto_sha256_hex(million, sizeof million, hex);
	ck_assert_str_eq(hex, "cdc76e5c9914fb9281a1c7e284d73e67"
	    "f1809a48a497200e046d39ccc7112cd0");
}
END_TEST

static const char *
hmac_hex(const void *key, size_t keylen, const void *p, size_t n)
{
	static char hex[SHA256_HEX];
	unsigned char mac[SHA256_LEN];

	crypto_hmac(key, keylen, p, n, mac);
	encode_hex(mac, sizeof mac, hex);
	return hex;
}

/* RFC 4231, cases 1, 2 and 6. */
START_TEST(hmac)
{
	unsigned char key[131];

	memset(key, 0x0b, 20);
	ck_assert_str_eq(hmac_hex(key, 20, "Hi There", 8),
	    "b0344c61d8db38535ca8afceaf0bf12b"
	    "881dc200c9833da726e9376c2e32cff7");
	ck_assert_str_eq(hmac_hex("Jefe", 4, "what do ya want for nothing?",
	    28), "5bdcc146bf60754e6a042426089575c7"
	    "5a003f089d2739839dec58b964ec3843");
	memset(key, 0xaa, sizeof key);
	ck_assert_str_eq(hmac_hex(key, sizeof key,
	    "Test Using Larger Than Block-Size Key - Hash Key First", 54),
	    "60e431591ee0b67f0d8a26aacbf5b77f"
	    "8e0bc6213728c5140546040f0ee37f54");
}
END_TEST

START_TEST(comparisons)
{
	ck_assert(crypto_eq("abc", "abd", 2));
	ck_assert(!crypto_eq("abc", "abd", 3));
	ck_assert(crypto_eq("", "", 0));
	ck_assert(crypto_str_eq("abc", "abc"));
	ck_assert(!crypto_str_eq("abc", "abcd"));
	ck_assert(!crypto_str_eq("abcd", "abc"));
	ck_assert(!crypto_str_eq("abc", "abC"));
	ck_assert(crypto_str_eq("", ""));
	ck_assert(!crypto_str_eq("", "a"));
}
END_TEST

/* RFC 4648, section 10. */
static const char *const base64[][2] = {
	{ "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" },
	{ "foob", "Zm9vYg==" }, { "fooba", "Zm9vYmE=" },
	{ "foobar", "Zm9vYmFy" }, { "\xff\xfe\xfd", "//79" },
};

START_TEST(base64_both_ways)
{
	unsigned char *p, bytes[256];
	size_t n;

	for (size_t i = 0; i < N_OF(base64); i++) {
		ck_assert_str_eq(encode_base64(cx, base64[i][0],
		    strlen(base64[i][0])), base64[i][1]);
		p = decode_base64(cx, base64[i][1], &n);
		ck_assert_ptr_nonnull(p);
		ck_assert_uint_eq(n, strlen(base64[i][0]));
		ck_assert_mem_eq(p, base64[i][0], n);
	}
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (unsigned char)i;
	for (size_t len = 0; len <= sizeof bytes; len++) {
		p = decode_base64(cx, encode_base64(cx, bytes, len), &n);
		ck_assert_ptr_nonnull(p);
		ck_assert_uint_eq(n, len);
		ck_assert_mem_eq(p, bytes, len);
	}
}
END_TEST

START_TEST(not_base64)
{
	static const char *const bad[] = { "A", "AA", "AAA", "AAAAA", "====",
	    "A===", "=AAA", "AA=A", "AAA=AAAA", "AA==AAAA", "AAA\n", " AAA",
	    "AAA ", "AA-_", "AAA.", "A\xc3\xa4" "A", "AAAA====", "===",
	    "Zm9v\nZm9v", "Zm9v\r\nZg==", NULL };
	size_t n;

	for (int i = 0; bad[i] != NULL; i++)
		ck_assert_msg(decode_base64(cx, bad[i], &n) == NULL, "%s",
		    bad[i]);
}
END_TEST

START_TEST(base64url)
{
	/* RFC 4648, section 10, without its padding. */
	static const char *const pair[][2] = { { "", "" }, { "f", "Zg" },
	    { "fo", "Zm8" }, { "foo", "Zm9v" }, { "foob", "Zm9vYg" },
	    { "fooba", "Zm9vYmE" }, { "foobar", "Zm9vYmFy" },
	    { "\xfb\xff\xbf", "-_-_" } };
	static const char *const bad[] = { "A", "Zh", "Zm9", "Zg==", "-_+_",
	    "-_/_", "Zm9vYmF", "Z g", "Zg\n", "AAAAA", "A\303\244A" };
	unsigned char *p;
	size_t n;

	for (size_t i = 0; i < N_OF(pair); i++) {
		ck_assert_str_eq(encode_base64url(cx, pair[i][0],
		    strlen(pair[i][0])), pair[i][1]);
		p = decode_base64url(cx, pair[i][1], &n);
		ck_assert_ptr_nonnull(p);
		ck_assert_uint_eq(n, strlen(pair[i][0]));
		ck_assert_mem_eq(p, pair[i][0], n);
	}
	for (size_t i = 0; i < N_OF(bad); i++)
		ck_assert_msg(decode_base64url(cx, bad[i], &n) == NULL, "%s",
		    bad[i]);
}
END_TEST

/* bytes(out, hex) for vectors. */
static size_t
bytes(unsigned char *out, const char *hex)
{
	static const char digits[] = "0123456789abcdef";
	size_t n = strlen(hex) / 2;

	for (size_t i = 0; i < n; i++)
		out[i] = (unsigned char)((strchr(digits, hex[2 * i]) -
		    digits) << 4 | (strchr(digits, hex[2 * i + 1]) - digits));
	return n;
}

/*
 * "The Galois/Counter Mode of Operation (GCM)", McGrew and Viega, test cases
 * 13, 14 and 16 (its associated data has no zero byte).
 */
START_TEST(gcm_vectors)
{
	static const struct {
		const char *key, *nonce, *ad, *plain, *cipher, *tag;
	} v[] = {
		{ "00000000000000000000000000000000"
		"00000000000000000000000000000000", "000000000000000000000000",
		"", "", "", "530f8afbc74536b9a963b4f1c4cb738b" },
		{ "00000000000000000000000000000000"
		"00000000000000000000000000000000", "000000000000000000000000",
		"", "00000000000000000000000000000000",
		"cea7403d4d606b6e074ec5d3baf39d18",
		"d0d1c8a799996bf0265b98b5d48ab919" },
		{ "feffe9928665731c6d6a8f9467308308"
		"feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
		"feedfacedeadbeeffeedfacedeadbeefabaddad2",
		"d9313225f88406e5a55909c5aff5269a"
		"86a7a9531534f7da2e4c303d8a318a72"
		"1c3c0c95956809532fcf0e2449a6b525"
		"b16aedf5aa0de657ba637b39",
		"522dc1f099567d07f47f37a32a84427d"
		"643a8cdcbfe5c0c97598a2bd2555d1aa"
		"8cb08e48590dbb3da7b08b1056828838"
		"c5f61e6393ba7a0abcc9f662",
		"76fc6ece0f4e1768cddf8853bb2d551b" },
	};
	unsigned char key[32], box[200], plain[100], ad[21], *got;
	size_t n, len;

	for (size_t i = 0; i < N_OF(v); i++) {
		bytes(key, v[i].key);
		n = bytes(box, v[i].nonce);
		n += bytes(box + n, v[i].cipher);
		n += bytes(box + n, v[i].tag);
		ad[bytes(ad, v[i].ad)] = '\0';
		got = crypto_open(cx, key, (char *)ad, box, n, &len);
		ck_assert_ptr_nonnull(got);
		ck_assert_uint_eq(len, bytes(plain, v[i].plain));
		ck_assert_mem_eq(got, plain, len);
		ck_assert_uint_eq(got[len], 0);
	}
}
END_TEST

START_TEST(sealed)
{
	unsigned char key[32], *box, *again, *got;
	size_t n, m, len;

	crypto_random(key, sizeof key);
	box = crypto_seal(cx, key, "v1", "a secret", 8, &n);
	ck_assert_uint_eq(n, CRYPTO_NONCE + 8 + CRYPTO_TAG);
	again = crypto_seal(cx, key, "v1", "a secret", 8, &m);
	ck_assert_mem_ne(box, again, n);
	got = crypto_open(cx, key, "v1", box, n, &len);
	ck_assert_ptr_nonnull(got);
	ck_assert_str_eq((char *)got, "a secret");
	/* Any changed bit of the box, the key or the data is noticed. */
	for (size_t bit = 0; bit < 8 * n; bit++) {
		box[bit / 8] ^= (unsigned char)(1 << bit % 8);
		ck_assert_ptr_null(crypto_open(cx, key, "v1", box, n, &len));
		box[bit / 8] ^= (unsigned char)(1 << bit % 8);
	}
	for (m = 0; m < n; m++)
		ck_assert_ptr_null(crypto_open(cx, key, "v1", box, m, &len));
	ck_assert_ptr_null(crypto_open(cx, key, "v2", box, n, &len));
	ck_assert_ptr_null(crypto_open(cx, key, "", box, n, &len));
	key[31] ^= 1;
	ck_assert_ptr_null(crypto_open(cx, key, "v1", box, n, &len));
	key[31] ^= 1;
	ck_assert_ptr_nonnull(crypto_open(cx, key, "v1", box, n, &len));
	ck_assert_ptr_nonnull(crypto_seal(cx, key, "v1", "", 0, &n));
}
END_TEST

START_TEST(hex)
{
	char out[9];

	encode_hex("\x00\x0f\xf0\xff", 4, out);
	ck_assert_str_eq(out, "000ff0ff");
	encode_hex("", 0, out);
	ck_assert_str_eq(out, "");
}
END_TEST

START_TEST(random_bytes)
{
	unsigned char big[100000], other[32], zero[32] = { 0 };
	int seen[256] = { 0 };

	crypto_random(big, sizeof big);
	for (size_t i = 0; i < sizeof big; i++)
		seen[big[i]]++;
	/* 390 of each expected; ten deviations of 20 either way. */
	for (int i = 0; i < 256; i++)
		ck_assert(seen[i] > 190 && seen[i] < 590);
	crypto_random(other, sizeof other);
	ck_assert_mem_ne(other, zero, sizeof zero);
	crypto_random(zero, 0);
	ck_assert_uint_eq(zero[0], 0);
}
END_TEST

START_TEST(uuids)
{
	char a[UUID_LEN], last[UUID_LEN] = "";

	for (int i = 0; i < 1000; i++) {
		crypto_uuid(a);
		ck_assert(str_is_uuid(a));
		ck_assert_int_eq(a[14], '4');
		ck_assert_ptr_nonnull(strchr("89ab", a[19]));
		ck_assert_str_ne(a, last);
		memcpy(last, a, sizeof a);
	}
}
END_TEST

START_TEST(uuids_of)
{
	char a[UUID_LEN], b[UUID_LEN];

	/* SHA-256 of "abc", with version 8 and the variant set. */
	crypto_uuid_of("abc", 3, a);
	ck_assert_str_eq(a, "ba7816bf-8f01-8fea-8141-40de5dae2223");
	ck_assert(str_is_uuid(a));
	crypto_uuid_of("abd", 3, b);
	ck_assert_str_ne(a, b);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("hash");
	TCase *tc = unit_case(s, "hash");

	tcase_add_test(tc, sha256);
	tcase_add_test(tc, hmac);
	tcase_add_test(tc, comparisons);
	tcase_add_test(tc, base64_both_ways);
	tcase_add_test(tc, not_base64);
	tcase_add_test(tc, base64url);
	tcase_add_test(tc, gcm_vectors);
	tcase_add_test(tc, sealed);
	tcase_add_test(tc, hex);
	tcase_add_test(tc, random_bytes);
	tcase_add_test(tc, uuids);
	tcase_add_test(tc, uuids_of);
	return s;
}

int
main(void)
{
	return unit_main(suite());
}
