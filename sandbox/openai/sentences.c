/* sentences - captions, tags and lines for the customer, from what was seen */
#include "config.h"

#include <ctype.h>

#include "core/service.h"
#include "openai/chat.h"
#include "render/brief.h"

#define COUNT(a)	(sizeof a / sizeof *a)

static uint32_t
mix(uint32_t h, const char *s)
{
	/* FNV-1a */
	for (; s != NULL && *s != '\0'; s++)
		h = (h ^ (unsigned char)*s) * 16777619u;
	return h;
}

uint32_t
seed_of(const struct material *a)
{
	uint32_t h = mix(2166136261u, a->role);

	for (size_t i = 0; i < a->ntext; i++)
		h = mix(h, a->text[i].text);
	for (size_t i = 0; i < a->nlook; i++) {
		const struct image_analysis *l = &a->look[i];

		h = (h ^ (uint32_t)(l->width * 7919 + l->height)) * 16777619u;
		for (int c = 0; c < l->ncolour; c++)
			h = mix(h, l->colour[c].name);
	}
	return h ^ h >> 15;
}

static const char *
colour(const struct image_analysis *l, int i)
{
	return i < l->ncolour ? l->colour[i].name : NULL;
}

/* --- captions */

static const char *
lead_in(const char *role)
{
	static const struct { const char *role, *text; } leads[] = {
		{ "product", "The product. " },
		{ "logo", "The logo. " },
		{ "inspiration", "An inspiration for mood. " },
		{ "output", "The finished still. " },
		{ "still", "The still. " },
	};

	for (size_t i = 0; i < COUNT(leads); i++)
		if (str_eq(role, leads[i].role))
			return leads[i].text;
	return "";
}

static void
caption(struct buf *b, const struct image_analysis *l)
{
	double x = (l->box_x + l->box_w / 2.0) / l->width;
	char text[300];

	image_caption(l, text, sizeof text);
	buf_puts(b, text);
	if (l->ncolour > 1)
		buf_fmt(b, " Its main colours are %s (%d %%) and %s (%d %%).",
		    l->colour[0].name, (int)(l->colour[0].share * 100 + 0.5f),
		    l->colour[1].name, (int)(l->colour[1].share * 100 + 0.5f));
	if (l->cutout && l->box_w > 0)
		buf_fmt(b, " The subject is %s and takes up about %d %% of "
		    "the height.", x < 0.4 ? "left of the middle" :
		    x > 0.6 ? "right of the middle" : "in the middle",
		    (int)(100.0 * l->box_h / l->height + 0.5));
	buf_fmt(b, " Overall it is %s with %s contrast.", l->brightness,
	    l->contrast);
	if (l->likely_logo)
		buf_puts(b, " Flat areas and hard edges suggest a graphic "
		    "mark; any lettering in it is unclear.");
}

static const char *
caption_of_all(struct cx *cx, const struct material *a)
{
	struct buf *b = buf_new(cx, 8192);

	buf_puts(b, lead_in(a->role));
	if (a->nlook == 0)
		buf_puts(b, "No picture was given, so nothing can be seen.");
	for (size_t i = 0; i < a->nlook && i < 4; i++) {
		if (i > 0)
			buf_putc(b, ' ');
		caption(b, &a->look[i]);
	}
	return b->data;
}

/* --- one line for the customer */

/* text, where $1 is the first of words, and so on. */
static const char *
phrase(struct cx *cx, const char *text, const char *const *words)
{
	struct buf *b = buf_new(cx, 1024);

	for (; *text != '\0'; text++)
		if (*text == '$')
			buf_puts(b, words[*++text - '1']);
		else
			buf_putc(b, *text);
	return b->data;
}

/* $1 is the colour, $2 the brightness, $3 the contrast, $4 the shape. */
static const char *const logo_lines[] = {
	"A clear mark in $1. I will keep its edges crisp.",
	"Your logo in $1 reads well. It stays exactly as it is.",
	"Found the mark in $1, and I will place it with care.",
};
static const char *const mood_lines[] = {
	("Those $1 tones set a lovely mood. Borrowing the light, not the "
	    "objects."),
	"A $2 scene in $1. I see where you want to go.",
	"Noting the $3 contrast and the $1 here.",
};
static const char *const still_lines[] = {
	"The $1 holds together nicely, with $3 contrast.",
	"A $2 frame around that $1. It sits well.",
	"The eye goes straight to the $1. Good.",
};
static const char *const product_lines[] = {
	"That $1 is lovely. Noting how the light sits on it.",
	"A $4 shape in $1. I will keep every edge as it is.",
	"Studying the $1, so it stays exactly yours.",
	"I like that $1. It will carry the whole frame.",
	"The $1 and the $4 outline: noted, with care.",
};

static const char *
line_of_scan(struct cx *cx, const struct material *a)
{
	const struct image_analysis *l = &a->look[0];
	const char *words[] = { colour(l, 0) != NULL ? colour(l, 0) : "tone",
	    l->brightness, l->contrast, l->shape == SHAPE_TALL ? "tall" :
	    l->shape == SHAPE_WIDE ? "wide" : "even" };
	uint32_t h = seed_of(a);

	if (a->nlook == 0)
		return "I have your words and am thinking about the light.";
	if (str_eq(a->role, "logo"))
		return phrase(cx, logo_lines[h % COUNT(logo_lines)], words);
	if (str_eq(a->role, "inspiration"))
		return phrase(cx, mood_lines[h % COUNT(mood_lines)], words);
	if (str_eq(a->role, "output") || str_eq(a->role, "still"))
		return phrase(cx, still_lines[h % COUNT(still_lines)], words);
	return phrase(cx, product_lines[h % COUNT(product_lines)], words);
}

/* Travertine is drawn like concrete, but must not be called that. */
static const char *
surface(const struct brief *w, const char *said)
{
	static const char *const names[MATERIAL__MAX] = {
		[MATERIAL_PAPER] = "seamless paper",
		[MATERIAL_MARBLE] = "marble",
		[MATERIAL_WOOD] = "wood", [MATERIAL_LINEN] = "linen",
		[MATERIAL_VELVET] = "velvet", [MATERIAL_SILK] = "silk",
		[MATERIAL_CONCRETE] = "concrete",
		[MATERIAL_TERRAZZO] = "terrazzo",
		[MATERIAL_SAND] = "sand", [MATERIAL_WATER] = "still water",
		[MATERIAL_GLASS] = "glass",
	};

	if (!w->material_said)
		return "a quiet surface";
	return strcasestr(said, names[w->material]) != NULL ?
	    names[w->material] : "the surface you named";
}

static const char *
light(const struct brief *w)
{
	if (w->back)
		return "light from behind";
	if (w->low)
		return "low, warm sun";
	if (w->gobo == GOBO_WINDOW)
		return "window light";
	if (w->gobo == GOBO_LEAF)
		return "leafy shadows";
	return w->soft > 0.6f ? "soft light" : w->soft < 0.35f ?
	    "crisp light" : "balanced light";
}

static const char *
line_of_result(struct cx *cx, const struct material *a)
{
	/* $1 is the surface, $2 the light. */
	static const char *const lines[] = {
		"I am placing it on $1 in $2, with room to breathe.",
		"Setting this up on $1 with $2, and nothing that distracts.",
		"Your words lead: $1, $2, and the product as it is.",
		"The set is ready: $1 under $2, kept calm.",
	};
	const char *brief = material_find(a, BRIEF_KEYS);
	uint32_t h = seed_of(a);
	struct brief w;

	if (material_find(a, FEEDBACK_KEYS) != NULL)
		return h % 2 == 0 ? "I changed just what you asked for and "
		    "left everything else in place." : "Understood. The "
		    "change is in, and the rest stays as it was.";
	if (material_find(a, "motion motiontext motionuserbrief motionbrief "
	    "movementstyle") != NULL)
		return h % 2 == 0 ? "A slow, steady move that keeps the label "
		    "readable." : "It is going to move gently, with the light "
		    "held steady.";
	brief = brief != NULL ? brief : "";
	brief_read(brief, &w);
	return phrase(cx, lines[h % COUNT(lines)],
	    (const char *const[]){ surface(&w, brief), light(&w) });
}

/* --- tags */

static const char *
dashed(struct cx *cx, const char *area, const char *word)
{
	char *s = cx_fmt(cx, "%s.%s", area, word);

	for (char *p = s; *p != '\0'; p++)
		*p = *p == ' ' ? '-' : (char)tolower((unsigned char)*p);
	return s;
}

const char *
tag_for(struct cx *cx, const struct material *a, size_t i)
{
	const struct image_analysis *l = &a->look[0];

	if (a->nlook == 0)
		return i == 0 ? "style.unseen" : NULL;
	switch (i) {
	case 0:
		return l->shape == SHAPE_TALL ? "composition.portrait" :
		    l->shape == SHAPE_WIDE ? "composition.landscape" :
		    "composition.square";
	case 1:
		return l->light > 70 ? "light.bright" : l->light < 35 ?
		    "light.dark" : "light.even";
	case 2:
		return dashed(cx, "mood", l->contrast);
	case 3:
		return l->background == BACKGROUND_TRANSPARENT ?
		    "setting.transparent" :
		    l->background == BACKGROUND_PLAIN ? "setting.plain" :
		    "setting.scene";
	case 4:
		return l->flat > 0.6f ? "material.flat" : "material.shaded";
	default:
		return colour(l, (int)i - 5) != NULL && i < 8 ?
		    dashed(cx, "palette", colour(l, (int)i - 5)) : NULL;
	}
}

/* --- by name */

const char *
sentence_for(struct cx *cx, const struct material *a, const char *name)
{
	static const struct {
		const char	*names;
		const char	*(*fn)(struct cx *, const struct material *);
	} table[] = {
		{ "crt caption alttext description alt", caption_of_all },
		{ "usermessageline line scanline", line_of_scan },
		{ "usermessagefinal finalline usermessage message",
		    line_of_result },
		{ "cleanprompt prompt stillprompt", prompt_for_still },
		{ "motionprompt motionsuggprompt videoprompt suggestion",
		    prompt_for_film },
	};
	char flat[64];
	size_t n = 0;

	for (; *name != '\0' && n + 1 < sizeof flat; name++)
		if (isalnum((unsigned char)*name))
			flat[n++] = (char)tolower((unsigned char)*name);
	flat[n] = '\0';
	for (size_t i = 0; i < COUNT(table); i++)
		if (word_in(table[i].names, flat))
			return table[i].fn(cx, a);
	return a->nlook > 0 ? caption_of_all(cx, a) : line_of_result(cx, a);
}
