/*
 * camera.h - what a motion prompt says about the camera, and where that
 * brings it, moment by moment
 *
 * Coordinates are shares of the picture: 0 .. 1 from its left and top edge.
 */
#ifndef SANDBOX_CAMERA_H
#define SANDBOX_CAMERA_H

#include <stdint.h>

#include "render/depth_map.h"

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

#endif
