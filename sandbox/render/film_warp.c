/*
 * film_warp - pictures as a video encoder wants them, bent to a pose
 *
 * Where a pose looks is worked out for the corners of CELL by CELL pixels;
 * in between it is a straight line. The pixels are then walked in whole
 * numbers, 16 bits of them behind the point.
 */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "render/film_warp.h"
#include "render/noise.h"

#define CELL	16
#define MARGIN	8		/* pixels; even */

/* --- sheets */

static uint8_t
byte(float v)
{
	return (uint8_t)lrintf(clampf(v, 0, 255));
}

/* One row of luma and, every other one, of chroma. */
static void
sheet_row(const struct picture *pic, int x0, int y0, int row,
    const struct film_sheet *sh)
{
	const uint8_t	*p = pic->px + ((size_t)(y0 + row) * pic->w + x0) * 4;
	const uint8_t	*q = p + (size_t)pic->w * 4;
	uint8_t		*y = sh->y + (size_t)(row + MARGIN) * sh->pitch +
	    MARGIN;
	uint8_t		*c = sh->c + (size_t)(row / 2 + MARGIN / 2) *
	    sh->cpitch + MARGIN;
	float		 r, g, b;
	int		 i;

	for (i = 0; i < sh->w; i++, p += 4)
		y[i] = (uint8_t)(16.5f + 0.18259f * (float)p[0] +
		    0.61423f * (float)p[1] + 0.06201f * (float)p[2]);
	if (row & 1)
		return;
	p -= (size_t)sh->w * 4;
	for (i = 0; i < sh->w; i += 2, p += 8, q += 8) {
		r = 0.25f * (float)(p[0] + p[4] + q[0] + q[4]);
		g = 0.25f * (float)(p[1] + p[5] + q[1] + q[5]);
		b = 0.25f * (float)(p[2] + p[6] + q[2] + q[6]);
		c[i] = byte(128 - 0.10064f * r - 0.33857f * g + 0.43922f * b);
		c[i + 1] = byte(128 + 0.43922f * r - 0.39894f * g -
		    0.04027f * b);
	}
}

/* The outermost pixels go on through the margin. */
static void
sheet_margin(uint8_t *p, int pitch, int w, int h, int mx, int my, int step)
{
	uint8_t	*row;
	int	 x, y;

	for (y = my; y < h + my; y++) {
		row = p + (size_t)y * pitch;
		for (x = 0; x < mx; x++) {
			row[x] = row[mx + x % step];
			row[mx + w + x] = row[mx + w - step + x % step];
		}
	}
	for (y = 0; y < my; y++) {
		memcpy(p + (size_t)y * pitch, p + (size_t)my * pitch,
		    (size_t)pitch);
		memcpy(p + (size_t)(my + h + y) * pitch,
		    p + (size_t)(my + h - 1) * pitch, (size_t)pitch);
	}
}

int
film_sheet_make(const struct picture *pic, int w, int h,
    struct film_sheet *sh)
{
	int	 y, x0, y0;

	sh->w = pic->w;
	sh->h = pic->h;
	if ((int64_t)pic->w * h > (int64_t)pic->h * w)
		sh->w = (int)((int64_t)pic->h * w / h);
	else
		sh->h = (int)((int64_t)pic->w * h / w);
	sh->w &= ~1;
	sh->h &= ~1;
	x0 = (pic->w - sh->w) / 2;
	y0 = (pic->h - sh->h) / 2;
	sh->pitch = sh->cpitch = sh->w + 2 * MARGIN;
	sh->y = malloc((size_t)sh->pitch * (size_t)(sh->h + 2 * MARGIN));
	sh->c = malloc((size_t)sh->cpitch * (size_t)(sh->h / 2 + MARGIN));
	if (sh->y == NULL || sh->c == NULL) {
		film_sheet_free(sh);
		return -1;
	}
	for (y = 0; y < sh->h; y++)
		sheet_row(pic, x0, y0, y, sh);
	sheet_margin(sh->y, sh->pitch, sh->w, sh->h, MARGIN, MARGIN, 1);
	sheet_margin(sh->c, sh->cpitch, sh->w, sh->h / 2, MARGIN, MARGIN / 2,
	    2);
	return 0;
}

void
film_sheet_free(struct film_sheet *sh)
{
	free(sh->y);
	free(sh->c);
	sh->y = sh->c = NULL;
}

/* --- frames */

int
film_frame_make(int w, int h, struct film_frame *fr)
{
	fr->w = w;
	fr->h = h;
	fr->len = (size_t)w * h * 3 / 2;
	fr->y = malloc(fr->len);
	fr->c = fr->y != NULL ? fr->y + (size_t)w * h : NULL;
	return fr->y != NULL ? 0 : -1;
}

void
film_frame_free(struct film_frame *fr)
{
	free(fr->y);
	fr->y = fr->c = NULL;
}

void
film_mix(struct film_frame *into, const struct film_frame *over, float share)
{
	unsigned int	 b = (unsigned int)lrintf(share * 256), a = 256 - b;
	size_t		 i;

	for (i = 0; i < into->len; i++)
		into->y[i] = (uint8_t)((into->y[i] * a + over->y[i] * b +
		    128) >> 8);
}

/* --- bending */

/* Where a corner looks, in pixels of the sheet's luma, and how bright. */
struct corner {
	int32_t	 x, y;			/* 16.16, margin included */
	int32_t	 g;			/* 8.8 of the gain, 8 more behind */
};

struct mesh {
	struct corner	*at;		/* nx * ny */
	struct corner	*row;		/* nx, of the row being drawn */
	int		 nx, ny;
	bool		 lit;		/* some gain is not 1 */
};

static int32_t
fixed(float v, int size)
{
	/* Half a margin of room, as pixels are read in pairs. */
	v = clampf(v * (float)size - 0.5f, -MARGIN / 2,
	    (float)size - 1 + MARGIN / 2);
	return (int32_t)lrintf((v + MARGIN) * 65536);
}

static void
mesh_fill(struct mesh *m, const struct film_sheet *sh,
    const struct film_depth *fd, const struct film_pose *q, int w, int h)
{
	struct corner	*c = m->at;
	float		 x, y, aspect = (float)w / (float)h;
	int		 i, j;

	m->lit = q->light != 1 || q->side != 0 || q->sweep != 0;
	for (j = 0; j < m->ny; j++)
		for (i = 0; i < m->nx; i++, c++) {
			film_see(q, fd, aspect,
			    ((float)(i * CELL) + 0.5f) / (float)w,
			    ((float)(j * CELL) + 0.5f) / (float)h, &x, &y);
			c->x = fixed(x, sh->w);
			c->y = fixed(y, sh->h);
			c->g = m->lit ? (int32_t)(65536 *
			    clampf(film_gain(q, fd, x, y), 0.5f, 2)) : 65536;
		}
}

static int32_t
between(int32_t a, int32_t b, int k)
{
	return a + (b - a) / CELL * k;
}

static void
mesh_row(struct mesh *m, int y)
{
	const struct corner	*a = m->at + (size_t)(y / CELL) * m->nx;
	const struct corner	*b = a + m->nx;
	int			 i, k = y % CELL;

	for (i = 0; i < m->nx; i++) {
		m->row[i].x = between(a[i].x, b[i].x, k);
		m->row[i].y = between(a[i].y, b[i].y, k);
		m->row[i].g = between(a[i].g, b[i].g, k);
	}
}

static inline uint8_t
sample(const uint8_t *p, int pitch, int step, int fx, int fy)
{
	const uint8_t	*q = p + pitch;
	int		 a, b;

	a = (p[0] << 8) + (p[step] - p[0]) * fx;
	b = (q[0] << 8) + (q[step] - q[0]) * fx;
	return (uint8_t)(((a << 8) + (b - a) * fy + 32768) >> 16);
}

/*
 * Eight samples at once, as this is where a film spends its time: vectors of
 * 16 bits, which is one register of any processor that Debian runs on. It
 * leaves seven bits for the weights of rows.
 */
typedef uint16_t	lanes __attribute__((vector_size(16)));
typedef uint32_t	wide __attribute__((vector_size(16)));
typedef uint8_t		bytes __attribute__((vector_size(8)));

static const lanes	each = { 0, 1, 2, 3, 4, 5, 6, 7 };
static const lanes	pairs = { 0, 0, 1, 1, 2, 2, 3, 3 };

/* at and by: 16 bits behind the point, of the first and from one to another */
static inline lanes
weights(int32_t at, int32_t by, lanes nth)
{
	return ((uint16_t)at + nth * (uint16_t)by) >> 8;
}

/* p and q: a row and the one below; 0 and 1: left and right */
static inline void
blend(lanes p0, lanes p1, lanes q0, lanes q1, lanes fx, lanes fy,
    uint8_t *out)
{
	lanes	 a, b, v;
	bytes	 r;

	a = ((p0 << 8) + (p1 - p0) * fx) >> 7;
	b = ((q0 << 8) + (q1 - q0) * fx) >> 7;
	fy >>= 1;
	v = (a * (128 - fy) + b * fy + 128) >> 8;
	r = __builtin_convertvector(v, bytes);
	memcpy(out, &r, sizeof r);
}

static inline void
eight_lumas(const uint8_t *from, int pitch, int32_t x, int32_t y, int32_t dx,
    int32_t dy, uint8_t *out)
{
	lanes		 p, q, fx = weights(x, dx, each);
	lanes		 fy = weights(y, dy, each);
	const uint8_t	*s;
	int		 i;

	for (i = 0; i < 8; i++, x += dx, y += dy) {
		s = from + (y >> 16) * pitch + (x >> 16);
		p[i] = (uint16_t)(s[0] | s[1] << 8);
		s += pitch;
		q[i] = (uint16_t)(s[0] | s[1] << 8);
	}
	blend(p & 255, p >> 8, q & 255, q >> 8, fx, fy, out);
}

static inline uint32_t
four(const uint8_t *s)
{
	return s[0] | (uint32_t)s[1] << 8 | (uint32_t)s[2] << 16 |
	    (uint32_t)s[3] << 24;
}

/* Cb and Cr of four places: they lie side by side, and so do their lanes. */
static inline void
four_chromas(const uint8_t *from, int pitch, int32_t x, int32_t y,
    int32_t dx, int32_t dy, uint8_t *out)
{
	lanes		 fx = weights(x, dx, pairs);
	lanes		 fy = weights(y, dy, pairs);
	wide		 p, q;
	const uint8_t	*s;
	int		 i;

	for (i = 0; i < 4; i++, x += dx, y += dy) {
		s = from + (y >> 16) * pitch + 2 * (x >> 16);
		p[i] = four(s);
		q[i] = four(s + pitch);
	}
	blend((lanes)((p & 255) | (p << 8 & 0xff0000)),
	    (lanes)((p >> 16 & 255) | (p >> 8 & 0xff0000)),
	    (lanes)((q & 255) | (q << 8 & 0xff0000)),
	    (lanes)((q >> 16 & 255) | (q >> 8 & 0xff0000)), fx, fy, out);
}

static void
light_row(const struct mesh *m, uint8_t *out, int w)
{
	const struct corner	*c = m->row;
	int32_t			 g, dg, v;
	int			 i, n;

	for (; w > 0; w -= CELL, c++, out += n) {
		n = w < CELL ? w : CELL;
		g = c[0].g;
		dg = (c[1].g - g) / CELL;
		for (i = 0; i < n; i++, g += dg) {
			v = 16 + (((out[i] - 16) * (g >> 6) + 512) >> 10);
			out[i] = (uint8_t)(v > 235 ? 235 : v < 16 ? 16 : v);
		}
	}
}

/* Bytes written may be anything for all the compiler knows: no pointers. */
static void
luma_row(const struct film_sheet *sh, const struct mesh *m,
    uint8_t *restrict out, int w)
{
	const struct corner	*c = m->row;
	const uint8_t		*from = sh->y;
	int32_t			 x, y, dx, dy;
	int			 i, n, pitch = sh->pitch;

	for (; w > 0; w -= CELL, c++, out += n) {
		n = w < CELL ? w : CELL;
		x = c[0].x;
		y = c[0].y;
		dx = (c[1].x - x) / CELL;
		dy = (c[1].y - y) / CELL;
		for (i = 0; i + 8 <= n; i += 8, x += 8 * dx, y += 8 * dy)
			eight_lumas(from, pitch, x, y, dx, dy, out + i);
		for (; i < n; i++, x += dx, y += dy)
			out[i] = sample(from + (y >> 16) * pitch + (x >> 16),
			    pitch, 1, x >> 8 & 255, y >> 8 & 255);
	}
}

static void
chroma_row(const struct film_sheet *sh, const struct mesh *m,
    uint8_t *restrict out, int w)
{
	const struct corner	*c = m->row;
	const uint8_t		*from = sh->c, *p;
	int32_t			 x, y, dx, dy;
	int			 i, n, fx, fy, pitch = sh->cpitch;

	for (; w > 0; w -= CELL / 2, c++) {
		n = w < CELL / 2 ? w : CELL / 2;
		x = c[0].x / 2;
		y = c[0].y / 2;
		dx = (c[1].x - c[0].x) / CELL;
		dy = (c[1].y - c[0].y) / CELL;
		for (i = 0; i + 4 <= n; i += 4, x += 4 * dx, y += 4 * dy,
		    out += 8)
			four_chromas(from, pitch, x, y, dx, dy, out);
		for (; i < n; i++, x += dx, y += dy, out += 2) {
			p = from + (y >> 16) * pitch + 2 * (x >> 16);
			fx = x >> 8 & 255;
			fy = y >> 8 & 255;
			out[0] = sample(p, pitch, 2, fx, fy);
			out[1] = sample(p + 1, pitch, 2, fx, fy);
		}
	}
}

int
film_warp(const struct film_sheet *sh, const struct film_depth *fd,
    const struct film_pose *q, struct film_frame *fr)
{
	struct mesh	 m;
	int		 y;

	m.nx = (fr->w + CELL - 1) / CELL + 1;
	m.ny = (fr->h + CELL - 1) / CELL + 1;
	m.at = malloc(((size_t)m.nx * m.ny + m.nx) * sizeof *m.at);
	if (m.at == NULL)
		return -1;
	m.row = m.at + (size_t)m.nx * m.ny;
	mesh_fill(&m, sh, fd, q, fr->w, fr->h);
	for (y = 0; y < fr->h; y++) {
		mesh_row(&m, y);
		luma_row(sh, &m, fr->y + (size_t)y * fr->w, fr->w);
		if (m.lit)
			light_row(&m, fr->y + (size_t)y * fr->w, fr->w);
		if (y % 2 == 0)
			chroma_row(sh, &m, fr->c + (size_t)y / 2 * fr->w,
			    fr->w / 2);
	}
	free(m.at);
	return 0;
}
