/*
 * filmprompt - how it is to move, in the words the video model is given
 *
 * A suggestion that was accepted as it stood was written for the model
 * already; everything else goes through the reader.
 */
#include "config.h"

#include <string.h>

#include "base/buf.h"
#include "base/cx.h"
#include "base/str.h"
#include "gen/gen.h"
#include "mma/prompt/catalog.h"
#include "mma/prompt/reader.h"

#define DATA_CAP	(2 << 20)
#define FALLBACK_LINE	"Here is your film, made straight from your words."
#define SUGGESTED_LINE	"Here is your film, moving as you chose."
#define CALM		"A slow, smooth camera move with a gentle start and " \
			"stop. The product keeps its shape, its label stays " \
			"sharp, the light stays steady."

static const struct picture *
picture(const struct pictures *ps, const char *role)
{
	for (size_t i = 0; i < ps->n; i++)
		if (str_eq(ps->pic[i].role, role))
			return &ps->pic[i];
	return NULL;
}

static enum err
put_data(struct cx *cx, struct run *r, const struct provider *p,
    const struct pictures *ps, const struct taste *t, const char *phrase,
    const struct gen *parent, const char **out)
{
	const struct picture *still = picture(ps, "input_still");
	const struct picture *end = picture(ps, "end_still");
	struct buf *b = buf_new(cx, 128 << 10);
	struct json js;

	json_init(&js, b);
	json_obj(&js, NULL);
	json_str(&js, "motion_text", run_text(r->request, "/motionPrompt"));
	json_str(&js, "movement_style", phrase);
	json_str(&js, "still_caption", still != NULL ? still->crt : NULL);
	if (end != NULL)
		json_str(&js, "end_still_caption", end->crt);
	json_tree(&js, "settings", json_get(json_get(r->vars, "settings"),
	    p->family));
	json_obj(&js, "taste");
	json_str(&js, "style_history_csv", t->csv);
	json_end(&js);
	json_raw(&js, "hard_blocks", t->blocks);
	if (parent != NULL) {
		json_str(&js, "previous_prompt", parent->prompt);
		json_str(&js, "previous_caption", run_text(parent->vars,
		    "/scans/output_video_crt"));
		json_str(&js, "feedback", run_text(r->vars,
		    "/feedback/motion_feedback"));
	}
	json_end(&js);
	if (!json_ok(&js))
		return err_set(cx, E_REJECTED, "the reader's input is too "
		    "large");
	*out = b->data;
	return E_OK;
}

static const char *
plain(struct cx *cx, struct run *r, const struct taste *t,
    const char *phrase, const struct gen *parent)
{
	const char *fb = run_text(r->vars, "/feedback/motion_feedback");
	const char *words = run_text(r->request, "/motionPrompt");

	if (parent != NULL && parent->prompt != NULL)
		words = parent->prompt;
	if (words == NULL && phrase == NULL)
		words = CALM;
	return cx_fmt(cx, "%s%s%s%s%s%s", taste_blocks(cx, t),
	    words != NULL ? words : "", words != NULL && phrase != NULL ?
	    " " : "", phrase != NULL ? phrase : "", fb != NULL ? " " : "",
	    fb != NULL ? fb : "");
}

static enum err
prepare(struct cx *cx, struct run *r, const struct provider *p,
    const struct pictures *ps, const struct taste *t, struct reader *rd)
{
	const struct picture *still = picture(ps, "input_still");
	const struct picture *end = picture(ps, "end_still");
	struct gen parent, *tweaked = NULL;
	const char *phrase;
	enum err er;

	if (r->c.parent != NULL) {
		if ((er = gen_read(cx, r->c.pass, r->c.parent,
		    &parent)) != E_OK)
			return er;
		tweaked = &parent;
	}
	rd->image[0] = still != NULL ? still->url : NULL;
	rd->image[1] = end != NULL ? end->url : NULL;
	if ((er = catalog_phrase(cx, "movement_styles", run_text(r->request,
	    "/movementStyle"), &phrase)) != E_OK)
		return er;
	rd->plain = plain(cx, r, t, phrase, tweaked);
	return put_data(cx, r, p, ps, t, phrase, tweaked, &rd->data);
}

static bool
suggested(struct run *r, int64_t max, struct prompt *out)
{
	const char *words = run_text(r->vars, "/prompts/motion_sugg_prompt");
	const char *line = run_text(r->vars, "/prompts/motion_sugg_line");

	if (words == NULL || r->c.parent != NULL)
		return false;
	out->clean = reader_cut(&r->cx, words, max);
	out->final_line = line != NULL ? line : SUGGESTED_LINE;
	return true;
}

enum err
mma_film_prompt(struct run *r, const struct provider *p,
    const struct pictures *ps, const struct taste *t, struct prompt *out)
{
	struct reader rd = { .type = r->c.parent != NULL ?
	    "gpt_feedback_motion" : "gpt_reader_motion",
	    .member = "motion_prompt", .plain_line = FALLBACK_LINE,
	    .max = json_int_or(json_get(p->caps, "prompt_max"), 2500) };
	struct cx tmp;
	enum err er;

	if (suggested(r, rd.max, out))
		return E_OK;
	tmp = cx_fork(&r->cx, DATA_CAP);
	if ((er = prepare(&tmp, r, p, ps, t, &rd)) == E_OK)
		er = reader_ask(r, &rd, out);
	else
		r->cx.err = tmp.err;
	cx_release(&tmp);
	return er;
}
