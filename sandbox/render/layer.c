/*
 * layer - a cut-out standing on the set
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "render/noise.h"
#include "render/scene.h"

/* Height of the finest pyramid level; shadows never need more. */
#define FINE	320

static int
add_level(struct layer *ly, int w, int h)
{
	int	 n = ly->nlevel;

	if ((ly->level[n].px = calloc((size_t)w * h, sizeof(vec))) == NULL)
		return -1;
	ly->level[n].w = w;
	ly->level[n].h = h;
	ly->nlevel++;
	return 0;
}

/* Averages the picture into the finest level, with a margin for blur. */
static int
first_level(struct layer *ly, int step, int pad)
{
	const struct picture	*pic = &ly->pic;
	const uint8_t		*p = pic->px;
	int			 w = (pic->w + step - 1) / step + 2 * pad;
	int			 h = (pic->h + step - 1) / step + 2 * pad;
	int			 x, y;
	float			 k = 1.0f / (float)(step * step), a;
	vec			*row;

	if (add_level(ly, w, h) == -1)
		return -1;
	for (y = 0; y < pic->h; y++) {
		row = ly->level[0].px + (size_t)(y / step + pad) * w + pad;
		for (x = 0; x < pic->w; x++, p += 4) {
			if (p[3] == 0)
				continue;
			a = k * (float)p[3] / 255;
			row[x / step] += pixel_linear(p) *
			    (vec){ a, a, a, k };
		}
	}
	return 0;
}

/* Half the size, with a 4x4 tent so that wide blurs do not look square. */
static int
next_level(struct layer *ly)
{
	static const float	 tap[4] = { 0.125f, 0.375f, 0.375f, 0.125f };
	int			 n = ly->nlevel, w, h, x, y, i, sx, sy;
	int			 sw = ly->level[n - 1].w;
	int			 sh = ly->level[n - 1].h;
	const vec		*src = ly->level[n - 1].px;
	vec			 c;

	w = (sw + 1) / 2;
	h = (sh + 1) / 2;
	if (add_level(ly, w, h) == -1)
		return -1;
	for (y = 0; y < h; y++)
		for (x = 0; x < w; x++) {
			c = (vec){ 0 };
			for (i = 0; i < 16; i++) {
				sx = 2 * x - 1 + i % 4;
				sy = 2 * y - 1 + i / 4;
				if (sx >= 0 && sy >= 0 && sx < sw && sy < sh)
					c += tap[i % 4] * tap[i / 4] *
					    src[(size_t)sy * sw + sx];
			}
			ly->level[n].px[(size_t)y * w + x] = c;
		}
	return 0;
}

/* What touches the floor: the opaque span of the lowest rows. */
static void
find_foot(struct layer *ly, float x0)
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
	ly->foot_x = x0 + (float)(lo + hi + 1) / 2 * ly->unit;
	ly->foot_r = (float)(hi + 1 - lo) / 2 * ly->unit;
	ly->foot_z = minf(0.55f * ly->foot_r, 0.10f);
}

int
layer_init(struct layer *ly, struct picture *pic, const struct stage *st,
    int left, int top, float z, float ground, char *err, size_t errlen)
{
	float	 x, s;
	int	 pad, step, rc;

	*ly = (struct layer){ .pic = *pic, .left = left, .top = top, .z = z,
	    .floor = ground };
	pic->px = NULL;
	ly->unit = (z + st->dist) / st->dist / (float)st->h;
	x = ((float)left - 0.5f * (float)st->w) * ly->unit;
	find_foot(ly, x);
	step = (ly->pic.h + FINE - 1) / FINE;
	pad = ly->pic.h / step / 4 + 4;
	rc = first_level(ly, step, pad);
	s = ly->unit * (float)step;
	ly->x0 = x - (float)pad * s;
	ly->x1 = ly->x0 + (float)ly->level[0].w * s;
	ly->y1 = ground + (float)ly->pic.h * ly->unit + (float)pad * s;
	ly->y0 = ly->y1 - (float)ly->level[0].h * s;
	while (rc == 0 && ly->nlevel < LAYER_LEVELS &&
	    ly->level[ly->nlevel - 1].h > 6)
		rc = next_level(ly);
	if (rc == -1)
		snprintf(err, errlen, "out of memory");
	return rc;
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

static vec
level_sample(const struct layer *ly, int l, float u, float v)
{
	int		 w = ly->level[l].w, h = ly->level[l].h, x, y;
	const vec	*p;

	u = u * (float)w - 0.5f;
	v = v * (float)h - 0.5f;
	x = noise_floor(u);
	y = noise_floor(v);
	if (x < 0 || y < 0 || x + 1 >= w || y + 1 >= h)
		return (vec){ 0 };
	p = ly->level[l].px + (size_t)y * w + x;
	return mixv(mixv(p[0], p[1], u - (float)x),
	    mixv(p[w], p[w + 1], u - (float)x), v - (float)y);
}

vec
layer_sample(const struct layer *ly, float x, float y, float blur)
{
	float	 u = (x - ly->x0) / (ly->x1 - ly->x0);
	float	 v = (ly->y1 - y) / (ly->y1 - ly->y0);
	float	 texel = (ly->y1 - ly->y0) / (float)ly->level[0].h, l;
	vec	 fine;
	int	 i;

	if (u <= 0 || v <= 0 || u >= 1 || v >= 1)
		return (vec){ 0 };
	l = blur > texel ? log2f(blur / texel) : 0;
	l = clampf(l, 0, (float)(ly->nlevel - 1) - 0.01f);
	i = (int)l;
	fine = level_sample(ly, i, u, v);
	return l <= (float)i ? fine : mixv(fine, level_sample(ly, i + 1, u,
	    v), l - (float)i);
}

float
layer_shadow(const struct layer *ly, const struct stage *st, vec p)
{
	vec	 axis = { ly->foot_x, 0, ly->z + ly->foot_z }, q;
	vec	 d = (st->lamp - axis) * (vec){ 1, 0, 1 };
	float	 dp, t, n;

	/* The board turned towards the lamp, through the axis. */
	d = unit(d);
	if ((dp = dot(p - axis, d)) >= 0)
		return 0;
	t = -dp / (dot(st->lamp - axis, d) - dp);
	q = mixv(p, st->lamp, t) - axis;
	n = q[Z] * d[X] - q[X] * d[Z];
	q = layer_sample(ly, ly->foot_x + (d[Z] < 0 ? n : -n), q[Y],
	    0.004f + 1.05f * st->size * t * 3.2f);
	return clampf(q[W], 0, 1);
}

float
layer_contact(const struct layer *ly, vec p)
{
	float	 r = maxf(ly->foot_r, 0.01f) * 0.97f;
	float	 rz = maxf(ly->foot_z, 0.012f);
	float	 qx = fabsf(p[X] - ly->foot_x) / r;
	float	 qz = fabsf(p[Z] - ly->z - ly->foot_z) / rz, d;

	if ((qx - 1) * r > 0.4f || (qz - 1) * rz > 0.4f)
		return 1;
	/* Between an ellipse and a rectangle, as most feet are. */
	d = ly->drawn > 0 ? sqrtf(qx * qx + qz * qz) :
	    sqrtf(sqrtf(qx * qx * qx * qx + qz * qz * qz * qz));
	d = (d - 1) * minf(r, rz);
	d = maxf(d, 0) + fabsf(p[Y] - ly->floor);
	return 1 - 0.50f / (1 + d * d / (0.013f * 0.013f)) -
	    0.38f * expf(-d / 0.085f);
}
