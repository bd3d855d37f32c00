/*
 * camera.h - a film over a picture: what in it is near, how the camera moves,
 * and what a frame shows
 *
 * Coordinates are shares of the picture: 0 .. 1 from its left and top edge.
 * What is made has to be freed, in case of failure as well.
 */
#ifndef SANDBOX_CAMERA_H
#define SANDBOX_CAMERA_H

#include <stdint.h>

#include "render/overlay.h"
#include "render/picture.h"

/* --- depth_map.c: a guess at what is near */

struct depth_map {
	float	*d;		/* w * h; 0 is far, 1 the subject's depth */
	int	 w, h;
	float	 x, y;		/* the subject's middle */
};

/*
 * Never fails for want of a subject: then the middle is taken for one.
 * Returns 0, or -1 with a sentence in err.
 */
int	depth_map_make(const struct picture *, struct depth_map *, char *,
	    size_t);
void	depth_map_free(struct depth_map *);

static inline float
depth_map_at(const struct depth_map *dm, float x, float y)
{
	return grid_at(dm->d, dm->w, dm->h, x * (float)dm->w - 0.5f,
	    y * (float)dm->h - 0.5f);
}

/* --- camera.c: the movement */

enum move {
	MOVE_PUSH,		/* towards the subject */
	MOVE_PULL,		/* away from it */
	MOVE_ZOOM_IN,		/* like these two, but flat */
	MOVE_ZOOM_OUT,
	MOVE_PAN,		/* the view wanders */
	MOVE_TILT,
	MOVE_SLIDE,		/* the camera does: near things pass faster */
	MOVE_ORBIT,
	MOVE_STILL,
	MOVE_HANDHELD,
	MOVE__MAX
};

struct motion {
	enum move	 move;
	int		 dir;		/* +1: right or up; -1: left or down */
	float		 reach;		/* how far it goes; 1 is ordinary */
	float		 haste;		/* 0: all the time, 1: done early */
	float		 parallax;	/* 0 .. 1, beside that of the move */
	float		 sweep;		/* a light passing over it */
	float		 breath;	/* light that comes and goes */
	uint32_t	 seed;
};

struct pose {
	float	 zoom;		/* 1 shows all of it */
	float	 cx, cy;	/* the view's middle, off the picture's */
	float	 yaw, pitch;	/* perspective, to the right and downwards */
	float	 roll;		/* radians */
	float	 px;		/* near things are shifted against far ones, */
	float	 hub;		/* and what is that near is not */
	float	 near;		/* and enlarged */
	float	 light;		/* gain, 1 is as it was */
	float	 side;		/* how much of it lies to the right */
	float	 sweep, at;	/* a band of light, and where it is */
};

/* Either string may be NULL. */
void	motion_read(const char *prompt, const char *negative,
	    struct motion *);

/* At t (0 .. 1) of a film of so many seconds. */
void	motion_pose(const struct motion *, float t, int seconds,
	    struct pose *);
/*
 * The same for a film that ends on another picture: the poses over both, and
 * how much of the second shows (0 .. 1).
 */
float	motion_dissolve(const struct motion *, const struct depth_map *from,
	    const struct depth_map *to, float t, struct pose *, struct pose *);

/* Where in the picture that pose sees what is at (u, v) of the frame. */
void	pose_sees(const struct pose *, const struct depth_map *,
	    float aspect, float u, float v, float *x, float *y);
/* How bright it is there; 1 is as in the picture. */
float	pose_gain(const struct pose *, const struct depth_map *,
	    float x, float y);

/* --- film_frame.c: pictures as a video encoder wants them */

/*
 * NV12: a plane of luma, then one of chroma at half the size with Cb and Cr
 * side by side; BT.709, limited range (ITU-T H.264 table E-5, value 1).
 */
struct film_frame {
	uint8_t		*y, *c;		/* y is w * h, c follows it */
	int		 w, h;		/* even */
	size_t		 len;		/* of both */
};

/* These return -1 when memory runs out. */
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
