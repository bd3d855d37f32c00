/*
 * sticker.h - flat marks put on a finished picture: watermark and logo
 */
#ifndef SANDBOX_STICKER_H
#define SANDBOX_STICKER_H

#include "render/picture.h"

/* Bytes of sRGB, 3 a pixel, w * h of them. */
struct canvas {
	uint8_t		*px;
	int		 w, h;
};

/*
 * Writes "Mina sandbox" into the lower right corner: white letters with a
 * dark halo, readable on anything. Returns 0, or -1 with a sentence in err.
 */
int	sticker_watermark(struct canvas *, char *, size_t);
/* The same into the lower right corner of a picture whose shorter side is
 * that long, when that corner is all there is. */
int	sticker_corner(struct canvas *, int side, char *, size_t);

/*
 * Lays a cut-out over the canvas at (x, y). Where its colours would vanish
 * in what lies under it, it turns white or near-black.
 */
void	sticker_logo(struct canvas *, const struct picture *, int x, int y);

/*
 * Prints a logo on a product picture: centred on the body, at the quietest
 * height around the middle, so that it does not cover what is printed there
 * already. Resizes the logo. Leaves the product alone when there is no room.
 * Returns 0 or -1 with a sentence in err.
 */
int	sticker_print(struct picture *product, struct picture *logo, char *,
	    size_t);

#endif
