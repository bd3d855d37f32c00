/*
 * film_warp.h - pictures as a video encoder wants them, bent to a pose
 *
 * NV12: a plane of luma, then one of chroma at half the size with Cb and Cr
 * side by side; BT.709, limited range (ITU-T H.264 table E-5, value 1).
 */
#ifndef SANDBOX_FILM_WARP_H
#define SANDBOX_FILM_WARP_H

#include "render/film_path.h"

/* A picture to film, with a margin so that its edge can be looked over. */
struct film_sheet {
	uint8_t		*y, *c;		/* the first byte of the margins */
	int		 w, h;		/* even, without the margins */
	int		 pitch, cpitch;	/* bytes a row */
};

struct film_frame {
	uint8_t		*y, *c;		/* y is w * h, c follows it */
	int		 w, h;		/* even */
	size_t		 len;		/* of both */
};

/*
 * The middle of the picture, cut to w : h. -1 when memory runs out; free
 * with film_sheet_free.
 */
int	film_sheet_make(const struct picture *, int w, int h,
	    struct film_sheet *);
void	film_sheet_free(struct film_sheet *);

int	film_frame_make(int w, int h, struct film_frame *);
void	film_frame_free(struct film_frame *);

/* What that pose sees of the sheet. -1 when memory runs out. */
int	film_warp(const struct film_sheet *, const struct film_depth *,
	    const struct film_pose *, struct film_frame *);
/* into gets share (0 .. 1) of over. */
void	film_mix(struct film_frame *into, const struct film_frame *over,
	    float share);

/* A mark that is the same on every frame. */
struct film_mark {
	int		 x, y, w, h;	/* even */
	uint8_t		*keep, *add;	/* out = in * keep / 255 + add */
};

/* Taken from sticker_watermark(). -1 with a sentence in err. */
int	film_mark_make(int w, int h, struct film_mark *, char *err,
	    size_t errlen);
void	film_mark_free(struct film_mark *);
void	film_mark_put(const struct film_mark *, struct film_frame *);
/* The other way round, on a picture of the mark's own size that has it. */
void	film_mark_lift(const struct film_mark *, struct picture *);

#endif
