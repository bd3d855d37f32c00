/*
 * storage - files: written as a whole, and journals
 *
 * Blocking: large files are for threads of the pool.
 */
#ifndef SANDBOX_STORAGE_H
#define SANDBOX_STORAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct buf;

/*
 * Writes beside the file and renames, so that a reader sees all of it or
 * nothing; makes the folders above.  sync: on the disk before it is there.
 */
bool	file_write(const char *path, mode_t, const void *, size_t, bool sync);
/* Makes the folders above path. */
bool	file_parents(const char *path);

/*
 * A journal has a JSON object a line, each appended with a single write
 * before the answer leaves, so that what a client was told outlives this
 * process.  It is not synced: that would only protect from a power cut.
 */
struct journal {
	char	*path;
	mode_t	 mode;
	int	 fd;
};

/* MINA_SANDBOX_DIR/name; false, with errno, when it cannot be opened. */
bool	journal_open(struct journal *, const char *name, mode_t);
/* Appends a line, given without its line break; false when it cannot. */
bool	journal_write(struct journal *, struct buf *line);
/* Every line, oldest first; a torn last one is left out. */
void	journal_each(const struct journal *, void (*fn)(const char *line,
	    size_t));
/* These lines take the place of all there are, at once or not at all. */
bool	journal_replace(struct journal *, const struct buf *lines);
void	journal_truncate(struct journal *);

#endif
