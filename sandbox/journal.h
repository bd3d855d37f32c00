/*
 * journal - the predictions that were accepted, on disk
 *
 * One JSON object a line, appended with a single write before the answer
 * leaves, so that what a client was told about outlives this process.  It is
 * not synced: that would protect from a power cut, which nobody tests here.
 */
#ifndef SANDBOX_JOURNAL_H
#define SANDBOX_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

/* False, with errno, when it cannot be opened. */
bool	journal_open(const char *dir);
/* Appends the line, which has no line break; false when the disk is full. */
bool	journal_write(struct buf *line);
/* Every line there is, oldest first; a torn last one is left out. */
void	journal_each(void (*fn)(const char *line, size_t));
void	journal_truncate(void);

#endif
