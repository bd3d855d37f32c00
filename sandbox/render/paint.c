/*
 * paint - the light of a scene, row by row, from texture to sRGB bytes
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "render/noise.h"
#include "render/scene.h"

/* Light changes slowly: it is computed every STEP pixels of a row. */
#define STEP	4

struct light {
	vec	 lamp;		/* direction to the lamp, and in W the key */
				/* light without its cosine */
	vec	 share;		/* of the lamp and of the surroundings that */
				/* reach it, and light from behind */
};

/* --- before the first row */

/*
 * Straight up to 0.62 so that a product keeps its colours, then a shoulder
 * that brings highlights to white without clipping; then sRGB; then contrast
 * about the middle.
 */
static void
fill_tones(struct scene *sc)
{
	float	 x, y, k = 0.9f * (sc->contrast - 1);
	int	 i;

	for (i = 0; i < PAINT_TONES; i++) {
		x = (float)i / (PAINT_TONES - 1);
		x = 2.5f * x * x;
		if (x > 0.62f)
			x = 0.62f + 0.37f * (1 - expf(-(x - 0.62f) / 0.37f));
		y = srgb_encoded(x);
		y += k * y * (1 - y) * (2 * y - 1);
		/* Flat light also lifts the blacks a little. */
		if (k < 0)
			y = mixf(y, 0.5f, -0.16f * k);
		sc->tone[i] = (uint8_t)lrintf(clampf(y, 0, 1) * 255);
	}
	sc->vignette = clampf(0.20f + 0.30f * (sc->contrast - 1) -
	    0.15f * sc->expose, 0.06f, 0.6f);
}

int
paint_begin(struct scene *sc)
{
	size_t	 w = (size_t)sc->stage.w;

	fill_tones(sc);
	sc->tex = calloc(w, sizeof *sc->tex);
	sc->light = calloc(w / STEP + 3, sizeof *sc->light);
	sc->rgb = calloc(w, sizeof *sc->rgb);
	return sc->tex == NULL || sc->light == NULL || sc->rgb == NULL ?
	    -1 : 0;
}

void
paint_end(struct scene *sc)
{
	while (sc->nlayer > 0)
		layer_free(&sc->layer[--sc->nlayer]);
	stage_free(&sc->stage);
	free(sc->tex);
	free(sc->light);
	free(sc->rgb);
	memset(sc, 0, sizeof *sc);
}

/* --- table and wall */

static void
texture_row(const struct scene *sc, const struct row *at)
{
	/* A sweep is one sheet: the bend must not change the material. */
	const struct material	*mt = at->y <= 0 || sc->stage.sweep > 0 ?
				    &sc->table : &sc->wall;
	int			 x, w = sc->stage.w, k = sc->quick ? 2 : 1;

	material_row(mt, at->x0, (float)k * at->dx, at->s, at->blur,
	    (w + k - 1) / k, sc->tex);
	/* Every other texel, spread from the right so none is lost. */
	for (x = w - 1; sc->quick && x > 0; x--)
		sc->tex[x] = sc->tex[x / 2];
}

static void
light_at(const struct scene *sc, const struct row *at, int x,
    struct light *lt)
{
	const struct stage	*st = &sc->stage;
	vec			 p = { at->x0 + at->dx * (float)x, at->y,
				    at->z };
	const struct layer	*ly;
	float			 vis, open = 1, back, crease;

	/* A surface that faces the lamp leaves the cosine out. */
	lt->lamp = unit(st->lamp - p);
	lt->lamp[W] = stage_key(st, p, lt->lamp);
	vis = stage_gobo(st, p);
	for (ly = sc->layer; ly < sc->layer + sc->nlayer; ly++) {
		vis *= 1 - sc->shadow * layer_shadow(ly, st, p);
		open *= mixf(1, layer_contact(ly, p),
		    0.55f + 0.45f * sc->shadow);
	}
	if (st->sweep <= 0) {
		crease = at->ny > 0.5f ? st->wall - at->z : at->y;
		open *= 1 - 0.30f * expf(-crease / 0.05f) -
		    0.16f * expf(-crease / 0.22f);
	}
	back = stage_glow(st, p);
	/* Low light from behind skims the table towards the camera. */
	if (st->back)
		back += 0.5f * maxf(0, at->ny) * stage_glow(st, (vec){
		    p[X] * 0.6f, 0.2f, st->wall }) *
		    smoothstep(-0.9f, 1.2f, p[Z]);
	lt->share = (vec){ vis, open, back };
}

static void
light_row(const struct scene *sc, const struct row *at)
{
	const struct stage	*st = &sc->stage;
	const struct material	*mt = at->ground ? &sc->table : &sc->wall;
	const struct light	*a;
	const struct texel	*t;
	float			 f, c, k, key, open, sheen;
	vec			 n, lamp, share;
	int			 x, i;

	for (i = 0; i < st->w / STEP + 2; i++)
		light_at(sc, at, i * STEP, &sc->light[i]);
	for (x = 0; x < st->w; x++) {
		a = &sc->light[x / STEP];
		f = (float)(x % STEP) / STEP;
		lamp = mixv(a[0].lamp, a[1].lamp, f);
		share = mixv(a[0].share, a[1].share, f);
		t = &sc->tex[x];
		/* The relief tilts the normal within the profile's frame. */
		n = (vec){ -t->hu, at->ny + t->hv * at->nz,
		    at->nz - t->hv * at->ny };
		k = 1 / sqrtf(dot(n, n));
		c = (k * dot(n, lamp) + 0.2f * st->size) /
		    (1 + 0.2f * st->size);
		open = share[1];
		/* In a crevice even a large lamp is partly hidden. */
		key = maxf(c, 0) * lamp[W] * share[0] * (0.5f + 0.5f * open);
		sheen = 0;
		if (mt->sheen > 0) {
			/* Fibres light up where they are seen edge-on. */
			k = 1 - fabsf(n[Y] * 0.20f - n[Z]) * k;
			sheen = mt->sheen * k * k * (0.35f * open + key);
		}
		sc->rgb[x] = (t->rgb + sheen * (0.25f * t->rgb +
		    0.5f * mt->base)) * (key * st->key + open * st->fill +
		    share[2] * (0.4f + 0.6f * open));
	}
}

/* --- what the table mirrors */

/* The mirrored ray that leaves the table at x, tilted by the relief. */
struct bounce {
	vec	 p, d;
};

static struct bounce
bounce(const struct scene *sc, const struct row *at, float x,
    const struct texel *t)
{
	float		 eye = sc->stage.eye, z = at->z + sc->stage.dist;
	struct bounce	 r = { { x, 0, at->z }, { x, eye, z } };

	/* d - 2 (d.n) n for n = (-hu, 1, -hv), small slopes. */
	r.d[X] -= 2 * eye * t->hu;
	r.d[Z] -= 2 * eye * t->hv;
	r.d[Y] = maxf(eye - 2 * (x * t->hu + r.d[Z] * t->hv), 0.02f);
	return r;
}

static vec
mirror_wall(const struct scene *sc, const struct bounce *r)
{
	const struct stage	*st = &sc->stage;
	vec			 p, n = { 0, 0, -1 };
	float			 key;

	p = r->p + (st->wall - r->p[Z]) / r->d[Z] * r->d;
	p[Z] = st->wall;
	key = stage_key(st, p, n) * (0.4f + 0.6f * stage_gobo(st, p));
	return sc->wall.base * (key * st->key + st->fill +
	    stage_glow(st, p));
}

static float
mirror_layer(const struct scene *sc, const struct layer *ly,
    const struct bounce *r, vec *c)
{
	const struct stage	*st = &sc->stage;
	float			 t, y;
	vec			 s;

	if (r->p[Z] >= ly->z + 0.004f)
		return 0;
	t = (ly->z - r->p[Z]) / r->d[Z];
	y = t * r->d[Y];
	s = layer_sample(ly, r->p[X] + t * r->d[X], y,
	    0.003f + sc->table.rough * 0.35f * y);
	if (s[W] < 0.003f)
		return 0;
	*c = s / s[W] * (ly->drawn > 0 ? ly->drawn + (vec){ 0 } :
	    exp2f(0.6f * sc->expose) * (0.75f + 0.25f * st->key /
	    (st->key[1] + 1e-4f)));
	/* Polished stone is never a mirror: it fades with height. */
	return s[W] * expf(-y * (2.0f + 5 * sc->table.rough));
}

static void
mirror_row(const struct scene *sc, const struct row *at)
{
	const struct stage	*st = &sc->stage;
	const struct layer	*ly;
	vec			 wall = { 0 }, c, p;
	float			 g, graze, s, most;
	float			 z = at->z + st->dist;
	bool			 water = sc->table.kind == STUFF_WATER;
	int			 x;

	/* Fresnel: stronger where the table is seen more edge-on. */
	graze = 1 - st->eye / sqrtf(st->eye * st->eye + z * z);
	g = clampf(sc->table.gloss * sc->reflect *
	    (0.35f + 0.9f * graze * graze), 0, 0.85f);
	for (x = 0; x < st->w; x++) {
		struct bounce	 r = bounce(sc, at, at->x0 + at->dx *
				    (float)x, &sc->tex[x]);

		if (x % (water ? 2 : 4) == 0)
			wall = mirror_wall(sc, &r);
		c = water ? wall : 0.62f * wall;
		most = 0;
		for (ly = sc->layer; ly < sc->layer + sc->nlayer; ly++)
			if ((s = mirror_layer(sc, ly, &r, &p)) > 0) {
				c = mixv(c, p, s);
				most = maxf(most, s);
			}
		sc->rgb[x] = mixv(sc->rgb[x], c,
		    clampf(g * (1 + 0.5f * most), 0, 0.9f));
	}
}

/* --- what stands on the table */

/*
 * A product brings its own photograph's light; it is only nudged into ours:
 * brighter towards the lamp, a tint, table light from below, a rim when lit
 * from behind. The normal is guessed from the blurred outline. What comes
 * out is a factor on its colours, and light added at its outline. What we
 * drew is lit already, and gets the shadow of the gobo.
 */
static vec
relight(const struct scene *sc, const struct layer *ly, int x, float y,
    float low)
{
	const struct stage	*st = &sc->stage;
	float			 nx, ny, up, edge, wide, at;
	vec			 p;

	at = ((float)x + 0.5f - 0.5f * (float)st->w) * ly->unit;
	if (ly->drawn > 0) {
		p = (vec){ at, y, ly->z };
		return (vec){ stage_gobo(st, p) * stage_key(st, p,
		    unit(st->lamp - p)) };
	}
	wide = 0.5f * (float)ly->pic.w * ly->unit;
	nx = layer_sample(ly, at - 0.30f * wide, y, 0.5f * wide)[W] -
	    layer_sample(ly, at + 0.30f * wide, y, 0.5f * wide)[W];
	nx = clampf(1.6f * nx, -1, 1);
	edge = layer_sample(ly, at, y, 0.028f)[W];
	ny = clampf(edge - layer_sample(ly, at, y + 0.04f, 0.03f)[W], 0, 1);
	up = nx * st->to_lamp[X] + 0.6f * ny * st->to_lamp[Y];
	edge = 1 - smoothstep(0.52f, 0.97f, edge);
	return (vec){ 1 + (0.10f + 0.34f * (1 - sc->soft)) * up -
	    0.16f * low * (1 - 0.5f * sc->soft), st->back ? 0.55f * edge :
	    0.10f * edge * maxf(0, up) * (1.4f - sc->soft) };
}

static void
layer_row(const struct scene *sc, const struct layer *ly, int row)
{
	const struct stage	*st = &sc->stage;
	int			 y = row - ly->top, x, i, at = -2;
	float			 low, up;
	vec			 a = { 0 }, b = { 0 }, r, c, tint, key;
	const uint8_t		*p;

	if (y < 0 || y >= ly->pic.h)
		return;
	key = st->key / (st->key + st->fill);
	tint = st->key / (dot(st->key, (vec){ 1, 1, 1 }) / 3 + 1e-4f);
	tint = mixv((vec){ 1, 1, 1 }, tint, 0.45f) *
	    exp2f(0.62f * sc->expose) * (st->back ? 0.80f : 1);
	up = ((float)(ly->pic.h - y) - 0.5f) * ly->unit;
	low = 1 - smoothstep(0, 0.10f, up);
	up += ly->floor;
	p = ly->pic.px + (size_t)y * ly->pic.w * 4;
	for (i = 0; i < ly->pic.w; i++, p += 4) {
		x = ly->left + i;
		if (p[3] == 0 || x < 0 || x >= st->w)
			continue;
		if (i / STEP != at) {
			a = i / STEP == at + 1 ? b :
			    relight(sc, ly, x - i % STEP, up, low);
			b = relight(sc, ly, x - i % STEP + STEP, up, low);
			at = i / STEP;
		}
		r = mixv(a, b, (float)(i % STEP) / STEP);
		c = pixel_linear(p);
		c = ly->drawn > 0 ? c * ly->drawn * (r[0] * key + 1 - key) :
		    c * r[0] * tint + r[1] * st->key * (0.25f + c) +
		    0.06f * low * sc->table.base * tint;
		sc->rgb[x] = mixv(sc->rgb[x], c, (float)p[3] / 255);
	}
}

/* --- from linear light to bytes */

/* Vignette, tone curve, grain. */
static void
develop_row(const struct scene *sc, int row, uint8_t *out)
{
	const struct stage	*st = &sc->stage;
	float			 dx, dy, v, x, g;
	float			 top = PAINT_TONES - 1.51f;
	int			 i, k;

	dy = ((float)row + 0.5f) / (float)st->h - 0.5f;
	for (i = 0; i < st->w; i++) {
		dx = ((float)i + 0.5f) / (float)st->w - 0.5f;
		v = (dx * dx + dy * dy) * 2;
		v = 1 - sc->vignette * v * (0.55f + 0.45f * v);
		/* Less than one step of grain: hides banding, costs little. */
		g = sc->quick ? 0 : (noise_white(i, row, 77) - 0.5f) * 9.6f;
		for (k = 0; k < 3; k++) {
			x = sc->rgb[i][k] * v * 0.4f;
			x = sqrtf(minf(x, 1)) * (PAINT_TONES - 1) + g;
			*out++ = sc->tone[(int)(clampf(x, 0, top) + 0.5f)];
		}
	}
}

void
paint_row(struct scene *sc, int row, uint8_t *out)
{
	struct row	 at;
	int		 i;

	stage_row(&sc->stage, (float)row, &at);
	texture_row(sc, &at);
	light_row(sc, &at);
	if (at.y <= 0 && sc->table.gloss > 0.015f && sc->reflect > 0)
		mirror_row(sc, &at);
	for (i = 0; i < sc->nlayer; i++)
		layer_row(sc, &sc->layer[i], row);
	develop_row(sc, row, out);
}
