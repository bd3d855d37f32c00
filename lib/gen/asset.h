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

/* Is this one of the folders people may upload to? */
bool	 asset_folder(const char *);
char	*asset_upload_key(struct cx *, const char *folder, const char *pass,
	    const char *ext);
/* Does it have the form of a picture's key that asset_upload_key() made? */
bool	 asset_is_upload(const char *key);
/* ..for one of these n passes? */
bool	 asset_is_of(const char *key, const char *const *pass, size_t n);

/*
 * Looks at what was uploaded under key: size, first bytes, header.  What is
 * not the picture that its key says is deleted, and E_IMAGE says so, with
 * reason EMPTY, TOO_LARGE, TYPE, PIXELS or DAMAGED.  E_NOTFOUND, with words,
 * when there is nothing (yet).
 */
enum err asset_check(struct cx *, const char *key, struct asset *) MUSTCHECK;

/*
 * Whoever holds a whole file in memory is one of MINA_FETCH_MAX; the others
 * wait, and after a while it is E_STORAGE.
 */
enum err asset_hold(struct cx *) MUSTCHECK;
void	 asset_let_go(void);

#endif
