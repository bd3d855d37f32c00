/*
 * cx - making, forking and releasing the context; allocation from its arena
 */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/cx.h"

void
cx_init(struct cx *cx, size_t cap)
{
	memset(cx, 0, sizeof *cx);
	cx->magic = CX_MAGIC;
	cx->mem = arena_new(cap);
}

void
cx_release(struct cx *cx)
{
	CHECK(cx, CX_MAGIC);
	arena_free(cx->mem);
	memset(cx, 0, sizeof *cx);
}

struct cx
cx_child(const struct cx *cx)
{
	struct cx child = *cx;

	CHECK(cx, CX_MAGIC);
	memset(&child.err, 0, sizeof child.err);
	child.tx = NULL;
	child.db_us = 0;
	return child;
}

struct cx
cx_fork(const struct cx *cx, size_t cap)
{
	struct cx child = cx_child(cx);

	child.mem = arena_new(cap);
	return child;
}

void *
cx_alloc(struct cx *cx, size_t n)
{
	CHECK(cx, CX_MAGIC);
	return arena_zalloc(cx->mem, n);
}

char *
cx_dupn(struct cx *cx, const char *s, size_t n)
{
	CHECK(cx, CX_MAGIC);
	return arena_dupn(cx->mem, s, n);
}

char *
cx_dup(struct cx *cx, const char *s)
{
	return s == NULL ? NULL : cx_dupn(cx, s, strlen(s));
}

char *
cx_fmt(struct cx *cx, const char *fmt, ...)
{
	char small[256], *p;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(small, sizeof small, fmt, ap);
	va_end(ap);
	if (n < 0)
		BUG("vsnprintf");
	if ((size_t)n < sizeof small)
		return cx_dupn(cx, small, (size_t)n);
	if ((p = cx_alloc(cx, (size_t)n + 1)) == NULL)
		return NULL;
	va_start(ap, fmt);
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return p;
}
