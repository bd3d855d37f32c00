/*
 * film_depth - a guess at what in a picture is near
 *
 * A small copy of the picture is looked at. If the subject can be cut out,
 * that is it; else everything that has an edge all around it, as things have
 * that stand before a backdrop; else an ellipse in the middle. The ground is
 * as near as the subject where the subject stands on it, and nearer in front.
 * What is found is near as a whole, and the rest of the way is blurred into
 * the backdrop: a film bends the picture there, and an edge would tear.
 */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "render/cutout.h"
#include "render/film_depth.h"
#include "render/noise.h"

#define SIDE	224		/* pixels of the small copy's longer side */
#define BLUR	6		/* and of it, twice */
#define LINE	3		/* pixels: half of the thickest line */

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

/* Largest difference of two neighbours. */
static int
step(const struct picture *pic, int i, int j)
{
	const uint8_t	*p = pic->px + (size_t)i * 4;
	const uint8_t	*q = pic->px + (size_t)j * 4;
	int		 k, d, worst = 0;

	for (k = 0; k < 3; k++) {
		d = abs(p[k] - q[k]);
		worst = d > worst ? d : worst;
	}
	return worst;
}

/* What a backdrop does from pixel to pixel, looked up along both sides. */
static int
roughness(const struct picture *pic)
{
	int	 x, y, i, sum = 0, n = 0, band = pic->w / 12 + 1;

	for (y = 0; y + 1 < pic->h; y++)
		for (x = 0; x < 2 * band; x++) {
			i = y * pic->w + (x < band ? x :
			    pic->w - 1 - (x - band));
			sum += step(pic, i, i + pic->w);
			n++;
		}
	n = n > 0 ? 2 + 3 * sum / n : 2;
	return n < 5 ? 5 : n > 12 ? 12 : n;
}

/* 1 where there is an edge, or beside it: a gap in one is no way through. */
static void
edges(const struct picture *pic, float *d, float *tmp)
{
	int	 most = roughness(pic), w = pic->w, n = w * pic->h, i;

	for (i = 0; i < n; i++)
		d[i] = (i % w < w - 1 && step(pic, i, i + 1) > most) ||
		    (i + w < n && step(pic, i, i + w) > most);
	grow(d, tmp, w, pic->h, 1);
}

/*
 * The backdrop hangs together with the border, soft shadows and all; what has
 * an edge all around it is not reached, and becomes 1.
 */
static void
flood(float *d, int w, int h, int *stack)
{
	int	 n = w * h, to[4] = { -1, 1, -w, w }, top = 0, i, j, k, x;

	for (i = 0; i < n; i++) {
		x = i % w;
		if (d[i] == 0 && (x == 0 || x == w - 1 || i < w ||
		    i >= n - w)) {
			d[i] = 2;
			stack[top++] = i;
		}
	}
	while (top > 0) {
		i = stack[--top];
		x = i % w;
		for (k = 0; k < 4; k++) {
			if ((k == 0 && x == 0) || (k == 1 && x == w - 1))
				continue;
			j = i + to[k];
			if (j < 0 || j >= n || d[j] != 0)
				continue;
			d[j] = 2;
			stack[top++] = j;
		}
	}
	for (i = 0; i < n; i++)
		d[i] = d[i] != 2;
}

static void
invert(float *d, int n)
{
	int	 i;

	for (i = 0; i < n; i++)
		d[i] = 1 - d[i];
}

/* Lines go, such as where a wall meets a table. */
static void
thick(float *d, float *tmp, int w, int h)
{
	invert(d, w * h);
	grow(d, tmp, w, h, LINE);
	invert(d, w * h);
	grow(d, tmp, w, h, LINE);
}

/* The size of what hangs together at i, which becomes `as'. */
static int
piece(float *d, int w, int n, int i, float from, float as, int *stack)
{
	int	 to[4] = { -1, 1, -w, w }, top = 0, size = 0, j, k, x;

	d[i] = as;
	stack[top++] = i;
	while (top > 0) {
		i = stack[--top];
		x = i % w;
		size++;
		for (k = 0; k < 4; k++) {
			if ((k == 0 && x == 0) || (k == 1 && x == w - 1))
				continue;
			j = i + to[k];
			if (j < 0 || j >= n || d[j] != from)
				continue;
			d[j] = as;
			stack[top++] = j;
		}
	}
	return size;
}

/*
 * Veins of marble and the edges of shadows are no things: only pieces of
 * some size stay. False when that is next to nothing or nearly all.
 */
static bool
keep_things(float *d, int w, int h, int *stack)
{
	int	 n = w * h, i, size, sum = 0;

	for (i = 0; i < n; i++) {
		if (d[i] != 1)
			continue;
		size = piece(d, w, n, i, 1, 2, stack);
		if (size >= n / 250)
			sum += size;
		else
			piece(d, w, n, i, 2, 0, stack);
	}
	for (i = 0; i < n; i++)
		d[i] = d[i] == 2;
	return sum > n / 100 && sum < n * 2 / 3;
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

/*
 * Where the subject is, and about the row it stands on: most of what is in
 * the middle is above. Reflections and veins below it are not to count.
 */
static float
measure(struct film_depth *fd)
{
	float	 sx = 0, sy = 0, n = 1e-6f, all = 1e-6f, sum = 0;
	int	 x, y, mid;

	for (y = 0; y < fd->h; y++)
		for (x = 0; x < fd->w; x++) {
			n += fd->d[y * fd->w + x];
			sx += fd->d[y * fd->w + x] * (float)x;
			sy += fd->d[y * fd->w + x] * (float)y;
		}
	mid = (int)(sx / n);
	fd->x = clampf(sx / n / (float)fd->w, 0.25f, 0.75f);
	fd->y = clampf(sy / n / (float)fd->h, 0.3f, 0.7f);
	for (y = 0; y < fd->h; y++)
		for (x = mid - fd->w / 6; x < mid + fd->w / 6; x++)
			if (x >= 0 && x < fd->w)
				all += fd->d[y * fd->w + x];
	for (y = 0; y < fd->h && sum < 0.85f * all; y++)
		for (x = mid - fd->w / 6; x < mid + fd->w / 6; x++)
			if (x >= 0 && x < fd->w)
				sum += fd->d[y * fd->w + x];
	return clampf((float)y / (float)fd->h, 0.6f, 0.95f);
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
	int	*stack = malloc(n * sizeof *stack);

	if (tmp == NULL || stack == NULL) {
		free(tmp);
		free(stack);
		return -1;
	}
	if (!by_cutting(small, fd->d)) {
		edges(small, fd->d, tmp);
		flood(fd->d, fd->w, fd->h, stack);
		thick(fd->d, tmp, fd->w, fd->h);
		if (!keep_things(fd->d, fd->w, fd->h, stack))
			ellipse(fd->d, fd->w, fd->h);
	}
	foot = measure(fd);
	/* Grown by more than the blur reaches, things themselves are flat. */
	grow(fd->d, tmp, fd->w, fd->h, 2 * BLUR + 2);
	blur(fd->d, tmp, fd->w, fd->h, BLUR);
	add_ground(fd, foot);
	free(tmp);
	free(stack);
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
