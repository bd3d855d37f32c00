/*
 * solid - distance, shadow and ambient light of simple bodies
 */
#include "config.h"

#include "render/solid.h"

static float
len2(float x, float y)
{
	return sqrtf(x * x + y * y);
}

/* A box in the half plane: half sizes a, b, corners rounded by e. */
static float
round2(float x, float y, float a, float b, float e)
{
	float	 dx = x - a + e, dy = y - b + e;

	return minf(maxf(dx, dy), 0) + len2(maxf(dx, 0), maxf(dy, 0)) - e;
}

static float
box3(const struct solid *s, vec p)
{
	vec	 d = { fabsf(s->cos * p[X] - s->sin * p[Z]), fabsf(p[Y]),
		    fabsf(s->sin * p[X] + s->cos * p[Z]) };
	float	 in;

	d -= (vec){ s->r, s->h, s->d } - s->edge;
	in = minf(maxf(d[X], maxf(d[Y], d[Z])), 0);
	d = (vec){ maxf(d[X], 0), maxf(d[Y], 0), maxf(d[Z], 0) };
	return in + sqrtf(dot(d, d)) - s->edge;
}

float
solid_distance(const struct solid *s, vec p)
{
	float	 x, y, z, q;

	p -= s->at;
	x = p[X];
	y = p[Y];
	z = p[Z];
	switch (s->kind) {
	case SOLID_SPHERE:
		return sqrtf(dot(p, p)) - s->r;
	case SOLID_CYLINDER:
		return round2(len2(x, z), fabsf(y), s->r, s->h, s->edge);
	case SOLID_DISC:
		return round2(len2(x, y), fabsf(z), s->r, s->h, s->edge);
	case SOLID_BOX:
		return box3(s, p);
	case SOLID_SHELL:
		/* A cylinder with a narrower one taken out from above. */
		q = len2(x, z);
		return maxf(round2(q, fabsf(y), s->r, s->h, s->edge),
		    -round2(q, fabsf(y - s->edge * 2), s->r - s->edge,
			s->h, s->edge * 0.5f));
	case SOLID_RING:
		return len2(len2(x, y) - s->r, z) - s->edge;
	case SOLID_FLAME:
		q = y / s->h;
		return (len2(len2(x, z), q * s->r) - s->r *
		    (0.9f - 0.35f * q)) * 0.6f;
	}
	return 1e9f;
}

float
solids_nearest(const struct still_life *sl, unsigned int some, vec p,
    int *which)
{
	float	 d, r, best = 4;
	vec	 q;
	int	 i;

	for (i = 0; some >> i != 0; i++) {
		/* The squared distance to the middle rules most out. */
		q = p - sl->s[i].at;
		r = best + sl->s[i].reach;
		if ((some >> i & 1) != 0 && dot(q, q) <= r * r &&
		    (d = solid_distance(&sl->s[i], p)) < best) {
			best = d;
			*which = i;
		}
	}
	return best;
}

unsigned int
solids_ahead(const struct still_life *sl, vec p, vec d, float widen,
    float *from, float *upto)
{
	unsigned int	 some = 0;
	float		 t, r;
	vec		 q;
	int		 i;

	for (i = 0; i < sl->n; i++) {
		q = sl->s[i].at - p;
		t = maxf(0, dot(q, d));
		r = sl->s[i].reach + 0.004f + widen * (t + sl->s[i].reach);
		q -= t * d;
		if (dot(q, q) > r * r)
			continue;
		some |= 1u << i;
		if (from != NULL) {
			*from = minf(*from, t - r);
			*upto = maxf(*upto, t + r);
		}
	}
	return some;
}

float
solids_shadow(const struct still_life *sl, const struct stage *st, vec p)
{
	vec		 l = unit(st->lamp - p);
	float		 t = 9, end = 0, d, vis = 1;
	float		 w = st->size * 0.9f + 0.02f;
	unsigned int	 some;
	int		 i, id;

	if ((some = solids_ahead(sl, p, l, w, &t, &end)) == 0)
		return 1;
	t = maxf(t, 0.012f);
	for (i = 0; i < 28 && t < end; i++) {
		d = solids_nearest(sl, some, p + t * l, &id);
		/* -1 .. 1: how far the lamp's cone is from being covered. */
		vis = minf(vis, d / (w * t));
		if (vis < -1)
			break;
		t += clampf(fabsf(d), 0.016f, 0.2f);
	}
	vis = maxf(vis, -1);
	return 0.25f * (1 + vis) * (1 + vis) * (2 - vis);
}

float
solids_open(const struct still_life *sl, vec p, vec n)
{
	float	 occ = 0, k = 1, h;
	int	 i, id;

	for (i = 1; i <= 4; i++) {
		h = 0.012f + 0.045f * (float)(i * i) / 4;
		occ += k / h * maxf(0, h - solids_nearest(sl,
		    (1u << sl->n) - 1, p + h * n, &id));
		k *= 0.62f;
	}
	return clampf(1 - 0.42f * occ, 0.12f, 1);
}
