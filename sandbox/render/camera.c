/*
 * camera - what a motion prompt says about the camera, and where that brings
 * it
 *
 * The movement named first counts, unless it is denied ("no zoom"). Slow and
 * fast, parallax and light may be said anywhere. A movement never leaves the
 * picture: one that wanders sees a part of it.
 */
#include "config.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "render/camera.h"
#include "render/vector.h"

#define PI	3.14159265f

/* --- the prompt */

/*
 * Phrases are separated by bars. A blank in one is any run of blanks and
 * hyphens, or nothing at all: "push in" is also "push-in". A phrase begins
 * where a word does, and may end inside one: "pan" is "panning", so "pane"
 * is there to be skipped. The first that fits counts.
 */
static const struct {
	enum move	 move;	/* MOVE__MAX: it only looks like one */
	int		 dir;	/* 0: either */
	const char	*phrases;
} moves[] = {
	{ MOVE_STILL, 0, "still camera|static camera|static shot|"
	    "fixed camera|fixed shot|locked|lock off|tripod|camera static|"
	    "camera still|camera is still|camera is static|camera is fixed|"
	    "camera stays|camera remains|camera holds|camera does not move" },
	{ MOVE_PUSH, 0, "push|dolly in|moves in|moves closer|closer to|"
	    "towards the|toward the|approach" },
	{ MOVE_PULL, 0, "dolly out|dolly back|pull|retreat|moves back|"
	    "moves away|reveal" },
	{ MOVE_SLIDE, -1, "dolly left" },
	{ MOVE_SLIDE, 1, "dolly right" },
	{ MOVE_ZOOM_OUT, 0, "zoom out|zooms out|zooming out" },
	{ MOVE_ZOOM_IN, 0, "zoom" },
	{ MOVE__MAX, 0, "pane|pant" },
	{ MOVE_PAN, 0, "pan" },
	{ MOVE_TILT, -1, "tilt down|tilts down|tilting down|crane down|"
	    "cranes down|camera sinks|camera descends|camera lowers" },
	{ MOVE_TILT, 1, "tilt|camera rises|crane up|cranes up|pedestal up" },
	{ MOVE_ORBIT, 0, "orbit|camera circles|circles the|arc shot|"
	    "camera arcs|around the|turntable|rotat" },
	/* "parallax" alone does not mean that the camera stands. */
	{ MOVE_SLIDE, 0, "slide|sliding|glide|gliding|truck|tracking shot|"
	    "camera tracks|drift|sideways|parallax" },
	{ MOVE_HANDHELD, 0, "handheld|hand held|camera sway|camera shake" }
};

static const char	slow[] = "slow|gentle|gently|subtle|calm|barely|"
			    "a little|softly";
static const char	very_slow[] = "very slow|extremely slow|barely|"
			    "almost imperceptibl";
static const char	fast[] = "fast|quick|rapid|swift|energetic|dynamic|"
			    "whip|snap";
static const char	sweep[] = "light sweep|sweep of light|light travels|"
			    "light passes|light passing|light moves|"
			    "highlight travels|highlight moves|"
			    "highlight glides|soft highlight|shimmer|glint";
static const char	breath[] = "breath|light shifts|light changes|"
			    "light flickers|candle|glow|pulse|pulsing";

/* Does the phrase, up to a bar, begin at s? */
static bool
says(const char *s, const char *phrase)
{
	for (; *phrase != '\0' && *phrase != '|'; phrase++) {
		if (*phrase == ' ') {
			while (isspace((unsigned char)*s) || *s == '-')
				s++;
			continue;
		}
		if (tolower((unsigned char)*s) != *phrase)
			return false;
		s++;
	}
	return true;
}

/* The first of the phrases that begins at s, or NULL. */
static const char *
which(const char *s, const char *phrases)
{
	for (; phrases != NULL; phrases = strchr(phrases, '|')) {
		phrases += *phrases == '|';
		if (says(s, phrases))
			return phrases;
	}
	return NULL;
}

static bool
begins_word(const char *text, const char *s)
{
	return s == text || !isalpha((unsigned char)s[-1]);
}

/* A denying word within the three before, in the same clause. */
static bool
denied(const char *text, const char *s)
{
	static const char *const no[] = { "no ", "not ", "without ", "never ",
		"don't ", "avoid ", "nor " };
	int	 words = 0;
	size_t	 i;

	while (s > text && strchr(".,;:!?\n", s[-1]) == NULL && words < 4) {
		s--;
		if (!begins_word(text, s) || !isalpha((unsigned char)*s))
			continue;
		words++;
		for (i = 0; i < sizeof no / sizeof *no; i++)
			if (strncasecmp(s, no[i], strlen(no[i])) == 0)
				return true;
	}
	return false;
}

/* Where in the text any of the phrases stands and is not denied. */
static const char *
find(const char *text, const char *phrases)
{
	const char	*s;

	for (s = text; *s != '\0'; s++)
		if (begins_word(text, s) && which(s, phrases) != NULL &&
		    !denied(text, s))
			return s;
	return NULL;
}

static bool
read_move(const char *text, const char *negative, struct motion *m)
{
	const char	*s, *phrase = NULL;
	char		 alone[32];
	size_t		 i, n = sizeof moves / sizeof *moves;

	for (s = text; *s != '\0'; s++) {
		if (!begins_word(text, s))
			continue;
		for (i = 0; i < n; i++)
			if ((phrase = which(s, moves[i].phrases)) != NULL)
				break;
		if (i == n || moves[i].move == MOVE__MAX || denied(text, s))
			continue;
		snprintf(alone, sizeof alone, "%.*s", (int)strcspn(phrase,
		    "|"), phrase);
		if (find(negative, alone) != NULL)
			continue;
		m->move = moves[i].move;
		m->dir = moves[i].dir;
		return true;
	}
	return false;
}

static int
read_dir(const char *text, uint32_t seed)
{
	const char	*l, *r;

	if (find(text, "left to right|to the right") != NULL)
		return 1;
	if (find(text, "right to left|to the left|counterclockwise") != NULL)
		return -1;
	if (find(text, "clockwise") != NULL)
		return 1;
	l = find(text, "left");
	r = find(text, "right");
	if (l != NULL && (r == NULL || l < r))
		return -1;
	return r != NULL || (seed & 1) != 0 ? 1 : -1;
}

static void
read_manner(const char *text, struct motion *m)
{
	if (find(text, fast) != NULL) {
		m->haste = 1;
		m->reach = 1.35f;
	} else if (find(text, very_slow) != NULL)
		m->reach = 0.45f;
	else if (find(text, slow) != NULL)
		m->reach = 0.8f;
	m->parallax = find(text, "parallax") != NULL;
	m->sweep = find(text, sweep) != NULL;
	m->breath = find(text, breath) != NULL;
}

void
motion_read(const char *prompt, const char *negative, struct motion *m)
{
	const char	*text = prompt != NULL ? prompt : "", *s;
	uint32_t	 h = 2166136261u;	/* FNV-1a */
	bool		 said;

	for (s = text; *s != '\0'; s++)
		h = (h ^ (unsigned char)*s) * 16777619u;
	*m = (struct motion){ .reach = 1, .seed = h ^ h >> 15 };
	read_manner(text, m);
	said = read_move(text, negative != NULL ? negative : "", m);
	/* "The light sweeps over it" alone: the camera had better stand. */
	if (!said && (m->sweep > 0 || m->breath > 0))
		m->move = MOVE_STILL;
	if (m->dir == 0)
		m->dir = read_dir(text, m->seed);
	/* What stands entirely still looks broken. */
	if (m->move == MOVE_STILL && m->sweep == 0)
		m->breath = 1;
}

/* --- the way */

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
motion_pose(const struct motion *m, float t, int seconds, struct pose *q)
{
	float	 e = ease(m, t), k = m->reach * (seconds > 7 ? 1.25f : 1);
	float	 dir = (float)m->dir, s = t * (float)seconds;
	float	 both = 2 * e - 1;

	*q = (struct pose){ .zoom = 1, .hub = 0.5f, .light = 1 };
	lights(m, t, s, q);
	if (m->move == MOVE_PULL || m->move == MOVE_ZOOM_OUT)
		e = 1 - e;
	switch (m->move) {
	case MOVE_PUSH:
	case MOVE_PULL:
		q->zoom = 1 + 0.24f * k * e;
		q->near = (0.05f + 0.07f * m->parallax) * k * e;
		break;
	case MOVE_ZOOM_IN:
	case MOVE_ZOOM_OUT:
		q->zoom = powf(1 + 0.40f * k, e);
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
    const struct depth_map *to, float t, struct pose *a, struct pose *b)
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
pose_sees(const struct pose *q, const struct depth_map *dm, float aspect,
    float u, float v, float *x, float *y)
{
	float	 c = cosf(q->roll), r = sinf(q->roll), k, d, fx, fy, near;
	int	 i;

	u = (u - 0.5f) * aspect;
	v -= 0.5f;
	k = c * u - r * v;
	v = r * u + c * v;
	u = k / aspect;
	k = 1 / (q->zoom * (1 + q->yaw * u + q->pitch * v));
	fx = *x = 0.5f + q->cx + u * k;
	fy = *y = 0.5f + q->cy + v * k;
	/* What is seen there is what its own depth brings there. */
	for (i = 0; i < 2 && (q->px != 0 || q->near != 0); i++) {
		d = depth_map_at(dm, *x, *y);
		near = 1 / (1 + q->near * d);
		*x = dm->x + (fx - dm->x) * near + (d - q->hub) * q->px;
		*y = dm->y + (fy - dm->y) * near;
	}
}

float
pose_gain(const struct pose *q, const struct depth_map *dm, float x, float y)
{
	float	 g = q->light + q->side * (x - 0.5f), w;

	if (q->sweep == 0)
		return g;
	/* Slanting, and stronger on what is near. */
	w = (x + 0.25f * (y - 0.5f) - q->at) / 0.16f;
	return g + q->sweep * expf(-w * w) *
	    (0.35f + 0.65f * minf(1, depth_map_at(dm, x, y)));
}
