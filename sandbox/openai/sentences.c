/*
 * say - see say.h
 */
#include "config.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cx.h"
#include "base/str.h"
#include "openai/chat_request.h"
#include "openai/sentences.h"

static uint32_t
mix(uint32_t h, const char *s)
{
	/* FNV-1a */
	for (; s != NULL && *s != '\0'; s++)
		h = (h ^ (unsigned char)*s) * 16777619u;
	return h;
}

uint32_t
say_seed(const struct ask *a)
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
	if (str_eq(role, "product"))
		return "The product. ";
	if (str_eq(role, "logo"))
		return "The logo. ";
	if (str_eq(role, "inspiration"))
		return "An inspiration for mood. ";
	if (str_eq(role, "output"))
		return "The finished still. ";
	if (str_eq(role, "still"))
		return "The still. ";
	return "";
}

static const char *
place_in_frame(const struct image_analysis *l)
{
	double x = (l->box_x + l->box_w / 2.0) / l->width;

	return x < 0.4 ? "left of the middle" : x > 0.6 ?
	    "right of the middle" : "in the middle";
}

static void
caption(struct buf *b, const struct image_analysis *l)
{
	char text[300];

	image_caption(l, text, sizeof text);
	buf_puts(b, text);
	if (l->ncolour > 1)
		buf_fmt(b, " Its main colours are %s (%d %%) and %s (%d %%).",
		    l->colour[0].name, (int)(l->colour[0].share * 100 + 0.5f),
		    l->colour[1].name, (int)(l->colour[1].share * 100 + 0.5f));
	if (l->cutout && l->box_w > 0)
		buf_fmt(b, " The subject is %s and takes up about %d %% of "
		    "the height.", place_in_frame(l),
		    (int)(100.0 * l->box_h / l->height + 0.5));
	buf_fmt(b, " Overall it is %s with %s contrast.", l->brightness,
	    l->contrast);
	if (l->likely_logo)
		buf_puts(b, " Flat areas and hard edges suggest a graphic "
		    "mark; any lettering in it is unclear.");
}

static const char *
say_crt(struct cx *cx, const struct ask *a)
{
	struct buf *b = buf_new(cx, 8192);

	buf_puts(b, lead_in(a->role));
	if (a->nlook == 0)
		buf_puts(b, "No picture was given, so nothing can be seen.");
	for (size_t i = 0; i < a->nlook && i < 4; i++) {
		if (i > 0)
			buf_puts(b, " ");
		caption(b, &a->look[i]);
	}
	return b->data;
}

/* --- one line for the customer */

static const char *
line_for_logo(struct cx *cx, const char *c, uint32_t h)
{
	switch (h % 3) {
	case 0:
		return cx_fmt(cx, "A clear mark in %s. I will keep its edges "
		    "crisp.", c);
	case 1:
		return cx_fmt(cx, "Your logo in %s reads well. It stays "
		    "exactly as it is.", c);
	default:
		return cx_fmt(cx, "Found the mark in %s, and I will place it "
		    "with care.", c);
	}
}

static const char *
line_for_mood(struct cx *cx, const struct image_analysis *l, const char *c,
    uint32_t h)
{
	switch (h % 3) {
	case 0:
		return cx_fmt(cx, "Those %s tones set a lovely mood. "
		    "Borrowing the light, not the objects.", c);
	case 1:
		return cx_fmt(cx, "A %s scene in %s. I see where you want "
		    "to go.", l->brightness, c);
	default:
		return cx_fmt(cx, "Noting the %s contrast and the %s here.",
		    l->contrast, c);
	}
}

static const char *
line_for_still(struct cx *cx, const struct image_analysis *l, const char *c,
    uint32_t h)
{
	switch (h % 3) {
	case 0:
		return cx_fmt(cx, "The %s holds together nicely, with %s "
		    "contrast.", c, l->contrast);
	case 1:
		return cx_fmt(cx, "A %s frame around that %s. It sits well.",
		    l->brightness, c);
	default:
		return cx_fmt(cx, "The eye goes straight to the %s. Good.", c);
	}
}

static const char *
line_for_product(struct cx *cx, const struct image_analysis *l, const char *c,
    uint32_t h)
{
	const char *shape = l->shape == SHAPE_TALL ? "tall" :
	    l->shape == SHAPE_WIDE ? "wide" : "even";

	switch (h % 5) {
	case 0:
		return cx_fmt(cx, "That %s is lovely. Noting how the light "
		    "sits on it.", c);
	case 1:
		return cx_fmt(cx, "A %s shape in %s. I will keep every edge "
		    "as it is.", shape, c);
	case 2:
		return cx_fmt(cx, "Studying the %s, so it stays exactly "
		    "yours.", c);
	case 3:
		return cx_fmt(cx, "I like that %s. It will carry the whole "
		    "frame.", c);
	default:
		return cx_fmt(cx, "The %s and the %s outline: noted, with "
		    "care.", c, shape);
	}
}

static const char *
say_line(struct cx *cx, const struct ask *a)
{
	uint32_t h = say_seed(a);
	const struct image_analysis *l = &a->look[0];
	const char *c;

	if (a->nlook == 0)
		return "I have your words and am thinking about the light.";
	c = colour(l, 0) != NULL ? colour(l, 0) : "tone";
	if (str_eq(a->role, "logo"))
		return line_for_logo(cx, c, h);
	if (str_eq(a->role, "inspiration"))
		return line_for_mood(cx, l, c, h);
	if (str_eq(a->role, "output") || str_eq(a->role, "still"))
		return line_for_still(cx, l, c, h);
	return line_for_product(cx, l, c, h);
}

/* --- tags */

static const char *
ground_tag(const struct image_analysis *l)
{
	return l->background == BACKGROUND_TRANSPARENT ? "setting.transparent" :
	    l->background == BACKGROUND_PLAIN ? "setting.plain" :
	    "setting.scene";
}

static const char *
light_tag(const struct image_analysis *l)
{
	return l->light > 70 ? "light.bright" : l->light < 35 ? "light.dark" :
	    "light.even";
}

static const char *
dashed(struct cx *cx, const char *area, const char *word)
{
	char *s = cx_fmt(cx, "%s.%s", area, word);

	for (char *p = s; *p != '\0'; p++)
		*p = *p == ' ' ? '-' : (char)tolower((unsigned char)*p);
	return s;
}

const char *
say_tag(struct cx *cx, const struct ask *a, size_t i)
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
		return light_tag(l);
	case 2:
		return dashed(cx, "mood", l->contrast);
	case 3:
		return ground_tag(l);
	case 4:
		return l->flat > 0.6f ? "material.flat" : "material.shaded";
	default:
		return colour(l, (int)i - 5) != NULL && i < 8 ?
		    dashed(cx, "palette", colour(l, (int)i - 5)) : NULL;
	}
}

/* --- by name */

static bool
named(const char *name, const char *const *list)
{
	char flat[64];
	size_t n = 0;

	for (; *name != '\0' && n + 1 < sizeof flat; name++)
		if (isalnum((unsigned char)*name))
			flat[n++] = (char)tolower((unsigned char)*name);
	flat[n] = '\0';
	return str_in(flat, list);
}

const char *
say(struct cx *cx, const struct ask *a, const char *name)
{
	static const char *const crt[] = { "crt", "caption", "alttext",
		"description", "alt", NULL };
	static const char *const line[] = { "usermessageline", "line",
		"scanline", NULL };
	static const char *const final[] = { "usermessagefinal", "finalline",
		"usermessage", "message", NULL };
	static const char *const still[] = { "cleanprompt", "prompt",
		"stillprompt", NULL };
	static const char *const motion[] = { "motionprompt",
		"motionsuggprompt", "videoprompt", "suggestion", NULL };

	if (named(name, crt))
		return say_crt(cx, a);
	if (named(name, line))
		return say_line(cx, a);
	if (named(name, final))
		return compose_final(cx, a);
	if (named(name, still))
		return compose_still(cx, a);
	if (named(name, motion))
		return compose_motion(cx, a);
	return a->nlook > 0 ? say_crt(cx, a) : compose_final(cx, a);
}
