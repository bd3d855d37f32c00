/*
 * html - see html.h
 */
#include "config.h"

#include "base/buf.h"
#include "core/html.h"

void
html_text(struct buf *b, const char *s)
{
	for (; *s != '\0'; s++)
		switch (*s) {
		case '&':
			buf_puts(b, "&amp;");
			break;
		case '<':
			buf_puts(b, "&lt;");
			break;
		case '>':
			buf_puts(b, "&gt;");
			break;
		case '"':
			buf_puts(b, "&quot;");
			break;
		case '\'':
			buf_puts(b, "&#39;");
			break;
		default:
			buf_putc(b, *s);
		}
}

void
html_head(struct buf *b, const char *title, const char *script)
{
	buf_puts(b, "<!doctype html>\n<html lang=\"en\">\n<head>\n"
	    "<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
	    "content=\"width=device-width, initial-scale=1, "
	    "viewport-fit=cover\">\n"
	    "<meta name=\"color-scheme\" content=\"light dark\">\n"
	    "<meta name=\"theme-color\" content=\"#f6f4ee\" "
	    "media=\"(prefers-color-scheme: light)\">\n"
	    "<meta name=\"theme-color\" content=\"#14160f\" "
	    "media=\"(prefers-color-scheme: dark)\">\n<title>");
	html_text(b, title);
	buf_puts(b, "</title>\n<link rel=\"icon\" href=\"data:,\">\n"
	    "<link rel=\"stylesheet\" href=\"/_page/sandbox.css\">\n");
	if (script != NULL) {
		buf_puts(b, "<script type=\"module\" src=\"/_page/");
		html_text(b, script);
		buf_puts(b, "\"></script>\n");
	}
	buf_puts(b, "</head>\n<body>\n");
}

void
html_tail(struct buf *b)
{
	buf_puts(b, "</body>\n</html>\n");
}
