/*
 * asset - keys and checks of stored media
 *
 * Keys are chosen here only: <folder>/<pass hash>/<uuid>.<ext> for uploads,
 * generations/<generation id>.<ext> for outputs.
 */
#ifndef MINA_ASSET_H
#define MINA_ASSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct cx;

#define ASSET_MAX_BYTES	(25 << 20)

/* A stored file. */
struct asset {
	const char	*key;
	const char	*type;		/* "image/png", by its first bytes */
	int64_t		 bytes;
	int		 width, height;	/* upright; 0: not known */
};

/* Is this a folder for uploads? */
bool	 asset_folder(const char *);
char	*asset_upload_key(struct cx *, const char *folder, const char *pass,
	    const char *ext);
/* Does it have the form of a key that asset_upload_key() makes? */
bool	 asset_is_upload(const char *key);
/* ..and was it made for one of these n passes? */
bool	 asset_is_of(const char *key, const char *const *pass, size_t n);

/*
 * Checks the upload under key: size, first bytes, header.  If it is not the
 * picture that the key promises it is deleted: E_IMAGE with reason EMPTY,
 * TOO_LARGE, TYPE, PIXELS or DAMAGED.  E_NOTFOUND, with a message for the
 * client, when there is no upload (yet).
 */
coroutine_fn enum err asset_check(struct cx *, const char *key, struct asset *)
    MUSTCHECK;

/*
 * Around work that holds a whole file in memory: at most MINA_FETCH_MAX at a
 * time.  E_STORAGE after five minutes of waiting.
 */
coroutine_fn enum err asset_enter(struct cx *) MUSTCHECK;
void	 asset_leave(void);

/*
 * Deletes all uploads of a pass, given as the hash in their keys, whether or
 * not an order names them.
 */
coroutine_fn enum err asset_erase(struct cx *, const char *hash) MUSTCHECK;

#endif
