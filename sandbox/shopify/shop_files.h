/*
 * shopdisk - the emulated shop's things, a file each
 *
 * shop/<kind>/<id>.json under MINA_SANDBOX_DIR.  A file is replaced as a
 * whole and not synced: it outlives this process, not a power cut.
 */
#ifndef SANDBOX_SHOP_FILES_H
#define SANDBOX_SHOP_FILES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct buf;
struct cJSON;
struct cx;

/* E_STORAGE when it cannot be written. */
enum err shopdisk_put(struct cx *, const char *kind, int64_t id,
	    const struct buf *) MUSTCHECK;
void	 shopdisk_drop(struct cx *, const char *kind, int64_t id);
/* fn for each, in no order; the cx and the tree are gone afterwards. */
void	 shopdisk_each(const char *kind,
	    void (*fn)(struct cx *, const struct cJSON *));
/* Was this kind ever written, though it be empty now? */
bool	 shopdisk_known(struct cx *, const char *kind);

#endif
