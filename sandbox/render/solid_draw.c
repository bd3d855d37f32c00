/*
 * solid_draw - tracing and shading the bodies of a still life into a layer
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "render/solid.h"

#define NOTHING	255
#define BLOCK	8	/* rays traced in common, even */

/*
 * Shadow and ambient light change slowly over a body: they are worked out
 * for one pixel in four and reused while the neighbour shows the same body.
 */
struct shading {
	int	 id;		/* -1: nothing kept */
	float	 vis, open;
};

/* Where a bundle of rays begins to matter. */
struct start {
	unsigned int	 some;		/* bodies, a bit each */
	float		 t, end;
};

/* --- the colour of a body at one point */

/* Slope of the distance, by a tetrahedron of samples. */
static vec
normal(const struct solid *s, vec p)
{
	static const vec	 e[4] = {
		{ 1, -1, -1 }, { -1, -1, 1 }, { -1, 1, -1 }, { 1, 1, 1 }
	};
	vec			 n = { 0, 0, 0 };
	int			 i;

	for (i = 0; i < 4; i++)
		n += e[i] * solid_distance(s, p + e[i] * 0.0012f);
	return unit(n);
}

/* A printed line at a place, of some half width, softened by a pixel. */
static float
stroke(float v, float at, float half, float e)
{
	return clampf((half - fabsf(v - at)) / e + 0.5f, 0, 1) *
	    minf(1, 2 * half / e);
}

/* A paper label: a thin frame, three lines of print and four letters. */
static vec
label(const struct solid *s, float x, float y, float pixel, vec c)
{
	static const vec	 paper = { 0.80f, 0.765f, 0.69f };
	static const vec	 ink = { 0.06f, 0.06f, 0.06f };
	float			 ax = fabsf(x), ay = fabsf(y + 0.06f), e, k;

	e = 1.2f * pixel / s->r;
	k = stroke(ax, 0.58f, 0.010f, e) * (ay < 0.45f) +
	    stroke(ay, 0.445f, 0.010f, e) * (ax < 0.59f);
	k += 0.9f * stroke(y, 0.08f, 0.05f, e) * (ax < 0.34f) *
	    stroke(fmodf(ax + 0.2f, 0.2f), 0.1f, 0.065f, e);
	k += 0.5f * (stroke(y, -0.16f, 0.014f, e) +
	    stroke(y, -0.25f, 0.014f, e)) * (ax < 0.26f);
	return mixv(c, mixv(paper, ink, clampf(k, 0, 1)),
	    clampf((0.66f - ax) / e, 0, 1) * clampf((0.50f - ay) / e, 0, 1));
}

static vec
albedo(const struct solid *s, vec p, vec n, float facing,
    const struct stage *st)
{
	float	 x = (p[X] - s->at[X]) / s->r, y = (p[Y] - s->at[Y]) / s->h;
	float	 k;
	vec	 c = s->rgb;

	if (s->glass) {
		/* Thick at the rim, and light gathers on the far side. */
		k = mixf(0.22f, 1.15f, powf(facing, 1.3f));
		k += 1.1f * smoothstep(0.1f, 0.85f, st->to_lamp[X] < 0 ?
		    n[X] : -n[X]) * facing;
		k *= 1 + 0.35f * smoothstep(-0.2f, -0.95f, y);
		/* Up to the brightest it can be, without changing its hue. */
		k = minf(k, 0.88f / maxf(c[0], maxf(c[1], c[2])));
		c = c * k + (y > 0.72f ? 0.05f : 0);
	}
	if (!s->label || n[Z] > -0.2f)
		return c;
	if (s->kind == SOLID_BOX && s->sin > 0)
		x += 0.35f;
	return label(s, x, y, 1 / (float)st->h, c);
}

/* What a polished surface mirrors: two soft boxes, the wall, the table. */
static vec
mirrored(const struct solid_view *v, vec r, float sharp)
{
	const struct stage	*st = v->stage;
	vec			 l = st->to_lamp, c;
	float			 turn, box, card, wide;

	turn = (r[X] * l[Z] - r[Z] * l[X]) / (sqrtf((r[X] * r[X] + r[Z] *
	    r[Z]) * (l[X] * l[X] + l[Z] * l[Z])) + 1e-4f);
	wide = 0.10f + 0.5f * st->size;
	box = r[X] * l[X] + r[Z] * l[Z] > 0 ? 1 - smoothstep(wide, wide +
	    0.05f + 0.4f * (1 - sharp), fabsf(turn)) : 0;
	box *= smoothstep(-0.35f, -0.15f, r[Y]) *
	    (1 - smoothstep(0.72f, 0.95f, r[Y]));
	/* A white card on the other side. */
	card = r[X] * l[X] < 0 ? smoothstep(0.72f, 0.95f, fabsf(r[X])) : 0;
	c = mixv(v->wall, v->ground, smoothstep(0, 0.4f, -r[Y]));
	return c * 0.55f * (st->fill + 0.35f * st->key) +
	    2.6f * box * st->key + 0.45f * card * st->fill;
}

/*
 * Linear colour of body which at p, seen along dir. Takes shadow and ambient
 * light from kept if they are of the same body, else fills it.
 */
static vec
shade(const struct solid_view *v, vec p, vec dir, int which,
    struct shading *kept)
{
	const struct stage	*st = v->stage;
	const struct solid	*s = &v->life->s[which];
	float			 f, key, open, facing, up;
	vec			 n, c, env, out;

	if (s->kind == SOLID_FLAME) {
		f = smoothstep(-1, 0.8f, (p[Y] - s->at[Y]) / s->h);
		return (vec){ 1, 0.80f - 0.25f * f, 0.42f - 0.25f * f };
	}
	n = normal(s, p);
	facing = clampf(-dot(n, dir), 0, 1);
	c = albedo(s, p, n, facing, st);
	if (kept->id != which) {
		kept->id = which;
		kept->vis = solids_shadow(v->life, st, p + 0.006f * n);
		kept->open = solids_open(v->life, p, n);
		if (v->on != NULL) {
			kept->vis *= 1 - layer_shadow(v->on, st, p);
			kept->open *= layer_contact(v->on, p);
		}
	}
	key = stage_key(st, p, n) * kept->vis * stage_gobo(st, p);
	open = kept->open * (0.55f + 0.45f * clampf(p[Y] / 0.05f, 0, 1));
	up = 0.5f + 0.5f * n[Y];
	out = c * (key * st->key + open * st->fill * mixv(0.5f * v->ground +
	    0.2f, (vec){ 1, 1, 1 }, up) + 0.16f * open * (1 - up) *
	    v->ground * st->key);
	if (s->gloss <= 0.02f)
		return out;
	f = s->gloss * (0.045f + 0.955f * powf(1 - facing, 5));
	if (s->glass)
		f = minf(1, f * 1.5f);
	/* Near its foot it mirrors only its own dark. */
	f *= smoothstep(0.25f, 0.75f, open);
	env = open * mirrored(v, unit(dir + 2 * facing * n), s->gloss);
	return s->metal ? 0.30f * out + 1.25f * env * mixv(c,
	    (vec){ 1, 1, 1 }, f) : mixv(out, env, f);
}

/* --- tracing */

static vec
ray(const struct stage *st, float px, float py)
{
	return unit((vec){ (px + 0.5f - 0.5f * (float)st->w) / (float)st->h,
	    st->base - (py + 0.5f) / (float)st->h - st->eye, st->dist });
}

/*
 * What a bundle of rays round (x, y) of the layer, wide pixels across, has
 * in common: the bodies it may meet, and how far it runs free of all.
 */
static void
bundle(const struct solid_view *v, float x, float y, float wide,
    struct start *go)
{
	const struct stage	*st = v->stage;
	vec			 eye = { 0, st->eye, -st->dist };
	vec			 d = ray(st, v->left + v->scale * x,
				    v->top + v->scale * y);
	float			 grow, far;
	int			 i, id;

	grow = 0.75f * wide * v->scale / (float)st->h / st->dist;
	go->t = 99;
	go->end = 0;
	go->some = solids_ahead(v->life, eye, d, grow, &go->t, &go->end);
	if (go->some == 0)
		return;
	for (i = 0; i < 40 && go->t < go->end; i++) {
		far = solids_nearest(v->life, go->some, eye + go->t * d,
		    &id) - grow * go->t;
		if (far < 0.004f)
			return;
		go->t += 0.94f * far;
	}
	if (go->t >= go->end)
		go->some = 0;
}

/* Colour seen at (x, y) of the layer; false when it is the set behind. */
static bool
trace(const struct solid_view *v, float x, float y, const struct start *go,
    struct shading *kept, vec *out, int *id)
{
	const struct stage	*st = v->stage;
	vec			 eye = { 0, st->eye, -st->dist }, p;
	vec			 d = ray(st, v->left + v->scale * x,
				    v->top + v->scale * y);
	float			 t = go->t, dist, far = 0.25f / (float)st->h;
	int			 i;

	for (i = 0; i < 72 && t < go->end; i++) {
		p = eye + t * d;
		if (p[Y] < 0)
			return false;
		dist = solids_nearest(v->life, go->some, p, id);
		if (dist < far) {
			*out = shade(v, p, d, *id, kept);
			return true;
		}
		t += dist * 0.94f;
	}
	return false;
}

/* Nine rays where an outline passes, instead of one everywhere. */
static void
refine(const struct solid_view *v, struct picture *pic, const uint8_t *ids)
{
	int		 x, y, i, hit, id, w = pic->w, n = v->quick ? 2 : 3;
	vec		 c, sum;
	struct shading	 kept;
	struct start	 go;
	const uint8_t	*q;

	for (y = 1; y + 1 < pic->h; y++)
		for (x = 1; x + 1 < w; x++) {
			q = ids + (size_t)y * w + x;
			if (q[0] == q[1] && q[0] == q[-1] && q[0] == q[w] &&
			    q[0] == q[-w])
				continue;
			sum = (vec){ 0 };
			kept.id = -1;
			bundle(v, (float)x, (float)y, 1.5f, &go);
			for (hit = i = 0; i < n * n; i++) {
				float	 dx = (float)(i % n) + 0.5f;
				float	 dy = (float)(i / n) + 0.5f;

				if (!trace(v, (float)x + dx / (float)n - 0.5f,
				    (float)y + dy / (float)n - 0.5f, &go,
				    &kept, &c, &id))
					continue;
				hit++;
				sum += clampv(c, 0, 1);
			}
			sum /= (float)(hit > 0 ? hit : 1);
			sum[W] = (float)hit / (float)(n * n);
			pixel_store(pic->px + ((size_t)y * w + x) * 4, sum);
		}
}

static void
block(const struct solid_view *v, struct picture *pic, uint8_t *ids, int x0,
    int y0)
{
	struct start	 go;
	struct shading	 kept[BLOCK / 2];
	float		 mid = 0.5f * (BLOCK - 1);
	vec		 c;
	int		 x, y, id;
	size_t		 at;

	bundle(v, (float)x0 + mid, (float)y0 + mid, BLOCK, &go);
	if (go.some == 0)
		return;
	for (y = y0; y < y0 + BLOCK && y < pic->h; y++)
		for (x = x0; x < x0 + BLOCK && x < pic->w; x++) {
			struct shading	*k = &kept[(x - x0) / 2];

			if ((y & 1) == 0 && (x & 1) == 0)
				k->id = -1;
			if (!trace(v, (float)x, (float)y, &go, k, &c, &id))
				continue;
			at = (size_t)y * (size_t)pic->w + (size_t)x;
			ids[at] = (uint8_t)id;
			c[W] = 1;
			pixel_store(pic->px + at * 4, c);
		}
}

/* The rectangle of the output that the bodies can cover. */
static void
frame(const struct still_life *sl, const struct stage *st, int box[4])
{
	float	 x, y, b[4] = { 1e9f, 1e9f, -1e9f, -1e9f };
	int	 i;

	for (i = 0; i < 8; i++) {
		stage_project(st, (vec){ (i & 1 ? sl->hi : sl->lo)[X],
		    (i & 2 ? sl->hi : sl->lo)[Y],
		    (i & 4 ? sl->hi : sl->lo)[Z] }, &x, &y);
		b[0] = minf(b[0], x);
		b[1] = minf(b[1], y);
		b[2] = maxf(b[2], x);
		b[3] = maxf(b[3], y);
	}
	box[0] = (int)clampf(b[0] - 3, -2, (float)st->w - 8);
	box[1] = (int)clampf(b[1] - 3, -2, (float)st->h - 8);
	box[2] = (int)clampf(b[2] + 4, (float)box[0] + 8, (float)st->w + 2);
	box[3] = (int)clampf(b[3] + 4, (float)box[1] + 8, (float)st->h + 2);
}

int
solids_draw(struct solid_view *v, struct layer *ly, char *err, size_t errlen)
{
	struct picture	 pic = { .alpha = true, .format = "png" };
	uint8_t		*ids;
	int		 box[4], x, y, rc = -1, cap = v->quick ? 330 : 1280;

	memset(ly, 0, sizeof *ly);
	frame(v->life, v->stage, box);
	x = box[2] - box[0];
	y = box[3] - box[1];
	v->scale = maxf(1, (float)(x > y ? x : y) / (float)cap);
	pic.w = (int)((float)x / v->scale);
	pic.h = (int)((float)y / v->scale);
	v->scale = (float)x / (float)pic.w;
	v->left = (float)box[0] + 0.5f * (v->scale - 1);
	v->top = (float)box[1] + 0.5f * (v->scale - 1);
	pic.px = calloc((size_t)pic.w * pic.h, 4);
	ids = malloc((size_t)pic.w * pic.h);
	if (pic.px == NULL || ids == NULL)
		snprintf(err, errlen, "out of memory");
	else {
		memset(ids, NOTHING, (size_t)pic.w * pic.h);
		for (y = 0; y < pic.h; y += BLOCK)
			for (x = 0; x < pic.w; x += BLOCK)
				block(v, &pic, ids, x, y);
		refine(v, &pic, ids);
		rc = picture_scale(&pic, box[2] - box[0], box[3] - box[1],
		    err, errlen);
	}
	free(ids);
	ly->pic = pic;
	ly->left = box[0];
	ly->top = box[1];
	return rc;
}
