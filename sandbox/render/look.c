/*
 * look - what can honestly be seen in a picture
 */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "render/cutout.h"
#include "render/look.h"

/* Measuring needs no more; shrinking also averages sensor noise away. */
#define LOOK_SIDE	320

static void
measure_light(const struct picture *pic, struct look *lk)
{
	static const char	*const words[] = {
		"very dark", "dark", "medium", "bright", "very bright"
	};
	double	 s = 0, ss = 0;
	size_t	 i, n = (size_t)pic->w * pic->h, k = 0;
	float	 lab[3];
	int	 w;

	for (i = 0; i < n; i++) {
		if (pic->px[i * 4 + 3] < 128)
			continue;
		palette_lab(pic->px[i * 4], pic->px[i * 4 + 1],
		    pic->px[i * 4 + 2], lab);
		s += lab[0];
		ss += lab[0] * lab[0];
		k++;
	}
	if (k > 0) {
		lk->light = (float)(s / (double)k);
		lk->spread = (float)sqrt(fmax(0, ss / (double)k -
		    (double)lk->light * lk->light));
	}
	w = lk->light < 18 ? 0 : lk->light < 38 ? 1 : lk->light < 62 ? 2 :
	    lk->light < 84 ? 3 : 4;
	lk->brightness = words[w];
	lk->contrast = lk->spread < 12 ? "soft" :
	    lk->spread < 26 ? "moderate" : "strong";
}

/*
 * A drawing steps between neighbours either not at all or by a lot; a
 * photograph and a shaded rendering are full of small steps.
 */
static void
measure_flat(const struct picture *pic, struct look *lk)
{
	size_t	 all = 0, flat = 0;
	int	 x, y, d, k, worst;

	for (y = 0; y < pic->h; y++)
		for (x = 1; x < pic->w; x++) {
			const uint8_t	*q = pic->px +
			    ((size_t)y * pic->w + x) * 4;

			if (q[3] < 250 || q[-1] < 250)
				continue;
			for (worst = k = 0; k < 3; k++) {
				d = abs(q[k] - q[k - 4]);
				worst = d > worst ? d : worst;
			}
			all++;
			flat += worst < 2 || worst > 48;
		}
	lk->flat = all > 0 ? (float)flat / (float)all : 0;
}

static bool
guess_logo(const struct look *lk)
{
	float	 two = 0;
	int	 i;

	for (i = 0; i < lk->ncolour && i < 3; i++)
		two += lk->colour[i].share;
	return lk->cutout && lk->flat > 0.86f && lk->ncolour <= 4 &&
	    two > 0.85f;
}

static void
place_box(const struct picture *pic, const struct cutout *cut,
    struct look *lk)
{
	double	 sx = (double)pic->fullw / pic->w;
	double	 sy = (double)pic->fullh / pic->h;

	lk->box_x = (int)lrint(cut->x0 * sx);
	lk->box_y = (int)lrint(cut->y0 * sy);
	lk->box_w = (int)lrint((cut->x1 - cut->x0) * sx);
	lk->box_h = (int)lrint((cut->y1 - cut->y0) * sy);
	lk->shape = lk->box_w > lk->box_h * 1.15 ? LOOK_WIDE :
	    lk->box_h > lk->box_w * 1.15 ? LOOK_TALL : LOOK_SQUARE;
}

int
look_at(const void *data, size_t len, struct look *lk, char *err,
    size_t errlen)
{
	struct picture	 pic;
	struct cutout	 cut;

	memset(lk, 0, sizeof *lk);
	if (picture_load(data, len, LOOK_SIDE, LOOK_SIDE, &pic, err,
	    errlen) == -1)
		return -1;
	if (cutout_make(&pic, &cut) == -1) {
		snprintf(err, errlen, "out of memory");
		picture_free(&pic);
		return -1;
	}
	lk->format = pic.format;
	lk->width = pic.fullw;
	lk->height = pic.fullh;
	lk->has_alpha = pic.alpha;
	lk->cutout = cut.how != CUTOUT_NONE;
	lk->ground = cut.how == CUTOUT_ALPHA ? LOOK_TRANSPARENT :
	    cut.how == CUTOUT_PLAIN ? LOOK_PLAIN : LOOK_SCENE;
	if (cut.how == CUTOUT_PLAIN) {
		lk->bg.r = cut.bg[0];
		lk->bg.g = cut.bg[1];
		lk->bg.b = cut.bg[2];
		lk->bg.share = (float)(1 - cut.share);
		lk->bg.name = palette_name(lk->bg.r, lk->bg.g, lk->bg.b);
	}
	lk->ncolour = palette_of(&pic, lk->colour);
	measure_light(&pic, lk);
	measure_flat(&pic, lk);
	place_box(&pic, &cut, lk);
	lk->likely_logo = guess_logo(lk);
	picture_free(&pic);
	return 0;
}

static const char *
article(const char *word)
{
	return strchr("aeiou", word[0]) != NULL && word[0] != '\0' ?
	    "An" : "A";
}

static void
colours(const struct look *lk, char *buf, size_t n)
{
	const char	*a = "colourless";

	if (lk->ncolour > 0)
		a = lk->colour[0].name;

	if (lk->ncolour > 1 && lk->colour[1].share > 0.08f)
		snprintf(buf, n, "%s and %s", a, lk->colour[1].name);
	else
		snprintf(buf, n, "%s", a);
}

int
look_caption(const struct look *lk, char *buf, size_t n)
{
	static const char	*const shape[] = {
		[LOOK_SQUARE] = "compact", [LOOK_TALL] = "tall",
		[LOOK_WIDE] = "wide"
	};
	static const char	*const frame[] = {
		[LOOK_SQUARE] = "square", [LOOK_TALL] = "tall",
		[LOOK_WIDE] = "wide"
	};
	char	 col[80], ground[80];
	int	 len;

	colours(lk, col, sizeof col);
	if (lk->ground == LOOK_PLAIN)
		snprintf(ground, sizeof ground, "a plain %s background",
		    lk->bg.name);
	else
		snprintf(ground, sizeof ground, "a transparent background");
	if (lk->likely_logo)
		len = snprintf(buf, n, "%s %s flat graphic in %s, probably "
		    "a logo, on %s, %dx%d.", article(shape[lk->shape]),
		    shape[lk->shape], col, ground, lk->width, lk->height);
	else if (lk->cutout)
		len = snprintf(buf, n, "%s %s %s object cut out on %s, "
		    "%dx%d.", article(shape[lk->shape]), shape[lk->shape],
		    col, ground, lk->width, lk->height);
	else
		len = snprintf(buf, n, "%s %s %s scene, mostly %s, with %s "
		    "contrast, %dx%d.", article(frame[lk->shape]),
		    frame[lk->shape], lk->brightness, col, lk->contrast,
		    lk->width, lk->height);
	return len >= 0 && (size_t)len < n ? 0 : -1;
}
