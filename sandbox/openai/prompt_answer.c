/*
 * prompt_answer - prompts for stills and films, from the material of a request
 *
 * The order of sentences matters to the picture model that reads them here,
 * where later words win: which image is what, what the pictures show, the
 * style, over it the brief, then what must not be, and last the change that
 * is asked.  A film has one camera movement, the customer's own words, and
 * what must hold.  With feedback the former prompt is kept and the change
 * added.
 */
#include "config.h"

#include <ctype.h>
#include <strings.h>

#include "core/service.h"
#include "openai/chat.h"

#define PROMPT_MAX	3800		/* bytes; models take 4000 characters */
#define FILM_SENTENCE	1200		/* bytes: films' prompts are shorter */
#define BLOCK_KEYS	"hardblocks hardblock blocks"

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

/* "motion.light_flicker" is a tag; "No people, please" is a sentence. */
static void
blocks(struct cx *cx, struct buf *b, const struct material *a,
    const char *keys, const char *there_is_no)
{
	const char *s;
	char *word;
	size_t i = 0;

	while ((s = material_each(a, keys, &i)) != NULL) {
		if (strchr(s, ' ') == NULL && strrchr(s, '.') != NULL)
			s = strrchr(s, '.') + 1;
		word = cx_dup(cx, s);
		for (char *p = word; *p != '\0'; p++)
			if (*p == '_' || *p == '-')
				*p = ' ';
		sentence(b, strncasecmp(word, "no ", 3) == 0 ? word :
		    cx_fmt(cx, "%s %s", there_is_no, word));
	}
}

/* --- stills */

static void
image_is(struct buf *b, int n, const char *role)
{
	static const struct { const char *role, *text; } roles[] = {
		{ "product", "the product; keep its shape, proportions, "
		    "label, text and colours exactly." },
		{ "logo", "the logo; reproduce it unaltered, once, small "
		    "and discreet." },
		{ "inspiration", "inspiration for light and mood only; do "
		    "not copy its objects or text." },
		{ NULL, "the previous version; keep everything about it "
		    "except the changes named here." },
	};
	size_t i = 0;

	while (roles[i].role != NULL && !str_eq(roles[i].role, role))
		i++;
	buf_fmt(b, "%sImage %d is %s", b->len > 0 ? " " : "", n,
	    roles[i].text);
}

static const char *
listed_role(const char *s)
{
	const char *role = role_in(s);

	if (role == NULL && (strcasestr(s, "previous") != NULL ||
	    strcasestr(s, "former") != NULL || strcasestr(s, "result") != NULL))
		role = "output";
	return role;
}

/* A list of roles, or one text with a line for each. */
static int
images(struct buf *b, const struct material *a)
{
	char line[80];
	int n = 0;

	for (size_t i = 0; i < a->ntext; i++) {
		const struct named_text *t = &a->text[i];
		const char *s = t->text, *role;

		if (strstr(t->path, "image") == NULL ||
		    strstr(t->path, "prompt") != NULL ||
		    str_starts(s, "https://"))
			continue;
		for (; *s != '\0'; s += strcspn(s, "\n;"), s += *s != '\0') {
			snprintf(line, sizeof line, "%.*s",
			    (int)strcspn(s, "\n;"), s);
			if ((role = listed_role(line)) != NULL)
				image_is(b, ++n, role);
		}
	}
	return n;
}

/* Captions and scans: what the pictures show, a sentence or two of each. */
static void
captions(struct cx *cx, struct buf *b, const struct material *a)
{
	for (size_t i = 0; i < a->ntext; i++) {
		const struct named_text *t = &a->text[i];
		const char *role = role_in(t->path), *stop;
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
		if (role != NULL && role_in(t->text) == NULL)
			sentence(b, cx_fmt(cx, "The %s shows: %.*s", role,
			    (int)n, t->text));
		else
			sentence(b, cx_dupn(cx, t->text, n));
	}
}

/* Complaints about light and distance, turned into wishes. */
static void
turned_round(struct buf *b, const char *feedback)
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

const char *
prompt_for_still(struct cx *cx, const struct material *a)
{
	static const char block_keys[] = BLOCK_KEYS " constraints mustnot";
	struct buf *b = buf_new(cx, 64 << 10);
	const char *brief = material_find(a, BRIEF_KEYS);
	const char *style = material_find(a,
	    "stylephrase phrase style stylename");
	const char *feedback = material_find(a, FEEDBACK_KEYS);
	const char *former = material_find(a,
	    "previousprompt formerprompt cleanprompt prompt parentprompt");
	int n = images(b, a);

	if (feedback != NULL && former != NULL) {
		/* Which image is which was said again. */
		while (n > 0 && str_starts(former, "Image ") &&
		    strstr(former, ". ") != NULL)
			former = strstr(former, ". ") + 2;
		sentence(b, former);
		blocks(cx, b, a, block_keys, "There must be no");
		sentence(b, cx_fmt(cx, "Change only this: %s", feedback));
		turned_round(b, feedback);
	} else {
		captions(cx, b, a);
		if (style != NULL && !str_eq(style, brief))
			sentence(b, style);
		sentence(b, brief != NULL ? brief :
		    "A calm, honest still of the product");
		blocks(cx, b, a, block_keys, "There must be no");
		if (feedback != NULL)
			sentence(b, cx_fmt(cx, "Take care of this: %s",
			    feedback));
	}
	return cx_dupn(cx, b->data, str_utf8_cut(b->data, PROMPT_MAX));
}

/* --- films */

#define PUSH	"The camera pushes in slowly"
#define PULL	"The camera pulls back slowly"
#define STILL	"The camera stays still"
#define DRIFT	"The camera drifts gently to the side"

static const char *
move_for(const char *text, const char *style, uint32_t h)
{
	static const struct { const char *word, *move; } moves[] = {
		{ "orbit", "The camera orbits a few degrees around it" },
		{ "pan", "The camera pans slowly across it" },
		{ "tilt", "The camera tilts up along it" },
		{ "pull", PULL }, { "zoom out", PULL },
		{ "static", STILL }, { "still camera", STILL },
		{ "drift", DRIFT }, { "push", PUSH }, { "zoom", PUSH },
	};

	for (size_t i = 0; i < sizeof moves / sizeof *moves; i++)
		if ((text != NULL && strcasestr(text, moves[i].word) != NULL)
		    || (style != NULL &&
		    strcasestr(style, moves[i].word) != NULL))
			return moves[i].move;
	return h % 2 == 0 ? PUSH : DRIFT;
}

static const char *
film_text(struct cx *cx, const struct material *a, const char *keys)
{
	const char *s = material_find(a, keys);

	return s != NULL ? cx_dupn(cx, s, str_utf8_cut(s, FILM_SENTENCE)) :
	    NULL;
}

const char *
prompt_for_film(struct cx *cx, const struct material *a)
{
	struct buf *b = buf_new(cx, 16384);
	const char *text = film_text(cx, a, "motiontext motionuserbrief "
	    "motionbrief motion userbrief brief text");
	const char *style = film_text(cx, a,
	    "movementphrase movementstyle phrase style");
	const char *feedback = film_text(cx, a, "motionfeedback feedback");
	const char *former = film_text(cx, a,
	    "previousprompt formerprompt motionprompt prompt");

	if (feedback != NULL && former != NULL) {
		sentence(b, former);
		sentence(b, cx_fmt(cx, "Change only this: %s", feedback));
		return b->data;
	}
	sentence(b, cx_fmt(cx, "%s and eases to a stop",
	    move_for(text, style, seed_of(a))));
	if (text != NULL)
		sentence(b, text);
	if (style != NULL && !str_eq(style, text))
		sentence(b, style);
	blocks(cx, b, a, BLOCK_KEYS, "No");
	sentence(b, "The product keeps its shape and its label stays sharp, "
	    "and the light stays steady.");
	return b->data;
}
