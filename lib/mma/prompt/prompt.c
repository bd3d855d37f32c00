/*
 * prompt - from what is wanted to what the image model is told
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
#define FALLBACK_LINE	"Here is your still, made straight from your words."

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
put_data(struct cx *cx, struct run *r, const struct pictures *ps,
    const struct taste *t, const char *phrase, const struct gen *parent,
    const char **out)
{
	struct buf *b = buf_new(cx, 128 << 10);
	struct json js;

	json_init(&js, b);
	json_obj(&js, NULL);
	json_str(&js, "brief", run_text(r->request, "/brief"));
	json_str(&js, "style", phrase);
	json_str(&js, "ratio", run_text(r->request, "/ratio"));
	put_pictures(cx, &js, ps);
	json_obj(&js, "taste");
	json_str(&js, "style_history_csv", t->csv);
	json_raw(&js, "liked_prompts", t->liked);
	json_end(&js);
	json_raw(&js, "hard_blocks", t->blocks);
	if (parent != NULL) {
		json_str(&js, "previous_prompt", parent->prompt);
		json_str(&js, "previous_caption", run_text(parent->vars,
		    "/scans/output_still_crt"));
		json_str(&js, "feedback", run_text(r->vars,
		    "/feedback/still_feedback"));
	}
	json_end(&js);
	if (!json_ok(&js))
		return err_set(cx, E_REJECTED, "the reader's input is too "
		    "large");
	*out = b->data;
	return E_OK;
}

/* The blocks, the words, the style, what is to change. */
static const char *
plain(struct cx *cx, struct run *r, const struct taste *t,
    const char *phrase, const struct gen *parent)
{
	const char *fb = run_text(r->vars, "/feedback/still_feedback");
	const char *words = run_text(r->request, "/brief");

	if (parent != NULL && parent->prompt != NULL)
		words = parent->prompt;
	return cx_fmt(cx, "%s%s%s%s%s%s", taste_blocks(cx, t), words,
	    phrase != NULL ? " " : "", phrase != NULL ? phrase : "",
	    fb != NULL ? " " : "", fb != NULL ? fb : "");
}

static enum err
prepare(struct cx *cx, struct run *r, const struct pictures *ps,
    const struct taste *t, struct reader *rd)
{
	struct gen parent, *tweaked = NULL;
	const char *phrase;
	enum err er;

	if (r->c.parent != NULL) {
		if ((er = gen_read(cx, r->c.pass, r->c.parent,
		    &parent)) != E_OK)
			return er;
		tweaked = &parent;
		rd->image[0] = parent.output_url;
	}
	if ((er = catalog_phrase(cx, "styles", run_text(r->request,
	    "/style"), &phrase)) != E_OK)
		return er;
	rd->plain = plain(cx, r, t, phrase, tweaked);
	return put_data(cx, r, ps, t, phrase, tweaked, &rd->data);
}

enum err
mma_prompt(struct run *r, const struct provider *p,
    const struct pictures *ps, const struct taste *t, struct prompt *out)
{
	struct reader rd = { .type = r->c.parent != NULL ?
	    "gpt_feedback_still" : "gpt_reader", .member = "clean_prompt",
	    .plain_line = FALLBACK_LINE,
	    .max = json_int_or(json_get(p->caps, "prompt_max"), 4000) };
	struct cx tmp = cx_fork(&r->cx, DATA_CAP);
	enum err er;

	if ((er = prepare(&tmp, r, ps, t, &rd)) == E_OK)
		er = reader_ask(r, &rd, out);
	else
		r->cx.err = tmp.err;
	cx_release(&tmp);
	return er;
}
