/*
 * buf - a growing byte buffer: doubling from 256 bytes up to its cap
 */
#include "config.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cx.h"

static char empty[1];

void
buf_init(struct buf *b, size_t cap)
{
	memset(b, 0, sizeof *b);
	b->data = empty;
	b->cap = cap;
}

void
buf_release(struct buf *b)
{
	if (b->size > 0)
		free(b->data);
	buf_init(b, b->cap);
}

void
buf_clear(struct buf *b)
{
	b->len = 0;
	b->failed = false;
	if (b->size > 0)
		b->data[0] = '\0';
}

static void
release(void *arg)
{
	buf_release(arg);
}

struct buf *
buf_new(struct cx *cx, size_t cap)
{
	struct buf *b;

	XXXAN(b = cx_alloc(cx, sizeof *b));
	buf_init(b, cap);
	arena_defer(cx->mem, release, b);
	return b;
}

bool
buf_reserve(struct buf *b, size_t n)
{
	size_t size;
	char *p;

	if (b->failed)
		return false;
	if (n > b->cap || b->len > b->cap - n || b->cap == SIZE_MAX) {
		b->failed = true;
		return false;
	}
	if (b->len + n < b->size)
		return true;
	size = b->size > 0 ? b->size : 256;
	while (size < b->len + n + 1)
		size *= 2;
	if (size > b->cap + 1)
		size = b->cap + 1;
	p = b->size > 0 ? realloc(b->data, size) : malloc(size);
	if (p == NULL) {
		b->failed = true;
		return false;
	}
	b->data = p;
	b->size = size;
	b->data[b->len] = '\0';
	return true;
}

bool
buf_put(struct buf *b, const void *p, size_t n)
{
	if (!buf_reserve(b, n))
		return false;
	if (n > 0)
		memcpy(b->data + b->len, p, n);
	b->len += n;
	b->data[b->len] = '\0';
	return true;
}

bool
buf_puts(struct buf *b, const char *s)
{
	return buf_put(b, s, strlen(s));
}

bool
buf_putc(struct buf *b, char c)
{
	return buf_put(b, &c, 1);
}

bool
buf_fmt(struct buf *b, const char *fmt, ...)
{
	char small[256];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(small, sizeof small, fmt, ap);
	va_end(ap);
	if (n < 0) {
		b->failed = true;
		return false;
	}
	if ((size_t)n < sizeof small)
		return buf_put(b, small, (size_t)n);
	if (!buf_reserve(b, (size_t)n))
		return false;
	va_start(ap, fmt);
	vsnprintf(b->data + b->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)n;
	return true;
}

bool
buf_ok(const struct buf *b)
{
	return !b->failed;
}
