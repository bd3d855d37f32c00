/*
 * cutout.h - separating a subject from a transparent or plain background
 *
 * A picture that brings its own transparency keeps it. Otherwise the colours
 * along the border are fitted by a plane (a studio sweep is seldom one single
 * colour), and what resembles that plane and hangs together with the border
 * becomes transparent, soft shadows included. White labels inside the subject
 * stay, since they do not touch the border.
 */
#ifndef SANDBOX_CUTOUT_H
#define SANDBOX_CUTOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "render/picture.h"

enum cutout_how {
	CUTOUT_NONE,		/* a full scene: no subject to be had */
	CUTOUT_ALPHA,		/* by the picture's own transparency */
	CUTOUT_PLAIN		/* by its near-uniform border */
};

struct cutout {
	enum cutout_how	 how;
	uint8_t		 bg[3];		/* of CUTOUT_PLAIN, sRGB */
	int		 x0, y0;	/* the subject's box in px, */
	int		 x1, y1;	/* x1 and y1 exclusive */
	double		 share;		/* subject pixels of all, 0 to 1 */
};

/*
 * Finds the subject and, for CUTOUT_PLAIN, writes the mask into the alpha
 * band with a feathered edge free of background colour. Returns 0 or -1
 * (out of memory only).
 */
int	cutout_make(struct picture *, struct cutout *);

/* Are these pixels to be filled? */
typedef bool	flood_test(const void *arg, int pixel);

/*
 * Flood fill: the pixels of value from that hang together with the first
 * one, and pass the test if there is one, become to. Returns how many they
 * are. stack has room for w * h.
 */
int	flood(uint8_t *mask, int w, int h, int first, uint8_t from,
	    uint8_t to, flood_test *, const void *arg, int *stack);

#endif
