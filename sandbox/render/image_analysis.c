/*
 * image_analysis - what measuring shows in a picture
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "render/cutout.h"
#include "render/image_analysis.h"

/* Measuring needs no more; shrinking also averages sensor noise away. */
#define SMALL	320

static void
measure_light(const struct picture *pic, struct image_analysis *an)
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
		an->light = (float)(s / n);
		an->spread = (float)sqrt(fmax(0, ss / n - s / n * s / n));
	}
	i = an->light < 18 ? 0 : an->light < 38 ? 1 : an->light < 62 ? 2 :
	    an->light < 84 ? 3 : 4;
	an->brightness = words[i];
	an->contrast = an->spread < 12 ? "soft" :
	    an->spread < 26 ? "moderate" : "strong";
}

/*
 * A drawing steps between neighbours either not at all or by a lot; a
 * photograph and a shaded rendering are full of small steps.
 */
static void
measure_flat(const struct picture *pic, struct image_analysis *an)
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
	an->flat = all > 0 ? (float)flat / (float)all : 0;
}

static bool
guess_logo(const struct image_analysis *an)
{
	float	 two = 0;
	int	 i;

	for (i = 0; i < an->ncolour && i < 3; i++)
		two += an->colour[i].share;
	return an->cutout && an->flat > 0.86f && an->ncolour <= 4 &&
	    two > 0.85f;
}

static void
place_box(const struct picture *pic, const struct cutout *cut,
    struct image_analysis *an)
{
	double	 sx = (double)pic->fullw / pic->w;
	double	 sy = (double)pic->fullh / pic->h;

	an->box_x = (int)lrint(cut->x0 * sx);
	an->box_y = (int)lrint(cut->y0 * sy);
	an->box_w = (int)lrint((cut->x1 - cut->x0) * sx);
	an->box_h = (int)lrint((cut->y1 - cut->y0) * sy);
	an->shape = an->box_w > an->box_h * 1.15 ? SHAPE_WIDE :
	    an->box_h > an->box_w * 1.15 ? SHAPE_TALL : SHAPE_SQUARE;
}

int
image_analyze(const void *data, size_t len, struct image_analysis *an,
    char *err, size_t errlen)
{
	struct picture	 pic;
	struct cutout	 cut;

	memset(an, 0, sizeof *an);
	if (picture_load(data, len, SMALL, false, &pic, err,
	    errlen) == -1)
		return -1;
	an->has_alpha = pic.alpha;
	if (cutout_make(&pic, &cut) == -1) {
		snprintf(err, errlen, "out of memory");
		picture_free(&pic);
		return -1;
	}
	an->format = pic.format;
	an->width = pic.fullw;
	an->height = pic.fullh;
	an->cutout = cut.how != CUTOUT_NONE;
	an->background = cut.how == CUTOUT_ALPHA ? BACKGROUND_TRANSPARENT :
	    cut.how == CUTOUT_PLAIN ? BACKGROUND_PLAIN : BACKGROUND_SCENE;
	if (cut.how == CUTOUT_PLAIN) {
		memcpy(an->bg.rgb, cut.bg, sizeof cut.bg);
		an->bg.share = (float)(1 - cut.share);
		an->bg.name = palette_name(cut.bg);
	}
	an->ncolour = palette_of(&pic, an->colour);
	measure_light(&pic, an);
	measure_flat(&pic, an);
	place_box(&pic, &cut, an);
	an->likely_logo = guess_logo(an);
	picture_free(&pic);
	return 0;
}

int
image_caption(const struct image_analysis *an, char *buf, size_t n)
{
	static const char	*const shapes[] = {
		[SHAPE_SQUARE] = "compact", [SHAPE_TALL] = "tall",
		[SHAPE_WIDE] = "wide"
	};
	const char	*shape = shapes[an->shape];
	const char	*colour = an->ncolour > 0 ? an->colour[0].name :
			    "colourless";
	bool		 two = an->ncolour > 1 && an->colour[1].share > 0.08f;
	const char	*and = two ? " and " : "";
	const char	*other = two ? an->colour[1].name : "";
	char		 on[80] = "a transparent background";
	int		 len;

	if (an->background == BACKGROUND_PLAIN)
		snprintf(on, sizeof on, "a plain %s background",
		    an->bg.name);
	if (an->likely_logo)
		len = snprintf(buf, n, "A %s flat graphic in %s%s%s, probably "
		    "a logo, on %s, %dx%d.", shape, colour, and, other, on,
		    an->width, an->height);
	else if (an->cutout)
		len = snprintf(buf, n, "A %s %s%s%s object cut out on %s, "
		    "%dx%d.", shape, colour, and, other, on, an->width,
		    an->height);
	else
		len = snprintf(buf, n, "A %s %s scene, mostly %s%s%s, with %s "
		    "contrast, %dx%d.", an->shape == SHAPE_SQUARE ? "square" :
		    shape, an->brightness, colour, and, other, an->contrast,
		    an->width, an->height);
	return len >= 0 && (size_t)len < n ? 0 : -1;
}
