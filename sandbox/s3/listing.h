/*
 * s3/listing - the objects of a bucket, in the order of their keys
 */
#ifndef SANDBOX_LISTING_H
#define SANDBOX_LISTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct listed {
	char		*key;
	int64_t		 size, modified;	/* bytes; ms */
};

struct listing {
	struct listed	*item;
	size_t		 n, room;
};

/*
 * Those below the folder dir whose keys begin with prefix and come after
 * `after', all of them.  Blocking: for a thread of the pool.
 */
void	listing_read(struct listing *, const char *dir, const char *prefix,
	    const char *after);
void	listing_free(struct listing *);

#endif
