/*
 * stage - the set: camera, table, backdrop and key light
 */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "render/gobo.h"
#include "render/noise.h"
#include "render/stage.h"

static struct vec
unit(struct vec v)
{
	float	 k = 1 / sqrtf(v.x * v.x + v.y * v.y + v.z * v.z);

	v.x *= k;
	v.y *= k;
	v.z *= k;
	return v;
}

static float
dot(struct vec a, struct vec b)
{
	return a.x * b.x + a.y * b.y + a.z * b.z;
}

static void
place_lamp(struct stage *st, const struct brief *b)
{
	float	 turn, rise, side, r = 3.2f;

	side = b->side != 0 ? (float)b->side :
	    noise_white(1, 2, b->seed) < 0.62f ? -1 : 1;
	/* Angle from straight ahead of the product, towards the side. */
	turn = 0.84f + 0.30f * noise_white(3, 4, b->seed);
	rise = 0.70f + 0.14f * noise_white(5, 6, b->seed);
	if (b->low) {
		rise = 0.42f;
		turn += 0.12f;
	}
	if (b->soft > 0.8f)
		rise += 0.16f;
	st->back = b->back;
	if (b->back) {
		turn = 2.45f;
		rise = 0.62f;
	}
	st->to_lamp.x = side * sinf(turn) * cosf(rise);
	st->to_lamp.y = sinf(rise);
	st->to_lamp.z = -cosf(turn) * cosf(rise);
	st->lamp.x = st->to_lamp.x * r;
	st->lamp.y = st->to_lamp.y * r + 0.3f;
	st->lamp.z = st->to_lamp.z * r;
	/* From a bare bulb to a window as large as it is far away. */
	st->size = 0.025f + 0.30f * b->soft * b->soft + 0.04f * b->soft;
}

static void
colour_light(struct stage *st, const struct brief *b)
{
	static const float	 warm[3] = { 1.20f, 0.96f, 0.64f };
	static const float	 cool[3] = { 0.88f, 1.0f, 1.20f };
	const float		*tint = b->warm >= 0 ? warm : cool;
	float			 k = fabsf(b->warm), amb, key, e;
	int			 i;

	e = exp2f(b->expose);
	/* Key and fill add up to about one on the table, whatever their mix. */
	amb = clampf(0.27f + 0.26f * (b->soft - 0.55f) -
	    0.26f * (b->contrast - 1), 0.07f, 0.62f);
	key = (1.22f - amb) / maxf(0.45f, st->to_lamp.y);
	for (i = 0; i < 3; i++) {
		st->key[i] = e * key * mixf(1, tint[i], k);
		/* Shadows lean to the sky's colour when the sun is warm. */
		st->fill[i] = e * amb * mixf(1, i == 2 ? 1.10f :
		    i == 0 ? 0.95f : 1, clampf(b->warm, 0, 1)) *
		    mixf(1, tint[i], 0.3f * k);
	}
}

int
stage_init(struct stage *st, const struct brief *b, int w, int h)
{
	struct vec	 l;

	memset(st, 0, sizeof *st);
	st->w = w;
	st->h = h;
	st->eye = 0.80f;
	st->dist = 3.1f;
	st->base = h > w ? 0.785f : 0.80f;
	if (h > w * 3 / 2)
		st->base = 0.74f;
	st->wall = 1.05f + 0.3f * noise_white(7, 8, b->seed);
	st->sweep = 0;
	if (b->stuff == STUFF_PAPER)
		st->sweep = 0.9f;
	else if (b->stuff == STUFF_LINEN || b->stuff == STUFF_VELVET ||
	    b->stuff == STUFF_SILK)
		st->sweep = 0.45f;
	place_lamp(st, b);
	colour_light(st, b);
	st->spot = clampf(0.30f + 0.55f * (b->contrast - 1) -
	    0.35f * b->expose, 0, 1);
	if (b->soft > 0.8f)
		st->spot *= 0.5f;
	/* Dark pictures need it most, or a dark product drowns. */
	st->glow = (b->back ? 0.55f : 0.26f + 0.34f *
	    clampf(b->contrast - 1, 0, 1)) * exp2f(b->expose);
	st->glow_r = 0.75f;
	st->glow_y = 0.42f;
	/* Behind the shadow side, so that its outline stands out. */
	st->glow_x = b->back ? 0 : -0.35f * (st->to_lamp.x < 0 ? -1 : 1);

	l = st->to_lamp;
	st->gobo_u = (struct vec){ l.z, 0, -l.x };
	st->gobo_u = unit(st->gobo_u);
	st->gobo_v = (struct vec){ -l.x * l.y, 1 - l.y * l.y, -l.z * l.y };
	st->gobo_v = unit(st->gobo_v);
	/* Aimed between the product and the wall behind it. */
	l = (struct vec){ 0, 0.34f, 0.55f * st->wall };
	st->gobo_x = dot(l, st->gobo_u);
	st->gobo_y = dot(l, st->gobo_v);
	st->gobo_kind = b->gobo;
	if (b->gobo == GOBO_NONE || b->back)
		return 0;
	st->gobo_k = clampf(0.92f - 0.5f * maxf(0, b->soft - 0.55f), 0.3f,
	    0.95f) * clampf(0.3f + b->shadow, 0.2f, 1);
	return gobo_make(b, &st->gobo);
}

void
stage_free(struct stage *st)
{
	free(st->gobo);
	st->gobo = NULL;
}

/* Where the ray through height v of the plane z = 0 meets the profile. */
static void
meet(const struct stage *st, float v, struct hit *hit)
{
	float	 slope = (v - st->eye) / st->dist;	/* y per z */
	float	 bend = st->wall - st->sweep, r = st->sweep;
	float	 a, bq, c, disc, z, y, ang;

	z = slope < -1e-4f ? -st->eye / slope - st->dist : 1e6f;
	if (z <= bend) {
		hit->y = 0;
		hit->z = z;
		hit->ny = 1;
		hit->nz = 0;
		hit->s = z;
		return;
	}
	y = st->eye + slope * (st->wall + st->dist);
	if (r <= 0 || y >= r) {
		hit->y = y;
		hit->z = st->wall;
		hit->ny = 0;
		hit->nz = -1;
		hit->s = bend + r * 1.5708f + y - r;
		return;
	}
	/* |(z - bend, y - r)| = r along y = eye + slope (z + dist). */
	a = 1 + slope * slope;
	c = st->eye + slope * (st->dist + bend) - r;
	bq = slope * c;
	disc = sqrtf(maxf(0, bq * bq - a * (c * c - r * r)));
	z = (-bq + disc) / a;
	hit->z = bend + z;
	hit->y = r + c + slope * z;
	hit->nz = -z / r;
	hit->ny = (r - hit->y) / r;
	ang = atan2f(z, r - hit->y);
	hit->s = bend + r * ang;
}

void
stage_row(const struct stage *st, float row, struct hit *hit)
{
	struct hit	 next;
	float		 v, t, px, aim;

	v = st->base - (row + 0.5f) / (float)st->h;
	meet(st, v - 1.0f / (float)st->h, &next);
	meet(st, v, hit);
	t = (hit->z + st->dist) / st->dist;
	px = t / (float)st->h;
	hit->dx = px;
	hit->x0 = (0.5f - 0.5f * (float)st->w) * px;
	hit->ds = fabsf(hit->s - next.s);
	/* A lens focused on the product, opened as for a still life. */
	aim = 0.016f * fabsf(hit->z) / st->dist * 3.1f;
	hit->blur = maxf(px, 0.45f * hit->ds) + aim;
	hit->ground = hit->ny > 0.75f;
}

void
stage_project(const struct stage *st, struct vec p, float *px, float *py)
{
	float	 t = st->dist / (p.z + st->dist);
	float	 v = st->eye + (p.y - st->eye) * t;

	*px = 0.5f * (float)st->w + p.x * t * (float)st->h - 0.5f;
	*py = (st->base - v) * (float)st->h - 0.5f;
}

float
stage_gobo(const struct stage *st, struct vec p)
{
	float	 u, v, a, b;
	int	 i, j;

	if (st->gobo == NULL)
		return 1;
	u = ((dot(p, st->gobo_u) - st->gobo_x) / GOBO_SPAN + 0.5f) *
	    (GOBO_SIDE - 1);
	v = ((dot(p, st->gobo_v) - st->gobo_y) / GOBO_SPAN + 0.5f) *
	    (GOBO_SIDE - 1);
	u = clampf(u, 0, GOBO_SIDE - 1.01f);
	v = clampf(v, 0, GOBO_SIDE - 1.01f);
	i = (int)u;
	j = (int)v;
	u -= (float)i;
	v -= (float)j;
	{
		const float	*g = st->gobo + j * GOBO_SIDE + i;

		a = mixf(g[0], g[1], u);
		b = mixf(g[GOBO_SIDE], g[GOBO_SIDE + 1], u);
	}
	return 1 - st->gobo_k * (1 - mixf(a, b, v));
}

float
stage_key(const struct stage *st, struct vec p, struct vec n)
{
	struct vec	 l = { st->lamp.x - p.x, st->lamp.y - p.y,
			    st->lamp.z - p.z };
	float		 d2 = dot(l, l), c, e, off;

	c = dot(l, n) / sqrtf(d2);
	/* A large source still reaches a little beyond the terminator. */
	c = (c + 0.35f * st->size) / (1 + 0.35f * st->size);
	if (c <= 0)
		return 0;
	e = c * 10.24f / d2;
	if (st->spot > 0) {
		off = (p.x * p.x + (p.y - 0.25f) * (p.y - 0.25f) * 0.8f +
		    p.z * p.z * 0.35f);
		e *= mixf(1, 1 / (1 + 2.6f * off * off + 1.1f * off),
		    st->spot);
	}
	return e;
}

float
stage_glow(const struct stage *st, float x, float y, float z)
{
	float	 dx = x - st->glow_x, dy = y - st->glow_y;
	float	 k = clampf(z / st->wall, 0, 1);

	return st->glow * k * k /
	    (1 + (dx * dx + dy * dy) / (st->glow_r * st->glow_r) * 1.6f);
}
