/*
 * film_depth.h - a guess at what in a picture is near
 */
#ifndef SANDBOX_FILM_DEPTH_H
#define SANDBOX_FILM_DEPTH_H

#include "render/picture.h"

struct film_depth {
	float	*d;		/* w * h; 0 is far, 1 the subject's depth */
	int	 w, h;
	float	 x, y;		/* the subject's middle, 0 .. 1 */
};

/*
 * Never fails for want of a subject: then the middle is taken for one. -1
 * when memory runs out. Free with film_depth_free.
 */
int	film_depth_make(const struct picture *, struct film_depth *);
void	film_depth_free(struct film_depth *);

/* At a place, both 0 .. 1. */
float	film_depth_at(const struct film_depth *, float x, float y);

#endif
