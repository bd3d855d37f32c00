/*
 * asset - names and kinds of stored media
 *
 * A key is ours alone: <folder>/<pass hash>/<uuid>.<ext> for what people
 * bring, generations/<generation id>.<ext> for what we make.  The kind of a
 * file is what its first bytes say, not what anybody calls it.
 */
#ifndef MINA_ASSET_H
#define MINA_ASSET_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"

struct cx;

#define ASSET_MAX_BYTES	(25 << 20)

/* "jpg" for "image/jpeg"; NULL for a type we do not take from people. */
const char *asset_ext(const char *type);
/* From the first bytes (16 are enough); NULL when it is nothing we know. */
const char *asset_sniff(const void *, size_t);
/* Is this one of the folders people may upload to? */
bool	 asset_folder(const char *);
char	*asset_upload_key(struct cx *, const char *folder, const char *pass,
	    const char *ext);

#endif
