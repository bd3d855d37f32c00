/*
 * camera_prompt - what a motion prompt says about the camera
 *
 * The camera movement named first counts, unless it is denied ("no zoom").
 * Slow and fast, parallax and light may be said anywhere.
 */
#include "config.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "render/camera.h"

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
