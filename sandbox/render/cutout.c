/*
 * cutout - separating a subject from a transparent or plain background
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "render/cutout.h"

/*
 * The background: a + b x + c y for each band, x and y from -1 to 1 over the
 * picture, and how far off it a pixel may be.
 */
struct back {
	const struct picture	*pic;
	vec			 a, b, c;
	float			 tolerance;
};

/* A pixel of the border. */
struct edge {
	int	 i;
	float	 off;		/* its distance from the background */
	bool	 keep;		/* it counts when that is fitted */
};

static vec
place(const struct picture *pic, int i)
{
	return (vec){ (float)(2 * (i % pic->w)) / (float)pic->w - 1,
	    (float)(2 * (i / pic->w)) / (float)pic->h - 1 };
}

static vec
bytes_at(const struct picture *pic, int i)
{
	const uint8_t	*q = pic->px + (size_t)i * 4;

	return (vec){ q[0], q[1], q[2] };
}

static vec
back_at(const struct back *bk, int i)
{
	vec	 at = place(bk->pic, i);

	return bk->a + bk->b * at[X] + bk->c * at[Y];
}

/* Distance of a pixel from the background, largest band counting. */
static float
back_off(const struct back *bk, int i)
{
	vec	 d = bytes_at(bk->pic, i) - back_at(bk, i);

	return maxf(fabsf(d[0]), maxf(fabsf(d[1]), fabsf(d[2])));
}

/*
 * One step towards the least squares over the edges to keep: what is left is
 * fitted by a level and by each slope on its own. The border goes round the
 * middle, so that these hardly depend on each other.
 */
static void
plane_step(const struct edge *e, int n, struct back *bk)
{
	vec	 r = { 0 }, rx = { 0 }, ry = { 0 }, xx = { 0 }, at, off;
	float	 count = 1e-6f;
	int	 i;

	for (i = 0; i < n; i++) {
		if (!e[i].keep)
			continue;
		at = place(bk->pic, e[i].i);
		off = bytes_at(bk->pic, e[i].i) - back_at(bk, e[i].i);
		count += 1;
		r += off;
		rx += off * at[X];
		ry += off * at[Y];
		xx += at * at;
	}
	bk->a += r / count;
	bk->b += rx / (xx[X] + 1e-6f);
	bk->c += ry / (xx[Y] + 1e-6f);
}

static int
border(const struct picture *pic, struct edge *e)
{
	int	 i, w = pic->w, all = w * pic->h, n = 0;

	for (i = 0; i < all; i++)
		if (i < w || i >= all - w || i % w == 0 || i % w == w - 1)
			e[n++] = (struct edge){ .i = i, .keep = true };
	return n;
}

static int
by_distance(const void *a, const void *b)
{
	float	 x = ((const struct edge *)a)->off;
	float	 y = ((const struct edge *)b)->off;

	return x < y ? -1 : x > y;
}

/*
 * Fits three times, each time dropping what lies far off, so that a subject
 * touching one side does not bend the plane. True when most of the border
 * lies close to it.
 */
static bool
back_fit(struct edge *e, int n, struct back *bk)
{
	float	 mid = 0;
	int	 pass, i, in = 0;

	for (pass = 0; pass < 3; pass++) {
		for (i = 0; i < 4; i++)
			plane_step(e, n, bk);
		for (i = 0; i < n; i++)
			e[i].off = back_off(bk, e[i].i);
		qsort(e, (size_t)n, sizeof *e, by_distance);
		mid = e[n / 2].off;
		for (in = i = 0; i < n; i++) {
			e[i].keep = e[i].off <= maxf(6, 3 * mid);
			in += e[i].keep;
		}
	}
	bk->tolerance = clampf(3.2f * mid, 11, 24);
	return mid < 7 && in > n * 4 / 5;
}

/* A cast shadow: darker, same hue, and without an edge of its own. */
static bool
is_shade(const struct back *bk, int i)
{
	const struct picture	*pic = bk->pic;
	const uint8_t		*q = pic->px + (size_t)i * 4;
	vec			 b = back_at(bk, i), r;
	float			 lo, hi;
	int			 x = i % pic->w, y = i / pic->w;

	r = bytes_at(pic, i) / (vec){ maxf(8, b[0]), maxf(8, b[1]),
	    maxf(8, b[2]), 1 };
	lo = minf(r[0], minf(r[1], r[2]));
	hi = maxf(r[0], maxf(r[1], r[2]));
	if (hi - lo > 0.035f || lo < 0.74f || hi > 1.03f)
		return false;
	if (x < 1 || y < 1 || x + 1 >= pic->w || y + 1 >= pic->h)
		return true;
	return abs(q[5] - q[-3]) +
	    abs(q[1 + pic->w * 4] - q[1 - pic->w * 4]) < 8;
}

static bool
is_back(const void *arg, int i)
{
	const struct back	*bk = arg;

	return back_off(bk, i) <= bk->tolerance || is_shade(bk, i);
}

int
flood(uint8_t *mask, int w, int h, int first, uint8_t from, uint8_t to,
    flood_test *test, const void *arg, int *stack)
{
	int	 step[4] = { -1, 1, -w, w }, top = 0, size = 0, i, j, k;

	if (mask[first] != from || (test != NULL && !test(arg, first)))
		return 0;
	mask[first] = to;
	stack[top++] = first;
	while (top > 0) {
		i = stack[--top];
		size++;
		for (k = 0; k < 4; k++) {
			j = i + step[k];
			if (j < 0 || j >= w * h || mask[j] != from ||
			    (k < 2 && j / w != i / w) ||
			    (test != NULL && !test(arg, j)))
				continue;
			mask[j] = to;
			stack[top++] = j;
		}
	}
	return size;
}

/* Mean of the mask over a pixel and its neighbours, 0 .. 1. */
static float
around(const uint8_t *mask, int w, int h, int x, int y)
{
	int	 i, j, sum = 0, n = 0;

	for (j = y > 0 ? y - 1 : 0; j <= y + 1 && j < h; j++)
		for (i = x > 0 ? x - 1 : 0; i <= x + 1 && i < w; i++, n++)
			sum += mask[j * w + i];
	return (float)sum / (255.0f * (float)n);
}

/*
 * The edge pixels are mixtures of subject and background. Their alpha comes
 * from a small blur of the mask pulled half a pixel inwards, their colour
 * from solving the mixture for the subject.
 */
static void
feather(struct picture *pic, const struct back *bk, const uint8_t *mask)
{
	int	 i, k;
	float	 a;
	vec	 c;
	uint8_t	*q = pic->px;

	pic->alpha = true;
	for (i = 0; i < pic->w * pic->h; i++, q += 4) {
		a = around(mask, pic->w, pic->h, i % pic->w, i / pic->w);
		a = clampf((a - 0.34f) / 0.6f, 0, 1);
		q[3] = (uint8_t)lrintf(a * 255);
		if (a <= 0.02f || a >= 0.98f)
			continue;
		c = clampv((bytes_at(pic, i) - (1 - a) * back_at(bk, i)) / a,
		    0, 255);
		for (k = 0; k < 3; k++)
			q[k] = (uint8_t)lrintf(c[k]);
	}
}

static void
measure(const struct picture *pic, struct cutout *cut)
{
	int	 x, y;
	size_t	 n = 0;

	cut->x0 = pic->w;
	cut->y0 = pic->h;
	cut->x1 = cut->y1 = 0;
	for (y = 0; y < pic->h; y++)
		for (x = 0; x < pic->w; x++) {
			if (pic->px[((size_t)y * pic->w + x) * 4 + 3] < 24)
				continue;
			n++;
			cut->x0 = x < cut->x0 ? x : cut->x0;
			cut->x1 = x + 1 > cut->x1 ? x + 1 : cut->x1;
			cut->y0 = y < cut->y0 ? y : cut->y0;
			cut->y1 = y + 1;
		}
	cut->share = (double)n / ((double)pic->w * pic->h);
}

static void
whole(const struct picture *pic, struct cutout *cut)
{
	*cut = (struct cutout){ .how = CUTOUT_NONE, .x1 = pic->w,
	    .y1 = pic->h, .share = 1 };
}

static void
cut_plain(struct picture *pic, struct cutout *cut, struct edge *e, int *stack,
    uint8_t *mask)
{
	struct back	 bk = { .pic = pic };
	int		 i, n = pic->w * pic->h, ne, touch = 0;
	double		 box;
	vec		 v;

	ne = border(pic, e);
	if (!back_fit(e, ne, &bk))
		return;
	memset(mask, 255, (size_t)n);
	for (i = 0; i < ne; i++)
		(void)flood(mask, pic->w, pic->h, e[i].i, 255, 0, is_back,
		    &bk, stack);
	feather(pic, &bk, mask);
	measure(pic, cut);
	for (i = 0; i < ne; i++)
		touch += mask[e[i].i] != 0;
	box = (double)(cut->x1 - cut->x0) * (cut->y1 - cut->y0) / n;
	/*
	 * Nearly nothing, nearly all, scattered scraps, or something that
	 * runs out of the frame on a good part of it: the guess was wrong.
	 */
	if (cut->share < 0.015 || cut->share > 0.94 ||
	    cut->share < 0.12 * box || touch * 7 > ne) {
		for (i = 0; i < n; i++)
			pic->px[(size_t)i * 4 + 3] = 255;
		pic->alpha = false;
		whole(pic, cut);
		return;
	}
	cut->how = CUTOUT_PLAIN;
	v = clampv(back_at(&bk, pic->h / 2 * pic->w + pic->w / 2), 0, 255);
	for (i = 0; i < 3; i++)
		cut->bg[i] = (uint8_t)lrintf(v[i]);
}

int
cutout_make(struct picture *pic, struct cutout *cut)
{
	size_t		 i, n = (size_t)pic->w * pic->h, clear = 0;
	struct edge	*e;
	int		*stack, rc = -1;
	uint8_t		*mask;

	whole(pic, cut);
	for (i = 0; i < n; i++)
		clear += pic->px[i * 4 + 3] < 24;
	if (clear > n / 50) {
		measure(pic, cut);
		if (cut->share > 0.0005)
			cut->how = CUTOUT_ALPHA;
		else
			whole(pic, cut);
		return 0;
	}
	if (pic->w < 8 || pic->h < 8)
		return 0;
	e = calloc(2 * ((size_t)pic->w + pic->h), sizeof *e);
	stack = calloc(n, sizeof *stack);
	mask = malloc(n);
	if (e != NULL && stack != NULL && mask != NULL) {
		cut_plain(pic, cut, e, stack, mask);
		rc = 0;
	}
	free(e);
	free(stack);
	free(mask);
	return rc;
}
