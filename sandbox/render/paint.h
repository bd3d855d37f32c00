/*
 * paint.h - exposing the picture, row by row
 *
 * Everything about the scene is decided when paint begins; each row is then
 * computed in linear light from the set, the shadows, the reflections and
 * the layers, and written as bytes. Memory is one output row of floats and
 * coarse grids, whatever the size of the picture.
 */
#ifndef SANDBOX_PAINT_H
#define SANDBOX_PAINT_H

#include "render/layer.h"
#include "render/solid.h"
#include "render/stage.h"
#include "render/stuff.h"

#define PAINT_TONES	4096

struct shot {
	struct stage		 stage;
	struct stuff_look	 table, wall;
	struct still		 still;		/* n is 0 without bodies */
	struct layer		 bodies;	/* drawn still, if n > 0 */
	struct layer		 product;
	bool			 has_product;
	float			 shadow;	/* density of cast shadows */
	float			 soft;
	float			 reflect;
	float			 expose;	/* stops */
	float			 contrast;
	float			 vignette;
	bool			 quick;
	uint32_t		 seed;
	/* Filled by paint_begin. */
	float			*lit, *open;	/* still shadows, coarse */
	int			 gw, gh, gstep;
	uint8_t			 tone[PAINT_TONES];
	void			*work;
};

/* Returns 0 or -1 (out of memory). */
int	paint_begin(struct shot *);

/* Writes w * 3 bytes of sRGB. */
void	paint_row(struct shot *, int row, uint8_t *out);

void	paint_end(struct shot *);

/* The last step: fills tone; one row of 3 floats a pixel to bytes. */
void	develop_begin(struct shot *);
void	develop_row(const struct shot *, int row, const float *rgb,
	    uint8_t *out);

/* The product's own row, over what is in rgb (linear, 3 floats a pixel). */
void	paint_product(const struct shot *, int row, float *rgb);

/* What the table mirrors at one point: adds to rgb, see paint_mirror.c. */
void	paint_mirror(const struct shot *, const struct hit *,
	    const struct texel *, float *rgb);

#endif
