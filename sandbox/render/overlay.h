/*
 * overlay.h - flat marks on a finished picture: watermark and logo
 */
#ifndef SANDBOX_OVERLAY_H
#define SANDBOX_OVERLAY_H

#include "render/picture.h"

/* Bytes of sRGB, 3 a pixel, w * h of them. */
struct canvas {
	uint8_t		*px;
	int		 w, h;
};

/*
 * "Mina sandbox" in the lower right corner: white letters with a dark halo,
 * readable on anything. It is grey; each byte becomes in * keep / 255 + add.
 */
struct watermark {
	int		 x, y;		/* even */
	int		 w, h;		/* even if the picture's sides are */
	uint8_t		*keep, *add;	/* w * h, one allocation */
};

/* For pictures of w by h. Returns 0, or -1 with a sentence in err. */
int	watermark_make(int w, int h, struct watermark *, char *, size_t);
void	watermark_free(struct watermark *);

void	watermark_put(const struct watermark *, struct canvas *);
/* Takes it off a picture that has it. */
void	watermark_remove(const struct watermark *, struct picture *);

/*
 * Lays a cut-out over the canvas at (x, y). Where its colours would vanish
 * in what lies under it, it turns white or near-black.
 */
void	logo_put(struct canvas *, const struct picture *, int x, int y);

/*
 * Prints a logo on a product picture: centred on the body, at the height
 * around the middle with the least detail, so that it does not cover what is
 * printed there already. Resizes the logo. Leaves the product alone when
 * there is no room. Returns 0 or -1 with a sentence in err.
 */
int	logo_print(struct picture *product, struct picture *logo, char *,
	    size_t);

#endif
