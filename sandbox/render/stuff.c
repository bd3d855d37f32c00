/*
 * stuff - what the table and the backdrop are made of
 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "render/noise.h"
#include "render/stuff.h"

static const struct {
	float	 base[3];
	float	 gloss, rough, sheen;
} kinds[STUFF__MAX] = {
	[STUFF_PAPER] = { { 0.70f, 0.65f, 0.58f }, 0.02f, 1, 0 },
	[STUFF_MARBLE] = { { 0.80f, 0.785f, 0.76f }, 0.30f, 0.25f, 0 },
	[STUFF_WOOD] = { { 0.34f, 0.175f, 0.078f }, 0.07f, 0.7f, 0 },
	[STUFF_LINEN] = { { 0.66f, 0.60f, 0.51f }, 0, 1, 0.1f },
	[STUFF_VELVET] = { { 0.10f, 0.012f, 0.030f }, 0, 1, 0.9f },
	[STUFF_SILK] = { { 0.66f, 0.54f, 0.43f }, 0.05f, 1, 0.55f },
	[STUFF_CONCRETE] = { { 0.40f, 0.395f, 0.38f }, 0.02f, 1, 0 },
	[STUFF_TERRAZZO] = { { 0.72f, 0.69f, 0.64f }, 0.16f, 0.4f, 0 },
	[STUFF_SAND] = { { 0.62f, 0.46f, 0.29f }, 0, 1, 0 },
	[STUFF_WATER] = { { 0.10f, 0.22f, 0.25f }, 0.62f, 0.15f, 0 },
	[STUFF_GLASS] = { { 0.46f, 0.45f, 0.44f }, 0.48f, 0.10f, 0 }
};

void
stuff_init(struct stuff_look *sl, enum stuff kind, const struct brief *b,
    const float *tint)
{
	static const float	 pale[3] = { 0.62f, 0.46f, 0.29f };
	static const float	 grey[3] = { 0.20f, 0.20f, 0.215f };
	float			 k, lum;
	int			 i;

	memset(sl, 0, sizeof *sl);
	sl->kind = kind;
	sl->seed = b->seed ^ 0x51ed270bu * (uint32_t)(kind + 1);
	sl->gloss = kinds[kind].gloss;
	sl->rough = kinds[kind].rough;
	sl->sheen = kinds[kind].sheen;
	sl->along = noise_white(9, 9, b->seed) < 0.4f;
	for (i = 0; i < 3; i++) {
		sl->base[i] = kinds[kind].base[i];
		if (kind == STUFF_WOOD && b->tone > 0)
			sl->base[i] = mixf(sl->base[i], pale[i], b->tone);
		else if (kind == STUFF_SAND && b->tone > 0.5f)
			sl->base[i] = i == 2 ? 0.86f : 0.82f;
		else if (kind == STUFF_MARBLE && b->tone < -0.3f)
			sl->base[i] = 0.022f;
		else if (b->tone < 0)
			sl->base[i] *= 1 + 0.62f * b->tone;
		else if (b->tone > 0)
			sl->base[i] = mixf(sl->base[i], 0.78f, 0.5f * b->tone);
	}
	if (tint != NULL) {
		/* Wood keeps some of its own colour under any stain. */
		k = kind == STUFF_WOOD || kind == STUFF_SAND ? 0.75f : 1;
		for (i = 0; i < 3; i++)
			sl->base[i] = clampf(mixf(sl->base[i], tint[i], k),
			    0.018f, 0.84f);
	}
	lum = 0.3f * sl->base[0] + 0.6f * sl->base[1] + 0.1f * sl->base[2];
	for (i = 0; i < 3; i++) {
		sl->vein[i] = grey[i];
		if (lum < 0.2f)
			sl->vein[i] = 0.62f - 0.03f * (float)i;
	}
	if (b->vein_said)
		for (i = 0; i < 3; i++)
			sl->vein[i] = powf((float)b->vein[i] / 255, 2.2f);
}

float
stuff_keep(float size, float blur)
{
	float	 q = blur / size;

	return 1 / (1 + 4 * q * q);
}

void
stuff_row(const struct stuff_look *sl, const struct stuff_run *run,
    struct texel *out)
{
	switch (sl->kind) {
	case STUFF_MARBLE:
		stuff_marble(sl, run, out);
		break;
	case STUFF_WOOD:
		stuff_wood(sl, run, out);
		break;
	case STUFF_LINEN:
	case STUFF_VELVET:
	case STUFF_SILK:
		stuff_cloth(sl, run, out);
		break;
	case STUFF_CONCRETE:
		stuff_concrete(sl, run, out);
		break;
	case STUFF_TERRAZZO:
		stuff_terrazzo(sl, run, out);
		break;
	case STUFF_SAND:
		stuff_sand(sl, run, out);
		break;
	case STUFF_WATER:
		stuff_water(sl, run, out);
		break;
	case STUFF_PAPER:
	case STUFF_GLASS:
	case STUFF__MAX:
		stuff_paper(sl, run, out);
		break;
	}
}
