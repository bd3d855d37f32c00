/*
 * stage.h - the set: camera, table, backdrop and key light
 *
 * World units: 1 is the height of the frame in the plane z = 0, where the
 * product stands. x grows to the right, y upwards from the table, z away
 * from the camera, which hangs at (0, eye, -dist). The image plane is
 * vertical, as with a shift lens, so that upright things stay upright.
 *
 * Table and backdrop are one profile, extruded along x: flat from the
 * camera to z = bend, a quarter circle of radius sweep, then a wall. Because
 * it is extruded, one row of the picture meets it at one height, depth and
 * normal, and only x varies along the row. Everything is built on that.
 */
#ifndef SANDBOX_STAGE_H
#define SANDBOX_STAGE_H

#include <stdbool.h>

#include "render/words.h"

#define GOBO_SIDE	256	/* cells; GOBO_SPAN world units */
#define GOBO_SPAN	3.0f

struct vec {
	float	 x, y, z;
};

struct stage {
	int		 w, h;
	float		 eye, dist;
	float		 base;		/* row of the table at z = 0, in h */
	float		 wall;		/* z of the wall */
	float		 sweep;		/* radius of the bend, 0: an edge */
	struct vec	 lamp;		/* where the key light is */
	struct vec	 to_lamp;	/* its direction from the origin */
	float		 size;		/* of the lamp: tangent of its radius */
	float		 key[3];	/* its colour times strength */
	float		 fill[3];	/* ambient light, the same */
	float		 glow;		/* light on the backdrop behind */
	float		 glow_x, glow_y;
	float		 glow_r;
	float		 spot;		/* 0 even .. 1 a narrow pool of light */
	bool		 back;		/* backlit: a rim, no front light */
	float		 gobo_k;	/* how strongly the gobo shows */
	enum gobo	 gobo_kind;
	float		*gobo;		/* GOBO_SIDE squared, 0 .. 1, owned */
	float		 gobo_x, gobo_y; /* its middle */
	struct vec	 gobo_u, gobo_v;
};

/* What one row of the picture sees of the set. */
struct hit {
	float		 y, z;		/* where */
	float		 ny, nz;	/* normal, in the y-z plane */
	float		 x0, dx;	/* x of the first pixel, step */
	float		 s;		/* length along the profile */
	float		 ds;		/* its change per row */
	float		 blur;		/* size of what is resolved, units */
	bool		 ground;	/* table or lower bend: reflects */
};

/* Returns 0 or -1 (out of memory). */
int	stage_init(struct stage *, const struct brief *, int w, int h);
void	stage_free(struct stage *);

void	stage_row(const struct stage *, float row, struct hit *);

/* Which pixel shows a point of the world. */
void	stage_project(const struct stage *, struct vec, float *px, float *py);

/* Share of the key light that the gobo lets through, 0 .. 1. */
float	stage_gobo(const struct stage *, struct vec);

/*
 * Strength of the key light on a surface, without shadow: cosine, distance
 * and spot. The normal has length 1.
 */
float	stage_key(const struct stage *, struct vec p, struct vec n);

/* Strength of the light thrown on the backdrop from behind the product. */
float	stage_glow(const struct stage *, float x, float y, float z);

#endif
