/*
 * paint.h - computing the picture of a set, row by row
 *
 * Everything about the scene is decided when painting begins; each row is
 * then computed in linear light from the set, the shadows, the reflections
 * and the layers, and written as bytes. Memory is one output row of floats,
 * whatever the size of the picture.
 */
#ifndef SANDBOX_PAINT_H
#define SANDBOX_PAINT_H

#include "render/layer.h"
#include "render/material.h"
#include "render/stage.h"
#include "render/still_life.h"

#define PAINT_TONES	4096

struct scene {
	struct stage		 stage;
	struct material		 table, wall;
	struct layer		 layer[STILL_LIFE_MAX];	/* from the back */
	int			 nlayer;
	float			 shadow;	/* density of cast shadows */
	float			 soft;
	float			 reflect;
	float			 expose;	/* stops */
	float			 contrast;
	bool			 quick;		/* half the detail */
	/* Filled by paint_begin. */
	float			 vignette;
	uint8_t			 tone[PAINT_TONES];
	struct texel		*tex;		/* of the row being painted */
	struct light		*light;
	vec			*rgb;
};

/* Returns 0 or -1 (out of memory). */
int	paint_begin(struct scene *);

/* Writes w * 3 bytes of sRGB. */
void	paint_row(struct scene *, int row, uint8_t *out);

/* Frees all that the scene holds. */
void	paint_end(struct scene *);

#endif
