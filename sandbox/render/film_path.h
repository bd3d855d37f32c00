/*
 * film_path.h - where the camera is, moment by moment
 *
 * Coordinates are shares of the picture: 0 .. 1 from its left and top edge.
 */
#ifndef SANDBOX_FILM_PATH_H
#define SANDBOX_FILM_PATH_H

#include "render/film_depth.h"
#include "render/film_words.h"

struct film_pose {
	float	 zoom;		/* 1 shows all of it */
	float	 cx, cy;	/* the view's middle, off the picture's */
	float	 yaw, pitch;	/* perspective, to the right and downwards */
	float	 roll;		/* radians */
	float	 px;		/* near things are shifted against far ones, */
	float	 hub;		/* and what is that near is not */
	float	 near;		/* and enlarged */
	float	 light;		/* gain, 1 is as it was */
	float	 side;		/* how much of it lies to the right */
	float	 sweep, at;	/* a band of light, and where it is */
};

/* At t (0 .. 1) of a film of so many seconds. */
void	film_path(const struct film_plan *, float t, int seconds,
	    struct film_pose *);
/*
 * The same for a film that ends on another picture: the poses over both, and
 * how much of the second shows (0 .. 1).
 */
float	film_path_to(const struct film_plan *, const struct film_depth *from,
	    const struct film_depth *to, float t, struct film_pose *,
	    struct film_pose *);

/* Where in the picture that pose sees what is at (u, v) of the frame. */
void	film_see(const struct film_pose *, const struct film_depth *,
	    float aspect, float u, float v, float *x, float *y);
/* How bright it is there; 1 is as in the picture. */
float	film_gain(const struct film_pose *, const struct film_depth *,
	    float x, float y);

#endif
