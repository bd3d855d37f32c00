/*
 * thing.h - bottles, jars, cups and the like, put together from bodies
 */
#ifndef SANDBOX_THING_H
#define SANDBOX_THING_H

#include "render/solid.h"

/*
 * Each adds a body in a linear colour and returns it for finishing touches.
 * y is what it stands on, except for thing_add, where it is the centre.
 * The last of SOLID_MAX is overwritten when there are too many.
 */
struct solid	*thing_add(struct still *, enum solid_kind, float x, float y,
		    float z, const float *rgb);
struct solid	*thing_drum(struct still *, float x, float y, float z,
		    float r, float half, float edge, const float *rgb);
struct solid	*thing_ball(struct still *, float x, float y, float z,
		    float r, const float *rgb);
struct solid	*thing_block(struct still *, float x, float y, float z,
		    float w, float h, float d, float turn, const float *rgb);

/* What the brief is about, at x on y, in its colour and its cap's. */
void	thing_hero(struct still *, const struct brief *, float x, float y,
	    const float *rgb, const float *cap);

#endif
