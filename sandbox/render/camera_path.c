/*
 * camera_path - where the camera is, moment by moment, and what it sees
 *
 * A movement never leaves the picture: one that wanders sees a part of it.
 */
#include "config.h"

#include "render/camera.h"
#include "render/vector.h"

#define PI	3.14159265f

/* Starts and stops gently; in haste, it starts hard and is there early. */
static float
ease(const struct motion *m, float t)
{
	float	 calm, hasty;

	calm = t * t * t * (t * (t * 6 - 15) + 10);
	t = minf(1, t / 0.55f);
	hasty = 1 - powf(1 - t, 3.2f);
	return mixf(calm, hasty, m->haste);
}

/* Wander off the middle as far as the edge of the picture. */
static float
edge(float zoom)
{
	return 0.5f * (1 - 1 / zoom);
}

static void
sway(const struct motion *m, float s, struct pose *q)
{
	float	 a = 0.010f * m->reach, f = (float)(m->seed % 628) / 100;

	q->zoom = 1.07f;
	q->cx = a * (sinf(1.9f * s + f) + 0.5f * sinf(4.3f * s + 2 * f));
	q->cy = a * (0.8f * sinf(2.3f * s + 3 * f) + 0.4f * sinf(5.1f * s));
	q->roll = 0.35f * a * sinf(1.3f * s + f);
	q->px = 0.6f * q->cx;
}

static void
lights(const struct motion *m, float t, float s, struct pose *q)
{
	/* Whole breaths, and none at either end: a loop has no seam. */
	q->light = 1 + 0.035f * m->breath * (1 - cosf(2 * PI * s / 2.5f)) / 2;
	q->side = 0.05f * m->breath * sinf(2 * PI * t);
	q->sweep = 0.17f * m->sweep * sinf(PI * t);
	q->at = -0.35f + 1.7f * t;
	if (m->dir < 0)
		q->at = 1 - q->at;
}

void
motion_pose(const struct motion *m, float t, int seconds,
    struct pose *q)
{
	float	 e = ease(m, t), k = m->reach * (seconds > 7 ? 1.25f : 1);
	float	 dir = (float)m->dir, s = t * (float)seconds;
	float	 both = 2 * e - 1;

	*q = (struct pose){ .zoom = 1, .hub = 0.5f, .light = 1 };
	lights(m, t, s, q);
	switch (m->move) {
	case MOVE_PUSH:
		q->zoom = 1 + 0.24f * k * e;
		q->near = (0.05f + 0.07f * m->parallax) * k * e;
		break;
	case MOVE_PULL:
		q->zoom = 1 + 0.24f * k * (1 - e);
		q->near = (0.05f + 0.07f * m->parallax) * k * (1 - e);
		break;
	case MOVE_ZOOM_IN:
		q->zoom = powf(1 + 0.40f * k, e);
		break;
	case MOVE_ZOOM_OUT:
		q->zoom = powf(1 + 0.40f * k, 1 - e);
		break;
	case MOVE_PAN:
		q->zoom = 1 + 0.24f * k;
		q->cx = dir * both * edge(q->zoom);
		q->yaw = 0.05f * dir * both;
		break;
	case MOVE_TILT:
		q->zoom = 1 + 0.24f * k;
		q->cy = -dir * both * edge(q->zoom);
		q->pitch = -0.06f * dir * both;
		break;
	case MOVE_SLIDE:
		q->zoom = 1 + 0.15f * k;
		q->cx = 0.7f * dir * both * edge(q->zoom);
		q->px = dir * both * k * (0.022f + 0.022f * m->parallax);
		break;
	case MOVE_ORBIT:
		q->zoom = 1 + 0.15f * k;
		q->yaw = 0.05f * k * dir * both;
		q->px = -dir * both * k * (0.040f + 0.012f * m->parallax);
		q->hub = 1;
		break;
	case MOVE_HANDHELD:
		sway(m, s, q);
		break;
	case MOVE_STILL:
	case MOVE__MAX:
		break;
	}
	if (m->parallax > 0 && m->move <= MOVE_PULL)
		q->px = 0.012f * dir * k * both * m->parallax;
	/* A push leans a little towards where the parallax goes. */
	if (m->parallax > 0 && m->move == MOVE_PUSH)
		q->cx = 0.3f * dir * edge(q->zoom);
}

/*
 * Both subjects are brought to the same place of the frame while one picture
 * dissolves into the other, as far as the edges allow.
 */
float
motion_dissolve(const struct motion *m, const struct depth_map *from,
    const struct depth_map *to, float t, struct pose *a,
    struct pose *b)
{
	float	 e = ease(m, t), share = smoothstep(0.30f, 0.80f, t), lim;
	float	 reach = m->move == MOVE_STILL ? 0.4f : m->reach;

	*a = *b = (struct pose){ .zoom = 1, .hub = 0.5f, .light = 1 };
	lights(m, t, 0, a);
	*b = *a;
	a->zoom = 1 + 0.12f * reach * e;
	b->zoom = 1 + 0.12f * reach * (1 - e);
	lim = edge(a->zoom);
	a->cx = clampf(share * (from->x - to->x), -lim, lim);
	a->cy = clampf(share * (from->y - to->y), -lim, lim);
	lim = edge(b->zoom);
	b->cx = clampf((1 - share) * (to->x - from->x), -lim, lim);
	b->cy = clampf((1 - share) * (to->y - from->y), -lim, lim);
	return share;
}

void
pose_sees(const struct pose *q, const struct depth_map *fd,
    float aspect, float u, float v, float *x, float *y)
{
	float	 c, s, k, d, fx, fy, near, rx, ry;
	int	 i;

	u -= 0.5f;
	v -= 0.5f;
	if (q->roll != 0) {
		c = cosf(q->roll);
		s = sinf(q->roll);
		rx = c * u * aspect - s * v;
		ry = s * u * aspect + c * v;
		u = rx / aspect;
		v = ry;
	}
	k = 1 / (q->zoom * (1 + q->yaw * u + q->pitch * v));
	fx = *x = 0.5f + q->cx + u * k;
	fy = *y = 0.5f + q->cy + v * k;
	if (q->px == 0 && q->near == 0)
		return;
	/* What is seen there is what its own depth brings there. */
	for (i = 0; i < 2; i++) {
		d = depth_map_at(fd, *x, *y);
		near = 1 / (1 + q->near * d);
		*x = fd->x + (fx - fd->x) * near + (d - q->hub) * q->px;
		*y = fd->y + (fy - fd->y) * near;
	}
}

float
pose_gain(const struct pose *q, const struct depth_map *fd, float x,
    float y)
{
	float	 g = q->light + q->side * (x - 0.5f), w;

	if (q->sweep == 0)
		return g;
	/* Slanting, and stronger on what is near. */
	w = (x + 0.25f * (y - 0.5f) - q->at) / 0.16f;
	return g + q->sweep * expf(-w * w) *
	    (0.35f + 0.65f * minf(1, depth_map_at(fd, x, y)));
}
