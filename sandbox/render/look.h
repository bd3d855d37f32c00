/*
 * look.h - what can honestly be seen in a picture
 *
 * The sandbox stands in for a vision model. It has no idea what a bottle is,
 * so it reports what measuring shows: size, transparency, whether there is a
 * subject on a plain background, where it is, which colours it has, how
 * bright it is, and whether it is flat enough to be a logo.
 *
 *	struct look lk;
 *	char err[200], text[300];
 *
 *	if (look_at(bytes, len, &lk, err, sizeof err) == -1)
 *		refuse(err);
 *	look_caption(&lk, text, sizeof text);
 *
 * Thread-safe. No memory is left to free.
 */
#ifndef SANDBOX_LOOK_H
#define SANDBOX_LOOK_H

#include <stdbool.h>
#include <stddef.h>

#include "render/palette.h"

enum look_ground {
	LOOK_SCENE,		/* a full scene, no separate background */
	LOOK_TRANSPARENT,	/* the file's own transparency */
	LOOK_PLAIN		/* a near-uniform border, see bg */
};

enum look_shape { LOOK_SQUARE, LOOK_TALL, LOOK_WIDE };

struct look {
	const char	*format;	/* "png" "jpeg" "webp" "svg" */
	int		 width, height;	/* upright, full size, pixels */
	bool		 has_alpha;	/* an alpha band, used or not */
	bool		 cutout;	/* ground is not LOOK_SCENE */
	enum look_ground ground;
	struct swatch	 bg;		/* LOOK_PLAIN only */
	struct swatch	 colour[PALETTE_MAX];	/* of the subject if cut out */
	int		 ncolour;
	float		 light;		/* mean L*, 0 to 100 */
	float		 spread;	/* standard deviation of L* */
	const char	*brightness;	/* "very dark" .. "very bright" */
	const char	*contrast;	/* "soft" "moderate" "strong" */
	int		 box_x, box_y;	/* the subject, in full-size pixels */
	int		 box_w, box_h;
	enum look_shape	 shape;		/* of that box */
	float		 flat;		/* share of flat or hard-edge steps */
	bool		 likely_logo;
};

/*
 * Returns 0, or -1 with a sentence in err when the bytes are not a picture
 * of a known format, are damaged, or promise over 50 million pixels.
 */
int	look_at(const void *, size_t, struct look *, char *err, size_t);

/*
 * One English sentence, ending in a full stop, such as "A tall amber and
 * gold object cut out on a transparent background, 900x1400.". Returns 0, or
 * -1 when it was cut to fit.
 */
int	look_caption(const struct look *, char *, size_t);

#endif
