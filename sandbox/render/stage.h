/*
 * stage.h - camera, table, wall and key light of a still
 *
 * World units: 1 is the height of the frame in the plane z = 0, where the
 * product stands. x grows to the right, y upwards from the table, z away
 * from the camera, which hangs at (0, eye, -dist). The image plane is
 * vertical, as with a shift lens, so that upright things stay upright.
 *
 * Table and wall are one profile, extruded along x: flat from the camera to
 * z = wall - sweep, a quarter circle of radius sweep, then upright. So one
 * row of the picture meets it at one height, depth and normal, and only x
 * varies along the row. Everything is built on that.
 */
#ifndef SANDBOX_STAGE_H
#define SANDBOX_STAGE_H

#include <stdbool.h>

#include "render/vector.h"
#include "render/words.h"

#define GOBO_SIDE	256	/* cells of the gobo's side, */
#define GOBO_SPAN	3.0f	/* which is that many world units */

struct stage {
	int	 w, h;		/* of the picture, pixels */
	float	 eye, dist;
	float	 base;		/* row of the table at z = 0, in h */
	float	 wall;		/* z of the wall */
	float	 sweep;		/* radius of the bend, 0: an edge */
	vec	 lamp;		/* where the key light is */
	vec	 to_lamp;	/* its direction from the origin */
	float	 size;		/* of the lamp: tangent of its radius */
	vec	 key;		/* its colour times strength */
	vec	 fill;		/* ambient light, the same */
	float	 glow;		/* light on the wall behind the product, */
	float	 glow_x;	/* and where its middle is */
	float	 spot;		/* 0 even .. 1 a narrow pool of light */
	bool	 back;		/* backlit: a rim, no front light */
	float	 gobo_k;	/* how strongly the gobo shows */
	float	*gobo;		/* GOBO_SIDE squared, 0 .. 1, owned */
	vec	 gobo_mid;	/* its middle and its two directions */
	vec	 gobo_u, gobo_v;
};

/* Where one row of the picture meets the profile. */
struct row {
	float	 y, z;
	float	 ny, nz;	/* normal, in the y-z plane */
	float	 x0, dx;	/* x of the first pixel, step */
	float	 s;		/* length along the profile */
	float	 blur;		/* smallest detail that is resolved, units */
	bool	 ground;	/* table or lower bend: reflects */
};

/* Returns 0, or -1 with a sentence in err. */
int	stage_init(struct stage *, const struct brief *, int w, int h,
	    char *err, size_t errlen);
void	stage_free(struct stage *);

void	stage_row(const struct stage *, float row, struct row *);

/* Which pixel shows a point of the world. */
void	stage_project(const struct stage *, vec, float *px, float *py);

/* Share of the key light that the gobo lets through, 0 .. 1. */
float	stage_gobo(const struct stage *, vec);

/*
 * Strength of the key light on a surface, without shadow: cosine, distance
 * and spot. The normal has length 1.
 */
float	stage_key(const struct stage *, vec p, vec n);

/* Strength of the light thrown on the wall from behind the product. */
float	stage_glow(const struct stage *, vec);

/*
 * The light through the brief's gobo (a stencil before the lamp), blurred as
 * the softness of the light asks: allocates GOBO_SIDE squared shares of 0 to
 * 1. Returns 0, or -1 with a sentence in err.
 */
int	gobo_make(const struct brief *, float **, char *err, size_t errlen);

#endif
