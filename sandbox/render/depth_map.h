/*
 * depth_map.h - a guess at what in a picture is near
 */
#ifndef SANDBOX_DEPTH_MAP_H
#define SANDBOX_DEPTH_MAP_H

#include "render/picture.h"

struct depth_map {
	float	*d;		/* w * h; 0 is far, 1 the subject's depth */
	int	 w, h;
	float	 x, y;		/* the subject's middle, 0 .. 1 */
};

/*
 * Never fails for want of a subject: then the middle is taken for one.
 * Returns 0, or -1 with a sentence in err. Free with depth_map_free.
 */
int	depth_map_make(const struct picture *, struct depth_map *, char *,
	    size_t);
void	depth_map_free(struct depth_map *);

/* At a place, both 0 .. 1. */
static inline float
depth_map_at(const struct depth_map *dm, float x, float y)
{
	return grid_at(dm->d, dm->w, dm->h, x * (float)dm->w - 0.5f,
	    y * (float)dm->h - 0.5f);
}

#endif
