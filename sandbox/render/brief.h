/*
 * brief.h - what the prompt of a still asks for
 *
 * A prompt is a list of words; some of them mean something to this renderer.
 * Later words win over earlier ones, "no", "without", "remove", "less" and
 * the like turn a word round, and a comparative ("softer") moves a setting
 * relative to where the words before it left it. Everything not understood
 * only feeds the seed, so that two briefs do not give the same composition;
 * words about light and adjustments are kept out of the seed, so that a
 * tweak changes the light and not the composition.
 */
#ifndef SANDBOX_BRIEF_H
#define SANDBOX_BRIEF_H

#include <stdbool.h>
#include <stdint.h>

enum material_kind {
	MATERIAL_PAPER,		/* seamless studio paper, the default */
	MATERIAL_MARBLE, MATERIAL_WOOD, MATERIAL_LINEN, MATERIAL_VELVET,
	MATERIAL_SILK, MATERIAL_CONCRETE, MATERIAL_TERRAZZO, MATERIAL_SAND,
	MATERIAL_WATER, MATERIAL_GLASS, MATERIAL__MAX
};

enum object_kind {
	OBJECT_NONE, OBJECT_BOTTLE, OBJECT_JAR, OBJECT_BOX, OBJECT_CANDLE,
	OBJECT_CUP, OBJECT_SPHERE, OBJECT_TUBE, OBJECT_VASE, OBJECT__MAX
};

/* Stencils before the lamp. */
enum gobo { GOBO_NONE, GOBO_WINDOW, GOBO_LEAF, GOBO_BLIND, GOBO__MAX };

struct brief {
	enum material_kind material;	/* of the table */
	bool		 material_said;	/* false: nothing was said */
	bool		 hue_said;	/* a colour for the wall */
	uint8_t		 hue[3];	/* sRGB */
	bool		 object_hue_said;
	uint8_t		 object_hue[3];
	bool		 material_hue_said;	/* of the table alone */
	uint8_t		 material_hue[3];
	bool		 vein_said;	/* "gold veins" */
	uint8_t		 vein[3];
	float		 tone;		/* -1 dark .. +1 light material */
	enum gobo	 gobo;
	enum object_kind object;	/* if no product was sent */
	bool		 plinth;
	float		 soft;		/* light: 0 hard .. 1 soft */
	float		 contrast;	/* 0.4 .. 2, 1 neutral */
	float		 shadow;	/* cast shadow: 0 none .. 1 full */
	float		 expose;	/* stops, -2 .. 1 */
	float		 warm;		/* -1 cool .. 1 golden */
	float		 reflect;	/* 0 .. 2, 1 as the material has it */
	float		 zoom;		/* 0.7 .. 1.3 */
	float		 shift;		/* -1 left .. 1 right, 0 as seeded */
	int		 side;		/* light from -1 left, 1 right, 0 any */
	bool		 back;		/* backlit */
	bool		 low;		/* low sun, long shadows */
	bool		 logo_on_product;
	uint32_t	 seed;
};

void	brief_read(const char *prompt, struct brief *);

#endif
