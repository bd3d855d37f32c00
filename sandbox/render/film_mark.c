/*
 * film_mark - the sandbox's mark, on every frame and at the same place
 *
 * The stills' own mark is drawn on black and on white; what becomes of both
 * says what it does to anything between. A still that brings its mark along
 * is rid of it first, or the camera would carry it through the film.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "render/film_warp.h"
#include "render/sticker.h"

/* The corner that the mark is in, and more. */
#define CORNER_W	256	/* pixels at least, where there are so many */
#define CORNER_H	64

static int
canvas_make(struct canvas *cv, int w, int h, int grey, char *err,
    size_t errlen)
{
	int	 side = w < h ? w : h, k = side / 4;

	cv->w = k > CORNER_W ? k : w < CORNER_W ? w : CORNER_W;
	k /= 4;
	cv->h = k > CORNER_H ? k : h < CORNER_H ? h : CORNER_H;
	/* An even corner of an even picture begins at an even place. */
	cv->w -= cv->w & 1;
	cv->h -= cv->h & 1;
	if ((cv->px = malloc((size_t)cv->w * cv->h * 3)) == NULL) {
		snprintf(err, errlen, "out of memory");
		return -1;
	}
	memset(cv->px, grey, (size_t)cv->w * cv->h * 3);
	return sticker_corner(cv, side, err, errlen);
}

/* The even rectangle that holds all that was changed. */
static void
bounds(const struct canvas *black, const struct canvas *white,
    struct film_mark *mk)
{
	int	 x, y, x0 = black->w, y0 = black->h, x1 = 0, y1 = 0;
	size_t	 i;

	for (y = 0; y < black->h; y++)
		for (x = 0; x < black->w; x++) {
			i = ((size_t)y * black->w + x) * 3;
			if (black->px[i] == 0 && white->px[i] == 255)
				continue;
			x0 = x < x0 ? x : x0;
			y0 = y < y0 ? y : y0;
			x1 = x + 1 > x1 ? x + 1 : x1;
			y1 = y + 1;
		}
	mk->x = x0 & ~1;
	mk->y = y0 & ~1;
	mk->w = x1 > x0 ? (x1 - mk->x + 1) & ~1 : 0;
	mk->h = y1 > y0 ? (y1 - mk->y + 1) & ~1 : 0;
	if (mk->x + mk->w > black->w)
		mk->w -= 2;
	if (mk->y + mk->h > black->h)
		mk->h -= 2;
}

static int
take(const struct canvas *black, const struct canvas *white,
    struct film_mark *mk)
{
	size_t	 n, i;
	int	 x, y;

	bounds(black, white, mk);
	n = (size_t)mk->w * mk->h;
	mk->keep = malloc(n + 1);
	mk->add = malloc(n + 1);
	if (mk->keep == NULL || mk->add == NULL)
		return -1;
	n = 0;
	for (y = 0; y < mk->h; y++)
		for (x = 0; x < mk->w; x++, n++) {
			i = ((size_t)(mk->y + y) * black->w + mk->x + x) * 3;
			mk->add[n] = black->px[i];
			mk->keep[n] = (uint8_t)(white->px[i] - black->px[i]);
		}
	return 0;
}

int
film_mark_make(int w, int h, struct film_mark *mk, char *err, size_t errlen)
{
	struct canvas	 black = { NULL, 0, 0 }, white = { NULL, 0, 0 };
	int		 rc = -1;

	memset(mk, 0, sizeof *mk);
	if (canvas_make(&black, w, h, 0, err, errlen) == 0 &&
	    canvas_make(&white, w, h, 255, err, errlen) == 0 &&
	    (rc = take(&black, &white, mk)) == -1)
		snprintf(err, errlen, "out of memory");
	mk->x += w - black.w;
	mk->y += h - black.h;
	free(black.px);
	free(white.px);
	if (rc == -1)
		film_mark_free(mk);
	return rc;
}

void
film_mark_free(struct film_mark *mk)
{
	free(mk->keep);
	free(mk->add);
	mk->keep = mk->add = NULL;
}

void
film_mark_put(const struct film_mark *mk, struct film_frame *fr)
{
	size_t	 n = 0;
	uint8_t	*p;
	int	 x, y, keep;

	for (y = 0; y < mk->h; y++) {
		p = fr->y + (size_t)(mk->y + y) * fr->w + mk->x;
		/* The mark is grey: luma is its value in limited range. */
		for (x = 0; x < mk->w; x++, n++)
			p[x] = (uint8_t)(16 + (p[x] - 16) * mk->keep[n] / 255 +
			    mk->add[n] * 219 / 255);
	}
	for (y = 0; y < mk->h / 2; y++) {
		p = fr->c + (size_t)(mk->y / 2 + y) * fr->w + mk->x;
		for (x = 0; x < mk->w; x++) {
			keep = mk->keep[(size_t)y * 2 * mk->w + (x & ~1)];
			p[x] = (uint8_t)(128 + (p[x] - 128) * keep / 255);
		}
	}
}

void
film_mark_lift(const struct film_mark *mk, struct picture *pic)
{
	size_t	 n = 0;
	uint8_t	*p;
	int	 x, y, k, v;

	for (y = 0; y < mk->h; y++) {
		p = pic->px + ((size_t)(mk->y + y) * pic->w + mk->x) * 4;
		for (x = 0; x < mk->w; x++, n++, p += 4)
			for (k = 0; k < 3 && mk->keep[n] > 0; k++) {
				v = (p[k] - mk->add[n]) * 255 / mk->keep[n];
				p[k] = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 :
				    v);
			}
	}
}
