/*
 * material - procedural textures: stone, wood, cloth, sand, water, paper
 */
#include "config.h"

#include "render/material.h"

#include <string.h>

#include "render/noise.h"

static const struct {
	vec	 base;
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

static vec
toned(enum stuff kind, vec base, float tone)
{
	static const vec	 pale = { 0.62f, 0.46f, 0.29f };
	static const vec	 snow = { 0.82f, 0.82f, 0.86f };
	static const vec	 white = { 0.78f, 0.78f, 0.78f };
	static const vec	 black = { 0.022f, 0.022f, 0.022f };

	if (kind == STUFF_WOOD && tone > 0)
		return mixv(base, pale, tone);
	if (kind == STUFF_SAND && tone > 0.5f)
		return snow;
	if (kind == STUFF_MARBLE && tone < -0.3f)
		return black;
	return tone < 0 ? base * (1 + 0.62f * tone) :
	    mixv(base, white, 0.5f * tone);
}

void
material_init(struct material *m, enum stuff kind, const struct brief *b,
    const vec *tint)
{
	static const vec	 grey = { 0.20f, 0.20f, 0.215f };
	static const vec	 pale = { 0.62f, 0.59f, 0.56f };
	int			 i;

	memset(m, 0, sizeof *m);
	m->kind = kind;
	m->seed = b->seed ^ 0x51ed270bu * (uint32_t)(kind + 1);
	m->gloss = kinds[kind].gloss;
	m->rough = kinds[kind].rough;
	m->sheen = kinds[kind].sheen;
	m->along = noise_white(9, 9, b->seed) < 0.4f;
	m->base = toned(kind, kinds[kind].base, b->tone);
	/* Wood keeps some of its own colour under any stain. */
	if (tint != NULL)
		m->base = clampv(mixv(m->base, *tint, kind == STUFF_WOOD ||
		    kind == STUFF_SAND ? 0.75f : 1), 0.018f, 0.84f);
	m->vein = dot(m->base, (vec){ 0.3f, 0.6f, 0.1f }) < 0.2f ? pale :
	    grey;
	for (i = 0; b->vein_said && i < 3; i++)
		m->vein[i] = powf((float)b->vein[i] / 255, 2.2f);
}

/* How much of a detail of this size survives the blur, 0 .. 1. */
static float
visible(float size, float blur)
{
	float	 q = blur / size;

	return 1 / (1 + 4 * q * q);
}

/* A line where the noise crosses zero, never thinner than the blur. */
static float
vein(float n, float wide, float scale, float blur)
{
	float	 b = blur * scale * 0.8f, w = sqrtf(wide * wide + b * b);
	float	 q = n / w;

	return wide / w / (1 + q * q * q * q + q * q);
}

static void
marble(const struct material *mt, const struct texel_run *run,
    struct texel *out)
{
	uint32_t	 s = mt->seed;
	float		 turn = 0.45f + 0.5f * noise_white(1, 1, s);
	float		 ca = cosf(turn), sa = sinf(turn);
	float		 u, x, y, wx, wy, n, m, k, a;
	int		 i, oct = mt->coarse ? 2 : 3;

	for (i = 0; i < run->n; i++) {
		u = run->u0 + run->du * (float)i + 7.3f;
		x = (u * ca + run->v * sa) * 1.25f;
		y = (run->v * ca - u * sa) * 2.1f;
		wx = noise_fbm(x * 1.3f, y * 1.3f, oct, s + 1);
		wy = noise_fbm(x * 1.3f + 5.2f, y * 1.3f + 1.3f, oct, s + 9);
		/* Broad clouds under the veins. */
		n = noise2(x * 0.9f + wx, y * 0.9f + wy, s + 20);
		out[i] = (struct texel){ mt->base * (1 + 0.07f * n), 0, 0 };
		m = noise2(x * 0.8f + 3, y * 0.8f, s + 21);
		a = noise2(x * 0.85f + 1.15f * wx, y * 0.85f + 1.15f * wy,
		    s + 22);
		k = smoothstep(-0.42f, 0.45f, m);
		out[i].rgb = mixv(out[i].rgb, mt->vein, k * (0.78f *
		    vein(a, 0.008f + 0.022f * k, 2, run->blur) +
		    0.30f * vein(a, 0.10f, 2, run->blur)));
		if (mt->coarse)
			continue;
		a = noise2(x * 2.1f + 1.5f * wy + 9, y * 2.1f + 1.5f * wx,
		    s + 23);
		k = smoothstep(-0.15f, 0.5f, n - 0.4f * m);
		out[i].rgb = mixv(out[i].rgb, mt->vein, 0.55f * k *
		    vein(a, 0.016f, 4, run->blur));
		a = noise2(x * 5 + 2.2f * wx, y * 5 + 2.2f * wy, s + 24);
		out[i].rgb = mixv(out[i].rgb, mt->vein, 0.16f *
		    smoothstep(-0.1f, 0.6f, m) * vein(a, 0.03f, 9, run->blur));
	}
}

static void
wood(const struct material *mt, const struct texel_run *run,
    struct texel *out)
{
	uint32_t	 s = mt->seed, id;
	float		 g, l, a, ring, fibre, k, f, q, warp;
	float		 wide = mt->along ? 0.24f : 0.34f;
	float		 fine = visible(0.006f, run->blur);
	float		 rings = visible(0.03f, run->blur);
	int		 i, board;

	for (i = 0; i < run->n; i++) {
		a = run->u0 + run->du * (float)i + 11.07f;
		/* g crosses the grain, l runs along it. */
		g = mt->along ? a : run->v + 11.2f;
		l = mt->along ? run->v : a;
		board = (int)floorf(g / wide);
		id = noise_hash(board, 3, s);
		l += 13 * noise_white(board, 5, s);
		q = g - (float)board * wide;
		warp = noise2(l * 0.55f, g * 1.6f, id);
		/* Growth rings, wide in the heart of the board. */
		f = (q - wide * (0.2f + 0.6f * noise_white(board, 6, s)));
		ring = sqrtf(f * f * 140 + 0.06f + 0.5f *
		    (1 + noise2(l * 0.35f, 0.5f, id + 1))) * 6.5f +
		    1.6f * warp;
		ring = ring - floorf(ring);
		ring = smoothstep(0, 0.72f, ring) *
		    (1 - smoothstep(0.80f, 1, ring));
		fibre = mt->coarse ? 0 : noise2(l * 5, g * 190, s + 3) *
		    0.6f + noise2(l * 2.2f, g * 70, s + 4) * 0.5f;
		k = (0.86f + 0.30f * noise_white(board, 8, s) +
		    0.10f * warp) * (1 - rings * 0.36f * ring) *
		    (1 + fine * 0.26f * fibre);
		/* Pores: short dark strokes along the grain. */
		if (!mt->coarse)
			k *= 1 - 0.38f * visible(0.004f, run->blur) *
			    smoothstep(0.35f, 0.65f, noise2(l * 16, g * 320,
			    s + 5));
		/* The gap between two boards. */
		f = 0.0022f / (0.0022f + run->blur * 0.6f);
		k *= 1 - 0.86f * f * (1 - smoothstep(0, 0.0035f + run->blur,
		    minf(q, wide - q)));
		/* Late wood is redder as well as darker. */
		out[i].rgb = mt->base * k *
		    (vec){ 1, 1, 1 - 0.18f * ring * rings };
		out[i].hu = mt->along ? 0.05f * fine * fibre : 0;
		out[i].hv = mt->along ? 0 : 0.05f * fine * fibre;
	}
}

static void
concrete(const struct material *mt, const struct texel_run *run,
    struct texel *out)
{
	uint32_t	 s = mt->seed;
	float		 fine = visible(0.012f, run->blur);
	float		 u, v = run->v + 4, n, m, k;
	int		 i, oct = mt->coarse ? 3 : 5;

	for (i = 0; i < run->n; i++) {
		u = run->u0 + run->du * (float)i + 5;
		n = noise_fbm(u * 1.7f, v * 1.7f, oct, s);
		m = noise_fbm(u * 6 + n, v * 6, oct - 2, s + 11);
		k = mt->coarse ? 1 + 0.12f * n + 0.05f * m :
		    1 + 0.30f * n + 0.14f * m;
		/* Grain, and air holes of the casting. */
		if (!mt->coarse)
			k *= (1 + 0.07f * fine * noise2(u * 150, v * 150,
			    s + 31)) * (1 - 0.42f * fine * smoothstep(0.60f,
			    0.70f, noise2(u * 34, v * 34, s + 33)));
		out[i] = (struct texel){ mt->base * k, 0.10f * m, 0.10f * n };
	}
}

/* Chips: the nearest of one random point per cell, cut by its own size. */
static float
chip(float x, float y, uint32_t s, float fill, uint32_t *id)
{
	int	 ix = noise_floor(x), iy = noise_floor(y), i, j;
	float	 d1 = 9, d2 = 9, d, px, py;
	uint32_t h;

	for (j = iy - 1; j <= iy + 1; j++)
		for (i = ix - 1; i <= ix + 1; i++) {
			h = noise_hash(i, j, s);
			px = (float)i + (float)(h & 255) / 255 - x;
			py = (float)j + (float)(h >> 8 & 255) / 255 - y;
			/* Corners instead of circles. */
			d = fabsf(px + 0.3f * py) + fabsf(py - 0.4f * px);
			d /= 0.5f + (float)(h >> 16 & 255) / 255;
			if (d < d1) {
				d2 = d1;
				d1 = d;
				*id = h;
			} else if (d < d2)
				d2 = d;
		}
	return minf(fill - d1, (d2 - d1) * 0.6f - 0.04f);
}

static void
terrazzo(const struct material *mt, const struct texel_run *run,
    struct texel *out)
{
	static const vec	 tint[5] = {
		{ 0.40f, 0.20f, 0.13f }, { 0.10f, 0.11f, 0.12f },
		{ 0.62f, 0.42f, 0.22f }, { 0.30f, 0.36f, 0.30f },
		{ 0.86f, 0.84f, 0.80f }
	};
	static const float	 scale[2] = { 14, 34 };
	uint32_t		 s = mt->seed, id = 0;
	float			 u, v = run->v + 3, d, soft;
	int			 i, l;

	for (i = 0; i < run->n; i++) {
		u = run->u0 + run->du * (float)i + 6;
		out[i] = (struct texel){ mt->base * (1 + 0.05f *
		    noise_fbm(u * 3, v * 3, 2, s)), 0, 0 };
		for (l = 0; l < 2; l++) {
			soft = 0.02f + run->blur * scale[l];
			d = chip(u * scale[l], v * scale[l],
			    s + (uint32_t)l, 0.30f, &id);
			out[i].rgb = mixv(out[i].rgb, tint[id % 5], 0.9f *
			    sqrtf(visible(0.6f / scale[l], run->blur)) *
			    smoothstep(-soft, soft, d));
		}
	}
}

/* The height of a relief, whose slopes are taken by differences. */
typedef float	height_fn(const struct material *, float u, float v);

struct relief {
	float	 h, hu, hv;
};

static struct relief
relief_at(height_fn *fn, const struct material *mt, float u, float v,
    float e)
{
	float	 h = fn(mt, u, v);

	return (struct relief){ h, (fn(mt, u + e, v) - h) / e,
	    (fn(mt, u, v + e) - h) / e };
}

/*
 * Folds: long soft ridges. Two sets of waves, bent by slow noise, and
 * sharpened a little at the crest, as hanging or laid cloth does.
 */
static float
fold(const struct material *mt, float u, float v)
{
	uint32_t	 s = mt->seed;
	float		 deep = mt->kind == STUFF_LINEN ? 1.15f : 1.4f;
	float		 turn = 0.5f + 0.5f * noise_white(2, 2, s);
	float		 x, y, a, b, m;

	x = u * cosf(turn) + v * sinf(turn);
	y = v * cosf(turn) - u * sinf(turn);
	x += 0.16f * noise2(u * 1.1f, v * 1.1f, s + 1);
	a = noise2(x * 2.3f, y * 0.65f + 3, s + 2);
	b = noise2(x * 4.9f + 1.1f * a, y * 1.1f, s + 3);
	m = smoothstep(-0.45f, 0.45f, noise2(u * 0.9f + 4, v * 0.9f, s + 4));
	a = 1 - sqrtf(a * a + 0.012f);
	return deep * (0.085f * a * (0.35f + 0.65f * m) + 0.022f * b * m);
}

static void
cloth(const struct material *mt, const struct texel_run *run,
    struct texel *out)
{
	struct relief	 a, b;
	uint32_t	 s = mt->seed;
	float		 count = mt->kind == STUFF_LINEN ? 125 : 240;
	float		 fine = visible(0.9f / count, run->blur);
	float		 e = 0.012f + run->blur, u, v = run->v + 8, p, q;
	float		 weave = 0, f;
	int		 i;

	if (mt->coarse || mt->kind == STUFF_SILK)
		fine = 0;
	a = b = relief_at(fold, mt, run->u0 + 8, v, e);
	for (i = 0; i < run->n; i++) {
		u = run->u0 + run->du * (float)i + 8;
		/* Folds are wide: every eighth pixel is enough. */
		f = (float)(i & 7) / 8;
		if ((i & 7) == 0) {
			a = b;
			b = relief_at(fold, mt, u + 8 * run->du, v, e);
		}
		if (fine > 0.02f) {
			/* Over and under, with yarn of uneven thickness. */
			p = noise2(u * 9, v * count * 0.75f, s + 7);
			q = noise2(u * count * 0.75f, v * 9, s + 8);
			weave = sinf(6.2832f * count * u + 1.5f * q) *
			    sinf(6.2832f * count * v + 1.5f * p);
			weave = 0.10f * weave + 0.17f * p + 0.17f * q;
			weave *= fine;
		}
		out[i].rgb = mt->base * (1 + weave + clampf(1.6f *
		    (mixf(a.h, b.h, f) - 0.05f), -0.12f, 0.1f));
		out[i].hu = 1.5f * mixf(a.hu, b.hu, f) + 0.25f * weave;
		out[i].hv = 1.5f * mixf(a.hv, b.hv, f);
	}
}

static float
dune(const struct material *mt, float u, float v)
{
	uint32_t	 s = mt->seed;
	float		 w = noise2(u * 1.2f, v * 1.5f, s);
	float		 p = v * 9.5f + u * 2.2f + 1.7f * w +
			    0.5f * noise2(u * 4, v * 4, s + 1);
	float		 f = p - floorf(p);

	/* Gentle to windward, steep to leeward. */
	f = smoothstep(0, 1, f < 0.68f ? f / 0.68f : (1 - f) / 0.32f);
	return f * 0.022f * (0.55f + 0.45f * smoothstep(-0.5f, 0.4f,
	    noise2(u * 0.8f, v * 0.8f, s + 2))) + 0.035f * w;
}

static void
sand(const struct material *mt, const struct texel_run *run,
    struct texel *out)
{
	struct relief	 r = { 0, 0, 0 };
	uint32_t	 s = mt->seed;
	float		 fine = visible(0.005f, run->blur);
	float		 u, v = run->v + 5, g;
	int		 i;

	for (i = 0; i < run->n; i++) {
		u = run->u0 + run->du * (float)i + 5;
		if ((i & 1) == 0)
			r = relief_at(dune, mt, u, v, 0.006f +
			    0.7f * run->blur);
		g = mt->coarse ? 0 : noise2(u * 300, v * 300, s + 5) +
		    0.7f * noise2(u * 130, v * 130, s + 6);
		out[i].rgb = mt->base * (1 + fine * 0.22f * g +
		    0.05f * noise2(u * 2, v * 2, s + 7));
		out[i].hu = r.hu + 0.30f * fine * g;
		out[i].hv = r.hv;
	}
}

static float
swell(const struct material *mt, float u, float v)
{
	return 0.020f * noise2(u * 2.4f, v * 3.4f, mt->seed) +
	    0.011f * noise2(u * 5.5f + 2, v * 8.5f, mt->seed + 1) +
	    0.004f * noise2(u * 13, v * 19, mt->seed + 2);
}

static void
water(const struct material *mt, const struct texel_run *run,
    struct texel *out)
{
	struct relief	 r = { 0, 0, 0 };
	uint32_t	 s = mt->seed;
	float		 u, v = run->v + 6, c, x, y, k = 0;
	int		 i;

	for (i = 0; i < run->n; i++) {
		u = run->u0 + run->du * (float)i + 6;
		if ((i & 1) == 0) {
			r = relief_at(swell, mt, u, v, 0.004f +
			    0.5f * run->blur);
			/* Caustics: bright lines where warped noise folds. */
			x = u * 4.6f + 26 * r.hu * 0.05f;
			y = v * 5.2f + 26 * r.hv * 0.05f;
			c = 1 - fabsf(noise2(x + 0.8f * noise2(y, x, s + 4),
			    y, s + 5)) * 2.1f;
			c = maxf(0, c);
			k = c * c * c * c * c * visible(0.05f, run->blur);
		}
		out[i].rgb = mt->base * (1 + k * (vec){ 1.1f, 1.3f, 1.3f });
		out[i].hu = r.hu * 0.8f;
		out[i].hv = r.hv * 0.8f;
	}
}

static void
paper(const struct material *mt, const struct texel_run *run,
    struct texel *out)
{
	float	 fine = mt->coarse ? 0 : visible(0.006f, run->blur), u, k;
	int	 i;

	for (i = 0; i < run->n; i++) {
		u = run->u0 + run->du * (float)i + 3;
		k = fine <= 0.02f ? 1 : 1 + 0.014f * fine *
		    noise2(u * 260, run->v * 260, mt->seed);
		out[i] = (struct texel){ mt->base * k, 0, 0 };
	}
}

void
material_row(const struct material *mt, const struct texel_run *run,
    struct texel *out)
{
	static void	(*const draw[STUFF__MAX])(const struct material *,
			    const struct texel_run *, struct texel *) = {
		[STUFF_PAPER] = paper, [STUFF_MARBLE] = marble,
		[STUFF_WOOD] = wood, [STUFF_LINEN] = cloth,
		[STUFF_VELVET] = cloth, [STUFF_SILK] = cloth,
		[STUFF_CONCRETE] = concrete, [STUFF_TERRAZZO] = terrazzo,
		[STUFF_SAND] = sand, [STUFF_WATER] = water,
		[STUFF_GLASS] = paper
	};

	draw[mt->kind](mt, run, out);
}
