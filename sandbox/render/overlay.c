/*
 * overlay - flat marks on a finished picture: watermark and logo
 */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <vips/vips.h>

#include "render/overlay.h"

/* --- the watermark */

/*
 * Letters and, grown by r, their halo: two bands over the mark's rectangle,
 * which is placed here for a picture of w x h.
 */
static VipsImage *
letters(int w, int h, int side, struct watermark *wm)
{
	VipsImage	*im = NULL, *halo = NULL, *out = NULL;
	char		 font[40];
	int		 px = MAX(side / 56, 12), r = px / 9 + 1, x, y;

	/* At 72 dots per inch a point is a pixel. */
	snprintf(font, sizeof font, "Sans %d", px);
	if (vips_text(&im, "Mina sandbox", "font", font, "dpi", 72, NULL))
		return NULL;
	x = w - im->Xsize - side / 40;
	y = h - im->Ysize - side / 40;
	wm->x = MAX(x - r, 0) & ~1;
	wm->y = MAX(y - r, 0) & ~1;
	wm->w = MIN(w, (x + im->Xsize + r + 1) & ~1) - wm->x;
	wm->h = MIN(h, (y + im->Ysize + r + 1) & ~1) - wm->y;
	PICTURE_THEN(im, embed, x - wm->x, y - wm->y, wm->w, wm->h, NULL);
	if (im != NULL && !vips_rank(im, &halo, 2 * r + 1, 2 * r + 1,
	    (2 * r + 1) * (2 * r + 1) - 1, NULL))
		(void)vips_bandjoin2(im, halo, &out, NULL);
	g_clear_object(&im);
	g_clear_object(&halo);
	return out;
}

int
watermark_make(int w, int h, struct watermark *wm, char *err, size_t errlen)
{
	VipsImage	*im;
	uint8_t		*mask;
	float		 white, dark;
	size_t		 n, i;

	wm->keep = NULL;
	if (picture_init(err, errlen) == -1)
		return -1;
	if ((im = letters(w, h, MIN(w, h), wm)) == NULL)
		return picture_fail(err, errlen, "cannot write text");
	mask = vips_image_write_to_memory(im, &n);
	g_object_unref(im);
	if (mask == NULL)
		return picture_fail(err, errlen, "cannot write text");
	n /= 2;
	wm->keep = malloc(2 * n);
	wm->add = wm->keep + n;
	for (i = 0; wm->keep != NULL && i < n; i++) {
		white = 0.80f * (float)mask[2 * i] / 255;
		dark = 0.22f * (float)mask[2 * i + 1] / 255 * (1 - white);
		wm->keep[i] = (uint8_t)lrintf(255 * (1 - white - dark));
		wm->add[i] = (uint8_t)lrintf(255 * white + 20 * dark);
	}
	g_free(mask);
	if (wm->keep != NULL)
		return 0;
	snprintf(err, errlen, "out of memory");
	return -1;
}

void
watermark_free(struct watermark *wm)
{
	free(wm->keep);
	wm->keep = NULL;
}

void
watermark_put(const struct watermark *wm, struct canvas *cv)
{
	uint8_t	*q;
	size_t	 i = 0;
	int	 x, y, k;

	for (y = 0; y < wm->h; y++) {
		q = cv->px + ((size_t)(wm->y + y) * cv->w + wm->x) * 3;
		for (x = 0; x < wm->w; x++, i++)
			for (k = 0; k < 3; k++, q++)
				*q = (uint8_t)(*q * wm->keep[i] / 255 +
				    wm->add[i]);
	}
}

void
watermark_remove(const struct watermark *wm, struct picture *pic)
{
	uint8_t	*q;
	size_t	 i = 0;
	int	 x, y, k;

	for (y = 0; y < wm->h; y++) {
		q = pic->px + ((size_t)(wm->y + y) * pic->w + wm->x) * 4;
		for (x = 0; x < wm->w; x++, i++, q += 4)
			for (k = 0; k < 3; k++)
				q[k] = (uint8_t)CLAMP((q[k] - wm->add[i]) *
				    255 / wm->keep[i], 0, 255);
	}
}

/* --- the logo */

static float
luma(const uint8_t *p)
{
	return 0.3f * (float)p[0] + 0.59f * (float)p[1] + 0.11f * (float)p[2];
}

/*
 * The grey to print the logo in, or -1 for its own colours, which are enough
 * apart in brightness from what lies under it.
 */
static float
ink(const uint8_t *under, size_t stride, int bands,
    const struct picture *logo)
{
	const uint8_t	*p = logo->px;
	double		 own = 0, below = 0, n = 1e-6, k;
	int		 x, y;

	for (y = 0; y < logo->h; y++, under += stride)
		for (x = 0; x < logo->w; x++, p += 4) {
			k = p[3] / 255.0;
			own += k * luma(p);
			below += k * luma(under + (ptrdiff_t)x * bands);
			n += k;
		}
	return fabs(own - below) / n > 58 ? -1 : below / n > 122 ? 28 : 246;
}

static void
lay(uint8_t *under, size_t stride, int bands, const struct picture *logo,
    float strength)
{
	const uint8_t	*p = logo->px;
	uint8_t		*q;
	float		 grey = ink(under, stride, bands, logo), v;
	int		 x, y, k;

	for (y = 0; y < logo->h; y++, under += stride)
		for (q = under, x = 0; x < logo->w; x++, p += 4, q += bands)
			for (k = 0; k < 3; k++) {
				v = grey < 0 ? (float)p[k] : grey;
				q[k] = (uint8_t)lrintf(mixf((float)q[k], v,
				    strength * (float)p[3] / 255));
			}
}

void
logo_put(struct canvas *cv, const struct picture *logo, int x, int y)
{
	if (x + logo->w <= cv->w && y + logo->h <= cv->h)
		lay(cv->px + ((size_t)y * cv->w + x) * 3, (size_t)cv->w * 3,
		    3, logo, 0.92f);
}

static void
span(const struct picture *pic, int y, int *lo, int *hi)
{
	int	 x;

	*lo = pic->w;
	*hi = 0;
	for (x = 0; x < pic->w; x++)
		if (pic->px[((size_t)y * pic->w + x) * 4 + 3] > 200) {
			*lo = MIN(x, *lo);
			*hi = x + 1;
		}
}

/*
 * How much detail a rectangle has: the mean step between neighbours, and the
 * worst row of it, which finds the edge of a label.
 */
static float
detail(const struct picture *pic, int x0, int y0, int w, int h)
{
	float		 sum = 0, row, worst = 0;
	const uint8_t	*p;
	int		 x, y;

	for (y = y0; y < y0 + h - 1; y++) {
		p = pic->px + ((size_t)y * pic->w + x0) * 4;
		row = 0;
		for (x = 0; x < w - 1; x += 2, p += 8)
			row += fabsf(luma(p) - luma(p + 4)) +
			    fabsf(luma(p) - luma(p + (size_t)pic->w * 4)) +
			    (p[3] < 250 ? 60.0f : 0);
		row = 2 * row / (float)w;
		sum += row;
		worst = maxf(worst, row);
	}
	return sum / (float)h + 0.4f * worst;
}

/* The best height for a print of w x h, -1 if the body is too narrow. */
static int
height_for(const struct picture *pic, int w, int h, int *x0, float *least)
{
	int	 y, lo, hi, best = -1;
	float	 b;

	*least = 1e9f;
	for (y = pic->h / 5; y + h < pic->h * 93 / 100; y += pic->h / 60 + 1) {
		span(pic, y + h / 2, &lo, &hi);
		if (hi - lo < w * 5 / 4)
			continue;
		/* A little below the middle is where a print belongs. */
		b = detail(pic, (lo + hi - w) / 2, y, w, h) + 9 *
		    fabsf((float)(y + h / 2) / (float)pic->h - 0.60f);
		if (b < *least) {
			*least = b;
			best = y;
			*x0 = (lo + hi - w) / 2;
		}
	}
	return best;
}

int
logo_print(struct picture *pic, struct picture *logo, char *err,
    size_t errlen)
{
	int	 lo, hi, w = 0, h = 0, x0 = 0, y0 = -1, try;
	float	 k, least;

	span(pic, pic->h * 62 / 100, &lo, &hi);
	k = minf(0.42f * (float)(hi - lo) / (float)logo->w,
	    0.17f * (float)pic->h / (float)logo->h);
	/* Smaller if it would have to lie across something. */
	for (try = 0; try < 3; try++, k *= 0.76f) {
		w = (int)((float)logo->w * k);
		h = (int)((float)logo->h * k);
		if (w < 4 || h < 4)
			return 0;
		y0 = height_for(pic, w, h, &x0, &least);
		if (y0 >= 0 && least < 4.5f)
			break;
	}
	if (y0 < 0)
		return 0;
	if (picture_scale(logo, w, h, err, errlen) == -1)
		return -1;
	lay(pic->px + ((size_t)y0 * pic->w + x0) * 4, (size_t)pic->w * 4, 4,
	    logo, 0.94f);
	return 0;
}
