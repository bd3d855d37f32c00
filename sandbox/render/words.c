/*
 * words - reading a brief
 */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "render/lexicon.h"
#include "render/palette.h"
#include "render/tokenize.h"
#include "render/words.h"

/* Plural and singular are the same word to us. */
static bool
is_word(const char *w, const char *lex)
{
	size_t	 n = strlen(lex);

	return strncmp(w, lex, n) == 0 &&
	    (w[n] == '\0' || (w[n] == 's' && w[n + 1] == '\0'));
}

static const struct lex_entry *
lookup(const char *w)
{
	const struct lex_entry	*e;

	for (e = lexicon; e->word != NULL; e++)
		if (is_word(w, e->word))
			return e;
	return NULL;
}

/* "sage green" is one colour with two words: the first one names it. */
static bool
colour_at(const struct token *t, int n, int i, uint8_t rgb[3], int *used)
{
	char	 two[2 * TOKEN_LEN];

	*used = 1;
	if (i + 1 < n && !t[i].stop) {
		snprintf(two, sizeof two, "%s %s", t[i].s, t[i + 1].s);
		if (palette_find(two, rgb) == 0) {
			*used = 2;
			return true;
		}
	}
	if (strcmp(t[i].s, "gray") == 0)
		return palette_find("grey", rgb) == 0;
	if (strcmp(t[i].s, "stone") == 0 || strcmp(t[i].s, "sand") == 0 ||
	    strcmp(t[i].s, "slate") == 0 || strcmp(t[i].s, "walnut") == 0)
		return false;	/* a stuff first of all */
	if (palette_find(t[i].s, rgb) == -1)
		return false;
	if (i + 1 < n && !t[i].stop && strcmp(t[i + 1].s, "green") == 0 &&
	    strcmp(t[i].s, "green") != 0)
		*used = 2;
	return true;
}

/*
 * Whose colour is it? The noun after it decides: "amber bottle" is about the
 * product, "sage backdrop" about the backdrop, "golden light" about neither.
 */
static void
give_colour(struct brief *b, const struct token *t, int n, int i, int used,
    const uint8_t rgb[3])
{
	const struct lex_entry	*e;
	int			 j;

	for (j = i + used; j < n && j < i + used + 3; j++) {
		if (t[j - 1].stop)
			break;
		if (strncmp(t[j].s, "vein", 4) == 0) {
			memcpy(b->vein, rgb, 3);
			b->vein_said = true;
			return;
		}
		if (token_in(t[j].s, lex_product)) {
			memcpy(b->thing_hue, rgb, 3);
			b->thing_hue_said = true;
			return;
		}
		if (token_in(t[j].s, lex_lightnoun))
			return;
		if (token_in(t[j].s, lex_ground))
			break;
		e = lookup(t[j].s);
		if (e != NULL && e->kind == LEX_STUFF) {
			memcpy(b->stuff_hue, rgb, 3);
			b->stuff_hue_said = true;
			return;
		}
		if (e != NULL && e->kind == LEX_THING) {
			memcpy(b->thing_hue, rgb, 3);
			b->thing_hue_said = true;
			return;
		}
	}
	memcpy(b->hue, rgb, 3);
	b->hue_said = true;
}

static float
clamp(float v, float lo, float hi)
{
	return fminf(fmaxf(v, lo), hi);
}

/*
 * Kept within bounds at every word, so that a tweak at the end starts from
 * what can be seen and not from a value piled up beyond it.
 */
static void
add_light(struct brief *b, const struct lex_entry *e, float k)
{
	b->soft = clamp(b->soft + k * e->v[0], 0, 1);
	b->contrast = clamp(b->contrast + k * e->v[1], 0.45f, 1.75f);
	b->shadow = clamp(b->shadow + k * e->v[2], 0, 1);
	b->expose = clamp(b->expose + k * e->v[3], -1.6f, 0.7f);
	b->warm = clamp(b->warm + k * e->v[4], -1, 1);
}

static bool
near_any(const struct token *t, int n, int i, int reach,
    const char *const *list)
{
	int	 j;

	for (j = i - reach; j <= i + reach; j++)
		if (j >= 0 && j < n && j != i && token_in(t[j].s, list))
			return true;
	return false;
}

static void
apply_side(struct brief *b, const struct token *t, int n, int i, int dir)
{
	if (near_any(t, n, i, 4, lex_move))
		b->shift = (float)dir;
	else if (near_any(t, n, i, 5, lex_lightnoun))
		b->side = dir;
}

static void
apply_flag(struct brief *b, const struct lex_entry *e, bool off, float more)
{
	bool	 yes = !off && more > 0;

	switch (e->what) {
	case FLAG_BACK:
		b->back = yes;
		break;
	case FLAG_LOW:
		b->low = yes;
		break;
	case FLAG_SHADOW:
		if (off)
			b->shadow = 0.06f;
		else if (more != 1)
			b->shadow += 0.25f * more;
		break;
	case FLAG_REFLECT:
		b->reflect = off ? 0 : more < 0 ? 0.5f : 1.6f;
		break;
	case FLAG_PLINTH:
		b->plinth = yes;
		break;
	case FLAG_ZOOM:
		b->zoom *= yes ? e->v[0] : 1 / e->v[0];
		break;
	case FLAG_DARKTONE:
	case FLAG_LIGHTTONE:
		break;
	}
}

static void
apply(struct brief *b, const struct token *t, int n, int i,
    const struct lex_entry *e)
{
	bool	 off = t[i].off;

	switch (e->kind) {
	case LEX_STUFF:
		if (!off) {
			b->stuff = (enum stuff)e->what;
			b->stuff_said = true;
			b->tone += e->v[0];
		} else if (b->stuff == (enum stuff)e->what) {
			b->stuff = STUFF_PAPER;
			b->stuff_said = false;
		}
		break;
	case LEX_GOBO:
		if (!off)
			b->gobo = (enum gobo)e->what;
		else if (b->gobo == (enum gobo)e->what)
			b->gobo = GOBO_NONE;
		if (!off)
			add_light(b, e, 1);
		break;
	case LEX_THING:
		if (!off && b->thing == THING_NONE)
			b->thing = (enum thing)e->what;
		break;
	case LEX_LIGHT:
		add_light(b, e, off ? -0.7f : t[i].more);
		break;
	case LEX_FLAG:
		if ((e->what == FLAG_DARKTONE || e->what == FLAG_LIGHTTONE) &&
		    !off) {
			const struct lex_entry	*nx = i + 1 < n ?
			    lookup(t[i + 1].s) : NULL;

			/* "dark wood" is a wood, "dark" alone a mood. */
			if (nx != NULL && nx->kind == LEX_STUFF)
				b->tone += e->what == FLAG_DARKTONE ? -1 : 1;
			else if (e->v[3] != 0)
				add_light(b, e, t[i].more);
			break;
		}
		apply_flag(b, e, off, t[i].more);
		break;
	case LEX_SIDE:
		if (!off)
			apply_side(b, t, n, i, e->what);
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
	const struct lex_entry	*e;
	struct token		 t[TOKEN_MAX];
	uint8_t			 rgb[3];
	int			 n, i, used;

	*b = plain;
	n = token_split(prompt != NULL ? prompt : "", t);
	for (i = 0; i < n; i++) {
		if (colour_at(t, n, i, rgb, &used)) {
			if (!t[i].off)
				give_colour(b, t, n, i, used, rgb);
			seed_add(b, t[i].s);
			i += used - 1;
			continue;
		}
		e = lookup(t[i].s);
		if (e != NULL)
			apply(b, t, n, i, e);
		if (token_in(t[i].s, lex_onlabel) &&
		    near_any(t, n, i, 6, lex_logo) && !t[i].off)
			b->logo_on_product = true;
		if (strlen(t[i].s) > 3 && !t[i].off && (e == NULL ||
		    e->kind == LEX_STUFF || e->kind == LEX_THING) &&
		    !token_in(t[i].s, lex_quiet))
			seed_add(b, t[i].s);
	}
	b->shadow = clamp(b->shadow, 0, 1);
	b->zoom = clamp(b->zoom, 0.7f, 1.3f);
	b->tone = clamp(b->tone, -1, 1);
}
