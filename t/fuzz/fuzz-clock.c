/*
 * fuzz-clock - fuzz target of clock_parse()
 *
 * A time that it takes is printed as RFC 3339 and parsed again to the same.
 */
#include "config.h"

#include "base/clock.h"
#include "fuzz.h"

/* 0000-01-01 and the end of 9999, where the format ends, too. */
#define FIRST	INT64_C(-62167219200000)
#define LAST	INT64_C(253402300799999)

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	char t[CLOCK_LEN];
	int64_t ms, again;
	struct cx cx;
	char *s;

	if (n > 4096)
		return 0;
	cx_init(&cx, 1 << 20);
	s = fuzz_string(&cx, p, n);
	if (clock_parse(s, &ms)) {
		/* A day over the edge by offset. */
		HOLDS(ms >= FIRST - 86400000 && ms <= LAST + 86400000);
		clock_rfc3339(ms, t);
		if (ms >= FIRST && ms <= LAST)
			HOLDS(clock_parse(t, &again) && again == ms);
	}
	if (clock_parse_http(s, &ms)) {
		HOLDS(ms % 1000 == 0);
		clock_http(ms, t);
		if (ms >= FIRST && ms <= LAST)
			HOLDS(clock_parse_http(t, &again) && again == ms);
	}
	cx_release(&cx);
	return 0;
}
