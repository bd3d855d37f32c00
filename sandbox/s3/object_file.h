/*
 * s3/object_file - objects as files
 *
 * An object is s3/<bucket>/<key> under MINA_SANDBOX_DIR, where nginx serves
 * it as the public address does; its type and ETag are in s3meta/, beside.
 * Unlike in a real store a key cannot be both an object and the folder of
 * another ("a" and "a/b").
 */
#ifndef SANDBOX_OBJECT_FILE_H
#define SANDBOX_OBJECT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct buf;
struct cx;

struct object_file {
	const char	*path, *meta;
	int64_t		 size, modified;	/* bytes; ms */
	char		 etag[33];		/* md5, hex */
	char		 sha256[65];		/* of what was put */
	char		 type[128];
	char		 cache[128];		/* Cache-Control, or "" */
};

/* NULL, or the S3 code that says what is wrong with the key. */
const char *object_file_bad_key(const char *key);
void	object_file_paths(struct cx *, const char *bucket, const char *key,
	    struct object_file *);
/* Hashes alone; then type and cache are the caller's to set, and it stores. */
void	object_file_hash(const void *, size_t, struct object_file *);
bool	object_file_put(const struct object_file *, const void *, size_t,
	    bool sync);
/* False when there is no such object. */
bool	object_file_head(struct object_file *);
/* Appends the object to the buf; false when it cannot be read. */
bool	object_file_read(const struct object_file *, struct buf *);
void	object_file_delete(const struct object_file *);

#endif
