/*
 * asset - keys and checks of stored media
 *
 * Keys are chosen here only: <folder>/<pass hash>/<uuid>.<ext> for what
 * customers bring, generations/<generation id>.<ext> for outputs.  An upload
 * comes in under incoming/, followed by such a key.  A signed URL can be used
 * again, so nothing under incoming/ is ever believed: what was checked is
 * copied, under a condition on the bytes that were, to a key that no URL was
 * signed for.  What stays under incoming/ is deleted after a day.
 */
#ifndef MINA_ASSET_H
#define MINA_ASSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct cx;
struct gate_place;

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
/* The same to upload to. */
#define ASSET_INCOMING	"incoming/"
char	*asset_incoming_key(struct cx *, const char *folder, const char *pass,
	    const char *ext);
/* Does it have the form of a key that asset_incoming_key() makes? */
bool	 asset_is_incoming(const char *key);
/* Does it have the form of a key that asset_upload_key() makes? */
bool	 asset_is_upload(const char *key);
/* Was either made for one of these n passes? */
bool	 asset_is_of(const char *key, const char *const *pass, size_t n);

/*
 * Checks the upload under an incoming key: size, first bytes, header; and
 * copies it to the key in *out, the same one for the same bytes.  If it is not
 * the picture that the key promises it is deleted: E_IMAGE with reason EMPTY,
 * TOO_LARGE, TYPE, PIXELS or DAMAGED.  E_NOTFOUND, with a message for the
 * client, when there is no upload (yet).  Waits for room for queue_ms.
 */
coroutine_fn enum err asset_take(struct cx *, const char *key,
    int64_t queue_ms, struct asset *) MUSTCHECK;

/*
 * Deletes what was uploaded more than a day ago and never taken, or taken and
 * copied.  The store's own lifecycle rule for incoming/ does the same.
 */
coroutine_fn enum err asset_sweep(struct cx *, int64_t *n) MUSTCHECK;

/*
 * Around work that holds a file of up to bytes in memory: together at most
 * MINA_FETCH_MB, of which a part is for files from elsewhere, which come as
 * slowly as their servers like.  Of that part a customer (cx->customer) has a
 * third at most and a host, the place's second name, two thirds; of the other a
 * customer has half.  E_STORAGE, with a message for the client, after wait_ms
 * without room.
 */
enum asset_room { ROOM_OWN, ROOM_REMOTE, ROOM__MAX };
coroutine_fn enum err asset_enter(struct cx *, enum asset_room,
    struct gate_place *, size_t bytes, int64_t wait_ms) MUSTCHECK;
void	 asset_leave(enum asset_room, struct gate_place *);

/* How long who can come back waits for room, and who cannot. */
#define ASSET_QUEUE_MS	10000
#define ASSET_PATIENCE_MS	300000

/*
 * Deletes all uploads of a pass, given as the hash in their keys, whether or
 * not an order names them.
 */
coroutine_fn enum err asset_erase(struct cx *, const char *hash) MUSTCHECK;

#endif
