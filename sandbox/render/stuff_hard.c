/*
 * stuff_hard - marble, wood, concrete, terrazzo
 */
#include "config.h"

#include <math.h>

#include "render/noise.h"
#include "render/stuff.h"

static void
put(struct texel *t, const float *c, float k)
{
	t->r = c[0] * k;
	t->g = c[1] * k;
	t->b = c[2] * k;
	t->hu = t->hv = 0;
}

static void
blend(struct texel *t, const float *c, float k)
{
	t->r = mixf(t->r, c[0], k);
	t->g = mixf(t->g, c[1], k);
	t->b = mixf(t->b, c[2], k);
}

/* A line where the noise crosses zero, never thinner than the blur. */
static float
vein(float n, float wide, float scale, float blur)
{
	float	 b = blur * scale * 0.8f, w = sqrtf(wide * wide + b * b);
	float	 q = n / w;

	return wide / w / (1 + q * q * q * q + q * q);
}

void
stuff_marble(const struct stuff_look *sl, const struct stuff_run *run,
    struct texel *out)
{
	uint32_t	 s = sl->seed;
	float		 turn = 0.45f + 0.5f * noise_white(1, 1, s);
	float		 ca = cosf(turn), sa = sinf(turn);
	float		 u, x, y, wx, wy, n, m, k, a;
	int		 i, oct = sl->quick ? 2 : 3;

	for (i = 0; i < run->n; i++) {
		u = run->u0 + run->du * (float)i + 7.3f;
		x = (u * ca + run->v * sa) * 1.25f;
		y = (run->v * ca - u * sa) * 2.1f;
		wx = noise_fbm(x * 1.3f, y * 1.3f, oct, s + 1);
		wy = noise_fbm(x * 1.3f + 5.2f, y * 1.3f + 1.3f, oct, s + 9);
		/* Broad clouds under the veins. */
		n = noise2(x * 0.9f + wx, y * 0.9f + wy, s + 20);
		put(&out[i], sl->base, 1 + 0.07f * n);
		m = noise2(x * 0.8f + 3, y * 0.8f, s + 21);
		a = noise2(x * 0.85f + 1.15f * wx, y * 0.85f + 1.15f * wy,
		    s + 22);
		k = smooth(-0.42f, 0.45f, m);
		blend(&out[i], sl->vein, k * (0.78f *
		    vein(a, 0.008f + 0.022f * k, 2, run->blur) +
		    0.30f * vein(a, 0.10f, 2, run->blur)));
		if (sl->quick)
			continue;
		a = noise2(x * 2.1f + 1.5f * wy + 9, y * 2.1f + 1.5f * wx,
		    s + 23);
		k = smooth(-0.15f, 0.5f, n - 0.4f * m);
		blend(&out[i], sl->vein, 0.55f * k *
		    vein(a, 0.016f, 4, run->blur));
		a = noise2(x * 5 + 2.2f * wx, y * 5 + 2.2f * wy, s + 24);
		blend(&out[i], sl->vein, 0.16f * smooth(-0.1f, 0.6f, m) *
		    vein(a, 0.03f, 9, run->blur));
	}
}

void
stuff_wood(const struct stuff_look *sl, const struct stuff_run *run,
    struct texel *out)
{
	uint32_t	 s = sl->seed, id;
	float		 g, l, a, ring, fibre, tone, edge, k, f, q, warp;
	float		 wide = sl->along ? 0.24f : 0.34f;
	float		 keep_f = stuff_keep(0.006f, run->blur);
	float		 keep_r = stuff_keep(0.03f, run->blur);
	int		 i, board;

	for (i = 0; i < run->n; i++) {
		a = run->u0 + run->du * (float)i + 11.07f;
		/* g crosses the grain, l runs along it. */
		g = sl->along ? a : run->v + 11.2f;
		l = sl->along ? run->v : a;
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
		ring = smooth(0, 0.72f, ring) * (1 - smooth(0.80f, 1, ring));
		fibre = sl->quick ? 0 : noise2(l * 5, g * 190, s + 3) * 0.6f +
		    noise2(l * 2.2f, g * 70, s + 4) * 0.5f;
		tone = 0.86f + 0.30f * noise_white(board, 8, s) +
		    0.10f * warp;
		k = tone * (1 - keep_r * 0.36f * ring) *
		    (1 + keep_f * 0.26f * fibre);
		/* Pores: short dark strokes along the grain. */
		if (!sl->quick) {
			f = noise2(l * 16, g * 320, s + 5);
			k *= 1 - 0.38f * stuff_keep(0.004f, run->blur) *
			    smooth(0.35f, 0.65f, f);
		}
		put(&out[i], sl->base, k);
		/* Late wood is redder as well as darker. */
		out[i].b *= 1 - 0.18f * ring * keep_r;
		edge = minf(q, wide - q);
		f = 0.0022f;
		f = f / (f + run->blur * 0.6f) *
		    (1 - smooth(0.0f, 0.0035f + run->blur, edge));
		k = 1 - 0.86f * f;
		out[i].r *= k;
		out[i].g *= k;
		out[i].b *= k;
		out[i].hv = sl->along ? 0 : 0.05f * keep_f * fibre;
		out[i].hu = sl->along ? 0.05f * keep_f * fibre : 0;
	}
}

void
stuff_concrete(const struct stuff_look *sl, const struct stuff_run *run,
    struct texel *out)
{
	uint32_t	 s = sl->seed;
	float		 keep = stuff_keep(0.012f, run->blur);
	float		 u, v = run->v + 4, n, m, k, p;
	int		 i, oct = sl->quick ? 3 : 5;

	for (i = 0; i < run->n; i++) {
		u = run->u0 + run->du * (float)i + 5;
		n = noise_fbm(u * 1.7f, v * 1.7f, oct, s);
		m = noise_fbm(u * 6 + n, v * 6, oct - 2, s + 11);
		k = sl->quick ? 1 + 0.12f * n + 0.05f * m :
		    1 + 0.30f * n + 0.14f * m;
		if (!sl->quick) {
			k *= 1 + 0.07f * keep * noise2(u * 150, v * 150,
			    s + 31);
			/* Air holes of the casting. */
			p = noise2(u * 34, v * 34, s + 33);
			k *= 1 - 0.42f * keep * smooth(0.60f, 0.70f, p);
		}
		put(&out[i], sl->base, k);
		out[i].hu = 0.10f * m;
		out[i].hv = 0.10f * n;
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

void
stuff_terrazzo(const struct stuff_look *sl, const struct stuff_run *run,
    struct texel *out)
{
	static const float	 tint[5][3] = {
		{ 0.40f, 0.20f, 0.13f }, { 0.10f, 0.11f, 0.12f },
		{ 0.62f, 0.42f, 0.22f }, { 0.30f, 0.36f, 0.30f },
		{ 0.86f, 0.84f, 0.80f }
	};
	static const float	 scale[2] = { 14, 34 };
	uint32_t		 s = sl->seed, id = 0;
	float			 u, v = run->v + 3, d, soft, keep;
	int			 i, l;

	for (i = 0; i < run->n; i++) {
		u = run->u0 + run->du * (float)i + 6;
		put(&out[i], sl->base,
		    1 + 0.05f * noise_fbm(u * 3, v * 3, 2, s));
		for (l = 0; l < 2; l++) {
			keep = stuff_keep(0.6f / scale[l], run->blur);
			soft = 0.02f + run->blur * scale[l];
			d = chip(u * scale[l], v * scale[l],
			    s + (uint32_t)l, 0.30f, &id);
			blend(&out[i], tint[id % 5], 0.9f * sqrtf(keep) *
			    smooth(-soft, soft, d));
		}
	}
}
