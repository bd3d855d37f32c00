/*
 * material - procedural textures: stone, wood, cloth, sand, water, paper
 */
#include "config.h"

#include <string.h>

#include "render/scene.h"
#include "render/noise.h"

/* Where a row is, and the relief there; fine is what a texture asks for. */
struct spot {
	float	 u, v;
	float	 blur;		/* smallest detail worth showing */
	float	 fine;		/* how much of the kind's detail shows */
	float	 h, hu, hv;	/* of the kind's height function */
};

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

static struct texel
marble(const struct material *mt, const struct spot *at)
{
	uint32_t	 s = mt->seed;
	float		 x = (at->u * mt->cos + at->v * mt->sin) * 1.25f;
	float		 y = (at->v * mt->cos - at->u * mt->sin) * 2.1f;
	float		 wx, wy, n, m, k, a;
	int		 oct = mt->coarse ? 2 : 3;
	vec		 c;

	wx = noise_fbm(x * 1.3f, y * 1.3f, oct, s + 1);
	wy = noise_fbm(x * 1.3f + 5.2f, y * 1.3f + 1.3f, oct, s + 9);
	/* Broad clouds under the veins. */
	n = noise2(x * 0.9f + wx, y * 0.9f + wy, s + 20);
	c = mt->base * (1 + 0.07f * n);
	m = noise2(x * 0.8f + 3, y * 0.8f, s + 21);
	a = noise2(x * 0.85f + 1.15f * wx, y * 0.85f + 1.15f * wy, s + 22);
	k = smoothstep(-0.42f, 0.45f, m);
	c = mixv(c, mt->vein, k * (0.78f * vein(a, 0.008f + 0.022f * k, 2,
	    at->blur) + 0.30f * vein(a, 0.10f, 2, at->blur)));
	if (mt->coarse)
		return (struct texel){ c, 0, 0 };
	a = noise2(x * 2.1f + 1.5f * wy + 9, y * 2.1f + 1.5f * wx, s + 23);
	k = smoothstep(-0.15f, 0.5f, n - 0.4f * m);
	c = mixv(c, mt->vein, 0.55f * k * vein(a, 0.016f, 4, at->blur));
	a = noise2(x * 5 + 2.2f * wx, y * 5 + 2.2f * wy, s + 24);
	return (struct texel){ mixv(c, mt->vein, 0.16f * smoothstep(-0.1f,
	    0.6f, m) * vein(a, 0.03f, 9, at->blur)), 0, 0 };
}

static struct texel
wood(const struct material *mt, const struct spot *at)
{
	uint32_t	 s = mt->seed, id;
	float		 wide = mt->along ? 0.24f : 0.34f;
	float		 rings = visible(0.03f, at->blur);
	float		 g, l, ring, fibre, k, f, q, warp;
	int		 board;

	/* g crosses the grain, l runs along it. */
	g = mt->along ? at->u : at->v + 11.2f;
	l = mt->along ? at->v : at->u;
	board = (int)floorf(g / wide);
	id = noise_hash(board, 3, s);
	l += 13 * noise_white(board, 5, s);
	q = g - (float)board * wide;
	warp = noise2(l * 0.55f, g * 1.6f, id);
	/* Growth rings, wide in the heart of the board. */
	f = (q - wide * (0.2f + 0.6f * noise_white(board, 6, s)));
	ring = sqrtf(f * f * 140 + 0.06f + 0.5f * (1 + noise2(l * 0.35f,
	    0.5f, id + 1))) * 6.5f + 1.6f * warp;
	ring = ring - floorf(ring);
	ring = smoothstep(0, 0.72f, ring) * (1 - smoothstep(0.80f, 1, ring));
	fibre = mt->coarse ? 0 : noise2(l * 5, g * 190, s + 3) * 0.6f +
	    noise2(l * 2.2f, g * 70, s + 4) * 0.5f;
	k = (0.86f + 0.30f * noise_white(board, 8, s) + 0.10f * warp) *
	    (1 - rings * 0.36f * ring) * (1 + at->fine * 0.26f * fibre);
	/* Pores: short dark strokes along the grain. */
	if (!mt->coarse)
		k *= 1 - 0.38f * visible(0.004f, at->blur) * smoothstep(0.35f,
		    0.65f, noise2(l * 16, g * 320, s + 5));
	/* The gap between two boards. */
	f = 0.0022f / (0.0022f + at->blur * 0.6f);
	k *= 1 - 0.86f * f * (1 - smoothstep(0, 0.0035f + at->blur, minf(q,
	    wide - q)));
	/* Late wood is redder as well as darker. */
	f = 0.05f * at->fine * fibre;
	return (struct texel){ mt->base * k * (vec){ 1, 1, 1 - 0.18f * ring *
	    rings }, mt->along ? f : 0, mt->along ? 0 : f };
}

static struct texel
concrete(const struct material *mt, const struct spot *at)
{
	uint32_t	 s = mt->seed;
	float		 u = at->u, v = at->v, n, m, k;
	int		 oct = mt->coarse ? 3 : 5;

	n = noise_fbm(u * 1.7f, v * 1.7f, oct, s);
	m = noise_fbm(u * 6 + n, v * 6, oct - 2, s + 11);
	k = mt->coarse ? 1 + 0.12f * n + 0.05f * m : 1 + 0.30f * n + 0.14f * m;
	/* Grain, and air holes of the casting. */
	if (!mt->coarse)
		k *= (1 + 0.07f * at->fine * noise2(u * 150, v * 150,
		    s + 31)) * (1 - 0.42f * at->fine * smoothstep(0.60f,
		    0.70f, noise2(u * 34, v * 34, s + 33)));
	return (struct texel){ mt->base * k, 0.10f * m, 0.10f * n };
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

static struct texel
terrazzo(const struct material *mt, const struct spot *at)
{
	static const vec	 tint[5] = {
		{ 0.40f, 0.20f, 0.13f }, { 0.10f, 0.11f, 0.12f },
		{ 0.62f, 0.42f, 0.22f }, { 0.30f, 0.36f, 0.30f },
		{ 0.86f, 0.84f, 0.80f }
	};
	static const float	 scale[2] = { 14, 34 };
	uint32_t		 s = mt->seed, id = 0;
	float			 u = at->u, v = at->v, d, soft;
	vec			 c;
	int			 l;

	c = mt->base * (1 + 0.05f * noise_fbm(u * 3, v * 3, 2, s));
	for (l = 0; l < 2; l++) {
		soft = 0.02f + at->blur * scale[l];
		d = chip(u * scale[l], v * scale[l], s + (uint32_t)l, 0.30f,
		    &id);
		c = mixv(c, tint[id % 5], 0.9f * smoothstep(-soft, soft, d) *
		    sqrtf(visible(0.6f / scale[l], at->blur)));
	}
	return (struct texel){ c, 0, 0 };
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
	float		 x = u * mt->cos + v * mt->sin, a, b, m;
	float		 y = v * mt->cos - u * mt->sin;

	x += 0.16f * noise2(u * 1.1f, v * 1.1f, s + 1);
	a = noise2(x * 2.3f, y * 0.65f + 3, s + 2);
	b = noise2(x * 4.9f + 1.1f * a, y * 1.1f, s + 3);
	m = smoothstep(-0.45f, 0.45f, noise2(u * 0.9f + 4, v * 0.9f, s + 4));
	a = 1 - sqrtf(a * a + 0.012f);
	return deep * (0.085f * a * (0.35f + 0.65f * m) + 0.022f * b * m);
}

static struct texel
cloth(const struct material *mt, const struct spot *at)
{
	float	 count = mt->kind == STUFF_LINEN ? 125 : 240, weave = 0, p, q;

	if (at->fine > 0.02f && !mt->coarse && mt->kind != STUFF_SILK) {
		/* Over and under, with yarn of uneven thickness. */
		p = noise2(at->u * 9, at->v * count * 0.75f, mt->seed + 7);
		q = noise2(at->u * count * 0.75f, at->v * 9, mt->seed + 8);
		weave = sinf(6.2832f * count * at->u + 1.5f * q) *
		    sinf(6.2832f * count * at->v + 1.5f * p);
		weave = at->fine * (0.10f * weave + 0.17f * p + 0.17f * q);
	}
	return (struct texel){ mt->base * (1 + weave + clampf(1.6f *
	    (at->h - 0.05f), -0.12f, 0.1f)), 1.5f * at->hu + 0.25f * weave,
	    1.5f * at->hv };
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

static struct texel
sand(const struct material *mt, const struct spot *at)
{
	uint32_t	 s = mt->seed;
	float		 u = at->u, v = at->v, g;

	g = mt->coarse ? 0 : at->fine * (noise2(u * 300, v * 300, s + 5) +
	    0.7f * noise2(u * 130, v * 130, s + 6));
	return (struct texel){ mt->base * (1 + 0.22f * g + 0.05f *
	    noise2(u * 2, v * 2, s + 7)), at->hu + 0.30f * g, at->hv };
}

static float
swell(const struct material *mt, float u, float v)
{
	return 0.020f * noise2(u * 2.4f, v * 3.4f, mt->seed) +
	    0.011f * noise2(u * 5.5f + 2, v * 8.5f, mt->seed + 1) +
	    0.004f * noise2(u * 13, v * 19, mt->seed + 2);
}

static struct texel
water(const struct material *mt, const struct spot *at)
{
	float	 x = at->u * 4.6f + 26 * at->hu * 0.05f, c;
	float	 y = at->v * 5.2f + 26 * at->hv * 0.05f;

	/* Caustics: bright lines where warped noise folds. */
	c = 1 - fabsf(noise2(x + 0.8f * noise2(y, x, mt->seed + 4), y,
	    mt->seed + 5)) * 2.1f;
	c = maxf(0, c);
	c = c * c * c * c * c * at->fine;
	return (struct texel){ mt->base * (1 + c * (vec){ 1.1f, 1.3f, 1.3f }),
	    at->hu * 0.8f, at->hv * 0.8f };
}

static struct texel
paper(const struct material *mt, const struct spot *at)
{
	float	 k = mt->coarse || at->fine <= 0.02f ? 1 : 1 + 0.014f *
		    at->fine * noise2(at->u * 260, at->v * 260, mt->seed);

	return (struct texel){ mt->base * k, 0, 0 };
}

/*
 * The kinds: colour; how they reflect; the texture, its place in the noise
 * and the size of its detail; and, for a relief, its height, the pixels from
 * one sample of that to the next, and how far its slopes reach.
 */
static const struct {
	vec		 base;
	float		 gloss, rough, sheen;
	struct texel	(*texture)(const struct material *,
			    const struct spot *);
	float		 u, v, detail;
	float		(*height)(const struct material *, float, float);
	int		 step;
	float		 reach, blur;
} kinds[STUFF__MAX] = {
	[STUFF_PAPER] = { { 0.70f, 0.65f, 0.58f }, 0.02f, 1, 0,
	    paper, 3, 0, 0.006f, NULL, 1, 0, 0 },
	[STUFF_MARBLE] = { { 0.80f, 0.785f, 0.76f }, 0.30f, 0.25f, 0,
	    marble, 7.3f, 0, 1, NULL, 1, 0, 0 },
	[STUFF_WOOD] = { { 0.34f, 0.175f, 0.078f }, 0.07f, 0.7f, 0,
	    wood, 11.07f, 0, 0.006f, NULL, 1, 0, 0 },
	[STUFF_LINEN] = { { 0.66f, 0.60f, 0.51f }, 0, 1, 0.1f,
	    cloth, 8, 8, 0.9f / 125, fold, 8, 0.012f, 1 },
	[STUFF_VELVET] = { { 0.10f, 0.012f, 0.030f }, 0, 1, 0.9f,
	    cloth, 8, 8, 0.9f / 240, fold, 8, 0.012f, 1 },
	[STUFF_SILK] = { { 0.66f, 0.54f, 0.43f }, 0.05f, 1, 0.55f,
	    cloth, 8, 8, 0.9f / 240, fold, 8, 0.012f, 1 },
	[STUFF_CONCRETE] = { { 0.40f, 0.395f, 0.38f }, 0.02f, 1, 0,
	    concrete, 5, 4, 0.012f, NULL, 1, 0, 0 },
	[STUFF_TERRAZZO] = { { 0.72f, 0.69f, 0.64f }, 0.16f, 0.4f, 0,
	    terrazzo, 6, 3, 1, NULL, 1, 0, 0 },
	[STUFF_SAND] = { { 0.62f, 0.46f, 0.29f }, 0, 1, 0,
	    sand, 5, 5, 0.005f, dune, 2, 0.006f, 0.7f },
	[STUFF_WATER] = { { 0.10f, 0.22f, 0.25f }, 0.62f, 0.15f, 0,
	    water, 6, 6, 0.05f, swell, 2, 0.004f, 0.5f },
	[STUFF_GLASS] = { { 0.46f, 0.45f, 0.44f }, 0.48f, 0.10f, 0,
	    paper, 3, 0, 0.006f, NULL, 1, 0, 0 }
};

static vec
relief(const struct material *mt, float u, float v, float blur)
{
	float	 e = kinds[mt->kind].reach + kinds[mt->kind].blur * blur;
	float	 h = kinds[mt->kind].height(mt, u, v);

	return (vec){ h, (kinds[mt->kind].height(mt, u + e, v) - h) / e,
	    (kinds[mt->kind].height(mt, u, v + e) - h) / e };
}

void
material_row(const struct material *mt, float u0, float du, float v,
    float blur, int n, struct texel *out)
{
	struct spot	 at = { .v = v + kinds[mt->kind].v, .blur = blur,
			    .fine = visible(kinds[mt->kind].detail, blur) };
	int		 i, step = kinds[mt->kind].step;
	vec		 a = { 0 }, b = { 0 }, r;

	u0 += kinds[mt->kind].u;
	for (i = 0; i < n; i++) {
		at.u = u0 + du * (float)i;
		if (kinds[mt->kind].height != NULL) {
			if (i % step == 0) {
				a = i > 0 ? b : relief(mt, u0, at.v, blur);
				b = relief(mt, at.u + (float)step * du, at.v,
				    blur);
			}
			r = mixv(a, b, (float)(i % step) / (float)step);
			at.h = r[0];
			at.hu = r[1];
			at.hv = r[2];
		}
		out[i] = kinds[mt->kind].texture(mt, &at);
	}
}

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
	float			 turn;
	int			 i;

	memset(m, 0, sizeof *m);
	m->kind = kind;
	m->seed = b->seed ^ 0x51ed270bu * (uint32_t)(kind + 1);
	m->gloss = kinds[kind].gloss;
	m->rough = kinds[kind].rough;
	m->sheen = kinds[kind].sheen;
	m->along = noise_white(9, 9, b->seed) < 0.4f;
	turn = kind == STUFF_MARBLE ? 0.45f + 0.5f * noise_white(1, 1,
	    m->seed) : 0.5f + 0.5f * noise_white(2, 2, m->seed);
	m->cos = cosf(turn);
	m->sin = sinf(turn);
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
