/*
 * film_depth - a guess at what in a picture is near
 *
 * A small copy of the picture is looked at. If the subject can be cut out,
 * that is it; else what differs from both ends of its own row, as a product
 * does that stands before a backdrop; else an ellipse in the middle. The
 * ground is as near as the subject where the subject stands on it, and
 * nearer in front. All of it is blurred, since a film bends the picture by
 * it, and an edge would tear.
 */
#include "config.h"

#include "film_depth.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cutout.h"
#include "noise.h"

#define SIDE	112		/* pixels of the small copy's longer side */
#define BLUR	3		/* and of it, twice */

static void
shrink(const struct picture *src, struct picture *dst)
{
	int	 x, y, i, j, k, x0, x1, y0, y1;

	for (y = 0; y < dst->h; y++)
		for (x = 0; x < dst->w; x++) {
			unsigned int	 s[4] = { 0, 0, 0, 0 }, n = 0;

			x0 = x * src->w / dst->w;
			x1 = (x + 1) * src->w / dst->w;
			y0 = y * src->h / dst->h;
			y1 = (y + 1) * src->h / dst->h;
			for (j = y0; j < y1; j++)
				for (i = x0; i < x1; i++, n++)
					for (k = 0; k < 4; k++)
						s[k] += src->px[((size_t)j *
						    src->w + i) * 4 + k];
			for (k = 0; k < 4 && n > 0; k++)
				dst->px[((size_t)y * dst->w + x) * 4 + k] =
				    (uint8_t)(s[k] / n);
		}
}

static void
blur(float *d, float *tmp, int w, int h, int r)
{
	int	 pass, x, y, i, n;
	float	 s;

	for (pass = 0; pass < 2; pass++) {
		for (y = 0; y < h; y++)
			for (x = 0; x < w; x++) {
				s = 0;
				n = 0;
				for (i = x - r; i <= x + r; i++)
					if (i >= 0 && i < w) {
						s += d[y * w + i];
						n++;
					}
				tmp[y * w + x] = s / (float)n;
			}
		for (y = 0; y < h; y++)
			for (x = 0; x < w; x++) {
				s = 0;
				n = 0;
				for (i = y - r; i <= y + r; i++)
					if (i >= 0 && i < h) {
						s += tmp[i * w + x];
						n++;
					}
				d[y * w + x] = s / (float)n;
			}
	}
}

/* Each value becomes the largest within r, across and up and down. */
static void
grow(float *d, float *tmp, int w, int h, int r)
{
	int	 x, y, i;

	for (y = 0; y < h; y++)
		for (x = 0; x < w; x++) {
			tmp[y * w + x] = 0;
			for (i = x - r; i <= x + r; i++)
				if (i >= 0 && i < w)
					tmp[y * w + x] = maxf(tmp[y * w + x],
					    d[y * w + i]);
		}
	for (y = 0; y < h; y++)
		for (x = 0; x < w; x++) {
			d[y * w + x] = 0;
			for (i = y - r; i <= y + r; i++)
				if (i >= 0 && i < h)
					d[y * w + x] = maxf(d[y * w + x],
					    tmp[i * w + x]);
		}
}

/* Mean colour of a few pixels at one end of a row. */
static void
row_end(const struct picture *pic, int y, int x0, int n, float *rgb)
{
	int	 x, k;

	for (k = 0; k < 3; k++) {
		rgb[k] = 0;
		for (x = x0; x < x0 + n; x++)
			rgb[k] += (float)pic->px[((size_t)y * pic->w + x) *
			    4 + k] / (float)n;
	}
}

/* How far each pixel is from a line between the ends of its row. */
static void
stand_out(const struct picture *pic, float *d)
{
	int	 n = pic->w / 14 + 1, x, y, k;
	float	 l[3], r[3], t, off, worst;

	for (y = 0; y < pic->h; y++) {
		row_end(pic, y, 0, n, l);
		row_end(pic, y, pic->w - n, n, r);
		for (x = 0; x < pic->w; x++) {
			t = (float)x / (float)(pic->w - 1);
			worst = 0;
			for (k = 0; k < 3; k++) {
				off = fabsf((float)pic->px[((size_t)y *
				    pic->w + x) * 4 + k] -
				    mixf(l[k], r[k], t));
				worst = maxf(worst, off);
			}
			d[y * pic->w + x] = worst;
		}
	}
}

/*
 * What stands out more than the backdrop's own pattern does, which is there
 * to be seen at both sides.
 */
static void
judge(float *d, int w, int h)
{
	float	 sum = 0, sq = 0, t, low;
	int	 n = 0, x, y;

	for (y = 0; y < h; y++)
		for (x = 0; x < w; x++)
			if (x < w / 5 || x >= w - w / 5) {
				sum += d[y * w + x];
				sq += d[y * w + x] * d[y * w + x];
				n++;
			}
	sum /= (float)n;
	sq = sqrtf(maxf(0, sq / (float)n - sum * sum));
	low = clampf(sum + 2 * sq, 14, 64);
	for (y = 0; y < h; y++)
		for (x = 0; x < w; x++) {
			t = (float)x / (float)(w - 1);
			/* What hugs the border is not the subject. */
			d[y * w + x] = smooth(low, low + 26, d[y * w + x]) *
			    smooth(0.03f, 0.14f, minf(t, 1 - t));
		}
}

/*
 * Of what stands out, what lies around the middle of its mass; the rest goes.
 * False when that is next to nothing or nearly all.
 */
static bool
keep_subject(float *d, float *tmp, int w, int h)
{
	float	 sum = 0, cx = 0, px, far;
	int	 x, y, lo, hi, i, n = 0;

	blur(d, tmp, w, h, 2);
	for (y = 0; y < h; y++)
		for (x = 0; x < w; x++) {
			px = (float)x / (float)w - 0.5f;
			far = d[y * w + x] * (1 - 1.8f * px * px);
			sum += far;
			cx += far * (float)x;
		}
	if (sum < 0.008f * (float)(w * h))
		return false;
	cx /= sum;
	for (y = 0; y < h; y++) {
		lo = hi = (int)cx;
		/* Holes, such as a label of the backdrop's colour, are filled. */
		for (x = 0; x < w; x++)
			if (d[y * w + x] > 0.45f &&
			    fabsf((float)x - cx) < 0.34f * (float)w) {
				lo = x < lo ? x : lo;
				hi = x > hi ? x : hi;
			}
		for (i = 0; i < w; i++)
			d[y * w + i] = hi > lo && i >= lo && i <= hi;
		n += hi > lo ? hi - lo : 0;
	}
	return n > w * h / 80 && n < w * h * 6 / 10;
}

/*
 * A scene with a wall and a table can pass for a plain backdrop; then parts
 * of it are taken for the subject, and those reach the border.
 */
static bool
by_cutting(struct picture *pic, float *d)
{
	struct cutout	 co;
	int		 x, y, n = 0;

	if (cutout_make(pic, &co) == -1 || co.how == CUTOUT_NONE)
		return false;
	for (y = 0; y < pic->h; y++)
		for (x = 0; x < pic->w; x++) {
			*d = pic->px[((size_t)y * pic->w + x) * 4 + 3] > 100;
			if (x == 0 || y == 0 || x == pic->w - 1 ||
			    y == pic->h - 1)
				n += *d > 0;
			d++;
		}
	return n <= (pic->w + pic->h) / 16;
}

static void
ellipse(float *d, int w, int h)
{
	float	 dx, dy;
	int	 x, y;

	for (y = 0; y < h; y++)
		for (x = 0; x < w; x++) {
			dx = ((float)x / (float)w - 0.5f) / 0.24f;
			dy = ((float)y / (float)h - 0.54f) / 0.33f;
			d[y * w + x] = dx * dx + dy * dy < 1;
		}
}

/* Where the subject is, and the row it stands on. */
static float
measure(struct film_depth *fd)
{
	float	 sx = 0, sy = 0, n = 1e-6f, row, foot = 0;
	int	 x, y;

	for (y = 0; y < fd->h; y++) {
		row = 0;
		for (x = 0; x < fd->w; x++) {
			row += fd->d[y * fd->w + x];
			sx += fd->d[y * fd->w + x] * (float)x;
		}
		sy += row * (float)y;
		n += row;
		if (row > 0.03f * (float)fd->w)
			foot = (float)(y + 1) / (float)fd->h;
	}
	fd->x = clampf(sx / n / (float)fd->w, 0.25f, 0.75f);
	fd->y = clampf(sy / n / (float)fd->h, 0.3f, 0.7f);
	return clampf(foot, 0.55f, 1);
}

static void
add_ground(struct film_depth *fd, float foot)
{
	float	 y, g, front, *p = fd->d;
	int	 i, j;

	for (j = 0; j < fd->h; j++) {
		y = ((float)j + 0.5f) / (float)fd->h;
		g = clampf((y - foot) / 0.20f + 1, 0, 1);
		front = 0.4f * smooth(foot, foot + 0.35f, y);
		for (i = 0; i < fd->w; i++, p++)
			*p = maxf(*p, g) + front;
	}
}

static int
look(struct film_depth *fd, struct picture *small)
{
	size_t	 n = (size_t)fd->w * fd->h;
	float	*tmp = malloc(n * sizeof *tmp), foot;

	if (tmp == NULL)
		return -1;
	if (!by_cutting(small, fd->d)) {
		stand_out(small, fd->d);
		judge(fd->d, fd->w, fd->h);
		if (!keep_subject(fd->d, tmp, fd->w, fd->h))
			ellipse(fd->d, fd->w, fd->h);
	}
	foot = measure(fd);
	/* Grown by more than the blur reaches, the subject itself is flat. */
	grow(fd->d, tmp, fd->w, fd->h, 2 * BLUR + 2);
	blur(fd->d, tmp, fd->w, fd->h, BLUR);
	add_ground(fd, foot);
	free(tmp);
	return 0;
}

int
film_depth_make(const struct picture *pic, struct film_depth *fd)
{
	struct picture	 small;
	int		 longer = pic->w > pic->h ? pic->w : pic->h, rc = -1;

	memset(&small, 0, sizeof small);
	small.w = pic->w * SIDE / longer;
	small.h = pic->h * SIDE / longer;
	if (longer < SIDE) {
		small.w = pic->w;
		small.h = pic->h;
	}
	fd->w = small.w = small.w > 8 ? small.w : 8;
	fd->h = small.h = small.h > 8 ? small.h : 8;
	small.px = calloc((size_t)small.w * small.h, 4);
	fd->d = calloc((size_t)small.w * small.h, sizeof *fd->d);
	if (small.px != NULL && fd->d != NULL) {
		shrink(pic, &small);
		rc = look(fd, &small);
	}
	free(small.px);
	if (rc == -1)
		film_depth_free(fd);
	return rc;
}

void
film_depth_free(struct film_depth *fd)
{
	free(fd->d);
	fd->d = NULL;
}

float
film_depth_at(const struct film_depth *fd, float x, float y)
{
	float		 u, v;
	int		 i, j;
	const float	*p;

	u = clampf(x * (float)fd->w - 0.5f, 0, (float)fd->w - 1.001f);
	v = clampf(y * (float)fd->h - 0.5f, 0, (float)fd->h - 1.001f);
	i = (int)u;
	j = (int)v;
	u -= (float)i;
	v -= (float)j;
	p = fd->d + j * fd->w + i;
	return mixf(mixf(p[0], p[1], u), mixf(p[fd->w], p[fd->w + 1], u), v);
}
