/*
 * markup - see markup.h
 */
#include "config.h"

#include <stdarg.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "core/html.h"
#include "core/markup.h"

void
html(struct buf *b, const char *fmt, ...)
{
	const char *s;
	va_list ap;
	size_t n;

	va_start(ap, fmt);
	for (; *fmt != '\0'; fmt += n) {
		n = strcspn(fmt, "%");
		buf_put(b, fmt, n);
		if (fmt[n] == '\0')
			break;
		fmt += n + 1;
		n = 1;
		if (*fmt == 's') {
			if ((s = va_arg(ap, const char *)) != NULL)
				html_text(b, s);
		} else if (*fmt == 'd')
			buf_fmt(b, "%d", va_arg(ap, int));
		else if (*fmt == '%')
			buf_putc(b, '%');
		else
			BUG("html() knows no such conversion");
	}
	va_end(ap);
}
