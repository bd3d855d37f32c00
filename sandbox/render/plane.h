/*
 * plane.h - a value that changes evenly over a picture
 */
#ifndef SANDBOX_PLANE_H
#define SANDBOX_PLANE_H

#include <stdbool.h>
#include <stdint.h>

#include "render/picture.h"

/* a + b x + c y */
struct plane {
	float	 a, b, c;
};

static inline float
plane_at(const struct plane *p, int x, int y)
{
	return p->a + p->b * (float)x + p->c * (float)y;
}

/*
 * Least squares over band k of the n pixels at[], as offsets, of which keep[]
 * is not 0. False when they do not determine a plane.
 */
bool	plane_fit(const struct picture *, const int *at, int n,
	    const uint8_t *keep, int k, struct plane *);

#endif
