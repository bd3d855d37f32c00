/*
 * stuff_soft - cloth, sand, water, paper
 */
#include "config.h"

#include <math.h>

#include "render/noise.h"
#include "render/stuff.h"

/*
 * Folds: long soft ridges. Two sets of waves, bent by slow noise, and
 * sharpened a little at the crest, as hanging or laid cloth does.
 */
static float
fold(const struct stuff_look *sl, float u, float v)
{
	uint32_t	 s = sl->seed;
	float		 deep = sl->kind == STUFF_LINEN ? 1.15f : 1.4f;
	float		 turn = 0.5f + 0.5f * noise_white(2, 2, s);
	float		 x, y, a, b, m;

	x = u * cosf(turn) + v * sinf(turn);
	y = v * cosf(turn) - u * sinf(turn);
	x += 0.16f * noise2(u * 1.1f, v * 1.1f, s + 1);
	a = noise2(x * 2.3f, y * 0.65f + 3, s + 2);
	b = noise2(x * 4.9f + 1.1f * a, y * 1.1f, s + 3);
	m = smooth(-0.45f, 0.45f, noise2(u * 0.9f + 4, v * 0.9f, s + 4));
	a = 1 - sqrtf(a * a + 0.012f);
	return deep * (0.085f * a * (0.35f + 0.65f * m) + 0.022f * b * m);
}

struct bend {
	float	 h, hu, hv;
};

static struct bend
bend_at(const struct stuff_look *sl, float u, float v, float e)
{
	struct bend	 b;

	b.h = fold(sl, u, v);
	b.hu = (fold(sl, u + e, v) - b.h) / e;
	b.hv = (fold(sl, u, v + e) - b.h) / e;
	return b;
}

void
stuff_cloth(const struct stuff_look *sl, const struct stuff_run *run,
    struct texel *out)
{
	struct bend	 a, b;
	uint32_t	 s = sl->seed;
	float		 count = sl->kind == STUFF_LINEN ? 125 : 240;
	float		 keep = stuff_keep(0.9f / count, run->blur);
	float		 e = 0.012f + run->blur, u, v = run->v + 8, h, p, q;
	float		 weave = 0, f;
	int		 i;

	if (sl->quick || sl->kind == STUFF_SILK)
		keep = 0;
	a = b = bend_at(sl, run->u0 + 8, v, e);
	for (i = 0; i < run->n; i++) {
		u = run->u0 + run->du * (float)i + 8;
		/* Folds are wide: every eighth pixel is enough. */
		f = (float)(i & 7) / 8;
		if ((i & 7) == 0) {
			a = b;
			b = bend_at(sl, u + 8 * run->du, v, e);
		}
		if (keep > 0.02f) {
			/* Over and under, with yarn of uneven thickness. */
			p = noise2(u * 9, v * count * 0.75f, s + 7);
			q = noise2(u * count * 0.75f, v * 9, s + 8);
			weave = sinf(6.2832f * count * u + 1.5f * q) *
			    sinf(6.2832f * count * v + 1.5f * p);
			weave = 0.10f * weave + 0.17f * p + 0.17f * q;
			weave *= keep;
		}
		h = 1 + weave + clampf(1.6f * (mixf(a.h, b.h, f) - 0.05f),
		    -0.12f, 0.1f);
		out[i].r = sl->base[0] * h;
		out[i].g = sl->base[1] * h;
		out[i].b = sl->base[2] * h;
		out[i].hu = 1.5f * mixf(a.hu, b.hu, f) + 0.25f * weave;
		out[i].hv = 1.5f * mixf(a.hv, b.hv, f);
	}
}

static float
dune(float u, float v, uint32_t s)
{
	float	 w = noise2(u * 1.2f, v * 1.5f, s);
	float	 p = v * 9.5f + u * 2.2f + 1.7f * w +
		    0.5f * noise2(u * 4, v * 4, s + 1);
	float	 f = p - floorf(p);

	/* Gentle to windward, steep to leeward. */
	f = f < 0.68f ? f / 0.68f : (1 - f) / 0.32f;
	f = f * f * (3 - 2 * f);
	return f * 0.022f * (0.55f + 0.45f * smooth(-0.5f, 0.4f,
	    noise2(u * 0.8f, v * 0.8f, s + 2))) + 0.035f * w;
}

void
stuff_sand(const struct stuff_look *sl, const struct stuff_run *run,
    struct texel *out)
{
	uint32_t	 s = sl->seed;
	float		 e = 0.006f + 0.7f * run->blur, h, k, u;
	float		 keep = stuff_keep(0.005f, run->blur);
	float		 v = run->v + 5, hu = 0, hv = 0, g;
	int		 i;

	for (i = 0; i < run->n; i++) {
		u = run->u0 + run->du * (float)i + 5;
		if ((i & 1) == 0) {
			h = dune(u, v, s);
			hu = (dune(u + e, v, s) - h) / e;
			hv = (dune(u, v + e, s) - h) / e;
		}
		g = 0;
		if (!sl->quick)
			g = noise2(u * 300, v * 300, s + 5) +
			    0.7f * noise2(u * 130, v * 130, s + 6);
		k = 1 + keep * 0.22f * g +
		    0.05f * noise2(u * 2, v * 2, s + 7);
		out[i].r = sl->base[0] * k;
		out[i].g = sl->base[1] * k;
		out[i].b = sl->base[2] * k;
		out[i].hu = hu + 0.30f * keep * g;
		out[i].hv = hv;
	}
}

static float
swell(float u, float v, uint32_t s)
{
	return 0.020f * noise2(u * 2.4f, v * 3.4f, s) +
	    0.011f * noise2(u * 5.5f + 2, v * 8.5f, s + 1) +
	    0.004f * noise2(u * 13, v * 19, s + 2);
}

void
stuff_water(const struct stuff_look *sl, const struct stuff_run *run,
    struct texel *out)
{
	uint32_t	 s = sl->seed;
	float		 e = 0.004f + 0.5f * run->blur;
	float		 u, v = run->v + 6, h, c, x, y, k = 0, hu = 0, hv = 0;
	int		 i;

	for (i = 0; i < run->n; i++) {
		u = run->u0 + run->du * (float)i + 6;
		if ((i & 1) == 0) {
			h = swell(u, v, s);
			hu = (swell(u + e, v, s) - h) / e;
			hv = (swell(u, v + e, s) - h) / e;
			/* Caustics: bright lines where warped noise folds. */
			x = u * 4.6f + 26 * hu * 0.05f;
			y = v * 5.2f + 26 * hv * 0.05f;
			c = 1 - fabsf(noise2(x + 0.8f * noise2(y, x, s + 4),
			    y, s + 5)) * 2.1f;
			c = maxf(0, c);
			k = c * c * c * c * c;
			k *= stuff_keep(0.05f, run->blur);
		}
		out[i].r = sl->base[0] * (1 + 1.1f * k);
		out[i].g = sl->base[1] * (1 + 1.3f * k);
		out[i].b = sl->base[2] * (1 + 1.3f * k);
		out[i].hu = hu * 0.8f;
		out[i].hv = hv * 0.8f;
	}
}

void
stuff_paper(const struct stuff_look *sl, const struct stuff_run *run,
    struct texel *out)
{
	float	 keep = sl->quick ? 0 : stuff_keep(0.006f, run->blur), u, k;
	int	 i;

	for (i = 0; i < run->n; i++) {
		u = run->u0 + run->du * (float)i + 3;
		k = 1;
		if (keep > 0.02f)
			k += 0.014f * keep * noise2(u * 260, run->v * 260,
			    sl->seed);
		out[i].r = sl->base[0] * k;
		out[i].g = sl->base[1] * k;
		out[i].b = sl->base[2] * k;
		out[i].hu = out[i].hv = 0;
	}
}
