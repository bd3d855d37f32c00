/*
 * material.h - what the table and the wall are made of
 *
 * A material is a colour and a relief over (u, v), u along the picture, v
 * along the profile of the set, both in world units. It is evaluated a row
 * at a time; detail finer than blur is left out rather than aliased.
 */
#ifndef SANDBOX_MATERIAL_H
#define SANDBOX_MATERIAL_H

#include <stdint.h>

#include "render/vector.h"
#include "render/words.h"

struct texel {
	vec	 rgb;		/* albedo, linear light */
	float	 hu, hv;	/* slope of the relief */
};

struct material {
	enum stuff	 kind;
	uint32_t	 seed;
	vec		 base;		/* linear colour it is tinted with */
	vec		 vein;		/* of the veins of marble */
	float		 gloss;		/* mirror strength facing away, 0..1 */
	float		 rough;		/* blur of its reflections, 0..1 */
	float		 sheen;		/* cloth: light at grazing angles */
	bool		 along;		/* wood: boards run into the depth */
	bool		 coarse;	/* coarse detail only */
};

struct texel_run {
	float	 u0, du;	/* first u, step */
	float	 v;
	float	 blur;		/* smallest detail worth showing */
	int	 n;
};

/* Picks colours and gloss; tint may be NULL (linear light otherwise). */
void	material_init(struct material *, enum stuff, const struct brief *,
	    const vec *tint);

void	material_row(const struct material *, const struct texel_run *,
	    struct texel *);

#endif
