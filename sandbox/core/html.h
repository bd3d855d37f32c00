/*
 * html - the sandbox's pages
 *
 * Style sheets and scripts are files (sandbox/page), which nginx serves under
 * /_page/: a page has nothing in it that runs.
 */
#ifndef SANDBOX_HTML_H
#define SANDBOX_HTML_H

struct buf;

/*
 * Writes a page.  The format is ours and goes out as it is; what %s puts into
 * it is escaped for elements and for quoted attributes alike.
 *
 *	html(b, "<p>%s costs %d cents</p>", name, cents);
 *
 * %s (NULL prints nothing), %.Ns, %d and %% are all there is.
 */
void	html(struct buf *, const char *, ...)
	    __attribute__((format(printf, 2, 3)));
/* Everything up to and with <body>; script may be NULL.  And the end. */
void	html_head(struct buf *, const char *title, const char *script);
void	html_tail(struct buf *);

#endif
