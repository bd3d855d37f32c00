/*
 * filmprompt - how it is to move, in the words the model is given
 *
 * A suggestion that was accepted as it stood was written for the model
 * already.  Everything else goes through the reader; when that gives no
 * usable answer, the customer's words and the movement's phrase are the
 * prompt, and the step says so (`fallback').
 */
#include "config.h"

#include <string.h>

#include "../buf.h"
#include "../cx.h"
#include "../gen.h"
#include "../settings.h"
#include "../str.h"
#include "catalog.h"
#include "gpt.h"
#include "mma.h"

#define GPT_TRIES	3
#define FALLBACK_LINE	"Here is your film, made straight from your words."
#define SUGGESTED_LINE	"Here is your film, moving as you chose."
#define CALM		"A slow, smooth camera move with a gentle start and " \
			"stop. The product keeps its shape, its label stays " \
			"sharp, the light stays steady."

struct job {
	const struct pictures	*ps;
	const struct taste	*t;
	const struct provider	*p;
	const char		*ctx;
	const char		*data;
	struct gen		 parent;
};

static const char *
caption(const struct pictures *ps, const char *role)
{
	for (size_t i = 0; i < ps->n; i++)
		if (str_eq(ps->pic[i].role, role))
			return ps->pic[i].crt;
	return NULL;
}

static const char *
picture(const struct pictures *ps, const char *role)
{
	for (size_t i = 0; i < ps->n; i++)
		if (str_eq(ps->pic[i].role, role))
			return ps->pic[i].url;
	return NULL;
}

static enum err
put_data(struct cx *cx, struct run *r, struct job *j)
{
	struct buf *b = buf_new(cx, 128 << 10);
	const char *phrase;
	struct json js;
	enum err er;

	if ((er = catalog_phrase(cx, "movement_styles", run_text(r->request,
	    "/movementStyle"), &phrase)) != E_OK)
		return er;
	json_init(&js, b);
	json_obj(&js, NULL);
	json_str(&js, "motion_text", run_text(r->request, "/motionPrompt"));
	json_str(&js, "movement_style", phrase);
	json_str(&js, "still_caption", caption(j->ps, "input_still"));
	if (picture(j->ps, "end_still") != NULL)
		json_str(&js, "end_still_caption", caption(j->ps,
		    "end_still"));
	json_tree(&js, "settings", json_get(json_get(r->vars, "settings"),
	    j->p->family));
	json_obj(&js, "taste");
	json_str(&js, "style_history_csv", j->t->csv);
	json_end(&js);
	json_raw(&js, "hard_blocks", j->t->blocks);
	if (r->c.parent != NULL) {
		json_str(&js, "previous_prompt", j->parent.prompt);
		json_str(&js, "previous_caption", run_text(j->parent.vars,
		    "/scans/output_video_crt"));
		json_str(&js, "feedback", run_text(r->vars,
		    "/feedback/motion_feedback"));
	}
	json_end(&js);
	if (!json_ok(&js))
		return err_set(cx, E_REJECTED, "the reader's input is too "
		    "large");
	j->data = b->data;
	return E_OK;
}

static const char *
cut(struct cx *cx, const char *s, const struct provider *p)
{
	int64_t max = json_int_or(json_get(p->caps, "prompt_max"), 2500);

	return cx_dupn(cx, s, str_utf8_cut(s, (size_t)max));
}

static enum err
ask(struct cx *cx, struct run *r, struct io *io, void *arg)
{
	struct job *j = arg;
	struct gpt_ask a = { .ctx = j->ctx };
	const char *end = picture(j->ps, "end_still");
	const struct cJSON *answer;
	enum err er;

	if ((er = put_data(cx, r, j)) != E_OK)
		return er;
	a.data = j->data;
	json_str(&io->in, "input_gpt_reader", j->data);
	json_raw(&io->in, "parts", j->data);
	a.image[a.nimage++] = picture(j->ps, "input_still");
	if (end != NULL)
		a.image[a.nimage++] = end;
	if ((er = gpt_ask(cx, io, &a, &answer)) != E_OK)
		return er;
	json_str(&io->out, "motion_prompt", cut(cx, run_text(answer,
	    "/motion_prompt"), j->p));
	json_str(&io->out, "userMessage_final", run_text(answer,
	    "/userMessage_final"));
	return E_OK;
}

/* The same step, answered without the model. */
static enum err
fall_back(struct cx *cx, struct run *r, struct io *io, void *arg)
{
	struct job *j = arg;
	const char *words = run_text(r->request, "/motionPrompt"), *phrase;
	const char *fb = run_text(r->vars, "/feedback/motion_feedback");
	struct app_setting ctx;
	enum err er;

	if ((er = settings_app(cx, j->ctx, &ctx)) != E_OK ||
	    (er = put_data(cx, r, j)) != E_OK ||
	    (er = catalog_phrase(cx, "movement_styles", run_text(r->request,
	    "/movementStyle"), &phrase)) != E_OK)
		return er;
	gpt_context(io, &ctx);
	json_str(&io->in, "input_gpt_reader", j->data);
	json_raw(&io->in, "parts", j->data);
	json_bool(&io->in, "fallback", true);
	if (r->c.parent != NULL && j->parent.prompt != NULL)
		words = j->parent.prompt;
	if (words == NULL && phrase == NULL)
		words = CALM;
	json_str(&io->out, "motion_prompt", cut(cx, cx_fmt(cx, "%s%s%s%s%s",
	    words != NULL ? words : "", words != NULL && phrase != NULL ?
	    " " : "", phrase != NULL ? phrase : "", fb != NULL ? " " : "",
	    fb != NULL ? fb : ""), j->p));
	json_str(&io->out, "userMessage_final", FALLBACK_LINE);
	json_bool(&io->out, "fallback", true);
	return E_OK;
}

static bool
worth_falling_back(enum err er)
{
	return er == E_UPSTREAM || er == E_BUSY || er == E_TIMEOUT ||
	    er == E_REJECTED;
}

static bool
suggested(struct run *r, const struct provider *p, struct prompt *out)
{
	const char *words = run_text(r->vars, "/prompts/motion_sugg_prompt");
	const char *line = run_text(r->vars, "/prompts/motion_sugg_line");

	if (words == NULL || r->c.parent != NULL)
		return false;
	out->clean = cut(&r->cx, words, p);
	out->final_line = line != NULL ? line : SUGGESTED_LINE;
	return true;
}

enum err
mma_film_prompt(struct run *r, const struct provider *p,
    const struct pictures *ps, const struct taste *t, struct prompt *out)
{
	const char *type = r->c.parent != NULL ? "gpt_feedback_motion" :
	    "gpt_reader_motion";
	struct step reader = { type, GPT_TRIES, ask };
	struct step plain = { type, 1, fall_back };
	struct job j = { .ps = ps, .t = t, .p = p,
	    .ctx = cx_fmt(&r->cx, "mma.ctx.%s", type) };
	const struct cJSON *answer;
	enum err er;

	if (suggested(r, p, out))
		return E_OK;
	if (r->c.parent != NULL && (er = gen_read(&r->cx, r->c.pass,
	    r->c.parent, &j.parent)) != E_OK)
		return er;
	er = run_step(r, &reader, "0", &j, &answer);
	if (worth_falling_back(er))
		er = run_step(r, &plain, "0", &j, &answer);
	if (er != E_OK)
		return er;
	out->clean = run_text(answer, "/motion_prompt");
	out->final_line = run_text(answer, "/userMessage_final");
	return E_OK;
}
