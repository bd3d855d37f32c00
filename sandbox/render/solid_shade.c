/*
 * solid_shade - what a body looks like at one point
 */
#include "config.h"

#include <string.h>

#include "render/noise.h"
#include "render/solid_trace.h"

/* Slope of the distance, by a tetrahedron of samples. */
static struct vec
normal(const struct solid *s, struct vec p)
{
	static const struct vec	 e[4] = {
		{ 1, -1, -1 }, { -1, -1, 1 }, { -1, 1, -1 }, { 1, 1, 1 }
	};
	struct vec		 n = { 0, 0, 0 };
	int			 i;

	for (i = 0; i < 4; i++)
		n = along(n, e[i], solid_far(s, along(p, e[i], 0.0012f)));
	return norm3(n);
}

/* A printed line at a place, of some half width, softened by a pixel. */
static float
stroke(float v, float at, float half, float e)
{
	return clampf((half - fabsf(v - at)) / e + 0.5f, 0, 1) *
	    minf(1, 2 * half / e);
}

static void
albedo(const struct solid *s, struct vec p, struct vec n, float facing,
    const struct stage *sg, float c[3])
{
	static const float	 paper[3] = { 0.80f, 0.765f, 0.69f };
	float			 x = (p.x - s->at.x) / s->r;
	float			 y = (p.y - s->at.y) / s->h;
	float			 k, ax, ay, e, on;
	int			 i;

	memcpy(c, s->rgb, 3 * sizeof *c);
	if (s->glass > 0) {
		/* Thick at the rim, and light gathers on the far side. */
		k = mixf(0.22f, 1.15f, powf(facing, 1.3f));
		k += 1.1f * smooth(0.1f, 0.85f, -n.x * (sg->to_lamp.x < 0 ?
		    -1.0f : 1.0f)) * facing;
		k *= 1 + 0.35f * smooth(-0.2f, -0.95f, y);
		/* Up to the brightest it can be, without changing its hue. */
		k = minf(mixf(1, k, s->glass), 0.88f /
		    maxf(c[0], maxf(c[1], c[2])));
		for (i = 0; i < 3; i++)
			c[i] = c[i] * k + (y > 0.72f ? 0.05f : 0);
	}
	if (!s->label || n.z > -0.2f)
		return;
	if (s->kind == SOLID_BOX)
		x += 0.35f * (float)(s->turn > 0);
	ax = fabsf(x);
	ay = fabsf(y + 0.06f);
	e = 1.2f / ((float)sg->h * s->r);
	on = clampf((0.66f - ax) / e, 0, 1) * clampf((0.50f - ay) / e, 0, 1);
	if (on <= 0)
		return;
	/* A paper label: a thin frame and three lines of print. */
	k = stroke(ax, 0.58f, 0.010f, e) * (ay < 0.45f) +
	    stroke(ay, 0.445f, 0.010f, e) * (ax < 0.59f);
	k += 0.9f * stroke(y, 0.08f, 0.05f, e) * (ax < 0.34f) *
	    stroke(fmodf(ax + 0.2f, 0.2f), 0.1f, 0.065f, e);
	k += 0.5f * (stroke(y, -0.16f, 0.014f, e) +
	    stroke(y, -0.25f, 0.014f, e)) * (ax < 0.26f);
	for (i = 0; i < 3; i++)
		c[i] = mixf(c[i], mixf(paper[i], 0.06f, clampf(k, 0, 1)), on);
}

/* What a polished surface mirrors: two soft boxes, the wall, the table. */
static void
studio(const struct look_from *lf, struct vec r, float sharp, float c[3])
{
	const struct stage	*st = lf->stage;
	struct vec		 l = st->to_lamp;
	float			 turn, box, dim, wide;
	int			 i;

	turn = r.x * l.z - r.z * l.x;
	turn /= sqrtf((r.x * r.x + r.z * r.z) * (l.x * l.x + l.z * l.z)) +
	    1e-4f;
	wide = 0.10f + 0.5f * st->size;
	box = r.x * l.x + r.z * l.z > 0 ? 1 - smooth(wide, wide + 0.05f +
	    0.4f * (1 - sharp), fabsf(turn)) : 0;
	box *= smooth(-0.35f, -0.15f, r.y) * (1 - smooth(0.72f, 0.95f, r.y));
	/* A white card on the other side. */
	dim = r.x * l.x < 0 ? smooth(0.72f, 0.95f, fabsf(r.x)) : 0;
	for (i = 0; i < 3; i++) {
		c[i] = r.y < 0 ? mixf(lf->wall[i], lf->ground[i],
		    smooth(0, 0.4f, -r.y)) : lf->wall[i];
		c[i] = c[i] * 0.55f * (st->fill[i] + 0.35f * st->key[i]) +
		    2.6f * box * st->key[i] + 0.45f * dim * st->fill[i];
	}
}

void
solid_shade(const struct look_from *lf, struct vec p, struct vec dir, int which,
    struct kept *kept, float out[3])
{
	const struct stage	*st = lf->stage;
	const struct solid	*s = &lf->still->s[which];
	struct vec		 n, r;
	float			 c[3], env[3], f, key, open, facing, up;
	int			 i;

	if (s->kind == SOLID_FLAME) {
		f = smooth(-1, 0.8f, (p.y - s->at.y) / s->h);
		out[0] = 1;
		out[1] = 0.80f - 0.25f * f;
		out[2] = 0.42f - 0.25f * f;
		return;
	}
	n = normal(s, p);
	facing = clampf(-dot3(n, dir), 0, 1);
	albedo(s, p, n, facing, st, c);
	if (kept->id != which) {
		kept->id = which;
		kept->vis = still_shadow(lf->still, st, along(p, n, 0.006f));
		kept->open = still_open(lf->still, p, n);
		if (lf->on != NULL) {
			kept->vis *= 1 - layer_shadow(lf->on, st, p);
			kept->open *= layer_contact(lf->on, p);
		}
	}
	key = stage_key(st, p, n) * kept->vis * stage_gobo(st, p);
	open = kept->open * (0.55f + 0.45f * clampf(p.y / 0.05f, 0, 1));
	up = 0.5f + 0.5f * n.y;
	f = s->gloss * (0.045f + 0.955f * powf(1 - facing, 5));
	if (s->glass > 0)
		f = minf(1, f * 1.5f);
	r = along(dir, n, 2 * facing);
	/* Near its foot it mirrors only its own dark. */
	f *= smooth(0.25f, 0.75f, open);
	if (s->gloss > 0.02f)
		studio(lf, norm3(r), s->gloss, env);
	for (i = 0; i < 3; i++) {
		out[i] = c[i] * (key * st->key[i] + open * st->fill[i] *
		    mixf(0.5f * lf->ground[i] + 0.2f, 1, up) +
		    0.16f * open * (1 - up) * lf->ground[i] * st->key[i]);
		if (s->metal)
			out[i] = 0.30f * out[i] + 1.25f * env[i] * open *
			    mixf(c[i], 1, f);
		else if (s->gloss > 0.02f)
			out[i] = mixf(out[i], env[i] * open, f);
	}
}
