/*
 * solid_draw - tracing the bodies of a still life into a layer
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "render/noise.h"
#include "render/solid.h"
#include "render/solid_trace.h"

#define NOTHING	255
#define BLOCK	8	/* rays traced in common, even */

/* Where a bundle of rays begins to matter. */
struct start {
	unsigned int	 some;		/* bodies, a bit each */
	float		 t, end;
};

static struct vec
aim(const struct stage *st, float px, float py)
{
	struct vec	 d;

	d.x = (px + 0.5f - 0.5f * (float)st->w) / (float)st->h;
	d.y = st->base - (py + 0.5f) / (float)st->h - st->eye;
	d.z = st->dist;
	return norm3(d);
}

/*
 * What a bundle of rays wide pixels across has in common: the bodies it may
 * meet, and how far it runs free of all of them.
 */
static void
bundle(const struct look_from *lf, float px, float py, float wide,
    struct start *go)
{
	const struct stage	*st = lf->stage;
	struct vec		 eye = { 0, st->eye, -st->dist };
	struct vec		 d = aim(st, px, py);
	float			 grow = 0.75f * wide / (float)st->h / st->dist;
	float			 far;
	int			 i, id;

	go->t = 99;
	go->end = 0;
	go->some = still_ahead(lf->still, eye, d, grow, &go->t, &go->end);
	if (go->some == 0)
		return;
	for (i = 0; i < 40 && go->t < go->end; i++) {
		far = still_near(lf->still, go->some, along(eye, d, go->t),
		    &id) - grow * go->t;
		if (far < 0.004f)
			return;
		go->t += 0.94f * far;
	}
	if (go->t >= go->end)
		go->some = 0;
}

/* Colour seen at an output position; false when it is the set behind. */
static bool
trace(const struct look_from *lf, float px, float py, const struct start *go,
    struct kept *kept, float out[3], int *id)
{
	const struct stage	*st = lf->stage;
	struct vec		 eye = { 0, st->eye, -st->dist }, d, p;
	float			 t = go->t, dist, far;
	int			 i;

	d = aim(st, px, py);
	far = 0.25f / (float)st->h;
	for (i = 0; i < 72 && t < go->end; i++) {
		p = along(eye, d, t);
		if (p.y < 0)
			return false;
		dist = still_near(lf->still, go->some, p, id);
		if (dist < far) {
			solid_shade(lf, p, d, *id, kept, out);
			return true;
		}
		t += dist * 0.94f;
	}
	return false;
}

static uint8_t
encode(float x)
{
	x = clampf(x, 0, 1);
	x = x <= 0.0031308f ? 12.92f * x :
	    1.055f * powf(x, 1 / 2.4f) - 0.055f;
	return (uint8_t)lrintf(255 * x);
}

static void
store(uint8_t *q, const float c[3], float a)
{
	int	 i;

	for (i = 0; i < 3; i++)
		q[i] = encode(c[i]);
	q[3] = (uint8_t)lrintf(255 * a);
}

/* Nine rays where an outline passes, instead of one everywhere. */
static void
refine(const struct look_from *lf, struct picture *pic, const uint8_t *ids)
{
	int	 x, y, i, hit, id, w = pic->w, n;
	float	 c[3], sum[3];
	struct kept	 kept;
	struct start	 go;

	n = lf->quick ? 2 : 3;
	for (y = 1; y + 1 < pic->h; y++)
		for (x = 1; x + 1 < w; x++) {
			const uint8_t	*q = ids + (size_t)y * w + x;

			if (q[0] == q[1] && q[0] == q[-1] && q[0] == q[w] &&
			    q[0] == q[-w])
				continue;
			sum[0] = sum[1] = sum[2] = 0;
			kept.id = -1;
			bundle(lf, lf->left + lf->scale * (float)x,
			    lf->top + lf->scale * (float)y, 1.5f * lf->scale,
			    &go);
			for (hit = i = 0; i < n * n; i++) {
				float	 u = ((float)(i % n) + 0.5f) /
				    (float)n - 0.5f;
				float	 v = ((float)(i / n) + 0.5f) /
				    (float)n - 0.5f;

				if (!trace(lf, lf->left + lf->scale *
				    ((float)x + u), lf->top + lf->scale *
				    ((float)y + v), &go, &kept, c,
				    &id))
					continue;
				hit++;
				sum[0] += minf(c[0], 1);
				sum[1] += minf(c[1], 1);
				sum[2] += minf(c[2], 1);
			}
			for (i = 0; i < 3; i++)
				c[i] = sum[i] / (float)(hit > 0 ? hit : 1);
			store(pic->px + ((size_t)y * w + x) * 4, c,
			    (float)hit / (float)(n * n));
		}
}

static void
block(const struct look_from *lf, struct picture *pic, uint8_t *ids, int x0,
    int y0)
{
	struct start	 go;
	struct kept	 kept[BLOCK / 2];
	float		 c[3], mid = 0.5f * (BLOCK - 1);
	int		 x, y, id;
	size_t		 at;

	bundle(lf, lf->left + lf->scale * ((float)x0 + mid), lf->top +
	    lf->scale * ((float)y0 + mid), BLOCK * lf->scale, &go);
	if (go.some == 0)
		return;
	for (y = y0; y < y0 + BLOCK && y < pic->h; y++)
		for (x = x0; x < x0 + BLOCK && x < pic->w; x++) {
			struct kept	*k = &kept[(x - x0) / 2];

			if ((y & 1) == 0 && (x & 1) == 0)
				k->id = -1;
			if (!trace(lf, lf->left + lf->scale * (float)x,
			    lf->top + lf->scale * (float)y, &go, k, c, &id))
				continue;
			at = (size_t)y * (size_t)pic->w + (size_t)x;
			ids[at] = (uint8_t)id;
			store(pic->px + at * 4, c, 1);
		}
}

/* The rectangle of the output that the bodies can cover. */
static void
frame(const struct still *st, const struct stage *sg, int box[4])
{
	float	 x, y, b[4] = { 1e9f, 1e9f, -1e9f, -1e9f };
	int	 i;

	for (i = 0; i < 8; i++) {
		struct vec	 p = { i & 1 ? st->hi[0] : st->lo[0],
				    i & 2 ? st->hi[1] : st->lo[1],
				    i & 4 ? st->hi[2] : st->lo[2] };

		stage_project(sg, p, &x, &y);
		b[0] = minf(b[0], x);
		b[1] = minf(b[1], y);
		b[2] = maxf(b[2], x);
		b[3] = maxf(b[3], y);
	}
	box[0] = (int)clampf(b[0] - 3, -2, (float)sg->w - 8);
	box[1] = (int)clampf(b[1] - 3, -2, (float)sg->h - 8);
	box[2] = (int)clampf(b[2] + 4, (float)box[0] + 8, (float)sg->w + 2);
	box[3] = (int)clampf(b[3] + 4, (float)box[1] + 8, (float)sg->h + 2);
}

int
still_draw(const struct still *still, const struct stage *st,
    const float ground[3], const float wall[3], const struct layer *on,
    bool quick, struct layer *ly, char *err, size_t errlen)
{
	struct look_from	 lf = { still, st, ground, wall, on, 1, 0, 0,
				    quick };
	struct picture		 pic = { .alpha = true, .format = "png" };
	uint8_t			*ids;
	int			 box[4], x, y, cap = quick ? 330 : 1280;

	memset(ly, 0, sizeof *ly);
	layer_tables();
	frame(still, st, box);
	x = box[2] - box[0];
	y = box[3] - box[1];
	lf.scale = maxf(1, (float)(x > y ? x : y) / (float)cap);
	pic.w = (int)((float)x / lf.scale);
	pic.h = (int)((float)y / lf.scale);
	lf.scale = (float)x / (float)pic.w;
	lf.left = (float)box[0] + 0.5f * (lf.scale - 1);
	lf.top = (float)box[1] + 0.5f * (lf.scale - 1);
	pic.px = calloc((size_t)pic.w * pic.h, 4);
	ids = malloc((size_t)pic.w * pic.h);
	if (pic.px == NULL || ids == NULL) {
		snprintf(err, errlen, "out of memory");
		free(ids);
		picture_free(&pic);
		return -1;
	}
	memset(ids, NOTHING, (size_t)pic.w * pic.h);
	for (y = 0; y < pic.h; y += BLOCK)
		for (x = 0; x < pic.w; x += BLOCK)
			block(&lf, &pic, ids, x, y);
	refine(&lf, &pic, ids);
	free(ids);
	if (picture_resize(&pic, box[2] - box[0], box[3] - box[1], err,
	    errlen) == -1) {
		picture_free(&pic);
		return -1;
	}
	ly->pic = pic;
	ly->left = box[0];
	ly->top = box[1];
	ly->lit = true;
	return 0;
}
