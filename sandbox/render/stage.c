/*
 * stage - camera, table, wall and key light of a still
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "render/noise.h"
#include "render/scene.h"

#define GLOW_RADIUS	0.75f
#define GLOW_HEIGHT	0.42f

static void
place_lamp(struct stage *st, const struct brief *b)
{
	float	 turn, rise, side;

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
	if (b->back) {
		turn = 2.45f;
		rise = 0.62f;
	}
	st->to_lamp = (vec){ side * sinf(turn) * cosf(rise), sinf(rise),
	    -cosf(turn) * cosf(rise) };
	st->lamp = 3.2f * st->to_lamp + (vec){ 0, 0.3f };
	/* From a bare bulb to a window as large as it is far away. */
	st->size = 0.025f + 0.30f * b->soft * b->soft + 0.04f * b->soft;
}

static void
colour_light(struct stage *st, const struct brief *b)
{
	static const vec	 one = { 1, 1, 1 }, sky = { 0.95f, 1, 1.10f };
	static const vec	 warm = { 1.20f, 0.96f, 0.64f };
	static const vec	 cool = { 0.88f, 1.0f, 1.20f };
	vec			 tint = b->warm >= 0 ? warm : cool;
	float			 k = fabsf(b->warm), e = exp2f(b->expose);
	float			 amb, key;

	/* Key and fill add up to about one on the table, whatever their mix. */
	amb = clampf(0.27f + 0.26f * (b->soft - 0.55f) -
	    0.26f * (b->contrast - 1), 0.07f, 0.62f);
	key = (1.22f - amb) / maxf(0.45f, st->to_lamp[Y]);
	st->key = e * key * mixv(one, tint, k);
	/* Shadows lean to the sky's colour when the sun is warm. */
	st->fill = e * amb * mixv(one, sky, clampf(b->warm, 0, 1)) *
	    mixv(one, tint, 0.3f * k);
}

/* Aimed between the product and the wall behind it. */
static void
place_gobo(struct stage *st, const struct brief *b)
{
	vec	 l = st->to_lamp;

	st->gobo_mid = (vec){ 0, 0.34f, 0.55f * st->wall };
	st->gobo_u = unit((vec){ l[Z], 0, -l[X] });
	st->gobo_v = unit((vec){ -l[X] * l[Y], 1 - l[Y] * l[Y],
	    -l[Z] * l[Y] });
	st->gobo_k = clampf(0.92f - 0.5f * maxf(0, b->soft - 0.55f), 0.3f,
	    0.95f) * clampf(0.3f + b->shadow, 0.2f, 1);
}

int
stage_init(struct stage *st, const struct brief *b, int w, int h, char *err,
    size_t errlen)
{
	memset(st, 0, sizeof *st);
	st->w = w;
	st->h = h;
	st->eye = 0.80f;
	st->dist = 3.1f;
	st->base = h > w * 3 / 2 ? 0.74f : h > w ? 0.785f : 0.80f;
	st->wall = 1.05f + 0.3f * noise_white(7, 8, b->seed);
	if (b->stuff == STUFF_PAPER)
		st->sweep = 0.9f;
	else if (b->stuff == STUFF_LINEN || b->stuff == STUFF_VELVET ||
	    b->stuff == STUFF_SILK)
		st->sweep = 0.45f;
	place_lamp(st, b);
	colour_light(st, b);
	st->back = b->back;
	st->spot = clampf(0.30f + 0.55f * (b->contrast - 1) -
	    0.35f * b->expose, 0, 1);
	if (b->soft > 0.8f)
		st->spot *= 0.5f;
	/* Dark pictures need it most, or a dark product drowns. */
	st->glow = (b->back ? 0.55f : 0.26f + 0.34f *
	    clampf(b->contrast - 1, 0, 1)) * exp2f(b->expose);
	/* Behind the shadow side, so that its outline stands out. */
	st->glow_x = b->back ? 0 : st->to_lamp[X] < 0 ? 0.35f : -0.35f;
	if (b->gobo == GOBO_NONE || b->back)
		return 0;
	place_gobo(st, b);
	return gobo_make(b, &st->gobo, err, errlen);
}

void
stage_free(struct stage *st)
{
	free(st->gobo);
	st->gobo = NULL;
}

/* Where the ray through height v of the plane z = 0 meets the profile. */
static void
meet(const struct stage *st, float v, struct row *at)
{
	float	 slope = (v - st->eye) / st->dist;	/* y per z */
	float	 bend = st->wall - st->sweep, r = st->sweep;
	float	 a, b, c, z, y;

	z = slope < -1e-4f ? -st->eye / slope - st->dist : 1e6f;
	if (z <= bend) {
		*at = (struct row){ .y = 0, .z = z, .ny = 1, .s = z };
		return;
	}
	y = st->eye + slope * (st->wall + st->dist);
	if (r <= 0 || y >= r) {
		*at = (struct row){ .y = y, .z = st->wall, .nz = -1,
		    .s = bend + r * 1.5708f + y - r };
		return;
	}
	/* |(z - bend, y - r)| = r along y = eye + slope (z + dist). */
	a = 1 + slope * slope;
	c = st->eye + slope * (st->dist + bend) - r;
	b = slope * c;
	z = (sqrtf(maxf(0, b * b - a * (c * c - r * r))) - b) / a;
	y = r + c + slope * z;
	*at = (struct row){ .y = y, .z = bend + z, .ny = (r - y) / r,
	    .nz = -z / r, .s = bend + r * atan2f(z, r - y) };
}

void
stage_row(const struct stage *st, float row, struct row *at)
{
	struct row	 next;
	float		 v = st->base - (row + 0.5f) / (float)st->h, aim;

	meet(st, v - 1.0f / (float)st->h, &next);
	meet(st, v, at);
	at->dx = (at->z + st->dist) / st->dist / (float)st->h;
	at->x0 = (0.5f - 0.5f * (float)st->w) * at->dx;
	/* A lens focused on the product, opened as for a still life. */
	aim = 0.016f * fabsf(at->z) / st->dist * 3.1f;
	at->blur = maxf(at->dx, 0.45f * fabsf(at->s - next.s)) + aim;
	at->ground = at->ny > 0.75f;
}

void
stage_project(const struct stage *st, vec p, float *px, float *py)
{
	float	 t = st->dist / (p[Z] + st->dist);
	float	 v = st->eye + (p[Y] - st->eye) * t;

	*px = 0.5f * (float)st->w + p[X] * t * (float)st->h - 0.5f;
	*py = (st->base - v) * (float)st->h - 0.5f;
}

float
stage_gobo(const struct stage *st, vec p)
{
	float	 k = GOBO_SIDE / GOBO_SPAN, mid = 0.5f * (GOBO_SIDE - 1);

	if (st->gobo == NULL)
		return 1;
	p -= st->gobo_mid;
	return 1 - st->gobo_k * (1 - grid_at(st->gobo, GOBO_SIDE, GOBO_SIDE,
	    dot(p, st->gobo_u) * k + mid, dot(p, st->gobo_v) * k + mid));
}

float
stage_key(const struct stage *st, vec p, vec n)
{
	vec	 l = st->lamp - p;
	float	 d2 = dot(l, l), c, e, off;

	c = dot(l, n) / sqrtf(d2);
	/* A large source still reaches a little beyond the terminator. */
	c = (c + 0.35f * st->size) / (1 + 0.35f * st->size);
	if (c <= 0)
		return 0;
	e = c * 10.24f / d2;
	if (st->spot <= 0)
		return e;
	p -= (vec){ 0, 0.25f };
	off = dot(p * p, (vec){ 1, 0.8f, 0.35f });
	return e * mixf(1, 1 / (1 + 2.6f * off * off + 1.1f * off),
	    st->spot);
}

float
stage_glow(const struct stage *st, vec p)
{
	float	 dx = p[X] - st->glow_x, dy = p[Y] - GLOW_HEIGHT;
	float	 k = clampf(p[Z] / st->wall, 0, 1);

	return st->glow * k * k / (1 + 1.6f * (dx * dx + dy * dy) /
	    (GLOW_RADIUS * GLOW_RADIUS));
}
