/*
 * stuff.h - what the table and the backdrop are made of
 *
 * A stuff is a colour and a relief over (u, v), u along the picture, v along
 * the profile of the set, both in world units. It is evaluated a row at a
 * time; detail finer than blur is left out rather than aliased.
 */
#ifndef SANDBOX_STUFF_H
#define SANDBOX_STUFF_H

#include <stdint.h>

#include "render/words.h"

struct texel {
	float	 r, g, b;	/* albedo, linear light */
	float	 hu, hv;	/* slope of the relief */
};

struct stuff_look {
	enum stuff	 kind;
	uint32_t	 seed;
	float		 base[3];	/* linear colour it is tinted with */
	float		 vein[3];	/* of marble veins, terrazzo chips */
	float		 gloss;		/* mirror strength facing away, 0..1 */
	float		 rough;		/* blur of its reflections, 0..1 */
	float		 sheen;		/* cloth: light at grazing angles */
	bool		 along;		/* wood: boards run into the depth */
	bool		 quick;		/* coarse detail only */
};

struct stuff_run {
	float	 u0, du;	/* first u, step */
	float	 v;
	float	 blur;		/* smallest detail worth showing */
	int	 n;
};

/* Picks colours and gloss; tint may be NULL (linear light otherwise). */
void	stuff_init(struct stuff_look *, enum stuff, const struct brief *,
	    const float *tint);

void	stuff_row(const struct stuff_look *, const struct stuff_run *,
	    struct texel *);

/* The kinds, each in the file its texture is in. */
void	stuff_marble(const struct stuff_look *, const struct stuff_run *,
	    struct texel *);
void	stuff_wood(const struct stuff_look *, const struct stuff_run *,
	    struct texel *);
void	stuff_concrete(const struct stuff_look *, const struct stuff_run *,
	    struct texel *);
void	stuff_terrazzo(const struct stuff_look *, const struct stuff_run *,
	    struct texel *);
void	stuff_cloth(const struct stuff_look *, const struct stuff_run *,
	    struct texel *);
void	stuff_sand(const struct stuff_look *, const struct stuff_run *,
	    struct texel *);
void	stuff_water(const struct stuff_look *, const struct stuff_run *,
	    struct texel *);
void	stuff_paper(const struct stuff_look *, const struct stuff_run *,
	    struct texel *);

/* How much of a detail of this size survives the blur, 0 .. 1. */
float	stuff_keep(float size, float blur);

#endif
