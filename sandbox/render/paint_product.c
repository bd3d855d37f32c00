/*
 * paint_product - the product in the light of the set
 *
 * The product brings its own photograph's light; it is only nudged into
 * ours: brighter towards the lamp, a tint, table light from below, a rim
 * when lit from behind. The normal is guessed from the blurred outline.
 */
#include "config.h"

#include <math.h>

#include "render/noise.h"
#include "render/paint.h"

/* The guess is smooth: it is made every STEP pixels. */
#define STEP	4

struct relight {
	float	 m;		/* factor on the product's own colours */
	float	 rim;		/* light added at the outline */
};

static struct relight
guess(const struct shot *sh, int x, float wy, float low)
{
	const struct layer	*ly = &sh->product;
	const struct stage	*st = &sh->stage;
	struct relight		 r;
	float			 s[4], t[4], nx, ny, up, edge, wx, wide;
	float			 lean = 0.10f + 0.34f * (1 - sh->soft);

	wide = 0.5f * (float)ly->pic.w / (float)st->h;
	wx = ((float)x + 0.5f - 0.5f * (float)st->w) / (float)st->h;
	layer_sample(ly, wx - 0.30f * wide, wy, 0.5f * wide, s);
	layer_sample(ly, wx + 0.30f * wide, wy, 0.5f * wide, t);
	nx = clampf(1.6f * (s[3] - t[3]), -1, 1);
	layer_sample(ly, wx, wy + 0.04f, 0.03f, s);
	layer_sample(ly, wx, wy, 0.028f, t);
	ny = clampf(t[3] - s[3], 0, 1);
	up = nx * st->to_lamp.x + 0.6f * ny * st->to_lamp.y;
	r.m = 1 + lean * up - 0.16f * low * (1 - 0.5f * sh->soft);
	edge = 1 - smooth(0.52f, 0.97f, t[3]);
	r.rim = st->back ? 0.55f * edge :
	    0.10f * edge * maxf(0, up) * (1.4f - sh->soft);
	return r;
}

static void
relight(const struct shot *sh, const struct relight *r, const uint8_t *p,
    const float tint[3], float low, float *rgb)
{
	float	 a = (float)p[3] / 255, c, own;
	int	 k;

	for (k = 0; k < 3; k++) {
		own = layer_linear[p[k]];
		c = own * r->m * tint[k] +
		    r->rim * sh->stage.key[k] * (0.25f + own) +
		    0.06f * low * sh->table.base[k] * tint[k];
		rgb[k] = mixf(rgb[k], c, a);
	}
}

void
paint_product(const struct shot *sh, int row, float *rgb)
{
	const struct layer	*ly = &sh->product;
	const struct stage	*st = &sh->stage;
	struct relight		 a = { 1, 0 }, b = { 1, 0 }, r;
	int			 y = row - ly->top, x, i, k, at = -1;
	float			 e, tint[3], wy, low, base, f;
	const uint8_t		*p;

	if (y < 0 || y >= ly->pic.h)
		return;
	e = exp2f(0.62f * sh->expose) * (st->back ? 0.80f : 1);
	base = (st->key[0] + st->key[1] + st->key[2]) / 3 + 1e-4f;
	for (k = 0; k < 3; k++)
		tint[k] = e * mixf(1, st->key[k] / base, 0.45f);
	wy = ly->floor + ((float)(ly->pic.h - y) - 0.5f) / (float)st->h;
	low = 1 - smooth(0, 0.10f, wy - ly->floor);
	for (i = 0; i < ly->pic.w; i++) {
		p = ly->pic.px + ((size_t)y * ly->pic.w + i) * 4;
		x = ly->left + i;
		if (p[3] == 0 || x < 0 || x >= st->w)
			continue;
		if (i / STEP != at) {
			a = at >= 0 && i / STEP == at + 1 ? b :
			    guess(sh, x - i % STEP, wy, low);
			b = guess(sh, x - i % STEP + STEP, wy, low);
			at = i / STEP;
		}
		f = (float)(i % STEP) / STEP;
		r.m = mixf(a.m, b.m, f);
		r.rim = mixf(a.rim, b.rim, f);
		relight(sh, &r, p, tint, low, rgb + 3 * x);
	}
}
