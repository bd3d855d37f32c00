/*
 * solid_trace.h - between solid_draw.c and solid_shade.c only
 */
#ifndef SANDBOX_SOLID_TRACE_H
#define SANDBOX_SOLID_TRACE_H

#include <math.h>

#include "render/solid.h"

/*
 * Shadow and ambient light change slowly over a body: they are worked out
 * for one pixel in four and reused while the neighbour shows the same body.
 */
struct kept {
	int	 id;		/* -1: nothing kept */
	float	 vis, open;
};

struct look_from {
	const struct still	*still;
	const struct stage	*stage;
	const float		*ground, *wall;
	const struct layer	*on;
	float			 scale;		/* output pixels per pixel */
	float			 left, top;	/* of the picture, output */
	bool			 quick;
};

static inline struct vec
along(struct vec o, struct vec d, float t)
{
	o.x += t * d.x;
	o.y += t * d.y;
	o.z += t * d.z;
	return o;
}

static inline float
dot3(struct vec a, struct vec b)
{
	return a.x * b.x + a.y * b.y + a.z * b.z;
}

static inline struct vec
norm3(struct vec v)
{
	float	 k = 1 / sqrtf(dot3(v, v) + 1e-20f);

	return (struct vec){ v.x * k, v.y * k, v.z * k };
}

/*
 * Colour of body which at p, seen along dir, in linear light. Takes shadow
 * and ambient light from kept if they are of the same body, else fills it.
 */
void	solid_shade(const struct look_from *, struct vec p, struct vec dir,
	    int which, struct kept *, float out[3]);

#endif
