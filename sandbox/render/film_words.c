/*
 * film_words - what a motion prompt says about the camera
 *
 * The camera movement named first counts, unless it is denied ("no zoom").
 * Slow and fast, parallax and light may be said anywhere.
 */
#include "config.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "render/film_words.h"

#define NEITHER	0

/*
 * A blank in a phrase is any run of blanks and hyphens, or nothing at all:
 * "push in" is also "push-in". A phrase begins where a word does, and may end
 * inside one: "pan" is "panning", so "pane" is there to be skipped.
 */
static const struct {
	const char	*phrase;
	enum film_move	 move;	/* FILM__MAX: it only looks like one */
	int		 dir;
} moves[] = {
	{ "still camera", FILM_STILL, NEITHER },
	{ "static camera", FILM_STILL, NEITHER },
	{ "static shot", FILM_STILL, NEITHER },
	{ "fixed camera", FILM_STILL, NEITHER },
	{ "fixed shot", FILM_STILL, NEITHER },
	{ "locked", FILM_STILL, NEITHER },
	{ "lock off", FILM_STILL, NEITHER },
	{ "tripod", FILM_STILL, NEITHER },
	{ "camera static", FILM_STILL, NEITHER },
	{ "camera still", FILM_STILL, NEITHER },
	{ "camera is still", FILM_STILL, NEITHER },
	{ "camera is static", FILM_STILL, NEITHER },
	{ "camera is fixed", FILM_STILL, NEITHER },
	{ "camera stays", FILM_STILL, NEITHER },
	{ "camera remains", FILM_STILL, NEITHER },
	{ "camera holds", FILM_STILL, NEITHER },
	{ "camera does not move", FILM_STILL, NEITHER },
	{ "push", FILM_PUSH, NEITHER },
	{ "dolly out", FILM_PULL, NEITHER },
	{ "dolly back", FILM_PULL, NEITHER },
	{ "dolly left", FILM_SLIDE, -1 },
	{ "dolly right", FILM_SLIDE, 1 },
	{ "dolly in", FILM_PUSH, NEITHER },
	{ "moves in", FILM_PUSH, NEITHER },
	{ "moves closer", FILM_PUSH, NEITHER },
	{ "closer to", FILM_PUSH, NEITHER },
	{ "towards the", FILM_PUSH, NEITHER },
	{ "toward the", FILM_PUSH, NEITHER },
	{ "approach", FILM_PUSH, NEITHER },
	{ "pull", FILM_PULL, NEITHER },
	{ "retreat", FILM_PULL, NEITHER },
	{ "moves back", FILM_PULL, NEITHER },
	{ "moves away", FILM_PULL, NEITHER },
	{ "reveal", FILM_PULL, NEITHER },
	{ "zoom out", FILM_ZOOM_OUT, NEITHER },
	{ "zooms out", FILM_ZOOM_OUT, NEITHER },
	{ "zooming out", FILM_ZOOM_OUT, NEITHER },
	{ "zoom", FILM_ZOOM_IN, NEITHER },
	{ "pane", FILM__MAX, NEITHER },
	{ "pant", FILM__MAX, NEITHER },
	{ "pan", FILM_PAN, NEITHER },
	{ "tilt down", FILM_TILT, -1 },
	{ "tilts down", FILM_TILT, -1 },
	{ "tilting down", FILM_TILT, -1 },
	{ "tilt", FILM_TILT, 1 },
	{ "camera rises", FILM_TILT, 1 },
	{ "crane up", FILM_TILT, 1 },
	{ "cranes up", FILM_TILT, 1 },
	{ "pedestal up", FILM_TILT, 1 },
	{ "crane down", FILM_TILT, -1 },
	{ "cranes down", FILM_TILT, -1 },
	{ "camera sinks", FILM_TILT, -1 },
	{ "camera descends", FILM_TILT, -1 },
	{ "camera lowers", FILM_TILT, -1 },
	{ "orbit", FILM_ORBIT, NEITHER },
	{ "camera circles", FILM_ORBIT, NEITHER },
	{ "circles the", FILM_ORBIT, NEITHER },
	{ "arc shot", FILM_ORBIT, NEITHER },
	{ "camera arcs", FILM_ORBIT, NEITHER },
	{ "around the", FILM_ORBIT, NEITHER },
	{ "turntable", FILM_ORBIT, NEITHER },
	{ "rotat", FILM_ORBIT, NEITHER },
	{ "slide", FILM_SLIDE, NEITHER },
	{ "sliding", FILM_SLIDE, NEITHER },
	{ "glide", FILM_SLIDE, NEITHER },
	{ "gliding", FILM_SLIDE, NEITHER },
	{ "truck", FILM_SLIDE, NEITHER },
	{ "tracking shot", FILM_SLIDE, NEITHER },
	{ "camera tracks", FILM_SLIDE, NEITHER },
	{ "drift", FILM_SLIDE, NEITHER },
	{ "sideways", FILM_SLIDE, NEITHER },
	{ "handheld", FILM_HANDHELD, NEITHER },
	{ "hand held", FILM_HANDHELD, NEITHER },
	{ "camera sway", FILM_HANDHELD, NEITHER },
	{ "camera shake", FILM_HANDHELD, NEITHER },
	/* Nobody says "parallax" and means that the camera stands. */
	{ "parallax", FILM_SLIDE, NEITHER },
};

static bool
blank(char c)
{
	return isspace((unsigned char)c) || c == '-';
}

/* Does the phrase begin at s? */
static bool
says(const char *s, const char *phrase)
{
	for (; *phrase != '\0'; phrase++) {
		if (*phrase == ' ') {
			while (blank(*s))
				s++;
			continue;
		}
		if (tolower((unsigned char)*s) != *phrase)
			return false;
		s++;
	}
	return true;
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

static const char *
find(const char *text, const char *phrase)
{
	const char	*s;

	for (s = text; *s != '\0'; s++)
		if (begins_word(text, s) && says(s, phrase) &&
		    !denied(text, s))
			return s;
	return NULL;
}

static bool
any(const char *text, const char *const *phrases)
{
	for (; *phrases != NULL; phrases++)
		if (find(text, *phrases) != NULL)
			return true;
	return false;
}

static bool
read_move(const char *text, const char *negative, struct film_plan *p)
{
	const char	*s;
	size_t		 i;

	for (s = text; *s != '\0'; s++) {
		if (!begins_word(text, s))
			continue;
		for (i = 0; i < sizeof moves / sizeof *moves; i++)
			if (says(s, moves[i].phrase))
				break;
		if (i == sizeof moves / sizeof *moves ||
		    moves[i].move == FILM__MAX || denied(text, s) ||
		    find(negative, moves[i].phrase) != NULL)
			continue;
		p->move = moves[i].move;
		p->dir = moves[i].dir;
		return true;
	}
	return false;
}

static int
read_dir(const char *text, uint32_t seed)
{
	static const char *const ends[] = { "left to right", "to the right",
		"right to left", "to the left" };
	const char	*l, *r;
	size_t		 i;

	for (i = 0; i < 4; i++)
		if (find(text, ends[i]) != NULL)
			return i < 2 ? 1 : -1;
	if (find(text, "counterclockwise") != NULL)
		return -1;
	if (find(text, "clockwise") != NULL)
		return 1;
	l = find(text, "left");
	r = find(text, "right");
	if (l != NULL && (r == NULL || l < r))
		return -1;
	if (r != NULL)
		return 1;
	return seed & 1 ? 1 : -1;
}

static uint32_t
seed_of(const char *s)
{
	uint32_t	 h = 2166136261u;

	while (*s != '\0')
		h = (h ^ (unsigned char)*s++) * 16777619u;
	return h ^ h >> 15;
}

static void
read_manner(const char *text, struct film_plan *p)
{
	static const char *const slow[] = { "slow", "gentle", "gently",
		"subtle", "calm", "barely", "a little", "softly", NULL };
	static const char *const very[] = { "very slow", "extremely slow",
		"barely", "almost imperceptibl", NULL };
	static const char *const fast[] = { "fast", "quick", "rapid", "swift",
		"energetic", "dynamic", "whip", "snap", NULL };
	static const char *const light[] = { "light sweep", "sweep of light",
		"light travels", "light passes", "light passing",
		"light moves", "highlight travels", "highlight moves",
		"highlight glides", "soft highlight", "shimmer", "glint",
		NULL };
	static const char *const breath[] = { "breath", "light shifts",
		"light changes", "light flickers", "candle", "glow", "pulse",
		"pulsing", NULL };

	if (any(text, fast)) {
		p->haste = 1;
		p->reach = 1.35f;
	} else if (any(text, very))
		p->reach = 0.45f;
	else if (any(text, slow))
		p->reach = 0.8f;
	if (find(text, "parallax") != NULL)
		p->parallax = 1;
	if (any(text, light))
		p->sweep = 1;
	if (any(text, breath))
		p->breath = 1;
}

void
film_words(const char *prompt, const char *negative, struct film_plan *p)
{
	const char	*text = prompt != NULL ? prompt : "";
	bool		 said;

	if (negative == NULL)
		negative = "";
	memset(p, 0, sizeof *p);
	p->seed = seed_of(text);
	p->reach = 1;
	read_manner(text, p);
	said = read_move(text, negative, p);
	/* "The light sweeps over it" alone: the camera had better stand. */
	if (!said && (p->sweep > 0 || p->breath > 0))
		p->move = FILM_STILL;
	if (p->dir == NEITHER)
		p->dir = read_dir(text, p->seed);
	/* What stands entirely still looks broken. */
	if (p->move == FILM_STILL && p->sweep == 0)
		p->breath = 1;
}
