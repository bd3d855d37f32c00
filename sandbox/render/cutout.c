/*
 * cutout - separating a subject from a transparent or plain background
 */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "render/cutout.h"
#include "render/plane.h"

struct back {
	struct plane	 band[3];
	float		 tol;
};

/* Distance of a pixel from the background plane, largest band counting. */
static float
back_off(const struct back *bk, const uint8_t *q, int x, int y)
{
	float	 d, worst = 0;
	int	 k;

	for (k = 0; k < 3; k++) {
		d = fabsf((float)q[k] - plane_at(&bk->band[k], x, y));
		if (d > worst)
			worst = d;
	}
	return worst;
}

static int
border_list(const struct picture *pic, int *at)
{
	int	 n = 0, x, y;

	for (x = 0; x < pic->w; x++) {
		at[n++] = x;
		at[n++] = (pic->h - 1) * pic->w + x;
	}
	for (y = 1; y + 1 < pic->h; y++) {
		at[n++] = y * pic->w;
		at[n++] = y * pic->w + pic->w - 1;
	}
	return n;
}

static int
by_value(const void *a, const void *b)
{
	float	 x = *(const float *)a, y = *(const float *)b;

	return x < y ? -1 : x > y;
}

/*
 * Fits three times, each time dropping what lies far off, so that a subject
 * touching one side does not bend the plane. True when most of the border
 * lies close to it.
 */
static bool
back_fit(const struct picture *pic, const int *at, int n, uint8_t *keep,
    float *off, struct back *bk)
{
	float	 cut;
	int	 pass, i, k, in = 0;

	memset(keep, 1, (size_t)n);
	for (pass = 0; pass < 3; pass++) {
		for (k = 0; k < 3; k++)
			if (!plane_fit(pic, at, n, keep, k, &bk->band[k]))
				return false;
		for (i = 0; i < n; i++)
			off[i] = back_off(bk, pic->px + (size_t)at[i] * 4,
			    at[i] % pic->w, at[i] / pic->w);
		qsort(off, (size_t)n, sizeof *off, by_value);
		cut = fmaxf(6, 3 * off[n / 2]);
		in = 0;
		for (i = 0; i < n; i++) {
			keep[i] = back_off(bk, pic->px + (size_t)at[i] * 4,
			    at[i] % pic->w, at[i] / pic->w) <= cut;
			in += keep[i];
		}
	}
	bk->tol = fminf(fmaxf(11, 3.2f * off[n / 2]), 24);
	return off[n / 2] < 7 && in > n * 4 / 5;
}

/* A cast shadow: darker, same hue, and without an edge of its own. */
static bool
is_shade(const struct back *bk, const struct picture *pic, int x, int y)
{
	const uint8_t	*q = pic->px + ((size_t)y * pic->w + x) * 4;
	float		 r[3], lo = 9, hi = 0, b;
	int		 k, dx, dy;

	for (k = 0; k < 3; k++) {
		b = fmaxf(8, plane_at(&bk->band[k], x, y));
		r[k] = (float)q[k] / b;
		lo = fminf(lo, r[k]);
		hi = fmaxf(hi, r[k]);
	}
	if (hi - lo > 0.035f || lo < 0.74f || hi > 1.03f)
		return false;
	if (x < 1 || y < 1 || x + 1 >= pic->w || y + 1 >= pic->h)
		return true;
	dx = abs(q[5] - q[-3]);
	dy = abs(q[1 + pic->w * 4] - q[1 - pic->w * 4]);
	return dx + dy < 8;
}

static bool
is_back(const struct back *bk, const struct picture *pic, int i)
{
	int	 x = i % pic->w, y = i / pic->w;

	return back_off(bk, pic->px + (size_t)i * 4, x, y) <= bk->tol ||
	    is_shade(bk, pic, x, y);
}

/* mask: 0 background reached from the border, 255 everything else. */
static void
flood(const struct back *bk, const struct picture *pic, uint8_t *mask,
    int *stack, const int *at, int nat)
{
	int	 top = 0, i, j, k, x, n = pic->w * pic->h;
	int	 step[4] = { -1, 1, -pic->w, pic->w };

	memset(mask, 255, (size_t)n);
	for (i = 0; i < nat; i++)
		if (mask[at[i]] && is_back(bk, pic, at[i])) {
			mask[at[i]] = 0;
			stack[top++] = at[i];
		}
	while (top > 0) {
		i = stack[--top];
		x = i % pic->w;
		for (k = 0; k < 4; k++) {
			if ((k == 0 && x == 0) || (k == 1 && x == pic->w - 1))
				continue;
			j = i + step[k];
			if (j < 0 || j >= n || !mask[j] ||
			    !is_back(bk, pic, j))
				continue;
			mask[j] = 0;
			stack[top++] = j;
		}
	}
}

/*
 * The edge pixels are mixtures of subject and background. Their alpha comes
 * from a small blur of the mask pulled half a pixel inwards, their colour
 * from solving the mixture for the subject.
 */
static void
feather(struct picture *pic, const struct back *bk, const uint8_t *mask)
{
	int	 x, y, i, j, k, sum, cnt;
	float	 a, c;
	uint8_t	*q;

	for (y = 0; y < pic->h; y++)
		for (x = 0; x < pic->w; x++) {
			sum = cnt = 0;
			for (j = -1; j <= 1; j++)
				for (i = -1; i <= 1; i++) {
					if (x + i < 0 || x + i >= pic->w ||
					    y + j < 0 || y + j >= pic->h)
						continue;
					sum += mask[(y + j) * pic->w + x + i];
					cnt++;
				}
			a = (float)sum / (255.0f * (float)cnt);
			a = fminf(fmaxf((a - 0.34f) / 0.6f, 0), 1);
			q = pic->px + ((size_t)y * pic->w + x) * 4;
			q[3] = (uint8_t)lrintf(a * 255);
			if (a <= 0.02f || a >= 0.98f)
				continue;
			for (k = 0; k < 3; k++) {
				c = ((float)q[k] - (1 - a) *
				    plane_at(&bk->band[k], x, y)) / a;
				q[k] = (uint8_t)lrintf(fminf(fmaxf(c, 0),
				    255));
			}
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
	cut->how = CUTOUT_NONE;
	cut->x0 = cut->y0 = 0;
	cut->x1 = pic->w;
	cut->y1 = pic->h;
	cut->share = 1;
}

static void
cut_plain(struct picture *pic, struct cutout *cut, int *at, int *stack,
    uint8_t *mask, float *off)
{
	struct back	 bk;
	size_t		 i, n = (size_t)pic->w * pic->h;
	int		 nat, j, k, touch = 0;
	float		 v;
	double		 box;

	nat = border_list(pic, at);
	if (!back_fit(pic, at, nat, mask, off, &bk))
		return;
	flood(&bk, pic, mask, stack, at, nat);
	feather(pic, &bk, mask);
	measure(pic, cut);
	for (j = 0; j < nat; j++)
		touch += mask[at[j]] != 0;
	box = (double)(cut->x1 - cut->x0) * (cut->y1 - cut->y0) / (double)n;
	/*
	 * Nearly nothing, nearly all, scattered scraps, or something that
	 * runs out of the frame on a good part of it: the guess was wrong.
	 */
	if (cut->share < 0.015 || cut->share > 0.94 ||
	    cut->share < 0.12 * box || touch * 7 > nat) {
		for (i = 0; i < n; i++)
			pic->px[i * 4 + 3] = 255;
		whole(pic, cut);
		return;
	}
	cut->how = CUTOUT_PLAIN;
	for (k = 0; k < 3; k++) {
		v = plane_at(&bk.band[k], pic->w / 2, pic->h / 2);
		cut->bg[k] = (uint8_t)lrintf(fminf(fmaxf(v, 0), 255));
	}
}

int
cutout_make(struct picture *pic, struct cutout *cut)
{
	size_t	 i, n = (size_t)pic->w * pic->h, clear = 0;
	size_t	 nat = 2 * ((size_t)pic->w + pic->h);
	int	*at, *stack;
	uint8_t	*mask;
	float	*off;
	int	 rc = -1;

	memset(cut, 0, sizeof *cut);
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
	at = calloc(nat, sizeof *at);
	stack = calloc(n, sizeof *stack);
	mask = calloc(n > nat ? n : nat, 1);
	off = calloc(nat, sizeof *off);
	if (at != NULL && stack != NULL && mask != NULL && off != NULL) {
		cut_plain(pic, cut, at, stack, mask, off);
		rc = 0;
	}
	free(at);
	free(stack);
	free(mask);
	free(off);
	return rc;
}
