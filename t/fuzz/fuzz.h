/*
 * fuzz - what the fuzz targets share
 *
 * t/fuzz/README.md says how to run them and how to add one.
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

/* The input as a string, which ends at its first NUL. */
static inline char *
fuzz_string(struct cx *cx, const uint8_t *p, size_t n)
{
	char *s = cx_dupn(cx, (const char *)p, n);

	HOLDS(s != NULL);
	return s;
}

#endif
