/*
 * fuzz-unbase64 - fuzz target of decode_base64()
 *
 * encode_base64() writes again what it takes.
 */
#include "config.h"

#include "base/encode.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	unsigned char *raw, *again;
	size_t len = 0, len2 = 0;
	struct cx cx;
	char *s, *t;

	if (n > 65536)
		return 0;
	cx_init(&cx, 16 << 20);
	s = fuzz_string(&cx, p, n);
	if ((raw = decode_base64(&cx, s, &len)) != NULL) {
		HOLDS(len <= strlen(s) / 4 * 3);
		t = encode_base64(&cx, raw, len);
		HOLDS(strlen(t) == strlen(s));
		again = decode_base64(&cx, t, &len2);
		HOLDS(again != NULL && len2 == len &&
		    memcmp(raw, again, len) == 0);
	}
	/* Any bytes at all make base64. */
	raw = decode_base64(&cx, encode_base64(&cx, p, n), &len);
	HOLDS(raw != NULL && len == n && (n == 0 || memcmp(raw, p, n) == 0));
	cx_release(&cx);
	return 0;
}
