/*
 * pic - type, size and scaling of pictures, by libvips
 *
 * Pictures may be hostile.  The header is read first, and the picture is
 * refused when it has too many pixels; only then is it decoded, on a thread of
 * the pool.  With E_IMAGE comes a message for the client, and as its reason
 * TYPE, PIXELS or DAMAGED.
 */
#ifndef MINA_PIC_H
#define MINA_PIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct cx;

#define PIC_MAX_PIXELS	(INT64_C(64) << 20)

struct pic {
	const char	*type;		/* "image/png" */
	int		 width, height;	/* after EXIF orientation */
	/* By pic_thumb(), of 255, and 255 otherwise. */
	int		 spread;	/* most between two pixels of a band */
	int		 alpha;		/* the most opaque pixel's */
};

struct pic_bytes {
	const void	*data;		/* lives as long as cx */
	size_t		 len;
	int		 width, height;
};

/* The first operation needed that this libvips does not have, or NULL. */
const char *pic_missing(void);
/* Type and size from the header alone. */
coroutine_fn enum err pic_probe(struct cx *, const void *, size_t, struct pic *)
    MUSTCHECK;
/*
 * The picture is decoded whole, and DAMAGED when its end is missing.
 *
 * A WebP whose longer side is about `side', at most one and a half of it;
 * *src is what pic_probe() would give, to save reading the header twice, and
 * says whether there is anything on it.
 */
coroutine_fn enum err pic_thumb(struct cx *, const void *, size_t, int side,
    struct pic *src, struct pic_bytes *) MUSTCHECK;
/*
 * A JPEG (PNG when there is transparency) with at most side and pixels; src
 * is what pic_probe() gave.
 */
coroutine_fn enum err pic_fit(struct cx *, const void *, size_t,
    const struct pic *src, int side, int64_t pixels, struct pic_bytes *,
    const char **type) MUSTCHECK;

#endif
