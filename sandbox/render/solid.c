/*
 * solid - simple bodies: distance, shadow and ambient light
 */
#include "config.h"

#include <math.h>

#include "render/noise.h"
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
	float	 ox = maxf(dx, 0), oy = maxf(dy, 0);

	return minf(maxf(dx, dy), 0) + len2(ox, oy) - e;
}

static float
box3(const struct solid *s, float x, float y, float z)
{
	float	 t, dx, dy, dz, ox, oy, oz;

	t = s->cos * x - s->sin * z;
	z = s->sin * x + s->cos * z;
	dx = fabsf(t) - s->r + s->edge;
	dy = fabsf(y) - s->h + s->edge;
	dz = fabsf(z) - s->d + s->edge;
	ox = maxf(dx, 0);
	oy = maxf(dy, 0);
	oz = maxf(dz, 0);
	return minf(maxf(dx, maxf(dy, dz)), 0) +
	    sqrtf(ox * ox + oy * oy + oz * oz) - s->edge;
}

float
solid_far(const struct solid *s, struct vec p)
{
	float	 x = p.x - s->at.x, y = p.y - s->at.y, z = p.z - s->at.z, q;

	switch (s->kind) {
	case SOLID_SPHERE:
		return sqrtf(x * x + y * y + z * z) - s->r;
	case SOLID_CYLINDER:
		return round2(len2(x, z), fabsf(y), s->r, s->h, s->edge);
	case SOLID_DISC:
		return round2(len2(x, y), fabsf(z), s->r, s->h, s->edge);
	case SOLID_BOX:
		return box3(s, x, y, z);
	case SOLID_SHELL:
		/* A cylinder with a narrower one taken out from above. */
		q = len2(x, z);
		return maxf(round2(q, fabsf(y), s->r, s->h, s->edge),
		    -round2(q, fabsf(y - s->edge * 2), s->r - s->edge,
			s->h, s->edge * 0.5f));
	case SOLID_RING:
		q = len2(x, y) - s->r;
		return len2(q, z) - s->edge;
	case SOLID_FLAME:
		q = y / s->h;
		return (len2(len2(x, z), y * s->r / s->h) - s->r *
		    (0.9f - 0.35f * q)) * 0.6f;
	}
	return 1e9f;
}

/* Squared distance to the middle tells most bodies to be out of question. */
static bool
beyond(const struct solid *s, struct vec p, float best)
{
	float	 x = p.x - s->at.x, y = p.y - s->at.y, z = p.z - s->at.z;
	float	 r = best + s->reach;

	return x * x + y * y + z * z > r * r;
}

float
still_far(const struct still *st, struct vec p)
{
	float	 d, best = 4;
	int	 i;

	for (i = 0; i < st->n; i++)
		if (!beyond(&st->s[i], p, best) &&
		    (d = solid_far(&st->s[i], p)) < best)
			best = d;
	return best;
}

float
still_near(const struct still *st, unsigned int some, struct vec p,
    int *which)
{
	float	 d, best = 4;
	int	 i;

	for (i = 0; some >> i != 0; i++)
		if ((some >> i & 1) != 0 && !beyond(&st->s[i], p, best) &&
		    (d = solid_far(&st->s[i], p)) < best) {
			best = d;
			*which = i;
		}
	return best;
}

unsigned int
still_ahead(const struct still *st, struct vec p, struct vec d, float widen,
    float *from, float *upto)
{
	unsigned int	 some = 0;
	float		 x, y, z, t, r;
	int		 i;

	for (i = 0; i < st->n; i++) {
		const struct solid	*s = &st->s[i];

		x = s->at.x - p.x;
		y = s->at.y - p.y;
		z = s->at.z - p.z;
		t = maxf(0, x * d.x + y * d.y + z * d.z);
		r = s->reach + 0.004f + widen * (t + s->reach);
		x -= t * d.x;
		y -= t * d.y;
		z -= t * d.z;
		if (x * x + y * y + z * z > r * r)
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
still_shadow(const struct still *st, const struct stage *sg, struct vec p)
{
	struct vec	 l = { sg->lamp.x - p.x, sg->lamp.y - p.y,
			    sg->lamp.z - p.z };
	float		 n = 1 / sqrtf(l.x * l.x + l.y * l.y + l.z * l.z);
	float		 t = 9, end = 0, d, vis = 1;
	float		 w = sg->size * 0.9f + 0.02f;
	unsigned int	 some;
	int		 i, id;

	l.x *= n;
	l.y *= n;
	l.z *= n;
	if ((some = still_ahead(st, p, l, w, &t, &end)) == 0)
		return 1;
	t = maxf(t, 0.012f);
	for (i = 0; i < 28 && t < end; i++) {
		struct vec	 q = { p.x + t * l.x, p.y + t * l.y,
				    p.z + t * l.z };

		d = still_near(st, some, q, &id);
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
still_open(const struct still *st, struct vec p, struct vec n)
{
	float	 occ = 0, k = 1, h;
	int	 i;

	if (st->n == 0)
		return 1;
	for (i = 1; i <= 4; i++) {
		struct vec	 q;

		h = 0.012f + 0.045f * (float)(i * i) / 4;
		q.x = p.x + h * n.x;
		q.y = p.y + h * n.y;
		q.z = p.z + h * n.z;
		occ += k * maxf(0, h - still_far(st, q)) / h;
		k *= 0.62f;
	}
	return clampf(1 - 0.42f * occ, 0.12f, 1);
}
