/*
 * words - what the prompt of a still asks for
 */
#include "config.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "render/palette.h"
#include "render/vector.h"
#include "render/words.h"

#define TOKEN_MAX	600
#define TOKEN_LEN	24

enum kind { KIND_STUFF, KIND_GOBO, KIND_THING, KIND_LIGHT, KIND_FLAG,
	KIND_SIDE };

enum flag {
	FLAG_BACK, FLAG_LOW, FLAG_SHADOW, FLAG_REFLECT, FLAG_PLINTH,
	FLAG_ZOOM,
	FLAG_DARKTONE,		/* of the material if one follows, */
	FLAG_LIGHTTONE		/* else of the light */
};

/* Lower case, singular; a plural with s counts as well. */
struct entry {
	const char	*words;
	enum kind	 kind;
	int		 what;	/* of the enumeration; -1 left, 1 right */
	float		 tone;	/* of a material, or factor of zoom */
	/* What it does to the light, see struct brief. */
	float		 soft, contrast, shadow, expose, warm;
};

#define STUFF(s, t, w)		{ w, KIND_STUFF, s, t, 0, 0, 0, 0, 0 }
#define THING(s, w)		{ w, KIND_THING, s, 0, 0, 0, 0, 0, 0 }
#define FLAG(f, x, w)		{ w, KIND_FLAG, f, x, 0, 0, 0, 0, 0 }
#define GOBO(g, s, h, w)	{ w, KIND_GOBO, g, 0, s, 0, 0, 0, h }
/* In hundredths. */
#define LIGHT(s, c, d, e, h, w)	{ w, KIND_LIGHT, 0, 0, .01f * (s),	\
    .01f * (c), .01f * (d), .01f * (e), .01f * (h) }

static const struct entry lexicon[] = {
	STUFF(STUFF_MARBLE, 0, "marble carrara marbled"),
	STUFF(STUFF_MARBLE, -1, "onyx"),
	STUFF(STUFF_WOOD, 0, "wood wooden timber"),
	STUFF(STUFF_WOOD, 0.4f, "oak"), STUFF(STUFF_WOOD, 0.6f, "bamboo"),
	STUFF(STUFF_WOOD, 1, "birch"), STUFF(STUFF_WOOD, -0.8f, "walnut"),
	STUFF(STUFF_WOOD, -1, "mahogany"),
	STUFF(STUFF_LINEN, 0, "linen fabric cloth muslin canvas textile wool"),
	STUFF(STUFF_LINEN, 0.3f, "cotton"),
	STUFF(STUFF_VELVET, 0, "velvet suede"),
	STUFF(STUFF_SILK, 0, "silk satin"),
	STUFF(STUFF_CONCRETE, 0, "concrete cement"),
	STUFF(STUFF_CONCRETE, -1, "slate"),
	STUFF(STUFF_CONCRETE, -0.3f, "rock"),
	STUFF(STUFF_CONCRETE, 0.3f, "stone"),
	STUFF(STUFF_CONCRETE, 0.7f, "limestone"),
	STUFF(STUFF_CONCRETE, 0.8f, "plaster travertine"),
	STUFF(STUFF_TERRAZZO, 0, "terrazzo"),
	STUFF(STUFF_SAND, 0, "sand sandy desert dune beach"),
	STUFF(STUFF_SAND, 1, "snow"),
	STUFF(STUFF_WATER, 0, "water ripple ocean sea pool lake"),
	STUFF(STUFF_GLASS, 0, "acrylic mirror glossy"),
	STUFF(STUFF_GLASS, -0.5f, "lacquer"),
	STUFF(STUFF_PAPER, 0, "paper seamless studio cyclorama"),

	GOBO(GOBO_WINDOW, -0.05f, 0.1f, "window"),
	GOBO(GOBO_WINDOW, -0.3f, 0.2f, "sunlight sunlit sunny"),
	GOBO(GOBO_LEAF, -0.1f, 0, "leaf leaves palm"),
	GOBO(GOBO_LEAF, 0, 0, "foliage botanical"),
	GOBO(GOBO_LEAF, -0.1f, 0.1f, "tropical"),
	GOBO(GOBO_LEAF, 0, 0.1f, "dappled"),
	GOBO(GOBO_BLIND, -0.3f, 0.1f, "blinds slat shutter"),

	THING(THING_BOTTLE, "bottle perfume fragrance cologne serum flacon "
	    "wine oil"),
	THING(THING_JAR, "jar cream balm honey moisturizer moisturiser"),
	THING(THING_BOX, "box package packaging carton book soap"),
	THING(THING_CANDLE, "candle"),
	THING(THING_CUP, "cup mug coffee tea bowl"),
	THING(THING_SPHERE, "sphere ball orb pearl"),
	THING(THING_TUBE, "tube lipstick can"),
	THING(THING_VASE, "vase ceramic pottery"),

	LIGHT(30, -16, -16, 2, 0, "soft"), LIGHT(45, -36, -34, 6, 0, "softer"),
	LIGHT(25, -12, -12, 0, 0, "softly"),
	LIGHT(42, -32, -32, 4, 0, "soften"),
	LIGHT(25, -12, -15, 0, 0, "gentle"),
	LIGHT(40, -30, -25, 4, 0, "gentler"),
	LIGHT(35, -18, -22, 0, 0, "diffused diffuse"),
	LIGHT(10, -6, -6, 0, 0, "subtle"),
	LIGHT(15, -12, -10, 5, 6, "natural"),
	LIGHT(10, -6, -6, 8, -5, "daylight"),
	LIGHT(45, -25, -30, 0, -15, "overcast"),
	LIGHT(20, -15, -15, 22, 0, "airy"), LIGHT(5, -5, -5, 26, 0, "bright"),
	LIGHT(5, -8, -10, 38, 0, "brighter brighten"),
	LIGHT(5, 0, 0, 10, 0, "clean"), LIGHT(0, 0, 0, 4, 0, "minimal"),
	LIGHT(-45, 42, 24, -22, 0, "dramatic"),
	LIGHT(-25, 26, 14, -16, 8, "cinematic"),
	LIGHT(-5, 20, 6, 0, 0, "contrast"),
	LIGHT(-15, 30, 10, 0, 0, "contrasty"),
	LIGHT(-20, 30, 16, -60, 2, "moody"),
	LIGHT(-20, 25, 20, -35, 0, "shadowy"),
	LIGHT(-50, 50, 30, -60, 5, "chiaroscuro"),
	LIGHT(-50, 50, 30, -80, -10, "noir"),
	LIGHT(-10, 20, 10, -70, -30, "night"),
	LIGHT(0, 10, 8, -50, 0, "darker darken"),
	LIGHT(-50, 20, 20, 0, 0, "hard"), LIGHT(-50, 25, 22, 0, 0, "harder"),
	LIGHT(-60, 30, 25, 0, 0, "harsh"), LIGHT(-35, 10, 10, 4, 0, "crisp"),
	LIGHT(-5, 5, 5, 0, 45, "golden"), LIGHT(0, 0, 0, 0, 30, "warm"),
	LIGHT(0, 0, 0, 2, 40, "warmer"), LIGHT(5, 0, 0, -5, 30, "cozy"),
	LIGHT(0, 0, 0, 0, -35, "cool"), LIGHT(0, 0, 0, 0, -40, "cooler"),
	LIGHT(0, 5, 0, 0, -45, "cold"), LIGHT(0, 0, 0, 10, -50, "icy"),

	FLAG(FLAG_BACK, 0, "backlit backlight backlighting silhouette"),
	FLAG(FLAG_LOW, 0, "hour sunset sunrise dusk dawn long"),
	FLAG(FLAG_SHADOW, 0, "shadow"),
	FLAG(FLAG_REFLECT, 0, "reflection reflective"),
	FLAG(FLAG_PLINTH, 0, "plinth pedestal podium platform"),
	FLAG(FLAG_ZOOM, 1.16f, "bigger larger closer"),
	FLAG(FLAG_ZOOM, 1.2f, "closeup"), FLAG(FLAG_ZOOM, 1.25f, "macro"),
	FLAG(FLAG_ZOOM, 0.84f, "smaller further distant"),
	FLAG(FLAG_ZOOM, 0.88f, "spacious"),
	{ "dark", KIND_FLAG, FLAG_DARKTONE, 0, -0.05f, .12f, .08f, -.55f, 0 },
	FLAG(FLAG_DARKTONE, 0, "deep black"), FLAG(FLAG_LIGHTTONE, 0, "light"),
	{ "pale", KIND_FLAG, FLAG_LIGHTTONE, 0, 0, 0, 0, 0.1f, 0 },
	{ "left", KIND_SIDE, -1, 0, 0, 0, 0, 0, 0 },
	{ "right", KIND_SIDE, 1, 0, 0, 0, 0, 0, 0 }
};

/* What starts a negation, and what ends it before punctuation does. */
static const char	negating[] = "no not without avoid avoiding remove "
    "removing exclude excluding never dont minus drop lose instead";
static const char	resuming[] = "but with make use keep add just only "
    "more less on in place put change";
static const char	more[] = "more very stronger extra";
static const char	less[] = "less fewer reduce reduced lower weaker "
    "lighter tone";
/* Nouns that say what the colour before them is about. */
static const char	of_product[] = "product label cap logo liquid glass "
    "lid text wax packaging ribbon object details accents";
static const char	of_ground[] = "backdrop background wall surface "
    "tones palette scene set table tabletop floor hues environment gradient "
    "setting";
static const char	of_light[] = "light lighting lit sun sunlight "
    "sunbeam window hour glow rays highlight highlights illumination key "
    "lamp";
static const char	moving[] = "move shift placed position positioned "
    "offset centre center place";
static const char	logos[] = "logo brand branding monogram wordmark "
    "emblem";
static const char	on_label[] = "bottle product label jar box cap "
    "packaging candle cup mug glass front engraved printed embossed";
/* A material first of all, and not a colour. */
static const char	no_colour[] = "stone sand slate walnut";
/* Never part of the seed. */
static const char	quiet[] = "lighting lights mood with make made more "
    "less remove without keep same image scene please change from very that "
    "this slightly little feel look shot photo photograph tweak feedback "
    "stronger lighter weaker lower instead only just extra reduce avoid";

struct token {
	char	 s[TOKEN_LEN];	/* lower case letters, cut to fit */
	bool	 stop;		/* punctuation comes after it */
	bool	 off;		/* stands under a negation */
	float	 more;		/* 1, above after "more", below 0 "less" */
};

struct text {
	struct token	 t[TOKEN_MAX];
	int		 n;
};

/* --- words */

/* Is the word, or that of which it is the plural, in the list? */
static bool
listed(const char *list, const char *w, bool plural)
{
	size_t	 n;

	for (;; list += n + 1) {
		n = strcspn(list, " ");
		if (strncmp(list, w, n) == 0 && (w[n] == '\0' || (plural &&
		    w[n] == 's' && w[n + 1] == '\0')))
			return true;
		if (list[n] == '\0')
			return false;
	}
}

static const struct entry *
lookup(const char *w)
{
	size_t	 i;

	for (i = 0; i < sizeof lexicon / sizeof lexicon[0]; i++)
		if (listed(lexicon[i].words, w, true))
			return &lexicon[i];
	return NULL;
}

/*
 * Letters only: "don't" becomes "dont", "off-white" two words. What comes
 * after TOKEN_MAX words is not read.
 */
static void
split(const char *s, struct text *x)
{
	struct token	*t = x->t;
	size_t		 k = 0;
	unsigned char	 c;

	for (; t < x->t + TOKEN_MAX; s++) {
		c = (unsigned char)*s;
		if (isalpha(c)) {
			if (k + 1 < TOKEN_LEN)
				t->s[k++] = (char)tolower(c);
			continue;
		}
		if (c == '\'' && k > 0)
			continue;
		if (k > 0) {
			t->s[k] = '\0';
			t->stop = t->off = false;
			t->more = 1;
			t++;
			k = 0;
		}
		if (c == '\0')
			break;
		if (t > x->t && strchr(",.;:!?\n()", c) != NULL)
			t[-1].stop = true;
	}
	x->n = (int)(t - x->t);
}

/* Marks what stands under "no", "without", "less", "more" and so on. */
static void
mark(struct text *x)
{
	struct token	*t, *u, *end = x->t + x->n;

	for (t = x->t; t < end; t++) {
		if (listed(more, t->s, false))
			for (u = t + 1; u < end && u < t + 3; u++)
				u->more = 1.4f;
		else if (listed(less, t->s, false))
			for (u = t + 1; u < end && u < t + 3; u++) {
				u->more = -0.8f;
				if (u->stop)
					break;
			}
		else if (listed(negating, t->s, false))
			for (u = t + 1; u < end && u < t + 7; u++) {
				if (listed(resuming, u->s, false))
					break;
				u->off = true;
				if (u->stop)
					break;
			}
	}
}

static bool
near_any(const struct text *x, int i, int reach, const char *list)
{
	int	 j;

	for (j = i - reach; j <= i + reach; j++)
		if (j >= 0 && j < x->n && j != i &&
		    listed(list, x->t[j].s, false))
			return true;
	return false;
}

/* --- colours */

/* "sage green" is one colour with two words: the first one names it. */
static bool
colour_at(const struct text *x, int i, uint8_t rgb[3], int *used)
{
	const struct token	*t = x->t + i;
	bool			 pair = i + 1 < x->n && !t->stop;
	char			 two[2 * TOKEN_LEN];

	*used = 1;
	if (pair) {
		snprintf(two, sizeof two, "%s %s", t->s, t[1].s);
		if (palette_find(two, rgb) == 0) {
			*used = 2;
			return true;
		}
	}
	if (strcmp(t->s, "gray") == 0)
		return palette_find("grey", rgb) == 0;
	if (listed(no_colour, t->s, false) || palette_find(t->s, rgb) == -1)
		return false;
	if (pair && strcmp(t[1].s, "green") == 0 &&
	    strcmp(t->s, "green") != 0)
		*used = 2;
	return true;
}

static void
set_hue(uint8_t hue[3], bool *said, const uint8_t rgb[3])
{
	memcpy(hue, rgb, 3);
	*said = true;
}

/*
 * Whose colour is it? The noun after it decides: "amber bottle" is about the
 * product, "sage backdrop" about the backdrop, "golden light" about neither.
 */
static void
give_colour(struct brief *b, const struct text *x, int i,
    const uint8_t rgb[3])
{
	const struct entry	*e;
	const struct token	*t;
	int			 j;

	for (j = i; j < x->n && j < i + 3 && !x->t[j - 1].stop; j++) {
		t = x->t + j;
		e = lookup(t->s);
		if (strncmp(t->s, "vein", 4) == 0) {
			set_hue(b->vein, &b->vein_said, rgb);
			return;
		}
		if (listed(of_product, t->s, false)) {
			set_hue(b->thing_hue, &b->thing_hue_said, rgb);
			return;
		}
		if (listed(of_light, t->s, false))
			return;
		if (listed(of_ground, t->s, false))
			break;
		if (e != NULL && e->kind == KIND_STUFF) {
			set_hue(b->stuff_hue, &b->stuff_hue_said, rgb);
			return;
		}
		if (e != NULL && e->kind == KIND_THING) {
			set_hue(b->thing_hue, &b->thing_hue_said, rgb);
			return;
		}
	}
	set_hue(b->hue, &b->hue_said, rgb);
}

/* --- what each word does */

/*
 * Kept within bounds at every word, so that a tweak at the end starts from
 * what can be seen and not from a value piled up beyond it.
 */
static void
add_light(struct brief *b, const struct entry *e, float k)
{
	b->soft = clampf(b->soft + k * e->soft, 0, 1);
	b->contrast = clampf(b->contrast + k * e->contrast, 0.45f, 1.75f);
	b->shadow = clampf(b->shadow + k * e->shadow, 0, 1);
	b->expose = clampf(b->expose + k * e->expose, -1.6f, 0.7f);
	b->warm = clampf(b->warm + k * e->warm, -1, 1);
}

static void
apply_flag(struct brief *b, const struct entry *e, const struct token *t,
    const struct entry *next)
{
	bool	 yes = !t->off && t->more > 0;

	switch ((enum flag)e->what) {
	case FLAG_BACK:
		b->back = yes;
		break;
	case FLAG_LOW:
		b->low = yes;
		break;
	case FLAG_SHADOW:
		if (t->off)
			b->shadow = 0.06f;
		else if (t->more != 1)
			b->shadow += 0.25f * t->more;
		break;
	case FLAG_REFLECT:
		b->reflect = t->off ? 0 : t->more < 0 ? 0.5f : 1.6f;
		break;
	case FLAG_PLINTH:
		b->plinth = yes;
		break;
	case FLAG_ZOOM:
		b->zoom *= yes ? e->tone : 1 / e->tone;
		break;
	case FLAG_DARKTONE:
	case FLAG_LIGHTTONE:
		/* "dark wood" is a wood, "dark" alone a mood. */
		if (!t->off && next != NULL && next->kind == KIND_STUFF)
			b->tone += e->what == FLAG_DARKTONE ? -1 : 1;
		else if (!t->off && e->expose != 0)
			add_light(b, e, t->more);
		break;
	}
}

static void
apply(struct brief *b, const struct text *x, int i, const struct entry *e)
{
	const struct token	*t = x->t + i;

	switch (e->kind) {
	case KIND_STUFF:
		if (!t->off) {
			b->stuff = (enum stuff)e->what;
			b->stuff_said = true;
			b->tone += e->tone;
		} else if (b->stuff == (enum stuff)e->what) {
			b->stuff = STUFF_PAPER;
			b->stuff_said = false;
		}
		break;
	case KIND_GOBO:
		if (!t->off) {
			b->gobo = (enum gobo)e->what;
			add_light(b, e, 1);
		} else if (b->gobo == (enum gobo)e->what)
			b->gobo = GOBO_NONE;
		break;
	case KIND_THING:
		if (!t->off && b->thing == THING_NONE)
			b->thing = (enum thing)e->what;
		break;
	case KIND_LIGHT:
		add_light(b, e, t->off ? -0.7f : t->more);
		break;
	case KIND_FLAG:
		apply_flag(b, e, t, i + 1 < x->n ? lookup(t[1].s) : NULL);
		break;
	case KIND_SIDE:
		if (t->off)
			break;
		if (near_any(x, i, 4, moving))
			b->shift = (float)e->what;
		else if (near_any(x, i, 5, of_light))
			b->side = e->what;
		break;
	}
}

static void
seed_add(struct brief *b, const char *w)
{
	/* FNV-1a */
	for (; *w != '\0'; w++)
		b->seed = (b->seed ^ (uint8_t)*w) * 16777619u;
}

void
words_read(const char *prompt, struct brief *b)
{
	static const struct brief	 plain = {
		.soft = 0.55f, .contrast = 1, .shadow = 0.72f, .reflect = 1,
		.zoom = 1, .seed = 2166136261u
	};
	const struct entry	*e;
	const struct token	*t;
	struct text		 x;
	uint8_t			 rgb[3];
	int			 i, used;

	*b = plain;
	split(prompt != NULL ? prompt : "", &x);
	mark(&x);
	for (i = 0; i < x.n; i++) {
		t = x.t + i;
		if (colour_at(&x, i, rgb, &used)) {
			if (!t->off)
				give_colour(b, &x, i + used, rgb);
			seed_add(b, t->s);
			i += used - 1;
			continue;
		}
		e = lookup(t->s);
		if (e != NULL)
			apply(b, &x, i, e);
		if (t->off)
			continue;
		if (listed(on_label, t->s, false) && near_any(&x, i, 6, logos))
			b->logo_on_product = true;
		if (strlen(t->s) > 3 && (e == NULL || e->kind == KIND_STUFF ||
		    e->kind == KIND_THING) && !listed(quiet, t->s, false))
			seed_add(b, t->s);
	}
	b->shadow = clampf(b->shadow, 0, 1);
	b->zoom = clampf(b->zoom, 0.7f, 1.3f);
	b->tone = clampf(b->tone, -1, 1);
}
