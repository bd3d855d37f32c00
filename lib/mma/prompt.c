/*
 * prompt - from what is wanted to what the model is told
 *
 * A model that will not give a usable answer must not cost anybody their
 * picture: then the brief itself, with the style's phrase, is the prompt,
 * and the step says so (`fallback').
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
#define FALLBACK_LINE	"Here is your still, made straight from your words."

struct job {
	const struct pictures	*ps;
	const struct taste	*t;
	const struct provider	*p;
	const char		*data;
	const char		*image;		/* the parent's output */
	struct gen		 parent;
};

static void
put_pictures(struct cx *cx, struct json *js, const struct pictures *ps)
{
	json_list(js, "images");
	for (size_t i = 0; i < ps->n; i++)
		json_str(js, NULL, cx_fmt(cx, "Image %zu is %s %s", i + 1,
		    strcmp(ps->pic[i].role, "inspiration") == 0 ? "an" :
		    "the", ps->pic[i].role));
	json_end(js);
	json_obj(js, "captions");
	for (size_t i = 0; i < ps->n; i++)
		if (strcmp(ps->pic[i].role, "inspiration") != 0)
			json_str(js, ps->pic[i].role, ps->pic[i].crt);
	json_list(js, "inspirations");
	for (size_t i = 0; i < ps->n; i++)
		if (strcmp(ps->pic[i].role, "inspiration") == 0)
			json_str(js, NULL, ps->pic[i].crt);
	json_end(js);
	json_end(js);
}

static enum err
put_data(struct cx *cx, struct run *r, struct job *j)
{
	struct buf *b = buf_new(cx, 128 << 10);
	const char *phrase;
	struct json js;
	enum err er;

	if ((er = catalog_phrase(cx, "styles", run_text(r->request,
	    "/style"), &phrase)) != E_OK)
		return er;
	json_init(&js, b);
	json_obj(&js, NULL);
	json_str(&js, "brief", run_text(r->request, "/brief"));
	json_str(&js, "style", phrase);
	json_str(&js, "ratio", run_text(r->request, "/ratio"));
	put_pictures(cx, &js, j->ps);
	json_obj(&js, "taste");
	json_str(&js, "style_history_csv", j->t->csv);
	json_raw(&js, "liked_prompts", j->t->liked);
	json_end(&js);
	json_raw(&js, "hard_blocks", j->t->blocks);
	if (r->c.parent != NULL) {
		json_str(&js, "previous_prompt", j->parent.prompt);
		json_str(&js, "previous_caption", run_text(j->parent.vars,
		    "/scans/output_still_crt"));
		json_str(&js, "feedback", run_text(r->vars,
		    "/feedback/still_feedback"));
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
	int64_t max = json_int_or(json_get(p->caps, "prompt_max"), 4000);

	return cx_dupn(cx, s, str_utf8_cut(s, (size_t)max));
}

static enum err
ask(struct cx *cx, struct run *r, struct io *io, void *arg)
{
	struct job *j = arg;
	struct gpt_ask a = { .ctx = r->c.parent != NULL ?
	    "mma.ctx.gpt_feedback_still" : "mma.ctx.gpt_reader" };
	const struct cJSON *answer;
	enum err er;

	if ((er = put_data(cx, r, j)) != E_OK)
		return er;
	a.data = j->data;
	json_str(&io->in, "input_gpt_reader", j->data);
	json_raw(&io->in, "parts", j->data);
	if (j->image != NULL)
		a.image[a.nimage++] = j->image;
	if ((er = gpt_ask(cx, io, &a, &answer)) != E_OK)
		return er;
	json_str(&io->out, "clean_prompt", cut(cx, run_text(answer,
	    "/clean_prompt"), j->p));
	json_str(&io->out, "userMessage_final", run_text(answer,
	    "/userMessage_final"));
	return E_OK;
}

/* The same step, answered without the model. */
static enum err
fall_back(struct cx *cx, struct run *r, struct io *io, void *arg)
{
	struct job *j = arg;
	const char *brief = run_text(r->request, "/brief"), *phrase;
	const char *fb = run_text(r->vars, "/feedback/still_feedback");
	struct app_setting ctx;
	enum err er;

	if ((er = settings_app(cx, r->c.parent != NULL ?
	    "mma.ctx.gpt_feedback_still" : "mma.ctx.gpt_reader",
	    &ctx)) != E_OK || (er = put_data(cx, r, j)) != E_OK)
		return er;
	gpt_context(io, &ctx);
	json_str(&io->in, "input_gpt_reader", j->data);
	json_raw(&io->in, "parts", j->data);
	json_bool(&io->in, "fallback", true);
	if ((er = catalog_phrase(cx, "styles", run_text(r->request,
	    "/style"), &phrase)) != E_OK)
		return er;
	if (r->c.parent != NULL && j->parent.prompt != NULL)
		brief = j->parent.prompt;
	json_str(&io->out, "clean_prompt", cut(cx, cx_fmt(cx, "%s%s%s%s%s%s",
	    taste_blocks(cx, j->t), brief, phrase != NULL ? " " : "",
	    phrase != NULL ? phrase : "", fb != NULL ? " " : "",
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

enum err
mma_prompt(struct run *r, const struct provider *p,
    const struct pictures *ps, const struct taste *t, struct prompt *out)
{
	const char *type = r->c.parent != NULL ? "gpt_feedback_still" :
	    "gpt_reader";
	struct step reader = { type, GPT_TRIES, ask };
	struct step plain = { type, 1, fall_back };
	struct job j = { .ps = ps, .t = t, .p = p };
	const struct cJSON *answer;
	enum err er;

	if (r->c.parent != NULL) {
		if ((er = gen_read(&r->cx, r->c.pass, r->c.parent,
		    &j.parent)) != E_OK)
			return er;
		j.image = j.parent.output_url;
	}
	er = run_step(r, &reader, "0", &j, &answer);
	if (worth_falling_back(er))
		er = run_step(r, &plain, "0", &j, &answer);
	if (er != E_OK)
		return er;
	out->clean = run_text(answer, "/clean_prompt");
	out->final_line = run_text(answer, "/userMessage_final");
	return E_OK;
}
