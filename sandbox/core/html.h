/*
 * html - the pages of the sandbox
 *
 * Sheets and scripts are files beside the program (sandbox/page), which
 * nginx hands out under /_page/: a page has nothing in it that runs.
 */
#ifndef SANDBOX_HTML_H
#define SANDBOX_HTML_H

struct buf;

/* Everything up to and with <body>; script may be NULL. */
void	html_head(struct buf *, const char *title, const char *script);
void	html_tail(struct buf *);
/* Text, or the value of an attribute in double quotes. */
void	html_text(struct buf *, const char *);

#endif
