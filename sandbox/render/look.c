/*
 * look - what can honestly be seen in a picture
 */
#include "config.h"

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
	double	 s = 0, ss = 0, n = 0, l;
	int	 i;

	for (i = 0; i < pic->w * pic->h; i++)
		if (pic->px[i * 4 + 3] >= 128) {
			l = palette_lab(pic->px + (ptrdiff_t)i * 4)[0];
			s += l;
			ss += l * l;
			n++;
		}
	if (n > 0) {
		lk->light = (float)(s / n);
		lk->spread = (float)sqrt(fmax(0, ss / n - s / n * s / n));
	}
	i = lk->light < 18 ? 0 : lk->light < 38 ? 1 : lk->light < 62 ? 2 :
	    lk->light < 84 ? 3 : 4;
	lk->brightness = words[i];
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
	const uint8_t	*q = pic->px;
	int		 all = 0, flat = 0, i, d, k, worst;

	for (i = 0; i < pic->w * pic->h; i++, q += 4) {
		if (i % pic->w == 0 || q[3] < 250 || q[-1] < 250)
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
	if (picture_load(data, len, LOOK_SIDE, false, &pic, err,
	    errlen) == -1)
		return -1;
	lk->has_alpha = pic.alpha;
	if (cutout_make(&pic, &cut) == -1) {
		snprintf(err, errlen, "out of memory");
		picture_free(&pic);
		return -1;
	}
	lk->format = pic.format;
	lk->width = pic.fullw;
	lk->height = pic.fullh;
	lk->cutout = cut.how != CUTOUT_NONE;
	lk->ground = cut.how == CUTOUT_ALPHA ? LOOK_TRANSPARENT :
	    cut.how == CUTOUT_PLAIN ? LOOK_PLAIN : LOOK_SCENE;
	if (cut.how == CUTOUT_PLAIN) {
		memcpy(lk->bg.rgb, cut.bg, sizeof cut.bg);
		lk->bg.share = (float)(1 - cut.share);
		lk->bg.name = palette_name(cut.bg);
	}
	lk->ncolour = palette_of(&pic, lk->colour);
	measure_light(&pic, lk);
	measure_flat(&pic, lk);
	place_box(&pic, &cut, lk);
	lk->likely_logo = guess_logo(lk);
	picture_free(&pic);
	return 0;
}

int
look_caption(const struct look *lk, char *buf, size_t n)
{
	static const char	*const shapes[] = {
		[LOOK_SQUARE] = "compact", [LOOK_TALL] = "tall",
		[LOOK_WIDE] = "wide"
	};
	const char	*shape = shapes[lk->shape];
	const char	*colour = lk->ncolour > 0 ? lk->colour[0].name :
			    "colourless";
	bool		 two = lk->ncolour > 1 && lk->colour[1].share > 0.08f;
	const char	*and = two ? " and " : "";
	const char	*other = two ? lk->colour[1].name : "";
	char		 on[80] = "a transparent background";
	int		 len;

	if (lk->ground == LOOK_PLAIN)
		snprintf(on, sizeof on, "a plain %s background",
		    lk->bg.name);
	if (lk->likely_logo)
		len = snprintf(buf, n, "A %s flat graphic in %s%s%s, probably "
		    "a logo, on %s, %dx%d.", shape, colour, and, other, on,
		    lk->width, lk->height);
	else if (lk->cutout)
		len = snprintf(buf, n, "A %s %s%s%s object cut out on %s, "
		    "%dx%d.", shape, colour, and, other, on, lk->width,
		    lk->height);
	else
		len = snprintf(buf, n, "A %s %s scene, mostly %s%s%s, with %s "
		    "contrast, %dx%d.", lk->shape == LOOK_SQUARE ? "square" :
		    shape, lk->brightness, colour, and, other, lk->contrast,
		    lk->width, lk->height);
	return len >= 0 && (size_t)len < n ? 0 : -1;
}
