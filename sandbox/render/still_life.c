/*
 * still_life - objects put together from bodies, and their arrangement
 */
#include "config.h"

#include <string.h>

#include "render/noise.h"
#include "render/solid.h"

/* Frames below this width per height have no room beside the podium. */
#define NARROW	0.8f

static const vec	gold = { 0.62f, 0.42f, 0.17f };
static const vec	ivory = { 0.78f, 0.72f, 0.62f };

/* The last of SOLID_MAX is overwritten when there are too many. */
static struct solid *
add(struct still_life *sl, enum solid_kind kind, vec at, vec rgb)
{
	struct solid	*s = &sl->s[sl->n < SOLID_MAX - 1 ? sl->n++ :
			    SOLID_MAX - 1];

	*s = (struct solid){ .kind = kind, .at = at, .rgb = rgb,
	    .gloss = 0.12f };
	return s;
}

/* Upright cylinder standing on y, of height 2 h. */
static struct solid *
drum(struct still_life *sl, float x, float y, float z, float r, float h,
    float edge, vec rgb)
{
	struct solid	*s = add(sl, SOLID_CYLINDER, (vec){ x, y + h, z },
			    rgb);

	s->r = r;
	s->h = h;
	s->edge = edge;
	return s;
}

/* A drum of polished metal, round the product's axis. */
static void
cap(struct still_life *sl, float x, float y, float r, float h, float edge,
    float gloss, vec rgb)
{
	struct solid	*s = drum(sl, x, y, 0, r, h, edge, rgb);

	s->gloss = gloss;
	s->metal = true;
}

static struct solid *
ball(struct still_life *sl, float x, float y, float z, float r, vec rgb)
{
	struct solid	*s = add(sl, SOLID_SPHERE, (vec){ x, y + r, z }, rgb);

	s->r = r;
	return s;
}

/* Half sizes w, h, d; standing on y. */
static struct solid *
brick(struct still_life *sl, float x, float y, float z, float w, float h,
    float d, float turn, vec rgb)
{
	struct solid	*s = add(sl, SOLID_BOX, (vec){ x, y + h, z }, rgb);

	s->r = w;
	s->h = h;
	s->d = d;
	s->edge = 0.008f;
	s->cos = cosf(turn);
	s->sin = sinf(turn);
	return s;
}

/* An open cylinder or a ring; y is its centre. */
static struct solid *
hollow(struct still_life *sl, enum solid_kind kind, float x, float y, float r,
    float h, float edge, vec rgb)
{
	struct solid	*s = add(sl, kind, (vec){ x, y }, rgb);

	s->r = r;
	s->h = h;
	s->edge = edge;
	return s;
}

static void
bottle(struct still_life *sl, float x, float y, vec c, vec lid)
{
	struct solid	*s = drum(sl, x, y, 0, 0.105f, 0.17f, 0.03f, c);

	s->glass = s->label = true;
	s->gloss = 1;
	cap(sl, x, y + 0.335f, 0.042f, 0.02f, 0.004f, 0.8f, lid);
	cap(sl, x, y + 0.365f, 0.056f, 0.052f, 0.008f, 0.8f, lid);
}

static void
jar(struct still_life *sl, float x, float y, vec c, vec lid)
{
	struct solid	*s = drum(sl, x, y, 0, 0.15f, 0.085f, 0.028f, c);

	s->gloss = 0.7f;
	s->label = true;
	cap(sl, x, y + 0.172f, 0.152f, 0.036f, 0.010f, 0.7f, lid);
}

static void
candle(struct still_life *sl, float x, float y, vec c)
{
	static const vec	 wax = { 0.82f, 0.74f, 0.60f };
	struct solid		*s;

	s = hollow(sl, SOLID_SHELL, x, y + 0.125f, 0.115f, 0.125f, 0.008f, c);
	s->gloss = 0.8f;
	s->label = true;
	drum(sl, x, y + 0.02f, 0, 0.106f, 0.098f, 0.006f, wax);
	hollow(sl, SOLID_FLAME, x, y + 0.262f, 0.014f, 0.038f, 0, wax);
}

static void
cup(struct still_life *sl, float x, float y, vec c)
{
	static const vec	 tea = { 0.10f, 0.045f, 0.018f };

	hollow(sl, SOLID_SHELL, x, y + 0.10f, 0.12f, 0.10f, 0.010f,
	    c)->gloss = 0.6f;
	hollow(sl, SOLID_RING, x + 0.128f, y + 0.10f, 0.050f, 0, 0.013f,
	    c)->gloss = 0.6f;
	drum(sl, x, y + 0.02f, 0, 0.108f, 0.073f, 0.003f, tea)->gloss = 1;
	drum(sl, x, y, 0, 0.19f, 0.007f, 0.006f, c)->gloss = 0.6f;
}

static void
vase(struct still_life *sl, float x, float y, vec c)
{
	ball(sl, x, y, 0, 0.135f, c);
	hollow(sl, SOLID_SHELL, x, y + 0.30f, 0.046f, 0.065f, 0.009f, c);
	hollow(sl, SOLID_RING, x - 0.062f, y + 0.285f, 0.048f, 0, 0.010f, c);
}

static void
tube(struct still_life *sl, float x, float y, vec c, vec lid)
{
	cap(sl, x, y, 0.058f, 0.085f, 0.006f, 0.9f, lid);
	cap(sl, x, y + 0.17f, 0.050f, 0.055f, 0.004f, 1, lid);
	drum(sl, x, y + 0.28f, 0, 0.042f, 0.060f, 0.030f, c)->gloss = 0.5f;
}

/* What the brief is about, standing on y, in its colour and its lid's. */
static void
subject(struct still_life *sl, enum thing kind, float x, float y, vec c,
    vec lid)
{
	switch (kind) {
	case THING_BOTTLE:
		bottle(sl, x, y, c, lid);
		break;
	case THING_JAR:
		jar(sl, x, y, c, lid);
		break;
	case THING_BOX:
		brick(sl, x, y, 0, 0.125f, 0.18f, 0.07f, 0.42f,
		    c)->label = true;
		break;
	case THING_CANDLE:
		candle(sl, x, y, c);
		break;
	case THING_CUP:
		cup(sl, x, y, c);
		break;
	case THING_TUBE:
		tube(sl, x, y, c, lid);
		break;
	case THING_VASE:
		vase(sl, x, y, c);
		break;
	case THING_NONE:
	case THING_SPHERE:
	case THING__MAX:
		ball(sl, x, y, 0, 0.15f, c)->gloss = 0.5f;
		break;
	}
}

/* A tall shape behind, a small ball in front: depth and balance. */
static void
props(struct still_life *sl, const struct brief *b, float aspect, vec pale,
    vec deep)
{
	struct solid	*s;
	float		 mir, wide = clampf(aspect * 0.42f, 0.20f, 0.36f);
	bool		 plain = b->thing == THING_NONE;

	mir = noise_white(21, 1, b->seed) < 0.5f ? -1 : 1;
	if (noise_white(22, 1, b->seed) < 0.5f) {
		s = add(sl, SOLID_DISC, (vec){ mir * wide * 0.55f, 0.30f,
		    0.42f }, deep);
		s->r = 0.30f;
		s->h = 0.025f;
		s->edge = 0.006f;
	} else
		brick(sl, mir * wide * 0.8f, 0, 0.40f, 0.115f, 0.27f, 0.10f,
		    0.25f * mir, deep);
	if (aspect < NARROW)
		s = ball(sl, -mir * 0.15f, 0, -0.34f, 0.045f,
		    plain ? ivory : gold);
	else {
		s = ball(sl, -mir * wide, 0, -0.10f, 0.062f,
		    plain ? ivory : gold);
		brick(sl, -mir * (wide + 0.04f), 0, 0.26f, 0.085f, 0.085f,
		    0.085f, 0.5f * mir, pale);
	}
	s->gloss = 0.75f;
	s->metal = !plain;
}

/* How far a body reaches from its centre along x, y and z. */
static vec
extent(const struct solid *s)
{
	float	 d = sqrtf(s->r * s->r + s->d * s->d), o = s->r + s->edge;

	switch (s->kind) {
	case SOLID_SPHERE:
		return (vec){ s->r, s->r, s->r };
	case SOLID_BOX:
		return (vec){ d, s->h, d };
	case SOLID_DISC:
		return (vec){ s->r, s->r, s->h };
	case SOLID_RING:
		return (vec){ o, o, s->edge };
	case SOLID_CYLINDER:
	case SOLID_SHELL:
	case SOLID_FLAME:
		break;
	}
	return (vec){ s->r, s->h, s->r };
}

/* Fills in the bodies' reach and the box around all of them. */
static void
enclose(struct still_life *sl)
{
	struct solid	*s;
	vec		 e;
	int		 k;

	sl->lo = (vec){ 9, 9, 9 };
	sl->hi = (vec){ -9, -9, -9 };
	for (s = sl->s; s < sl->s + sl->n; s++) {
		e = extent(s);
		s->reach = s->kind == SOLID_SPHERE ? s->r :
		    s->kind == SOLID_CYLINDER || s->kind == SOLID_SHELL ?
		    sqrtf(s->r * s->r + s->h * s->h) : sqrtf(dot(e, e));
		for (k = 0; k < 3; k++) {
			sl->lo[k] = minf(sl->lo[k], s->at[k] - e[k]);
			sl->hi[k] = maxf(sl->hi[k], s->at[k] + e[k]);
		}
	}
}

static vec
shade(vec hue, float k, float grey)
{
	float	 lum = dot(hue, (vec){ 0.3f, 0.6f, 0.1f });

	return clampv(mixv(hue, (vec){ lum, lum, lum }, grey) * k, 0.01f,
	    0.86f);
}

void
still_life_arrange(struct still_life *sl, const struct brief *b, vec hue,
    float aspect)
{
	static const vec	 amber = { 0.55f, 0.20f, 0.030f };
	static const vec	 clay = { 0.50f, 0.21f, 0.12f };
	vec			 pale = shade(hue, 1.12f, 0.15f), c;
	float			 top = 0;
	int			 i;

	memset(sl, 0, sizeof *sl);
	c = b->thing == THING_BOTTLE ? amber : b->thing == THING_VASE ||
	    b->thing == THING_NONE ? clay : ivory;
	for (i = 0; b->thing_hue_said && i < 3; i++)
		c[i] = powf((float)b->thing_hue[i] / 255, 2.2f);
	if (b->thing != THING_CUP) {
		top = 0.11f;
		drum(sl, 0, 0, 0, aspect < NARROW ? 0.205f : 0.245f, 0.055f,
		    0.006f, pale);
	}
	subject(sl, b->thing, 0, top, clampv(c, 0.012f, 0.84f), gold);
	props(sl, b, aspect, pale, shade(hue, 0.62f, 0.05f));
	enclose(sl);
}

float
still_life_plinth(struct still_life *sl, const struct brief *b, vec hue,
    float x, float wide)
{
	float	 h = 0.045f + 0.025f * noise_white(23, 1, b->seed);

	memset(sl, 0, sizeof *sl);
	drum(sl, x, 0, 0.10f, maxf(0.15f, wide * 0.5f + 0.08f), h, 0.006f,
	    shade(hue, 1.08f, 0.2f));
	enclose(sl);
	return 2 * h;
}
