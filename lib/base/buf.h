/*
 * buf - a byte buffer that grows up to a limit
 *
 * Every buffer has a limit.  Going past it, or running out of memory, sets a
 * sticky error: further appends do nothing and buf_ok() is false, so it is
 * enough to check after the last append.
 *
 *	struct buf *b = buf_new(cx, 1 << 20);	freed with the arena
 *	buf_puts(b, "hello ");
 *	buf_fmt(b, "%d", 42);
 *	if (!buf_ok(b))
 *		return err_set(cx, E_TOOBIG, "greeting");
 *
 * Invariants: data is never NULL and is always NUL-terminated at data[len];
 * the bytes may hold NULs themselves.  The storage moves when it grows: keep
 * no pointer into it across an append.
 */
#ifndef MINA_BUF_H
#define MINA_BUF_H

#include <stdbool.h>
#include <stddef.h>

struct cx;

struct buf {
	char	*data;
	size_t	 len;
	size_t	 size;		/* allocated; 0 while data is the empty one */
	size_t	 cap;		/* len never exceeds it */
	bool	 failed;
};

void	 buf_init(struct buf *, size_t cap);
void	 buf_release(struct buf *);
void	 buf_clear(struct buf *);		/* len 0, error forgotten */
struct buf *buf_new(struct cx *, size_t cap);	/* freed with cx's arena */

bool	 buf_put(struct buf *, const void *, size_t);
bool	 buf_puts(struct buf *, const char *);
bool	 buf_putc(struct buf *, char);
bool	 buf_fmt(struct buf *, const char *, ...)
	    __attribute__((format(printf, 2, 3)));
bool	 buf_ok(const struct buf *);
/* Make room for n more bytes without changing len. */
bool	 buf_reserve(struct buf *, size_t n);

#endif
