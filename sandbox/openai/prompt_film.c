/*
 * motion - prompts for films
 *
 * One camera movement, the customer's own words, and what must hold.  With
 * feedback the former prompt is kept and the change added.
 */
#include "config.h"

#include <ctype.h>
#include <strings.h>

#include "core/sandbox.h"
#include "openai/chat_request.h"
#include "openai/sentences.h"

static const struct { const char *word, *move; } moves[] = {
	{ "orbit", "The camera orbits a few degrees around it" },
	{ "pan", "The camera pans slowly across it" },
	{ "tilt", "The camera tilts up along it" },
	{ "pull", "The camera pulls back slowly" },
	{ "zoom out", "The camera pulls back slowly" },
	{ "static", "The camera stays still" },
	{ "still camera", "The camera stays still" },
	{ "drift", "The camera drifts gently to the side" },
	{ "push", "The camera pushes in slowly" },
	{ "zoom", "The camera pushes in slowly" },
};

static void
put(struct buf *b, const char *s)
{
	size_t n = str_utf8_cut(s, 1200);

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

static const char *
move_for(const char *a, const char *b, uint32_t h)
{
	size_t n = sizeof moves / sizeof *moves;

	for (size_t i = 0; i < n; i++)
		if ((a != NULL && strcasestr(a, moves[i].word) != NULL) ||
		    (b != NULL && strcasestr(b, moves[i].word) != NULL))
			return moves[i].move;
	return h % 2 == 0 ? "The camera pushes in slowly" :
	    "The camera drifts gently to the side";
}

const char *
compose_motion(struct cx *cx, const struct ask *a)
{
	static const char *const text_keys[] = { "motiontext",
		"motionuserbrief", "motionbrief", "motion", "userbrief",
		"brief", "text", NULL };
	static const char *const style_keys[] = { "movementphrase",
		"movementstyle", "phrase", "style", NULL };
	static const char *const feedback_keys[] = { "motionfeedback",
		"feedback", NULL };
	static const char *const former_keys[] = { "previousprompt",
		"formerprompt", "motionprompt", "prompt", NULL };
	static const char *const block_keys[] = { "hardblocks", "hardblock",
		"blocks", NULL };
	struct buf *b = buf_new(cx, 16384);
	const char *text = ask_find(a, text_keys);
	const char *style = ask_find(a, style_keys);
	const char *feedback = ask_find(a, feedback_keys);
	const char *former = ask_find(a, former_keys), *s;
	size_t i = 0;

	if (feedback != NULL && former != NULL) {
		put(b, former);
		put(b, cx_fmt(cx, "Change only this: %s", feedback));
		return b->data;
	}
	put(b, cx_fmt(cx, "%s and eases to a stop",
	    move_for(text, style, say_seed(a))));
	if (text != NULL)
		put(b, text);
	if (style != NULL && !str_eq(style, text))
		put(b, style);
	while ((s = ask_each(a, block_keys, &i)) != NULL) {
		char *word;

		if (strchr(s, ' ') == NULL && strrchr(s, '.') != NULL)
			s = strrchr(s, '.') + 1;
		word = cx_dup(cx, s);
		for (char *p = word; *p != '\0'; p++)
			if (*p == '_' || *p == '-')
				*p = ' ';
		put(b, cx_fmt(cx, "No %s", word));
	}
	put(b, "The product keeps its shape and its label stays sharp, and "
	    "the light stays steady.");
	return b->data;
}
