/*
 * fuzz - what the fuzz targets share
 *
 * A target is LLVMFuzzerTestOneInput(); with clang it is linked against
 * libFuzzer,
 *
 *	clang -fsanitize=fuzzer,address,undefined -I. -Ilib \
 *	    t/fuzz/fuzz-json.c lib/libmina.a ...
 *
 * and otherwise against replay.c, which feeds it t/data/corpus/json/ once.
 * A target asks more than that nothing crashes: HOLDS() is about results.
 */
#ifndef MINA_FUZZ_H
#define MINA_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cx.h"

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define HOLDS(x)	do { if (!(x)) { \
				fprintf(stderr, "%s:%d: not so: %s\n", \
				    __FILE__, __LINE__, #x); \
				abort(); \
			} } while (0)

/* The input as a string; what is behind a NUL in it is not looked at. */
static inline char *
fuzz_string(struct cx *cx, const uint8_t *p, size_t n)
{
	char *s = cx_dupn(cx, (const char *)p, n);

	HOLDS(s != NULL);
	return s;
}

#endif
