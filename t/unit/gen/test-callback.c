/*
 * test-callback - provider_jwt() too: signatures against published vectors, and
 * inputs that differ from them in one place.
 */
#include "config.h"

#include "../unit.h"
#include "base/crypto.h"
#include "base/cx.h"
#include "base/encode.h"
#include "gen/callback.h"
#include "mma/provider/provider.h"

static const char body[] =
    "{\"id\":\"ufawqhfynnddngldkgtslldrkq\",\"status\":"
    "\"succeeded\",\"output\":[\"https://replicate.delivery/x/out-0.png\"]}";
static const char secret[] =
    "whsec_bWluYS10ZXN0LXNlY3JldC0wMTIzNDU2Nzg5YWJjZGVm";
#define MSG	"msg_p5jXN8AQM9LWM0D4loKWxJek"
#define AT	"1614265330"

static bool
standard(const char *id, const char *at, size_t len, const char *sig)
{
	return callback_standard(cx, secret, id, at, body, len, sig);
}

START_TEST(standard_webhooks)
{
	static const char good[] =
	    "v1,ysel6bmfvXW7lQiqfNg/y0bBQBSei6/DDQCMRfJDRZc=";
	static const char two[] = "v1a,zzz v1,AAAA "
	    "v1,ysel6bmfvXW7lQiqfNg/y0bBQBSei6/DDQCMRfJDRZc= v1,x";
	size_t n = strlen(body);

	ck_assert(standard(MSG, AT, n, good));
	ck_assert(standard(MSG, AT, n, two));
	ck_assert(!standard(MSG, AT, n - 1, good));
	ck_assert(!standard(MSG "x", AT, n, good));
	ck_assert(!standard(MSG, "1614265331", n, good));
	ck_assert(!standard(MSG, AT, n, good + 3));
	ck_assert(!standard(MSG, AT, n, ""));
	ck_assert(!callback_standard(cx, "whsec_", MSG, AT, body, n, good));
	/* standardwebhooks.com's own example */
	ck_assert(callback_standard(cx,
	    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", MSG, AT,
	    "{\"test\": 2432232314}", 20,
	    "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
}
END_TEST

START_TEST(fal)
{
	static const char sent[] = "{\"request_id\":"
	    "\"123e4567-e89b-12d3-a456-426614174000\","
	    "\"gateway_request_id\":"
	    "\"123e4567-e89b-12d3-a456-426614174000\","
	    "\"status\":\"OK\","
	    "\"payload\":{\"images\":[{"
	    "\"url\":\"https://url.to/image.png\"}]}}";
	unsigned char sig[CRYPTO_ED25519_SIG], *key;
	const char *text = callback_fal_text(cx,
	    "123e4567-e89b-12d3-a456-426614174000", "user_1", "1767225600",
	    sent, strlen(sent));
	size_t n;

	key = decode_base64url(cx,
	    "YgIndfGinqTt1w0XQNWxITa422b3Tt8uXBioSHjs1kM", &n);
	ck_assert(key != NULL && n == CRYPTO_ED25519_KEY);
	ck_assert(decode_hex("8bab0d24537192652c76d662a9dc98d04eef2ab8c905dfa9"
	    "4174c3d655ac93e0dc6eb7e2b3bc94638cc614fe27dbeee2f740c032b46eeb09"
	    "e9b33a6c3e513a0a", sizeof sig, sig));
	ck_assert(crypto_ed25519(key, sig, text, strlen(text)));
	ck_assert(!crypto_ed25519(key, sig, text, strlen(text) - 1));
	sig[63] ^= 1;
	ck_assert(!crypto_ed25519(key, sig, text, strlen(text)));
	ck_assert(!decode_hex("8b", 2, sig));
	ck_assert(!decode_hex("8g", 1, sig));
}
END_TEST

START_TEST(kling)
{
	ck_assert_str_eq(provider_jwt(cx, "AK_TEST", "SK_TEST", 1767225600),
	    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJBS19URVNUIiwi"
	    "ZXhwIjoxNzY3MjI3NDAwLCJuYmYiOjE3NjcyMjU1OTV9.CrbzCdGBq5TpFNlY"
	    "ydnKLCnoXCfBsjqtytmLgWAqXIU");
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("callback");
	TCase *tc = unit_case(s, "callback");

	tcase_add_test(tc, standard_webhooks);
	tcase_add_test(tc, fal);
	tcase_add_test(tc, kling);
	return s;
}

int
main(void)
{
	return unit_main(suite());
}
