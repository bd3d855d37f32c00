/*
 * words.h - reading a brief
 *
 * A prompt is a list of words; some of them mean something to this renderer.
 * Later words win over earlier ones, "no", "without", "remove", "less" and
 * the like turn a word round, and a comparative ("softer") moves a setting
 * relative to where the words before it left it. Everything not understood
 * only feeds the seed, so that two briefs do not give the same composition;
 * words about light and adjustments are kept out of the seed, so that a
 * tweak changes the light and not the composition.
 */
#ifndef SANDBOX_WORDS_H
#define SANDBOX_WORDS_H

#include <stdbool.h>
#include <stdint.h>

enum stuff {
	STUFF_PAPER,		/* seamless studio paper, the default */
	STUFF_MARBLE,
	STUFF_WOOD,
	STUFF_LINEN,
	STUFF_VELVET,
	STUFF_SILK,
	STUFF_CONCRETE,
	STUFF_TERRAZZO,
	STUFF_SAND,
	STUFF_WATER,
	STUFF_GLASS,
	STUFF__MAX
};

enum gobo { GOBO_NONE, GOBO_WINDOW, GOBO_LEAF, GOBO_BLIND, GOBO__MAX };

enum thing {
	THING_NONE,
	THING_BOTTLE,
	THING_JAR,
	THING_BOX,
	THING_CANDLE,
	THING_CUP,
	THING_SPHERE,
	THING_TUBE,
	THING_VASE,
	THING__MAX
};

struct brief {
	enum stuff	 stuff;		/* of the surface */
	bool		 stuff_said;	/* false: nothing was said */
	bool		 hue_said;	/* a colour for the backdrop */
	uint8_t		 hue[3];	/* sRGB */
	bool		 thing_hue_said;
	uint8_t		 thing_hue[3];
	bool		 stuff_hue_said;	/* of the surface alone */
	uint8_t		 stuff_hue[3];
	bool		 vein_said;	/* "gold veins" */
	uint8_t		 vein[3];
	float		 tone;		/* -1 dark .. +1 light stuff */
	enum gobo	 gobo;
	enum thing	 thing;
	bool		 plinth;
	float		 soft;		/* light: 0 hard .. 1 soft */
	float		 contrast;	/* 0.4 .. 2, 1 neutral */
	float		 shadow;	/* cast shadow: 0 none .. 1 full */
	float		 expose;	/* stops, -2 .. 1 */
	float		 warm;		/* -1 cool .. 1 golden */
	float		 reflect;	/* 0 .. 2, 1 as the stuff has it */
	float		 zoom;		/* 0.7 .. 1.3 */
	float		 shift;		/* -1 left .. 1 right, 0 as seeded */
	int		 side;		/* light from -1 left, 1 right, 0 any */
	bool		 back;		/* backlit */
	bool		 low;		/* low sun, long shadows */
	bool		 logo_on_product;
	uint32_t	 seed;
};

void	words_read(const char *prompt, struct brief *);

#endif
