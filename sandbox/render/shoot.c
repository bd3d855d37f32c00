/*
 * shoot - films for the sandbox
 */
#include "config.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vips/vips.h>

#include "render/film_path.h"
#include "render/film_reel.h"
#include "render/film_warp.h"
#include "render/noise.h"
#include "render/render.h"
#include "render/shoot.h"

/* More than a frame's pixels, so that a pixel is never a mere average. */
#define OVER		1.2f

/* A picture to film, ready. */
struct subject {
	struct film_sheet	 sheet;
	struct film_depth	 depth;
};

struct shoot {
	struct film_plan	 plan;
	struct subject		 from, to;
	struct film_frame	 frame, other;
	struct film_mark	 mark;
	int			 seconds;
	bool			 ends;		/* on another picture */
	bool			(*stop)(void);
};

void
film_size(int w, int h, int side, int *fw, int *fh)
{
	double	 ratio = (double)w / h, area = (double)side * side * 9 / 16;
	double	 fit;

	ratio = fmin(fmax(ratio, 0.4), 2.5);
	fit = sqrt(area * ratio);
	if (fit > side)
		fit = side;
	if (fit / ratio > side)
		fit = side * ratio;
	*fw = (int)lrint(fit / 2) * 2;
	*fh = (int)lrint(fit / ratio / 2) * 2;
}

static int
unmark(struct picture *pic, char *err, size_t errlen)
{
	struct film_mark	 mk;

	if (film_mark_make(pic->w, pic->h, &mk, err, errlen) == -1)
		return -1;
	film_mark_lift(&mk, pic);
	film_mark_free(&mk);
	return 0;
}

/* Shown on white, as a browser with a white page would. */
static void
flatten(struct picture *pic)
{
	size_t	 i, n = (size_t)pic->w * pic->h;
	uint8_t	*p = pic->px;
	int	 k;

	for (i = 0; i < n; i++, p += 4)
		if (p[3] != 255)
			for (k = 0; k < 3; k++)
				p[k] = (uint8_t)(255 - (255 - p[k]) * p[3] /
				    255);
}

/* Decodes to about the pixels that a frame of w x h needs. */
static int
load(const void *data, size_t len, int w, int h, struct picture *pic,
    char *err, size_t errlen)
{
	float	 k;
	int	 rc;

	if (picture_head(data, len, pic, err, errlen) == -1)
		return -1;
	k = OVER * maxf((float)w / (float)pic->fullw,
	    (float)h / (float)pic->fullh);
	w = (int)ceilf(k * (float)pic->fullw);
	h = (int)ceilf(k * (float)pic->fullh);
	if (!pic->ours || pic->fullw > RENDER_SIDE ||
	    pic->fullh > RENDER_SIDE)
		rc = picture_load(data, len, w, h, pic, err, errlen);
	else if ((rc = picture_load(data, len, RENDER_SIDE, RENDER_SIDE, pic,
	    err, errlen)) == 0) {
		rc = unmark(pic, err, errlen);
		if (rc == 0 && k < 1)
			rc = picture_resize(pic, w, h, err, errlen);
		if (rc == -1)
			picture_free(pic);
	}
	return rc;
}

static int
prepare(const void *data, size_t len, const struct film_frame *fr,
    struct subject *s, char *err, size_t errlen)
{
	struct picture	 pic;
	int		 rc;

	if (load(data, len, fr->w, fr->h, &pic, err, errlen) == -1)
		return -1;
	/* The depth is guessed first: it wants to see the transparency. */
	rc = film_depth_make(&pic, &s->depth);
	flatten(&pic);
	if (rc == 0)
		rc = film_sheet_make(&pic, fr->w, fr->h, &s->sheet);
	if (rc == -1)
		snprintf(err, errlen, "out of memory");
	picture_free(&pic);
	return rc;
}

static int
draw(struct shoot *s, float t)
{
	struct film_pose	 a, b;
	float			 share = 0;

	if (s->ends)
		share = film_path_to(&s->plan, &s->from.depth, &s->to.depth,
		    t, &a, &b);
	else
		film_path(&s->plan, t, s->seconds, &a);
	if (share < 1 && film_warp(&s->from.sheet, &s->from.depth, &a,
	    &s->frame) == -1)
		return -1;
	if (share > 0 && film_warp(&s->to.sheet, &s->to.depth, &b,
	    share < 1 ? &s->other : &s->frame) == -1)
		return -1;
	if (share > 0 && share < 1)
		film_mix(&s->frame, &s->other, share);
	film_mark_put(&s->mark, &s->frame);
	return 0;
}

static int
shoot(struct shoot *s, struct film *out, char *err, size_t errlen)
{
	struct film_reel	 reel;
	int			 i, n = s->seconds * FILM_RATE;

	if (film_reel_start(&reel, s->frame.w, s->frame.h, err,
	    errlen) == -1)
		return -1;
	for (i = 0; i < n; i++) {
		if (s->stop != NULL && s->stop()) {
			snprintf(err, errlen, "called off");
			return film_reel_end(&reel, false, out, err, errlen);
		}
		if (draw(s, (float)i / (float)(n - 1)) == -1) {
			snprintf(err, errlen, "out of memory");
			return film_reel_end(&reel, false, out, err, errlen);
		}
		if (film_reel_add(&reel, s->frame.y, s->frame.len) == -1)
			break;
	}
	return film_reel_end(&reel, true, out, err, errlen);
}

static int
set_up(const struct film_order *o, struct shoot *s, char *err, size_t errlen)
{
	struct picture	 head;
	int		 w, h;

	if (picture_head(o->start, o->startlen, &head, err, errlen) == -1)
		return -1;
	film_size(head.fullw, head.fullh, o->side, &w, &h);
	s->ends = o->end != NULL;
	if (film_frame_make(w, h, &s->frame) == -1 ||
	    (s->ends && film_frame_make(w, h, &s->other) == -1)) {
		snprintf(err, errlen, "out of memory");
		return -1;
	}
	if (prepare(o->start, o->startlen, &s->frame, &s->from, err,
	    errlen) == -1 || (s->ends && prepare(o->end, o->endlen,
	    &s->frame, &s->to, err, errlen) == -1))
		return -1;
	return film_mark_make(w, h, &s->mark, err, errlen);
}

int
render_film(const struct film_order *o, struct film *out, char *err,
    size_t errlen)
{
	struct shoot	 s;
	int		 rc = -1;

	memset(&s, 0, sizeof s);
	memset(out, 0, sizeof *out);
	s.seconds = o->seconds;
	s.stop = o->stop;
	film_words(o->prompt, o->negative, &s.plan);
	if (o->seconds < 1 || o->seconds > 15)
		snprintf(err, errlen, "%d seconds are not within 1 to 15",
		    o->seconds);
	else if (o->side < 64 || o->side > RENDER_SIDE)
		snprintf(err, errlen, "a side of %d is not within 64 to %d",
		    o->side, RENDER_SIDE);
	else if (picture_init(err, errlen) == 0 &&
	    set_up(o, &s, err, errlen) == 0)
		rc = shoot(&s, out, err, errlen);
	out->w = s.frame.w;
	out->h = s.frame.h;
	film_sheet_free(&s.from.sheet);
	film_sheet_free(&s.to.sheet);
	film_depth_free(&s.from.depth);
	film_depth_free(&s.to.depth);
	film_frame_free(&s.frame);
	film_frame_free(&s.other);
	film_mark_free(&s.mark);
	vips_thread_shutdown();
	return rc;
}
