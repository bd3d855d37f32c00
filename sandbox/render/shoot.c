/*
 * shoot - films: from a motion prompt and pictures to H.264
 */
#include "config.h"

#include "render/shoot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vips/vips.h>

#include "render/film_encoder.h"
#include "render/film_frame.h"
#include "render/render.h"

/* More than a frame's pixels, so that a pixel is never a mere average. */
#define OVER		1.2f

/* A picture to film, ready. */
struct subject {
	struct film_frame	 frame;
	struct depth_map	 depth;
};

struct shooting {
	struct motion		 motion;
	struct subject		 from, to;
	struct film_frame	 frame, other;
	struct watermark	 mark;
	int			 seconds;
	bool			 ends;		/* on another picture */
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

/*
 * Decodes to about the pixels that a frame of w x h needs. A still of ours is
 * rid of its watermark, or the camera would carry it through the film.
 */
static int
load(const void *data, size_t len, int w, int h, struct picture *pic,
    char *err, size_t errlen)
{
	struct watermark	 wm;
	float			 k;

	if (picture_head(data, len, pic, err, errlen) == -1)
		return -1;
	k = OVER * maxf((float)w / (float)pic->fullw,
	    (float)h / (float)pic->fullh);
	w = (int)ceilf(k * (float)pic->fullw);
	h = (int)ceilf(k * (float)pic->fullh);
	if (!pic->ours || pic->fullw > RENDER_SIDE ||
	    pic->fullh > RENDER_SIDE)
		return picture_load(data, len, w > h ? w : h, false, pic,
		    err, errlen);
	if (picture_load(data, len, RENDER_SIDE, false, pic, err,
	    errlen) == -1 || watermark_make(pic->w, pic->h, &wm, err,
	    errlen) == -1)
		return -1;
	watermark_remove(&wm, pic);
	watermark_free(&wm);
	return k < 1 ? picture_scale(pic, w, h, err, errlen) : 0;
}

static int
prepare(const void *data, size_t len, int w, int h, struct subject *s,
    char *err, size_t errlen)
{
	struct picture	 pic;
	int		 rc;

	if ((rc = load(data, len, w, h, &pic, err, errlen)) == 0 &&
	    (rc = depth_map_make(&pic, &s->depth, err, errlen)) == 0 &&
	    (rc = film_frame_load(&pic, w, h, &s->frame)) == -1)
		snprintf(err, errlen, "out of memory");
	picture_free(&pic);
	return rc;
}

static int
draw(struct shooting *s, float t)
{
	struct pose	 a, b;
	float		 share = 0;

	if (s->ends)
		share = motion_dissolve(&s->motion, &s->from.depth,
		    &s->to.depth, t, &a, &b);
	else
		motion_pose(&s->motion, t, s->seconds, &a);
	if (share < 1 && film_frame_warp(&s->from.frame, &s->from.depth, &a,
	    &s->frame) == -1)
		return -1;
	if (share > 0 && film_frame_warp(&s->to.frame, &s->to.depth, &b,
	    share < 1 ? &s->other : &s->frame) == -1)
		return -1;
	if (share > 0 && share < 1)
		film_frame_mix(&s->frame, &s->other, share);
	film_frame_mark(&s->frame, &s->mark);
	return 0;
}

static int
shoot(struct shooting *s, bool (*stop)(void), struct film *out, char *err,
    size_t errlen)
{
	struct film_encoder	 enc;
	const char		*why = NULL;
	int			 i, n = s->seconds * FILM_RATE;

	if (film_encoder_start(&enc, s->frame.w, s->frame.h, err,
	    errlen) == -1)
		return -1;
	for (i = 0; i < n; i++) {
		if (stop != NULL && stop())
			why = "called off";
		else if (draw(s, (float)i / (float)(n - 1)) == -1)
			why = "out of memory";
		if (why != NULL || film_encoder_add(&enc, s->frame.y,
		    s->frame.len) == -1)
			break;
	}
	if (why != NULL)
		snprintf(err, errlen, "%s", why);
	return film_encoder_end(&enc, why == NULL, out, err, errlen);
}

static int
set_up(const struct film_order *o, struct shooting *s, char *err,
    size_t errlen)
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
	if (prepare(o->start, o->startlen, w, h, &s->from, err,
	    errlen) == -1 || (s->ends && prepare(o->end, o->endlen, w, h,
	    &s->to, err, errlen) == -1))
		return -1;
	return watermark_make(w, h, &s->mark, err, errlen);
}

int
render_film(const struct film_order *o, struct film *out, char *err,
    size_t errlen)
{
	struct shooting	 s = { .seconds = o->seconds };
	int		 rc = -1;

	memset(out, 0, sizeof *out);
	motion_read(o->prompt, o->negative, &s.motion);
	if (o->seconds < 1 || o->seconds > 15)
		snprintf(err, errlen, "%d seconds are not within 1 to 15",
		    o->seconds);
	else if (o->side < 64 || o->side > RENDER_SIDE)
		snprintf(err, errlen, "a side of %d is not within 64 to %d",
		    o->side, RENDER_SIDE);
	else if (picture_init(err, errlen) == 0 &&
	    set_up(o, &s, err, errlen) == 0)
		rc = shoot(&s, o->stop, out, err, errlen);
	out->w = s.frame.w;
	out->h = s.frame.h;
	film_frame_free(&s.from.frame);
	film_frame_free(&s.to.frame);
	depth_map_free(&s.from.depth);
	depth_map_free(&s.to.depth);
	film_frame_free(&s.frame);
	film_frame_free(&s.other);
	watermark_free(&s.mark);
	vips_thread_shutdown();
	return rc;
}
