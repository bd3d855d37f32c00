/*
 * solid.h - simple bodies for a still life
 *
 * Rounded boxes, cylinders, spheres and rings, described by their distance
 * functions (after I. Quilez, "distance functions") and sphere-traced. They
 * stand in when no product was given, and make the plinth when one was.
 * World units are those of stage.h.
 */
#ifndef SANDBOX_SOLID_H
#define SANDBOX_SOLID_H

#include "render/layer.h"
#include "render/picture.h"
#include "render/stage.h"

#define SOLID_MAX	14

enum solid_kind {
	SOLID_SPHERE,		/* r */
	SOLID_CYLINDER,		/* upright: r, half height h, edge */
	SOLID_DISC,		/* axis along z: r, half depth h, edge */
	SOLID_BOX,		/* half sizes r h d, edge, turned round y */
	SOLID_SHELL,		/* open cylinder: r, half height h, edge wall */
	SOLID_RING,		/* in the x-y plane: r, thickness edge */
	SOLID_FLAME		/* drop: r, half height h; gives light */
};

struct solid {
	enum solid_kind	 kind;
	struct vec	 at;		/* centre */
	float		 r, h, d, edge;
	float		 turn;		/* round y, radians */
	float		 rgb[3];	/* linear */
	float		 gloss;		/* 0 matt .. 1 polished */
	float		 glass;		/* 0 .. 1: lighter in the middle */
	bool		 metal;		/* what it mirrors takes its colour */
	bool		 label;		/* carries a paper label in front */
	float		 cos, sin;	/* of turn, for the box */
	float		 reach;		/* radius of a ball around all of it */
};

struct still {
	struct solid	 s[SOLID_MAX];
	int		 n;
	float		 lo[3], hi[3];	/* box around all, world */
};

/* Distance to the nearest body. */
float	still_far(const struct still *, struct vec);

/* Distance to the nearest of some bodies, bit i for body i; and which. */
float	still_near(const struct still *, unsigned int some, struct vec,
	    int *which);

/* Distance to one body. */
float	solid_far(const struct solid *, struct vec);

/*
 * The bodies that a cone from p in the unit direction d can touch; widen is
 * its radius at distance 1. *from and *upto, if not NULL, tell where along
 * the way they are.
 */
unsigned int still_ahead(const struct still *, struct vec p, struct vec d,
	    float widen, float *from, float *upto);

/* Key light reaching p, 0 .. 1. */
float	still_shadow(const struct still *, const struct stage *, struct vec);

/* Ambient light reaching p with normal n, 0 .. 1. */
float	still_open(const struct still *, struct vec p, struct vec n);

/*
 * Draws the bodies into a lit layer whose picture covers just them; ground is
 * the linear colour of the table (its bounce light). on, if not NULL, is what
 * stands on top and throws its shadow on them. Returns 0 or -1 with err.
 */
int	still_draw(const struct still *, const struct stage *,
	    const float ground[3], const float wall[3],
	    const struct layer *on, bool quick, struct layer *, char *, size_t);

/*
 * Arranges a still life for a brief with no product. hue is the linear
 * colour of the backdrop, which the props take up.
 */
void	still_arrange(struct still *, const struct brief *,
	    const float hue[3], float aspect);

/* A round plinth under a product this wide; returns its height. */
float	still_plinth(struct still *, const struct brief *,
	    const float hue[3], float x, float wide);

#endif
