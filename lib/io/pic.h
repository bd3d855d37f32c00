/*
 * pic - looking at and resizing pictures, with libvips
 *
 * Pictures come from outside.  The header is read first and refused when it
 * promises too many pixels; only then is anything decoded, on a thread of
 * the pool.  E_IMAGE says what is wrong in words for people; its reason is
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
};

struct pic_bytes {
	const void	*data;		/* lives as long as cx */
	size_t		 len;
	int		 width, height;
};

/* Type and size from the header alone. */
enum err pic_probe(struct cx *, const void *, size_t, struct pic *) MUSTCHECK;
/*
 * A WebP whose longer side is about `side', never over one and a half of it;
 * *src is what pic_probe() would say, for one look instead of two.
 */
enum err pic_thumb(struct cx *, const void *, size_t, int side,
    struct pic *src, struct pic_bytes *) MUSTCHECK;
/*
 * A JPEG (PNG when there is transparency) within side and pixels; src is
 * what pic_probe() said of it.
 */
enum err pic_fit(struct cx *, const void *, size_t, const struct pic *src,
    int side, int64_t pixels, struct pic_bytes *, const char **type)
    MUSTCHECK;

#endif
