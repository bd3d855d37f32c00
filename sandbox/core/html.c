/* html - prints pages, escaping what is put into them */
#include "config.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "core/html.h"

static void
escape(struct buf *b, const char *s, size_t n)
{
	static const char special[] = "&<>\"'";
	static const char *const entity[] = { "&amp;", "&lt;", "&gt;",
		"&quot;", "&#39;" };
	const char *at;

	for (; n > 0 && *s != '\0'; s++, n--)
		if ((at = strchr(special, *s)) != NULL)
			buf_puts(b, entity[at - special]);
		else
			buf_putc(b, *s);
}

void
html(struct buf *b, const char *fmt, ...)
{
	size_t n, max;
	const char *s;
	char *end;
	va_list ap;

	va_start(ap, fmt);
	for (; *fmt != '\0'; fmt += n) {
		n = strcspn(fmt, "%");
		buf_put(b, fmt, n);
		if (fmt[n] == '\0')
			break;
		fmt += n + 1;
		n = 1;
		max = (size_t)-1;
		if (*fmt == '.') {
			max = strtoul(fmt + 1, &end, 10);
			fmt = end;
		}
		if (*fmt == 's') {
			if ((s = va_arg(ap, const char *)) != NULL)
				escape(b, s, max);
		} else if (*fmt == 'd')
			buf_fmt(b, "%d", va_arg(ap, int));
		else if (*fmt == '%')
			buf_putc(b, '%');
		else
			BUG("html() knows no such conversion");
	}
	va_end(ap);
}

void
html_head(struct buf *b, const char *title, const char *script)
{
	html(b, "<!doctype html>\n<html lang=\"en\">\n<head>\n"
	    "<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
	    "content=\"width=device-width, initial-scale=1, "
	    "viewport-fit=cover\">\n"
	    "<meta name=\"color-scheme\" content=\"light dark\">\n"
	    "<meta name=\"theme-color\" content=\"#f6f4ee\" "
	    "media=\"(prefers-color-scheme: light)\">\n"
	    "<meta name=\"theme-color\" content=\"#14160f\" "
	    "media=\"(prefers-color-scheme: dark)\">\n<title>%s</title>\n"
	    "<link rel=\"icon\" href=\"data:,\">\n"
	    "<link rel=\"stylesheet\" href=\"/_page/sandbox.css\">\n", title);
	if (script != NULL)
		html(b, "<script type=\"module\" src=\"/_page/%s\"></script>\n",
		    script);
	buf_puts(b, "</head>\n<body>\n");
}

void
html_tail(struct buf *b)
{
	buf_puts(b, "</body>\n</html>\n");
}
