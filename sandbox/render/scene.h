/*
 * scene.h - the parts of a still and how they are painted
 *
 * World units: 1 is the height of the frame in the plane z = 0, where the
 * product stands. x grows to the right, y upwards from the table, z away
 * from the camera, which hangs at (0, eye, -dist). The image plane is
 * vertical, as with a shift lens, so that upright things stay upright.
 *
 * Functions that take err return 0, or -1 with a sentence in it.
 */
#ifndef SANDBOX_SCENE_H
#define SANDBOX_SCENE_H

#include "render/picture.h"
#include "render/vector.h"
#include "render/words.h"

/* --- stage.c: camera, table, wall and key light */

#define GOBO_SIDE	256	/* cells of the gobo's side, */
#define GOBO_SPAN	3.0f	/* which is that many world units */

/*
 * Table and wall are one profile, extruded along x: flat from the camera to
 * z = wall - sweep, a quarter circle of radius sweep, then upright. So one
 * row of the picture meets it at one height, depth and normal, and only x
 * varies along the row. Everything is built on that.
 */
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
 * gobo.c: the light through the brief's gobo (a stencil before the lamp),
 * blurred as the softness of the light asks: allocates GOBO_SIDE squared
 * shares of 0 to 1.
 */
int	gobo_make(const struct brief *, float **, char *err, size_t errlen);

/* --- material.c: what the table and the wall are made of */

/*
 * A colour and a relief over (u, v), u along the picture, v along the profile
 * of the stage, both in world units. It is evaluated a row at a time; detail
 * finer than blur is left out rather than aliased.
 */
struct material {
	enum stuff	 kind;
	uint32_t	 seed;
	vec		 base;		/* linear colour it is tinted with */
	vec		 vein;		/* of the veins of marble */
	float		 gloss;		/* mirror strength facing away, 0..1 */
	float		 rough;		/* blur of its reflections, 0..1 */
	float		 sheen;		/* cloth: light at grazing angles */
	float		 cos, sin;	/* of the way its pattern is turned */
	bool		 along;		/* wood: boards run into the depth */
	bool		 coarse;	/* coarse detail only */
};

struct texel {
	vec	 rgb;		/* albedo, linear light */
	float	 hu, hv;	/* slope of the relief */
};

/* Picks colours and gloss; tint may be NULL (linear light otherwise). */
void	material_init(struct material *, enum stuff, const struct brief *,
	    const vec *tint);

/* n texels from u0 in steps of du. */
void	material_row(const struct material *, float u0, float du, float v,
	    float blur, int n, struct texel *);

/* --- layer.c: a cut-out standing on the stage */

#define LAYER_LEVELS	8

/*
 * The picture itself is kept at exactly the size it has in the output, so it
 * is never resampled again. For shadows and reflections there is a pyramid of
 * ever more blurred copies (premultiplied, linear light), looked up by
 * position and by how large the blur should be.
 *
 * The picture is an upright board. Its shadow is that of the body one expects
 * behind it: the same outline seen from every side, round an axis a little
 * behind the board.
 */
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

/* Takes the picture over (it is emptied). It stands at a depth on a floor. */
int	layer_init(struct layer *, struct picture *, const struct stage *,
	    int left, int top, float z, float floor, char *err, size_t);
void	layer_free(struct layer *);

/* Colour and alpha at a point of the board, averaged over about blur units. */
vec	layer_sample(const struct layer *, float x, float y, float blur);

/* Share of the key light it takes away at a point, 0 .. 1. */
float	layer_shadow(const struct layer *, const struct stage *, vec);

/* Share of all light left near where it touches its floor, 0 .. 1. */
float	layer_contact(const struct layer *, vec);

/* --- still_life.c: what stands in when a brief comes without a product */

#define STILL_LIFE_MAX	5	/* layers */

/*
 * Arranges what the brief is about on a podium, with two or three shapes for
 * company. hue is the linear colour of the wall, which these take up. Layers
 * are added from the back to the front; *n of them have to be freed in any
 * case.
 */
int	still_life_arrange(const struct brief *, const struct stage *,
	    vec hue, struct layer *, int *n, char *err, size_t errlen);

/*
 * A round plinth under a product this wide, in world units; its height goes
 * to *high.
 */
int	still_life_plinth(const struct brief *, const struct stage *, vec hue,
	    float x, float wide, struct layer *, float *high, char *err,
	    size_t errlen);

/* --- paint.c: the picture, row by row */

#define PAINT_TONES	4096

/*
 * Everything about the scene is decided when painting begins; each row is
 * then computed in linear light from the stage, the shadows, the reflections
 * and the layers, and written as bytes. Memory is one output row of floats,
 * whatever the size of the picture.
 */
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
