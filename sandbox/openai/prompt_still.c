/*
 * compose - prompts for stills, and what the customer is told about them
 *
 * The order of sentences matters to the picture model that reads them here,
 * where later words win: which image is what, what the pictures show, the
 * style, over it the brief, then what must not be, and last the change that
 * is asked.
 */
#include "config.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/cx.h"
#include "base/str.h"
#include "openai/chat_request.h"
#include "openai/sentences.h"
#include "render/brief.h"

#define PROMPT_MAX	3800		/* bytes; models take 4000 characters */

static const char *const brief_keys[] = { "userbrief", "brief", "text",
	"data", "request", NULL };
static const char *const style_keys[] = { "stylephrase", "phrase", "style",
	"stylename", NULL };
static const char *const feedback_keys[] = { "feedback", "stillfeedback",
	"motionfeedback", "change", "comment", NULL };
static const char *const former_keys[] = { "previousprompt", "formerprompt",
	"cleanprompt", "prompt", "parentprompt", NULL };
static const char *const block_keys[] = { "hardblocks", "hardblock",
	"blocks", "constraints", "mustnot", NULL };

/* s as a sentence: its own words, with a stop at the end. */
static void
sentence(struct buf *b, const char *s)
{
	size_t n = str_utf8_cut(s, PROMPT_MAX / 2);

	while (n > 0 && isspace((unsigned char)s[n - 1]))
		n--;
	if (n == 0)
		return;
	if (b->len > 0)
		buf_putc(b, ' ');
	buf_put(b, s, n);
	if (strchr(".!?", s[n - 1]) == NULL)
		buf_putc(b, '.');
}

static void
image_is(struct buf *b, int n, const char *role)
{
	buf_fmt(b, "%sImage %d is ", b->len > 0 ? " " : "", n);
	if (str_eq(role, "product"))
		buf_puts(b, "the product; keep its shape, proportions, label, "
		    "text and colours exactly.");
	else if (str_eq(role, "logo"))
		buf_puts(b, "the logo; reproduce it unaltered, once, small "
		    "and discreet.");
	else if (str_eq(role, "inspiration"))
		buf_puts(b, "inspiration for light and mood only; do not copy "
		    "its objects or text.");
	else
		buf_puts(b, "the previous version; keep everything about it "
		    "except the changes named here.");
}

static const char *
listed_role(const char *s)
{
	const char *role = ask_role_in(s);

	if (role == NULL && (strcasestr(s, "previous") != NULL ||
	    strcasestr(s, "former") != NULL || strcasestr(s, "result") != NULL))
		role = "output";
	return role;
}

/* A list of roles, or one text with a line for each. */
static int
say_images(struct buf *b, const struct ask *a)
{
	int n = 0;

	for (size_t i = 0; i < a->ntext; i++) {
		const struct ask_text *t = &a->text[i];
		const char *s = t->text, *role;

		if (strstr(t->path, "image") == NULL ||
		    strstr(t->path, "prompt") != NULL ||
		    str_starts(s, "https://"))
			continue;
		for (; *s != '\0'; s += strcspn(s, "\n;"), s += *s != '\0') {
			char line[80];
			size_t len = strcspn(s, "\n;");

			if (len >= sizeof line)
				len = sizeof line - 1;
			memcpy(line, s, len);
			line[len] = '\0';
			if ((role = listed_role(line)) != NULL)
				image_is(b, ++n, role);
		}
	}
	return n;
}

/* Captions and scans: what the pictures show, a sentence or two of each. */
static void
say_captions(struct cx *cx, struct buf *b, const struct ask *a)
{
	for (size_t i = 0; i < a->ntext; i++) {
		const struct ask_text *t = &a->text[i];
		const char *role = ask_role_in(t->path), *stop;
		size_t n = strlen(t->text);

		if ((strstr(t->path, "caption") == NULL &&
		    strstr(t->path, "crt") == NULL &&
		    strstr(t->path, "scan") == NULL) || n < 12)
			continue;
		/* "The product." says less than what follows it. */
		stop = n > 40 ? strstr(t->text + 40, ". ") : NULL;
		if (stop != NULL)
			n = (size_t)(stop + 1 - t->text);
		if (n > 300)
			n = str_utf8_cut(t->text, 300);
		if (role != NULL && ask_role_in(t->text) == NULL)
			sentence(b, cx_fmt(cx, "The %s shows: %.*s", role,
			    (int)n, t->text));
		else
			sentence(b, cx_dupn(cx, t->text, n));
	}
}

/* "motion.light_flicker" is a tag; "No people, please" is a sentence. */
static void
say_blocks(struct cx *cx, struct buf *b, const struct ask *a)
{
	const char *s;
	char *word;
	size_t i = 0;

	while ((s = ask_each(a, block_keys, &i)) != NULL) {
		if (strchr(s, ' ') == NULL && strrchr(s, '.') != NULL)
			s = strrchr(s, '.') + 1;
		word = cx_dup(cx, s);
		for (char *p = word; *p != '\0'; p++)
			if (*p == '_' || *p == '-')
				*p = ' ';
		if (strncasecmp(word, "no ", 3) == 0)
			sentence(b, word);
		else
			sentence(b, cx_fmt(cx, "There must be no %s", word));
	}
}

/* Complaints about light, turned round. */
static void
say_positive(struct buf *b, const char *feedback)
{
	static const struct { const char *word, *then; } turn[] = {
		{ "harsh", "The light is soft and even." },
		{ "hate the light", "The light is soft and even." },
		{ "too dark", "The scene is brighter." },
		{ "too bright", "The scene is darker." },
		{ "too close", "The camera is further away." },
		{ "too small", "The camera is closer." },
		{ "too cold", "The light is warmer." },
		{ "too warm", "The light is cooler." },
	};

	for (size_t i = 0; i < sizeof turn / sizeof *turn; i++)
		if (strcasestr(feedback, turn[i].word) != NULL &&
		    strstr(b->data, turn[i].then) == NULL)
			sentence(b, turn[i].then);
}

static const char *
finish(struct cx *cx, struct buf *b)
{
	return cx_dupn(cx, b->data, str_utf8_cut(b->data, PROMPT_MAX));
}

const char *
compose_still(struct cx *cx, const struct ask *a)
{
	struct buf *b = buf_new(cx, 64 << 10);
	const char *brief = ask_find(a, brief_keys);
	const char *style = ask_find(a, style_keys);
	const char *feedback = ask_find(a, feedback_keys);
	const char *former = ask_find(a, former_keys);
	int images = say_images(b, a);

	if (feedback != NULL && former != NULL) {
		/* Which image is what has been said anew. */
		while (images > 0 && str_starts(former, "Image ") &&
		    strstr(former, ". ") != NULL)
			former = strstr(former, ". ") + 2;
		sentence(b, former);
		say_blocks(cx, b, a);
		sentence(b, cx_fmt(cx, "Change only this: %s", feedback));
		say_positive(b, feedback);
		return finish(cx, b);
	}
	say_captions(cx, b, a);
	if (style != NULL && !str_eq(style, brief))
		sentence(b, style);
	sentence(b, brief != NULL ? brief :
	    "A calm, honest still of the product");
	say_blocks(cx, b, a);
	if (feedback != NULL)
		sentence(b, cx_fmt(cx, "Take care of this: %s", feedback));
	return finish(cx, b);
}

/* --- what the customer hears */

/* Travertine is drawn like concrete, but must not be called that. */
static const char *
surface(const struct brief *w, const char *said)
{
	static const char *const names[MATERIAL__MAX] = {
		[MATERIAL_PAPER] = "seamless paper",
		[MATERIAL_MARBLE] = "marble", [MATERIAL_WOOD] = "wood",
		[MATERIAL_LINEN] = "linen", [MATERIAL_VELVET] = "velvet",
		[MATERIAL_SILK] = "silk", [MATERIAL_CONCRETE] = "concrete",
		[MATERIAL_TERRAZZO] = "terrazzo", [MATERIAL_SAND] = "sand",
		[MATERIAL_WATER] = "still water", [MATERIAL_GLASS] = "glass",
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
final_still(struct cx *cx, const char *brief, uint32_t h)
{
	struct brief w;

	brief_read(brief, &w);
	switch (h % 4) {
	case 0:
		return cx_fmt(cx, "I am placing it on %s in %s, with room to "
		    "breathe.", surface(&w, brief), light(&w));
	case 1:
		return cx_fmt(cx, "Setting this up on %s with %s, and nothing "
		    "that distracts.", surface(&w, brief), light(&w));
	case 2:
		return cx_fmt(cx, "Your words lead: %s, %s, and the product "
		    "as it is.", surface(&w, brief), light(&w));
	default:
		return cx_fmt(cx, "The set is ready: %s under %s, kept calm.",
		    surface(&w, brief), light(&w));
	}
}

const char *
compose_final(struct cx *cx, const struct ask *a)
{
	static const char *const motion_keys[] = { "motion", "motiontext",
		"motionuserbrief", "motionbrief", "movementstyle", NULL };
	const char *feedback = ask_find(a, feedback_keys);
	const char *brief = ask_find(a, brief_keys);
	uint32_t h = say_seed(a);

	if (feedback != NULL)
		return h % 2 == 0 ? "I changed just what you asked for and "
		    "left everything else in place." : "Understood. The "
		    "change is in, and the rest stays as it was.";
	if (ask_find(a, motion_keys) != NULL)
		return h % 2 == 0 ? "A slow, steady move that keeps the label "
		    "readable." : "It is going to move gently, with the light "
		    "held steady.";
	return final_still(cx, brief != NULL ? brief : "", h);
}
