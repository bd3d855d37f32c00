/*
 * film_frame.h - pictures as a video encoder wants them, bent to a pose
 *
 * NV12: a plane of luma, then one of chroma at half the size with Cb and Cr
 * side by side; BT.709, limited range (ITU-T H.264 table E-5, value 1).
 */
#ifndef SANDBOX_FILM_FRAME_H
#define SANDBOX_FILM_FRAME_H

#include "render/camera.h"
#include "render/overlay.h"

struct film_frame {
	uint8_t		*y, *c;		/* y is w * h, c follows it */
	int		 w, h;		/* even */
	size_t		 len;		/* of both */
};

/* These return -1 when memory runs out; free with film_frame_free. */
int	film_frame_make(int w, int h, struct film_frame *);
/* The middle of the picture on white, cut to w : h. */
int	film_frame_load(const struct picture *, int w, int h,
	    struct film_frame *);
void	film_frame_free(struct film_frame *);

/* What that pose sees of a frame. -1 when memory runs out. */
int	film_frame_warp(const struct film_frame *, const struct depth_map *,
	    const struct pose *, struct film_frame *out);
/* into gets share (0 .. 1) of over. */
void	film_frame_mix(struct film_frame *into, const struct film_frame *over,
	    float share);
void	film_frame_mark(struct film_frame *, const struct watermark *);

#endif
