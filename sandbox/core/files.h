/*
 * disk - whole files, blocking; for threads of the pool
 */
#ifndef SANDBOX_FILES_H
#define SANDBOX_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * Writes beside the place and renames, so that a reader sees all of it or
 * nothing; makes the folders above.  sync: on the disk before it is there.
 */
bool	disk_write(const char *path, const void *, size_t, bool sync);
/* The same, for those who may not all read it. */
bool	disk_write_as(const char *path, mode_t, const void *, size_t,
	    bool sync);
/* Makes the folders above path, which are ours to make. */
bool	disk_parents(const char *path);

#endif
