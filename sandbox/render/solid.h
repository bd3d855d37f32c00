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
	vec		 at;		/* centre */
	float		 r, h, d, edge;
	float		 cos, sin;	/* of a box's turn round y */
	vec		 rgb;		/* linear */
	float		 gloss;		/* 0 matt .. 1 polished */
	bool		 glass;		/* lighter in the middle */
	bool		 metal;		/* what it mirrors takes its colour */
	bool		 label;		/* carries a paper label in front */
	float		 reach;		/* radius of a ball around all of it */
};

struct still_life {
	struct solid	 s[SOLID_MAX];
	int		 n;
	vec		 lo, hi;	/* box around all, world */
};

/* Distance to one body. */
float	solid_distance(const struct solid *, vec);

/* Distance to the nearest of some bodies, bit i for body i; and which. */
float	solids_nearest(const struct still_life *, unsigned int some, vec,
	    int *which);

/*
 * The bodies that a cone from p in the unit direction d can touch; widen is
 * its radius at distance 1. *from and *upto, if not NULL, tell where along
 * the way they are.
 */
unsigned int solids_ahead(const struct still_life *, vec p, vec d,
	    float widen, float *from, float *upto);

/* Key light reaching p, 0 .. 1. */
float	solids_shadow(const struct still_life *, const struct stage *, vec);

/* Ambient light reaching p with normal n, 0 .. 1. */
float	solids_open(const struct still_life *, vec p, vec n);

/* What the bodies are drawn in. */
struct solid_view {
	const struct still_life	*life;
	const struct stage	*stage;
	vec			 ground, wall;	/* their linear colours */
	const struct layer	*on;	/* stands on them: shadow; or NULL */
	bool			 quick;
	float			 scale;	/* output pixels per pixel; the rest */
	float			 left, top;	/* is filled in */
};

/*
 * Draws the bodies into a layer without a pyramid, whose picture covers just
 * them. Returns 0, or -1 with a sentence in err.
 */
int	solids_draw(struct solid_view *, struct layer *, char *, size_t);

/*
 * Arranges a still life for a brief with no product. hue is the linear
 * colour of the wall, which the props take up.
 */
void	still_life_arrange(struct still_life *, const struct brief *, vec hue,
	    float aspect);

/* A round plinth under a product this wide; returns its height. */
float	still_life_plinth(struct still_life *, const struct brief *, vec hue,
	    float x, float wide);

#endif
