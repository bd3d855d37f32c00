/*
 * arrange - still lifes for briefs without a product, and the plinth
 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "render/noise.h"
#include "render/solid.h"
#include "render/thing.h"

/* Frames below this width per height have no room beside the plinth. */
#define NARROW	0.8f

static const float	gold[3] = { 0.62f, 0.42f, 0.17f };
static const float	ivory[3] = { 0.78f, 0.72f, 0.62f };

static void
shade(float out[3], const float hue[3], float k, float grey)
{
	float	 lum = 0.3f * hue[0] + 0.6f * hue[1] + 0.1f * hue[2];
	int	 i;

	for (i = 0; i < 3; i++)
		out[i] = clampf(mixf(hue[i], lum, grey) * k, 0.01f, 0.86f);
}

static void
enclose(struct still *st)
{
	int	 i, k;

	for (k = 0; k < 3; k++) {
		st->lo[k] = 9;
		st->hi[k] = -9;
	}
	for (i = 0; i < st->n; i++) {
		struct solid		*s = &st->s[i];
		float			 at[3] = { s->at.x, s->at.y, s->at.z };
		float			 e[3] = { s->r, s->h, s->r };

		if (s->kind == SOLID_SPHERE)
			e[1] = s->r;
		else if (s->kind == SOLID_BOX)
			e[0] = e[2] = sqrtf(s->r * s->r + s->d * s->d);
		else if (s->kind == SOLID_DISC) {
			e[1] = s->r;
			e[2] = s->h;
		} else if (s->kind == SOLID_RING) {
			e[0] = e[1] = s->r + s->edge;
			e[2] = s->edge;
		}
		s->reach = sqrtf(e[0] * e[0] + e[1] * e[1] + e[2] * e[2]);
		if (s->kind == SOLID_SPHERE)
			s->reach = s->r;
		else if (s->kind == SOLID_CYLINDER || s->kind == SOLID_SHELL)
			s->reach = sqrtf(s->r * s->r + s->h * s->h);
		for (k = 0; k < 3; k++) {
			st->lo[k] = minf(st->lo[k], at[k] - e[k]);
			st->hi[k] = maxf(st->hi[k], at[k] + e[k]);
		}
	}
}

/* A tall shape behind, a small ball in front: depth and balance. */
static void
company(struct still *st, const struct brief *b, float aspect,
    const float *pale, const float *deep)
{
	struct solid	*s;
	float		 mir, wide = clampf(aspect * 0.42f, 0.20f, 0.36f);
	bool		 plain = b->thing == THING_NONE;

	mir = noise_white(21, 1, b->seed) < 0.5f ? -1 : 1;
	if (noise_white(22, 1, b->seed) < 0.5f) {
		s = thing_add(st, SOLID_DISC, mir * wide * 0.55f, 0.30f,
		    0.42f, deep);
		s->r = 0.30f;
		s->h = 0.025f;
		s->edge = 0.006f;
	} else
		thing_block(st, mir * wide * 0.8f, 0, 0.40f, 0.115f, 0.27f,
		    0.10f, 0.25f * mir, deep);
	if (aspect < NARROW)
		s = thing_ball(st, -mir * 0.15f, 0, -0.34f, 0.045f,
		    plain ? ivory : gold);
	else {
		s = thing_ball(st, -mir * wide, 0, -0.10f, 0.062f,
		    plain ? ivory : gold);
		thing_block(st, -mir * (wide + 0.04f), 0, 0.26f, 0.085f,
		    0.085f, 0.085f, 0.5f * mir, pale);
	}
	s->gloss = 0.75f;
	s->metal = !plain;
}

void
still_arrange(struct still *st, const struct brief *b, const float hue[3],
    float aspect)
{
	static const float	 amber[3] = { 0.55f, 0.20f, 0.030f };
	static const float	 clay[3] = { 0.50f, 0.21f, 0.12f };
	float			 c[3], a[3], d[3], top;
	int			 i;
	bool			 glassy = b->thing == THING_BOTTLE;

	memset(st, 0, sizeof *st);
	for (i = 0; i < 3; i++) {
		c[i] = b->thing_hue_said ?
		    powf((float)b->thing_hue[i] / 255, 2.2f) :
		    glassy ? amber[i] : b->thing == THING_VASE ||
		    b->thing == THING_NONE ? clay[i] : ivory[i];
		c[i] = clampf(c[i], 0.012f, 0.84f);
	}
	shade(a, hue, 1.12f, 0.15f);
	shade(d, hue, 0.62f, 0.05f);
	top = 0;
	if (b->thing != THING_CUP) {
		top = 0.11f;
		thing_drum(st, 0, 0, 0, aspect < NARROW ? 0.205f : 0.245f,
		    0.055f, 0.006f, a);
	}
	thing_hero(st, b, 0, top, c, gold);
	company(st, b, aspect, a, d);
	enclose(st);
}

float
still_plinth(struct still *st, const struct brief *b, const float hue[3],
    float x, float wide)
{
	float	 c[3], h = 0.045f + 0.025f * noise_white(23, 1, b->seed);

	memset(st, 0, sizeof *st);
	shade(c, hue, 1.08f, 0.2f);
	thing_drum(st, x, 0, 0.10f, maxf(0.15f, wide * 0.5f + 0.08f), h, 0.006f,
	    c);
	enclose(st);
	return 2 * h;
}
