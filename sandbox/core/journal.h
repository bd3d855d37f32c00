/*
 * journal - what was accepted, on disk
 *
 * One JSON object a line, appended with a single write before the answer
 * leaves, so that what a client was told about outlives this process.  It is
 * not synced: that would protect from a power cut, which nobody tests here.
 */
#ifndef SANDBOX_JOURNAL_H
#define SANDBOX_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct buf;

struct journal {
	char	*path;
	mode_t	 mode;
	int	 fd;
};

/* dir/name; false, with errno, when it cannot be opened. */
bool	journal_open(struct journal *, const char *dir, const char *name,
	    mode_t);
/* Appends the line, which has no line break; false when the disk is full. */
bool	journal_write(struct journal *, struct buf *line);
/* Every line there is, oldest first; a torn last one is left out. */
void	journal_each(const struct journal *, void (*fn)(const char *line,
	    size_t));
/* These lines take the place of all there are, at once or not at all. */
bool	journal_replace(struct journal *, const struct buf *lines);
void	journal_truncate(struct journal *);

#endif
