/*
 * markup - text into pages, escaped unless it was written here
 *
 *	html(b, "<p>%s costs %d cents</p>", name, cents);
 *
 * The format is ours and goes out as it is; what %s puts into it is escaped
 * for elements and for quoted attributes alike.  %s, %d and %% are all there
 * is.  NULL prints nothing.
 */
#ifndef SANDBOX_MARKUP_H
#define SANDBOX_MARKUP_H

struct buf;

void	html(struct buf *, const char *, ...)
	    __attribute__((format(printf, 2, 3)));

#endif
