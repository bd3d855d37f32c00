/*
 * image_analysis.h - what measuring shows in a picture
 *
 * The sandbox stands in for a vision model. It has no idea what a bottle is,
 * so it reports size, transparency, whether there is a subject on a plain
 * background, where it is, which colours it has, how bright it is, and whether
 * it is flat enough to be a logo.
 *
 *	if (image_analyze(bytes, len, &analysis, err, sizeof err) == -1)
 *		refuse(err);
 *	image_caption(&analysis, text, sizeof text);
 *
 * Thread-safe. No memory is left to free.
 */
#ifndef SANDBOX_IMAGE_ANALYSIS_H
#define SANDBOX_IMAGE_ANALYSIS_H

#include <stdbool.h>
#include <stddef.h>

#include "render/palette.h"

enum image_background {
	BACKGROUND_SCENE,	/* a full scene, no separate background */
	BACKGROUND_TRANSPARENT,	/* the file's own transparency */
	BACKGROUND_PLAIN		/* a near-uniform border, see bg */
};

enum image_shape { SHAPE_SQUARE, SHAPE_TALL, SHAPE_WIDE };

struct image_analysis {
	const char	*format;	/* "png" "jpeg" "webp" "svg" */
	int		 width, height;	/* upright, full size, pixels */
	bool		 has_alpha;	/* an alpha band, used or not */
	bool		 cutout;	/* background is no scene */
	enum image_background background;
	struct swatch	 bg;		/* BACKGROUND_PLAIN only */
	struct swatch	 colour[PALETTE_MAX];	/* of the subject if cut out */
	int		 ncolour;
	float		 light;		/* mean L*, 0 to 100 */
	float		 spread;	/* standard deviation of L* */
	const char	*brightness;	/* "very dark" .. "very bright" */
	const char	*contrast;	/* "soft" "moderate" "strong" */
	int		 box_x, box_y;	/* the subject, in full-size pixels */
	int		 box_w, box_h;
	enum image_shape shape;		/* of that box */
	float		 flat;		/* share of flat or hard-edge steps */
	bool		 likely_logo;
};

/*
 * Returns 0, or -1 with a sentence in err when the bytes are not a picture
 * of a known format, are damaged, or promise over 50 million pixels.
 */
int	image_analyze(const void *, size_t, struct image_analysis *,
	    char *err, size_t);

/*
 * One English sentence, ending in a full stop, such as "A tall amber and
 * gold object cut out on a transparent background, 900x1400.". Returns 0, or
 * -1 when it was cut to fit.
 */
int	image_caption(const struct image_analysis *, char *, size_t);

#endif
