/*
 * thing - bottles, jars, cups and the like, put together from bodies
 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "render/thing.h"

struct solid *
thing_add(struct still *st, enum solid_kind kind, float x, float y, float z,
    const float *rgb)
{
	struct solid	*s = &st->s[st->n < SOLID_MAX - 1 ? st->n++ :
			    SOLID_MAX - 1];

	memset(s, 0, sizeof *s);
	s->kind = kind;
	s->at.x = x;
	s->at.y = y;
	s->at.z = z;
	memcpy(s->rgb, rgb, sizeof s->rgb);
	s->gloss = 0.12f;
	return s;
}

/* Upright cylinder standing on y, of height 2 h. */
struct solid *
thing_drum(struct still *st, float x, float y, float z, float r, float h,
    float edge, const float *rgb)
{
	struct solid	*s = thing_add(st, SOLID_CYLINDER, x, y + h, z, rgb);

	s->r = r;
	s->h = h;
	s->edge = edge;
	return s;
}

struct solid *
thing_ball(struct still *st, float x, float y, float z, float r,
    const float *rgb)
{
	struct solid	*s = thing_add(st, SOLID_SPHERE, x, y + r, z, rgb);

	s->r = r;
	return s;
}

struct solid *
thing_block(struct still *st, float x, float y, float z, float w, float h,
    float d, float turn, const float *rgb)
{
	struct solid	*s = thing_add(st, SOLID_BOX, x, y + h, z, rgb);

	s->r = w;
	s->h = h;
	s->d = d;
	s->edge = 0.008f;
	s->turn = turn;
	s->cos = cosf(turn);
	s->sin = sinf(turn);
	return s;
}

static void
bottle(struct still *st, float x, float y, const float *c, const float *cap)
{
	struct solid	*s;

	s = thing_drum(st, x, y, 0, 0.105f, 0.17f, 0.03f, c);
	s->glass = 1;
	s->gloss = 1;
	s->label = true;
	s = thing_drum(st, x, y + 0.335f, 0, 0.042f, 0.02f, 0.004f, cap);
	s->gloss = 0.8f;
	s->metal = true;
	s = thing_drum(st, x, y + 0.365f, 0, 0.056f, 0.052f, 0.008f, cap);
	s->gloss = 0.8f;
	s->metal = true;
}

static void
jar(struct still *st, float x, float y, const float *c, const float *cap)
{
	struct solid	*s;

	s = thing_drum(st, x, y, 0, 0.15f, 0.085f, 0.028f, c);
	s->gloss = 0.7f;
	s->label = true;
	s = thing_drum(st, x, y + 0.172f, 0, 0.152f, 0.036f, 0.010f, cap);
	s->gloss = 0.7f;
	s->metal = true;
}

static void
candle(struct still *st, float x, float y, const float *c)
{
	static const float	 wax[3] = { 0.82f, 0.74f, 0.60f };
	static const float	 fire[3] = { 1.0f, 0.62f, 0.22f };
	struct solid		*s;

	s = thing_add(st, SOLID_SHELL, x, y + 0.125f, 0, c);
	s->r = 0.115f;
	s->h = 0.125f;
	s->edge = 0.008f;
	s->gloss = 0.8f;
	s->label = true;
	thing_drum(st, x, y + 0.02f, 0, 0.106f, 0.098f, 0.006f, wax);
	s = thing_add(st, SOLID_FLAME, x, y + 0.262f, 0, fire);
	s->r = 0.014f;
	s->h = 0.038f;
}

static void
cup(struct still *st, float x, float y, const float *c)
{
	static const float	 tea[3] = { 0.10f, 0.045f, 0.018f };
	struct solid		*s;

	s = thing_add(st, SOLID_SHELL, x, y + 0.10f, 0, c);
	s->r = 0.12f;
	s->h = 0.10f;
	s->edge = 0.010f;
	s->gloss = 0.6f;
	s = thing_add(st, SOLID_RING, x + 0.128f, y + 0.10f, 0, c);
	s->r = 0.050f;
	s->edge = 0.013f;
	s->gloss = 0.6f;
	s = thing_drum(st, x, y + 0.02f, 0, 0.108f, 0.073f, 0.003f, tea);
	s->gloss = 1;
	s = thing_drum(st, x, y, 0, 0.19f, 0.007f, 0.006f, c);
	s->gloss = 0.6f;
}

static void
vase(struct still *st, float x, float y, const float *c)
{
	struct solid	*s;

	thing_ball(st, x, y, 0, 0.135f, c);
	s = thing_add(st, SOLID_SHELL, x, y + 0.30f, 0, c);
	s->r = 0.046f;
	s->h = 0.065f;
	s->edge = 0.009f;
	s = thing_add(st, SOLID_RING, x - 0.062f, y + 0.285f, 0, c);
	s->r = 0.048f;
	s->edge = 0.010f;
}

static void
tube(struct still *st, float x, float y, const float *c, const float *cap)
{
	struct solid	*s;

	s = thing_drum(st, x, y, 0, 0.058f, 0.085f, 0.006f, cap);
	s->gloss = 0.9f;
	s->metal = true;
	s = thing_drum(st, x, y + 0.17f, 0, 0.050f, 0.055f, 0.004f, cap);
	s->gloss = 1;
	s->metal = true;
	s = thing_drum(st, x, y + 0.28f, 0, 0.042f, 0.060f, 0.030f, c);
	s->gloss = 0.5f;
}

void
thing_hero(struct still *st, const struct brief *b, float x, float y,
    const float *c, const float *cap)
{
	switch (b->thing) {
	case THING_BOTTLE:
		bottle(st, x, y, c, cap);
		break;
	case THING_JAR:
		jar(st, x, y, c, cap);
		break;
	case THING_BOX:
		thing_block(st, x, y, 0, 0.125f, 0.18f, 0.07f, 0.42f,
		    c)->label = true;
		break;
	case THING_CANDLE:
		candle(st, x, y, c);
		break;
	case THING_CUP:
		cup(st, x, y, c);
		break;
	case THING_TUBE:
		tube(st, x, y, c, cap);
		break;
	case THING_VASE:
		vase(st, x, y, c);
		break;
	case THING_NONE:
	case THING_SPHERE:
	case THING__MAX:
		thing_ball(st, x, y, 0, 0.15f, c)->gloss = 0.5f;
		break;
	}
}
