/*
 * picture.h - decoding, resizing and encoding pictures with libvips
 *
 * The bytes are untrusted. The format is known from the first bytes, only a
 * short list of formats is decoded, and the size in the header is checked
 * before a single pixel is: a file that promises more than PICTURE_PIXELS is
 * refused however small it is.
 *
 * Pixels are sRGB, 8 bits, 4 bands (red, green, blue, alpha, not
 * premultiplied), rows without padding, upright (EXIF orientation applied).
 *
 * All functions may be called from any thread. Those that take err return 0,
 * or -1 with a sentence in err.
 */
#ifndef SANDBOX_PICTURE_H
#define SANDBOX_PICTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "render/vector.h"

#define PICTURE_PIXELS	(50 * 1000 * 1000)

struct picture {
	uint8_t		*px;		/* w * h * 4 bytes, owned */
	int		 w, h;		/* of px */
	int		 fullw, fullh;	/* of the file, upright */
	bool		 alpha;		/* not all pixels need be opaque */
	bool		 ours;		/* it says that the sandbox drew it */
	const char	*format;	/* "png" "jpeg" "webp" "svg", static */
};

/* Reads the header only: everything but px, w and h. */
int	picture_head(const void *, size_t, struct picture *, char *, size_t);

/*
 * Decodes, shrunk until neither side is longer than side (never enlarged,
 * except svg, which has no pixels of its own). quick does that by a whole
 * number, so that the result may be up to twice as large, and without colour
 * management. Free with picture_free.
 */
int	picture_load(const void *, size_t, int side, bool quick,
	    struct picture *, char *, size_t);

/* Resizes in place to exactly w x h; alpha is respected. */
int	picture_scale(struct picture *, int w, int h, char *, size_t);

/*
 * Averages k by k pixels, which is several times as fast. What out holds is
 * freed, and it may be the picture itself.
 */
int	picture_shrink(const struct picture *, int k, struct picture *out,
	    char *, size_t);

/* Adds a grey border of so many pixels. */
int	picture_border(struct picture *, int wide, int grey, char *, size_t);

/* Keeps the rectangle x0 <= x < x1, y0 <= y < y1 only. */
void	picture_crop(struct picture *, int x0, int y0, int x1, int y1);

void	picture_free(struct picture *);

/*
 * Encodes w * h * 3 bytes of sRGB as png (text chunks Software, Comment and
 * Description) or jpg (the same in EXIF). quick trades size for time. *out
 * is freed with g_free().
 */
int	picture_encode(const uint8_t *, int w, int h, bool jpg, bool quick,
	    const char *prompt, void **out, size_t *outlen, char *, size_t);

/* Starts libvips once per process; called by everything that needs it. */
int	picture_init(char *, size_t);

/* Copies what libvips has to say about the last failure. */
int	picture_fail(char *err, size_t errlen, const char *what);

/*
 * Replaces a VipsImage by the result of an operation on it, or by NULL if
 * that fails. NULL stays NULL.
 */
#define PICTURE_THEN(im, op, ...) do {					\
	VipsImage	*then_ = NULL;					\
	if ((im) != NULL && vips_##op((im), &then_, __VA_ARGS__) != 0)	\
		then_ = NULL;						\
	g_clear_object(&(im));						\
	(im) = then_;							\
} while (0)

/* Linear light of sRGB bytes; filled by picture_init(). */
extern float	srgb_linear[256];

static inline float
srgb_encoded(float x)
{
	return x <= 0.0031308f ? 12.92f * x :
	    1.055f * powf(x, 1 / 2.4f) - 0.055f;
}

/* Four bytes of a picture in linear light, and back. */
static inline vec
pixel_linear(const uint8_t *p)
{
	return (vec){ srgb_linear[p[0]], srgb_linear[p[1]],
	    srgb_linear[p[2]], (float)p[3] / 255 };
}

static inline void
pixel_store(uint8_t *p, vec c)
{
	int	 k;

	for (k = 0; k < 3; k++)
		p[k] = (uint8_t)lrintf(255 * srgb_encoded(clampf(c[k], 0,
		    1)));
	p[3] = (uint8_t)lrintf(255 * c[W]);
}

#endif
