/*
 * layer - a cut-out standing on the set
 */
#include "config.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "render/layer.h"
#include "render/noise.h"

/* Height of the finest pyramid level; shadows never need more. */
#define FINE	320

float	layer_linear[256];

static void
fill_tables(void)
{
	int	 i;

	for (i = 0; i < 256; i++) {
		float	 x = (float)i / 255;

		layer_linear[i] = x <= 0.04045f ? x / 12.92f :
		    powf((x + 0.055f) / 1.055f, 2.4f);
	}
}

void
layer_tables(void)
{
	static pthread_once_t	once = PTHREAD_ONCE_INIT;

	pthread_once(&once, fill_tables);
}

/* Averages the picture into the finest level, with a margin for blur. */
static int
first_level(struct layer *ly, int pad)
{
	const struct picture	*pic = &ly->pic;
	int			 step = (pic->h + FINE - 1) / FINE;
	int			 w = (pic->w + step - 1) / step + 2 * pad;
	int			 h = (pic->h + step - 1) / step + 2 * pad;
	int			 x, y, i;
	float			*px, *q, k = 1.0f / (float)(step * step);

	if ((px = calloc((size_t)w * h * 4, sizeof *px)) == NULL)
		return -1;
	for (y = 0; y < pic->h; y++)
		for (x = 0; x < pic->w; x++) {
			const uint8_t	*p = pic->px +
			    ((size_t)y * pic->w + x) * 4;
			float		 a = (float)p[3] / 255 * k;

			if (p[3] == 0)
				continue;
			q = px + ((size_t)(y / step + pad) * w + x / step +
			    pad) * 4;
			for (i = 0; i < 3; i++)
				q[i] += a * layer_linear[p[i]];
			q[3] += a;
		}
	ly->level[0].w = w;
	ly->level[0].h = h;
	ly->level[0].px = px;
	ly->nlevel = 1;
	return 0;
}

/* Half the size, with a 4x4 tent so that wide blurs do not look square. */
static int
next_level(struct layer *ly)
{
	static const float	 tap[4] = { 0.125f, 0.375f, 0.375f, 0.125f };
	int			 n = ly->nlevel;
	int			 sw = ly->level[n - 1].w;
	int			 sh = ly->level[n - 1].h;
	int			 w = (sw + 1) / 2, h = (sh + 1) / 2;
	int			 x, y, i, j, k, sx, sy;
	const float		*src = ly->level[n - 1].px, *p;
	float			*px, *q, t;

	if ((px = calloc((size_t)w * h * 4, sizeof *px)) == NULL)
		return -1;
	for (y = 0; y < h; y++)
		for (x = 0; x < w; x++) {
			q = px + ((size_t)y * w + x) * 4;
			for (j = 0; j < 4; j++)
				for (i = 0; i < 4; i++) {
					sx = 2 * x - 1 + i;
					sy = 2 * y - 1 + j;
					if (sx < 0 || sy < 0 || sx >= sw ||
					    sy >= sh)
						continue;
					p = src + ((size_t)sy * sw + sx) * 4;
					t = tap[i] * tap[j];
					for (k = 0; k < 4; k++)
						q[k] += t * p[k];
				}
		}
	ly->level[n].w = w;
	ly->level[n].h = h;
	ly->level[n].px = px;
	ly->nlevel++;
	return 0;
}

/* What touches the floor: the opaque span of the lowest rows. */
static void
find_foot(struct layer *ly, float unit)
{
	const struct picture	*pic = &ly->pic;
	int			 rows = pic->h / 24 + 1, x, y;
	int			 lo = pic->w, hi = -1;

	for (y = pic->h - rows; y < pic->h; y++)
		for (x = 0; x < pic->w; x++)
			if (pic->px[((size_t)y * pic->w + x) * 4 + 3] > 140) {
				lo = x < lo ? x : lo;
				hi = x > hi ? x : hi;
			}
	if (hi < lo) {
		lo = 0;
		hi = pic->w - 1;
	}
	ly->foot_x = ((float)(lo + hi + 1) / 2 - (float)pic->w / 2) * unit;
	ly->foot_r = (float)(hi + 1 - lo) / 2 * unit;
	ly->foot_z = minf(0.55f * ly->foot_r, 0.10f);
}

int
layer_init(struct layer *ly, struct picture *pic, const struct stage *st,
    float x, float ground)
{
	struct vec	 at = { x, ground, 0 };
	float		 unit = 1 / (float)st->h, px, py, s;
	int		 pad, step;

	memset(ly, 0, sizeof *ly);
	layer_tables();
	ly->pic = *pic;
	memset(pic, 0, sizeof *pic);
	stage_project(st, at, &px, &py);
	ly->left = (int)lrintf(px + 0.5f - (float)ly->pic.w / 2);
	ly->top = (int)lrintf(py + 0.5f) - ly->pic.h;
	step = (ly->pic.h + FINE - 1) / FINE;
	pad = ly->pic.h / step / 4 + 4;
	find_foot(ly, unit);
	ly->foot_x += x;
	if (first_level(ly, pad) == -1)
		return -1;
	s = unit * (float)step;
	ly->floor = ground;
	ly->x0 = x - (float)ly->pic.w / 2 * unit - (float)pad * s;
	ly->x1 = ly->x0 + (float)ly->level[0].w * s;
	ly->y1 = ground + (float)(ly->pic.h) * unit + (float)pad * s;
	ly->y0 = ly->y1 - (float)ly->level[0].h * s;
	while (ly->nlevel < LAYER_LEVELS && ly->level[ly->nlevel - 1].h > 6)
		if (next_level(ly) == -1)
			return -1;
	return 0;
}

void
layer_free(struct layer *ly)
{
	int	 i;

	picture_free(&ly->pic);
	for (i = 0; i < ly->nlevel; i++)
		free(ly->level[i].px);
	memset(ly, 0, sizeof *ly);
}

static void
level_sample(const struct layer *ly, int l, float u, float v, float k,
    float out[4])
{
	int		 w = ly->level[l].w, h = ly->level[l].h, x, y, c;
	const float	*p;
	float		 fx, fy;

	u = u * (float)w - 0.5f;
	v = v * (float)h - 0.5f;
	x = noise_floor(u);
	y = noise_floor(v);
	if (x < 0 || y < 0 || x + 1 >= w || y + 1 >= h)
		return;
	fx = u - (float)x;
	fy = v - (float)y;
	p = ly->level[l].px + ((size_t)y * w + x) * 4;
	for (c = 0; c < 4; c++)
		out[c] += k * mixf(mixf(p[c], p[c + 4], fx),
		    mixf(p[c + 4 * w], p[c + 4 * w + 4], fx), fy);
}

void
layer_sample(const struct layer *ly, float x, float y, float blur,
    float out[4])
{
	float	 u = (x - ly->x0) / (ly->x1 - ly->x0);
	float	 v = (ly->y1 - y) / (ly->y1 - ly->y0);
	float	 texel = (ly->y1 - ly->y0) / (float)ly->level[0].h, l;
	int	 i;

	out[0] = out[1] = out[2] = out[3] = 0;
	if (u <= 0 || v <= 0 || u >= 1 || v >= 1)
		return;
	l = blur > texel ? log2f(blur / texel) : 0;
	l = clampf(l, 0, (float)(ly->nlevel - 1) - 0.01f);
	i = (int)l;
	level_sample(ly, i, u, v, 1 - (l - (float)i), out);
	level_sample(ly, i + 1, u, v, l - (float)i, out);
}

float
layer_shadow(const struct layer *ly, const struct stage *st, struct vec p)
{
	struct vec	 l = st->lamp, q;
	float		 dx, dz, n, dp, dl, t, s[4], run;

	/* The board turned towards the lamp, through the axis. */
	dx = l.x - ly->foot_x;
	dz = l.z - ly->foot_z;
	n = 1 / sqrtf(dx * dx + dz * dz);
	dx *= n;
	dz *= n;
	dp = (p.x - ly->foot_x) * dx + (p.z - ly->foot_z) * dz;
	dl = (l.x - ly->foot_x) * dx + (l.z - ly->foot_z) * dz;
	if (dp >= 0)
		return 0;
	t = -dp / (dl - dp);
	q.x = p.x + t * (l.x - p.x);
	q.y = p.y + t * (l.y - p.y);
	q.z = p.z + t * (l.z - p.z);
	run = t * 3.2f;
	n = (q.x - ly->foot_x) * -dz + (q.z - ly->foot_z) * dx;
	layer_sample(ly, ly->foot_x + (dz < 0 ? n : -n), q.y,
	    0.004f + 1.05f * st->size * run, s);
	return clampf(s[3], 0, 1);
}

float
layer_contact(const struct layer *ly, struct vec p)
{
	float	 r = maxf(ly->foot_r, 0.01f) * 0.97f;
	float	 rz = maxf(ly->foot_z, 0.012f);
	float	 qx, qz, d, up = fabsf(p.y - ly->floor);

	qx = fabsf(p.x - ly->foot_x) / r;
	qz = fabsf(p.z - ly->foot_z) / rz;
	if (qx > 5 && qz > 9)
		return 1;
	/* Between an ellipse and a rectangle, as most feet are. */
	d = (sqrtf(sqrtf(qx * qx * qx * qx + qz * qz * qz * qz)) - 1) *
	    minf(r, rz);
	d = maxf(d, 0) + up;
	return 1 - 0.50f / (1 + d * d / (0.013f * 0.013f)) -
	    0.38f * expf(-d / 0.085f);
}
