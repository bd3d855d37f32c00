/*
 * picture.h - decoding pictures that strangers sent
 *
 * The bytes are untrusted. The format is known from the first bytes, only a
 * short list of formats is decoded, and the size in the header is checked
 * before a single pixel is: a file that promises more than PICTURE_PIXELS is
 * refused however small it is.
 *
 * Pixels are sRGB, 8 bits, 4 bands (red, green, blue, alpha, not
 * premultiplied), rows without padding, upright (EXIF orientation applied).
 *
 * All functions may be called from any thread. They return 0, or -1 with a
 * sentence in err.
 */
#ifndef SANDBOX_PICTURE_H
#define SANDBOX_PICTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PICTURE_PIXELS	(50 * 1000 * 1000)

struct picture {
	uint8_t		*px;		/* w * h * 4 bytes, owned */
	int		 w, h;		/* of px */
	int		 fullw, fullh;	/* of the file, upright */
	bool		 alpha;		/* the file has an alpha band */
	bool		 ours;		/* it says that the sandbox drew it */
	const char	*format;	/* "png" "jpeg" "webp" "svg", static */
};

/* "png", "jpeg", "webp", "svg", or NULL for anything else. */
const char	*picture_sniff(const void *, size_t);

/* Reads the header only: everything but px, w and h. */
int	picture_head(const void *, size_t, struct picture *, char *, size_t);

/*
 * Decodes, shrunk to fit into maxw x maxh (never enlarged, except svg, which
 * has no pixels of its own). Free with picture_free.
 */
int	picture_load(const void *, size_t, int maxw, int maxh,
	    struct picture *, char *, size_t);

/*
 * The same for those in a hurry: plain averaging by a whole number, so the
 * result is between max and twice max; no colour management.
 */
int	picture_load_quick(const void *, size_t, int max, struct picture *,
	    char *, size_t);

/* Resizes in place to exactly w x h; alpha is respected. */
int	picture_resize(struct picture *, int w, int h, char *, size_t);

/* Keeps the rectangle x0 <= x < x1, y0 <= y < y1 only. */
int	picture_crop(struct picture *, int x0, int y0, int x1, int y1);

void	picture_free(struct picture *);

/* Starts libvips once per process; called by everything that needs it. */
int	picture_init(char *, size_t);

/* Copies what libvips has to say about the last failure. */
int	picture_fail(char *err, size_t errlen, const char *what);

#endif
