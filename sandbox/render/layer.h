/*
 * layer.h - a cut-out standing on the set
 *
 * The picture itself is kept at exactly the size it has in the output, so it
 * is never resampled again. For shadows and reflections there is a pyramid of
 * ever more blurred copies (premultiplied, linear light), looked up by
 * position and by how large the blur should be.
 *
 * The picture is an upright board. Its shadow is that of the body one expects
 * behind it: the same outline seen from every side, round an axis a little
 * behind the board.
 */
#ifndef SANDBOX_LAYER_H
#define SANDBOX_LAYER_H

#include "render/picture.h"
#include "render/stage.h"

#define LAYER_LEVELS	8

struct layer {
	struct picture	 pic;		/* output pixels, owned */
	int		 left, top;	/* where in the output */
	float		 drawn;		/* by us: its colours times that, */
					/* without light; 0 is a photograph */
	float		 z;		/* of the board */
	float		 unit;		/* world units a pixel there */
	float		 x0, x1;	/* of the pyramid, world units */
	float		 y0, y1;	/* its lower and upper edge */
	float		 floor;		/* height it stands on */
	float		 foot_x;	/* middle of what touches the floor */
	float		 foot_r;	/* half its width */
	float		 foot_z;	/* depth of the axis behind the board */
	int		 nlevel;
	struct {
		int	 w, h;
		vec	*px;		/* owned */
	} level[LAYER_LEVELS];
};

/*
 * Takes the picture over (it is emptied). Its bottom stands at a depth z on
 * a floor, see layer_place. Returns 0, or -1 with a sentence in err.
 */
int	layer_init(struct layer *, struct picture *, const struct stage *,
	    int left, int top, float z, float floor, char *err, size_t);
void	layer_free(struct layer *);

/* Colour and alpha at a point of the board, averaged over about blur units. */
vec	layer_sample(const struct layer *, float x, float y, float blur);

/* Share of the key light it takes away at a point, 0 .. 1. */
float	layer_shadow(const struct layer *, const struct stage *, vec);

/* Share of all light left near where it touches its floor, 0 .. 1. */
float	layer_contact(const struct layer *, vec);

#endif
