/*
 * palette.h - the main colours of a picture, and what people call them
 */
#ifndef SANDBOX_PALETTE_H
#define SANDBOX_PALETTE_H

#include <stdint.h>

#include "render/picture.h"

#define PALETTE_MAX	5

struct swatch {
	uint8_t		 rgb[3];	/* sRGB */
	float		 share;		/* of the pixels looked at, 0 to 1 */
	const char	*name;		/* "amber", static */
};

/*
 * The main colours among pixels at least half opaque, largest share first:
 * k-means in CIELAB from fixed starting points, so the same picture gives
 * the same answer. Returns how many there are, 0 when nothing is opaque.
 */
int	palette_of(const struct picture *, struct swatch[PALETTE_MAX]);

/* The nearest name (CIELAB distance) in a list of some seventy colours. */
const char	*palette_name(const uint8_t rgb[3]);

/* sRGB bytes to CIELAB, D65. */
vec	palette_lab(const uint8_t rgb[3]);

/* The colour with this name, or -1 when the list does not have it. */
int	palette_find(const char *name, uint8_t rgb[3]);

#endif
