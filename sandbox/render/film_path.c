/*
 * film_path - where the camera is, moment by moment
 *
 * A movement never leaves the picture: one that wanders sees a part of it.
 */
#include "config.h"

#include <math.h>

#include "render/film_path.h"
#include "render/noise.h"

#define PI	3.14159265f

/* Starts and stops gently; in haste, it starts hard and is there early. */
static float
ease(const struct film_plan *p, float t)
{
	float	 calm, hasty;

	calm = t * t * t * (t * (t * 6 - 15) + 10);
	t = minf(1, t / 0.55f);
	hasty = 1 - powf(1 - t, 3.2f);
	return mixf(calm, hasty, p->haste);
}

/* Wander off the middle as far as the edge of the picture. */
static float
edge(float zoom)
{
	return 0.5f * (1 - 1 / zoom);
}

static void
sway(const struct film_plan *p, float s, struct film_pose *q)
{
	float	 a = 0.010f * p->reach, f = (float)(p->seed % 628) / 100;

	q->zoom = 1.07f;
	q->cx = a * (sinf(1.9f * s + f) + 0.5f * sinf(4.3f * s + 2 * f));
	q->cy = a * (0.8f * sinf(2.3f * s + 3 * f) + 0.4f * sinf(5.1f * s));
	q->roll = 0.35f * a * sinf(1.3f * s + f);
	q->px = 0.6f * q->cx;
}

static void
lights(const struct film_plan *p, float t, float s, struct film_pose *q)
{
	/* Whole breaths, and none at either end: a loop has no seam. */
	q->light = 1 + 0.035f * p->breath * (1 - cosf(2 * PI * s / 2.5f)) / 2;
	q->side = 0.05f * p->breath * sinf(2 * PI * t);
	q->sweep = 0.17f * p->sweep * sinf(PI * t);
	q->at = -0.35f + 1.7f * t;
	if (p->dir < 0)
		q->at = 1 - q->at;
}

void
film_path(const struct film_plan *p, float t, int seconds,
    struct film_pose *q)
{
	float	 e = ease(p, t), k = p->reach * (seconds > 7 ? 1.25f : 1);
	float	 dir = (float)p->dir, s = t * (float)seconds;
	float	 both = 2 * e - 1;

	*q = (struct film_pose){ .zoom = 1, .hub = 0.5f, .light = 1 };
	lights(p, t, s, q);
	switch (p->move) {
	case FILM_PUSH:
		q->zoom = 1 + 0.24f * k * e;
		q->near = (0.05f + 0.07f * p->parallax) * k * e;
		break;
	case FILM_PULL:
		q->zoom = 1 + 0.24f * k * (1 - e);
		q->near = (0.05f + 0.07f * p->parallax) * k * (1 - e);
		break;
	case FILM_ZOOM_IN:
		q->zoom = powf(1 + 0.40f * k, e);
		break;
	case FILM_ZOOM_OUT:
		q->zoom = powf(1 + 0.40f * k, 1 - e);
		break;
	case FILM_PAN:
		q->zoom = 1 + 0.24f * k;
		q->cx = dir * both * edge(q->zoom);
		q->yaw = 0.05f * dir * both;
		break;
	case FILM_TILT:
		q->zoom = 1 + 0.24f * k;
		q->cy = -dir * both * edge(q->zoom);
		q->pitch = -0.06f * dir * both;
		break;
	case FILM_SLIDE:
		q->zoom = 1 + 0.15f * k;
		q->cx = 0.7f * dir * both * edge(q->zoom);
		q->px = dir * both * k * (0.022f + 0.022f * p->parallax);
		break;
	case FILM_ORBIT:
		q->zoom = 1 + 0.15f * k;
		q->yaw = 0.05f * k * dir * both;
		q->px = -dir * both * k * (0.040f + 0.012f * p->parallax);
		q->hub = 1;
		break;
	case FILM_HANDHELD:
		sway(p, s, q);
		break;
	case FILM_STILL:
	case FILM__MAX:
		break;
	}
	if (p->parallax > 0 && p->move <= FILM_PULL)
		q->px = 0.012f * dir * k * both * p->parallax;
	/* A push leans a little towards where the parallax goes. */
	if (p->parallax > 0 && p->move == FILM_PUSH)
		q->cx = 0.3f * dir * edge(q->zoom);
}

/*
 * Both subjects are brought to the same place of the frame while one picture
 * dissolves into the other, as far as the edges allow.
 */
float
film_path_to(const struct film_plan *p, const struct film_depth *from,
    const struct film_depth *to, float t, struct film_pose *a,
    struct film_pose *b)
{
	float	 e = ease(p, t), m = smooth(0.30f, 0.80f, t), lim;
	float	 reach = p->move == FILM_STILL ? 0.4f : p->reach;

	*a = *b = (struct film_pose){ .zoom = 1, .hub = 0.5f, .light = 1 };
	lights(p, t, 0, a);
	*b = *a;
	a->zoom = 1 + 0.12f * reach * e;
	b->zoom = 1 + 0.12f * reach * (1 - e);
	lim = edge(a->zoom);
	a->cx = clampf(m * (from->x - to->x), -lim, lim);
	a->cy = clampf(m * (from->y - to->y), -lim, lim);
	lim = edge(b->zoom);
	b->cx = clampf((1 - m) * (to->x - from->x), -lim, lim);
	b->cy = clampf((1 - m) * (to->y - from->y), -lim, lim);
	return m;
}

void
film_see(const struct film_pose *q, const struct film_depth *fd,
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
		d = film_depth_at(fd, *x, *y);
		near = 1 / (1 + q->near * d);
		*x = fd->x + (fx - fd->x) * near + (d - q->hub) * q->px;
		*y = fd->y + (fy - fd->y) * near;
	}
}

float
film_gain(const struct film_pose *q, const struct film_depth *fd, float x,
    float y)
{
	float	 g = q->light + q->side * (x - 0.5f), w;

	if (q->sweep == 0)
		return g;
	/* Slanting, and stronger on what is near. */
	w = (x + 0.25f * (y - 0.5f) - q->at) / 0.16f;
	return g + q->sweep * expf(-w * w) *
	    (0.35f + 0.65f * minf(1, film_depth_at(fd, x, y)));
}
