/*
 * sticker - flat marks put on a finished picture: watermark and logo
 */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vips/vips.h>

#include "render/sticker.h"

static int
text_mask(const char *text, int px, uint8_t **mask, int *w, int *h, char *err,
    size_t errlen)
{
	VipsImage	*im = NULL;
	char		 font[40];
	size_t		 len;

	if (picture_init(err, errlen) == -1)
		return -1;
	snprintf(font, sizeof font, "Sans %d", px);
	/* At 72 dots per inch a point is a pixel. */
	if (vips_text(&im, text, "font", font, "dpi", 72, NULL))
		return picture_fail(err, errlen, "cannot write text");
	*mask = vips_image_write_to_memory(im, &len);
	*w = vips_image_get_width(im);
	*h = vips_image_get_height(im);
	g_object_unref(im);
	if (*mask == NULL)
		return picture_fail(err, errlen, "cannot write text");
	return 0;
}

static void
mixpx(uint8_t *q, float v, float a)
{
	int	 k;

	for (k = 0; k < 3; k++)
		q[k] = (uint8_t)lrintf((float)q[k] + (v - (float)q[k]) * a);
}

/* Largest mask value within r: the letters grown into a halo. */
static float
halo(const uint8_t *mask, int w, int h, int x, int y, int r)
{
	int	 i, j, best = 0;

	for (j = y - r; j <= y + r; j++)
		for (i = x - r; i <= x + r; i++)
			if (i >= 0 && j >= 0 && i < w && j < h &&
			    (i - x) * (i - x) + (j - y) * (j - y) <= r * r &&
			    mask[j * w + i] > best)
				best = mask[j * w + i];
	return (float)best / 255;
}

int
sticker_corner(struct canvas *cv, int side, char *err, size_t errlen)
{
	int	 px = side / 56, r, pad, w = 0, h = 0, x, y, x0, y0;
	uint8_t	*mask = NULL, *q;
	float	 a;

	px = px < 12 ? 12 : px;
	r = px / 9 + 1;
	pad = side / 40;
	if (text_mask("Mina sandbox", px, &mask, &w, &h, err, errlen) == -1)
		return -1;
	x0 = cv->w - w - pad;
	y0 = cv->h - h - pad;
	for (y = -r; y < h + r; y++)
		for (x = -r; x < w + r; x++) {
			if (x0 + x < 0 || y0 + y < 0 || x0 + x >= cv->w ||
			    y0 + y >= cv->h)
				continue;
			q = cv->px + ((size_t)(y0 + y) * cv->w + x0 + x) * 3;
			mixpx(q, 20, 0.22f * halo(mask, w, h, x, y, r));
			if (x < 0 || y < 0 || x >= w || y >= h)
				continue;
			a = (float)mask[y * w + x] / 255;
			mixpx(q, 255, 0.80f * a);
		}
	g_free(mask);
	return 0;
}

int
sticker_watermark(struct canvas *cv, char *err, size_t errlen)
{
	return sticker_corner(cv, cv->w < cv->h ? cv->w : cv->h, err, errlen);
}

static float
luma(const uint8_t *p)
{
	return 0.3f * (float)p[0] + 0.59f * (float)p[1] + 0.11f * (float)p[2];
}

/* Mean brightness of the logo and of what lies under it. */
static void
compare(const uint8_t *under, size_t stride, int bands,
    const struct picture *logo, float *own, float *below)
{
	double	 a = 0, b = 0, n = 1e-6;
	int	 x, y;

	for (y = 0; y < logo->h; y++)
		for (x = 0; x < logo->w; x++) {
			const uint8_t	*p = logo->px +
			    ((size_t)y * logo->w + x) * 4;
			double		 k = p[3] / 255.0;

			a += k * luma(p);
			b += k * luma(under + (size_t)y * stride +
			    (size_t)x * (size_t)bands);
			n += k;
		}
	*own = (float)(a / n);
	*below = (float)(b / n);
}

/* -1 keeps the logo's colours, otherwise the grey to print it in. */
static float
ink(float own, float below)
{
	if (fabsf(own - below) > 58)
		return -1;
	return below > 122 ? 28 : 246;
}

static void
lay(uint8_t *under, size_t stride, int bands, const struct picture *logo,
    float strength)
{
	float	 own, below, grey, a, v;
	int	 x, y, k;

	compare(under, stride, bands, logo, &own, &below);
	grey = ink(own, below);
	for (y = 0; y < logo->h; y++)
		for (x = 0; x < logo->w; x++) {
			const uint8_t	*p = logo->px +
			    ((size_t)y * logo->w + x) * 4;
			uint8_t		*q = under + (size_t)y * stride +
			    (size_t)x * (size_t)bands;

			a = strength * (float)p[3] / 255;
			for (k = 0; k < 3; k++) {
				v = grey < 0 ? (float)p[k] : grey;
				q[k] = (uint8_t)lrintf((float)q[k] +
				    (v - (float)q[k]) * a);
			}
		}
}

void
sticker_logo(struct canvas *cv, const struct picture *logo, int x, int y)
{
	if (x < 0 || y < 0 || x + logo->w > cv->w || y + logo->h > cv->h)
		return;
	lay(cv->px + ((size_t)y * cv->w + x) * 3, (size_t)cv->w * 3, 3, logo,
	    0.92f);
}

static void
span(const struct picture *pic, int y, int *lo, int *hi)
{
	int	 x;

	*lo = pic->w;
	*hi = 0;
	for (x = 0; x < pic->w; x++)
		if (pic->px[((size_t)y * pic->w + x) * 4 + 3] > 200) {
			*lo = x < *lo ? x : *lo;
			*hi = x + 1;
		}
}

/*
 * How much is going on in a rectangle: the mean step between neighbours, and
 * the worst row of it, which finds the edge of a label.
 */
static float
busy(const struct picture *pic, int x0, int y0, int w, int h)
{
	float	 sum = 0, row, worst = 0;
	int	 x, y;

	for (y = y0; y < y0 + h - 1; y++) {
		row = 0;
		for (x = x0; x < x0 + w - 1; x += 2) {
			const uint8_t	*p = pic->px +
			    ((size_t)y * pic->w + x) * 4;

			row += fabsf(luma(p) - luma(p + 4)) +
			    fabsf(luma(p) - luma(p + (size_t)pic->w * 4)) +
			    (p[3] < 250 ? 60.0f : 0);
		}
		row = 2 * row / (float)w;
		sum += row;
		worst = fmaxf(worst, row);
	}
	return sum / (float)h + 0.4f * worst;
}

/* The quietest height for a print of w x h, -1 if the body is too narrow. */
static int
quiet(const struct picture *pic, int w, int h, int *x0, float *least)
{
	int	 y, lo, hi, best = -1;
	float	 b;

	*least = 1e9f;

	for (y = pic->h / 5; y + h < pic->h * 93 / 100; y += pic->h / 60 + 1) {
		span(pic, y + h / 2, &lo, &hi);
		if (hi - lo < w * 5 / 4)
			continue;
		/* A little below the middle is where a print belongs. */
		b = busy(pic, (lo + hi - w) / 2, y, w, h) + 9 *
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
sticker_print(struct picture *pic, struct picture *logo, char *err,
    size_t errlen)
{
	int	 lo, hi, w = 0, h = 0, x0 = 0, y0 = -1, try;
	float	 k, noise;

	span(pic, pic->h * 62 / 100, &lo, &hi);
	k = fminf(0.42f * (float)(hi - lo) / (float)logo->w,
	    0.17f * (float)pic->h / (float)logo->h);
	/* Smaller if it would have to lie across something. */
	for (try = 0; try < 3; try++, k *= 0.76f) {
		w = (int)((float)logo->w * k);
		h = (int)((float)logo->h * k);
		if (w < 4 || h < 4)
			return 0;
		y0 = quiet(pic, w, h, &x0, &noise);
		if (y0 >= 0 && noise < 4.5f)
			break;
	}
	if (y0 < 0)
		return 0;
	if (picture_resize(logo, w, h, err, errlen) == -1)
		return -1;
	lay(pic->px + ((size_t)y0 * pic->w + x0) * 4, (size_t)pic->w * 4, 4,
	    logo, 0.94f);
	return 0;
}
