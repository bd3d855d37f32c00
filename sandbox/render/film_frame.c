/*
 * film_frame - pictures as a video encoder wants them, bent to a pose
 *
 * Where a pose looks is worked out for the corners of CELL by CELL pixels;
 * in between it is a straight line, walked in whole numbers with 16 bits
 * behind the point. (vips_mapim does the same from an image of positions,
 * and took ten times as long.)
 */
#include "config.h"

#include <math.h>
#include <stdlib.h>

#include "render/camera.h"

#define CELL	16

int
film_frame_make(int w, int h, struct film_frame *fr)
{
	fr->w = w;
	fr->h = h;
	fr->len = (size_t)w * h * 3 / 2;
	fr->y = malloc(fr->len);
	fr->c = fr->y + (size_t)w * h;
	return fr->y != NULL ? 0 : -1;
}

void
film_frame_free(struct film_frame *fr)
{
	free(fr->y);
	fr->y = NULL;
}

/* Shown on white, as a browser with a white page would. */
static vec
on_white(const uint8_t *p)
{
	vec	 c = { p[0], p[1], p[2], 255 };

	return p[3] == 255 ? c : 255 - (255 - c) * ((float)p[3] / 255);
}

int
film_frame_load(const struct picture *pic, int w, int h,
    struct film_frame *fr)
{
	static const vec	 luma = { 0.18259f, 0.61423f, 0.06201f };
	static const vec	 cb = { -0.10064f, -0.33857f, 0.43922f };
	static const vec	 cr = { 0.43922f, -0.39894f, -0.04027f };
	bool			 wide = (int64_t)pic->w * h >
				    (int64_t)pic->h * w;
	uint8_t			*y, *c;
	const uint8_t		*p;
	vec			 v;
	int			 i, j, fw, fh, pitch = pic->w * 4;

	fw = (wide ? (int)((int64_t)pic->h * w / h) : pic->w) & ~1;
	fh = (wide ? pic->h : (int)((int64_t)pic->w * h / w)) & ~1;
	if (film_frame_make(fw, fh, fr) == -1)
		return -1;
	y = fr->y;
	c = fr->c;
	for (j = 0; j < fh; j++) {
		p = pic->px + (size_t)((pic->h - fh) / 2 + j) * pitch +
		    (size_t)(pic->w - fw) / 2 * 4;
		for (i = 0; i < fw; i++, p += 4)
			*y++ = (uint8_t)(16.5f + dot(on_white(p), luma));
		p -= (size_t)fw * 4;
		for (i = 0; (j & 1) == 0 && i < fw; i += 2, p += 8) {
			v = 0.25f * (on_white(p) + on_white(p + 4) +
			    on_white(p + pitch) + on_white(p + pitch + 4));
			*c++ = (uint8_t)(128.5f + dot(v, cb));
			*c++ = (uint8_t)(128.5f + dot(v, cr));
		}
	}
	return 0;
}

void
film_frame_mix(struct film_frame *into, const struct film_frame *over,
    float share)
{
	unsigned int	 b = (unsigned int)lrintf(share * 256), a = 256 - b;
	size_t		 i;

	for (i = 0; i < into->len; i++)
		into->y[i] = (uint8_t)((into->y[i] * a + over->y[i] * b +
		    128) >> 8);
}

void
film_frame_mark(struct film_frame *fr, const struct watermark *wm)
{
	const uint8_t	*keep = wm->keep, *add = wm->add;
	uint8_t		*p, *c;
	int		 x, y;

	for (y = 0; y < wm->h; y++, keep += wm->w, add += wm->w) {
		p = fr->y + (size_t)(wm->y + y) * fr->w + wm->x;
		c = fr->c + (size_t)(wm->y + y) / 2 * fr->w + wm->x;
		/* The mark is grey: luma is its value in limited range. */
		for (x = 0; x < wm->w; x++)
			p[x] = (uint8_t)(16 + (p[x] - 16) * keep[x] / 255 +
			    add[x] * 219 / 255);
		for (x = 0; (y & 1) == 0 && x < wm->w; x++)
			c[x] = (uint8_t)(128 + (c[x] - 128) * keep[x & ~1] /
			    255);
	}
}

/* --- bending */

/* The position of a corner in the frame, and how far it is from the last. */
static int
corner_at(int i, int size)
{
	return i * CELL < size - 1 ? i * CELL : size - 1;
}

static int
span(int i, int size)
{
	int	 n = corner_at(i + 1, size) - corner_at(i, size);

	return n > 0 ? n : 1;
}

/* Corners in pixels of the source's luma, and in z how bright they are. */
static void
fill(const struct film_frame *src, const struct depth_map *dm,
    const struct pose *q, const struct film_frame *out, vec *at, int nx,
    int ny)
{
	float	 x, y, aspect = (float)out->w / (float)out->h;
	int	 i, j;

	for (j = 0; j < ny; j++)
		for (i = 0; i < nx; i++) {
			pose_sees(q, dm, aspect, ((float)corner_at(i, out->w) +
			    0.5f) / (float)out->w, ((float)corner_at(j,
			    out->h) + 0.5f) / (float)out->h, &x, &y);
			/* Room for the neighbour, and that of chroma. */
			*at++ = (vec){ clampf(x * (float)src->w - 0.5f, 0,
			    (float)src->w - 2.1f), clampf(y * (float)src->h -
			    0.5f, 0, (float)src->h - 2.1f),
			    clampf(pose_gain(q, dm, x, y), 0.5f, 2) };
		}
}

static inline uint8_t
sample(const uint8_t *p, int pitch, int bands, int fx, int fy)
{
	const uint8_t	*q = p + pitch;
	int		 a, b;

	a = (p[0] << 8) + (p[bands] - p[0]) * fx;
	b = (q[0] << 8) + (q[bands] - q[0]) * fx;
	return (uint8_t)(((a << 8) + (b - a) * fy + 32768) >> 16);
}

/* A row of w pixels: one band of luma, or two of chroma at half the size. */
static inline __attribute__((always_inline)) void
warp_row(const uint8_t *from, int pitch, const vec *c, uint8_t *restrict out,
    int w, const int bands)
{
	int32_t		 x, y, dx, dy;
	const uint8_t	*p;
	vec		 d;
	int		 i, k, j, n;

	for (j = 0; w > 0; j++, c++, w -= n) {
		n = w < CELL / bands ? w : CELL / bands;
		d = (c[1] - c[0]) * (65536.0f / (float)span(j, w * bands +
		    j * CELL));
		x = (int32_t)(c[0][X] * 65536) / bands;
		y = (int32_t)(c[0][Y] * 65536) / bands;
		dx = (int32_t)d[X];
		dy = (int32_t)d[Y];
		for (i = 0; i < n; i++, x += dx, y += dy) {
			p = from + (y >> 16) * pitch + (x >> 16) * bands;
			for (k = 0; k < bands; k++)
				*out++ = sample(p + k, pitch, bands,
				    x >> 8 & 255, y >> 8 & 255);
		}
	}
}

static void
light_row(const vec *c, uint8_t *out, int w)
{
	int	 i, j, n, g, dg, v;

	for (j = 0; w > 0; j++, c++, w -= n, out += n) {
		n = w < CELL ? w : CELL;
		g = (int)(65536 * c[0][Z]);
		dg = (int)(65536 * (c[1][Z] - c[0][Z])) / CELL;
		for (i = 0; i < n; i++, g += dg) {
			v = 16 + (((out[i] - 16) * (g >> 6) + 512) >> 10);
			out[i] = (uint8_t)(v > 235 ? 235 : v < 16 ? 16 : v);
		}
	}
}

int
film_frame_warp(const struct film_frame *src, const struct depth_map *dm,
    const struct pose *q, struct film_frame *out)
{
	int	 nx = (out->w + CELL - 2) / CELL + 1;
	int	 ny = (out->h + CELL - 2) / CELL + 1, y, j, i;
	vec	*at = malloc(((size_t)nx * ny + nx + 1) * sizeof *at), *row;
	uint8_t	*luma = out->y, *chroma = out->c;

	if (at == NULL)
		return -1;
	fill(src, dm, q, out, at, nx, ny);
	row = at + (size_t)nx * ny;
	for (y = 0; y < out->h; y++, luma += out->w) {
		j = y / CELL;
		for (i = 0; i < nx; i++)
			row[i] = mixv(at[j * nx + i], at[(j + 1 < ny ?
			    j + 1 : j) * nx + i], (float)(y % CELL) /
			    (float)span(j, out->h));
		row[nx] = row[nx - 1];
		warp_row(src->y, src->w, row, luma, out->w, 1);
		if (q->light != 1 || q->side != 0 || q->sweep != 0)
			light_row(row, luma, out->w);
		if (y % 2 == 0) {
			warp_row(src->c, src->w, row, chroma, out->w / 2, 2);
			chroma += out->w;
		}
	}
	free(at);
	return 0;
}
