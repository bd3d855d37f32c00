/*
 * asset - names and kinds of stored media
 *
 * A key is ours alone: <folder>/<pass hash>/<uuid>.<ext> for what people
 * bring, generations/<generation id>.<ext> for what we make.
 */
#ifndef MINA_ASSET_H
#define MINA_ASSET_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"

struct cx;

#define ASSET_MAX_BYTES	(25 << 20)

/* Is this one of the folders people may upload to? */
bool	 asset_folder(const char *);
char	*asset_upload_key(struct cx *, const char *folder, const char *pass,
	    const char *ext);

#endif
