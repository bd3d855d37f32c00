/*
 * encode.h - from pixels to a file that says what it is
 */
#ifndef SANDBOX_ENCODE_H
#define SANDBOX_ENCODE_H

#include <stdbool.h>
#include <stddef.h>

#include "render/sticker.h"

/*
 * png (text chunks Software, Comment and Description) or jpg (the same in
 * EXIF). quick trades size for time. *out is freed with render_free. Returns
 * 0, or -1 with a sentence in err.
 */
int	encode_canvas(const struct canvas *, bool jpg, bool quick,
	    const char *prompt, void **out, size_t *outlen, char *, size_t);

/* Doubles a canvas in both directions, smoothly. Returns 0 or -1. */
int	encode_double(struct canvas *, int w, int h);

#endif
