/*
 * prompt - writes the prompt for the model that makes the still or the film
 *
 * The reader (reader.h) writes it from the customer's text, the captions of
 * the pictures, the style and the taste; for a tweak also from the parent's
 * prompt and the feedback.  A suggested motion prompt that the customer left
 * unchanged was written for the model already and is used as it is.
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
#define SUGGESTED_LINE	"Here is your film, moving as you chose."

/* What the prompt is written from. */
struct source {
	struct run	*r;
	const struct provider *p;
	const struct pictures *ps;
	const struct taste *taste;
	const char	*phrase;	/* of the style, or NULL */
	const struct gen *parent;	/* that is tweaked, or NULL */
};

/* How stills and films differ. */
struct kind {
	const char	*type, *tweak_type;	/* of the step */
	const char	*member;		/* of the reader's answer */
	int64_t		 max;			/* bytes, by default */
	const char	*styles;		/* list of mma.catalog */
	/* JSON pointers: into the request, then into mg_mma_vars. */
	const char	*text, *style;
	const char	*feedback, *caption;
	bool		 liked;		/* tell the reader liked prompts */
	/* Without the reader: for a request without words, and what to say. */
	const char	*plain, *plain_line;
	/* Opens the reader's data, and chooses the pictures it sees. */
	void		(*open)(struct cx *, const struct source *,
			    struct json *, struct reader *);
};

/* --- stills */

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

static void
open_still(struct cx *cx, const struct source *s, struct json *js,
    struct reader *rd)
{
	if (s->parent != NULL)
		rd->image[0] = s->parent->output_url;
	json_str(js, "brief", run_text(s->r->request, "/brief"));
	json_str(js, "style", s->phrase);
	json_str(js, "ratio", run_text(s->r->request, "/ratio"));
	put_pictures(cx, js, s->ps);
}

static const struct kind still = {
	.type = "gpt_reader", .tweak_type = "gpt_feedback_still",
	.member = "clean_prompt", .max = 4000, .styles = "styles",
	.text = "/brief", .style = "/style",
	.feedback = "/feedback/still_feedback",
	.caption = "/scans/output_still_crt", .liked = true,
	.plain_line = "Here is your still, made straight from your words.",
	.open = open_still,
};

/* --- films */

static const struct picture *
picture(const struct pictures *ps, const char *role)
{
	for (size_t i = 0; i < ps->n; i++)
		if (str_eq(ps->pic[i].role, role))
			return &ps->pic[i];
	return NULL;
}

static void
open_film(struct cx *cx, const struct source *s, struct json *js,
    struct reader *rd)
{
	const struct picture *start = picture(s->ps, "input_still");
	const struct picture *end = picture(s->ps, "end_still");

	(void)cx;
	rd->image[0] = start != NULL ? start->url : NULL;
	rd->image[1] = end != NULL ? end->url : NULL;
	json_str(js, "motion_text", run_text(s->r->request, "/motionPrompt"));
	json_str(js, "movement_style", s->phrase);
	json_str(js, "still_caption", start != NULL ? start->crt : NULL);
	if (end != NULL)
		json_str(js, "end_still_caption", end->crt);
	json_tree(js, "settings", json_get(json_get(s->r->vars, "settings"),
	    s->p->family));
}

static const struct kind film = {
	.type = "gpt_reader_motion", .tweak_type = "gpt_feedback_motion",
	.member = "motion_prompt", .max = 2500, .styles = "movement_styles",
	.text = "/motionPrompt", .style = "/movementStyle",
	.feedback = "/feedback/motion_feedback",
	.caption = "/scans/output_video_crt",
	.plain = "A slow, smooth camera move with a gentle start and stop. "
	    "The product keeps its shape, its label stays sharp, the light "
	    "stays steady.",
	.plain_line = "Here is your film, made straight from your words.",
	.open = open_film,
};

/* --- for both */

static enum err
put_data(struct cx *cx, const struct kind *k, const struct source *s,
    struct reader *rd)
{
	struct buf *b = buf_new(cx, 128 << 10);
	struct json js;

	json_init(&js, b);
	json_obj(&js, NULL);
	k->open(cx, s, &js, rd);
	json_obj(&js, "taste");
	json_str(&js, "style_history_csv", s->taste->csv);
	if (k->liked)
		json_raw(&js, "liked_prompts", s->taste->liked);
	json_end(&js);
	json_raw(&js, "hard_blocks", s->taste->blocks);
	if (s->parent != NULL) {
		json_str(&js, "previous_prompt", s->parent->prompt);
		json_str(&js, "previous_caption", run_text(s->parent->vars,
		    k->caption));
		json_str(&js, "feedback", run_text(s->r->vars, k->feedback));
	}
	json_end(&js);
	if (!json_ok(&js))
		return err_set(cx, E_REJECTED, "the reader's input is too "
		    "large");
	rd->data = b->data;
	return E_OK;
}

/* The prompt without the reader: blocks, words, style, feedback. */
static const char *
plain(struct cx *cx, const struct kind *k, const struct source *s)
{
	const char *feedback = run_text(s->r->vars, k->feedback);
	const char *words = run_text(s->r->request, k->text);

	if (s->parent != NULL && s->parent->prompt != NULL)
		words = s->parent->prompt;
	if (words == NULL && s->phrase == NULL)
		words = k->plain;
	return cx_fmt(cx, "%s%s%s%s%s%s", taste_blocks(cx, s->taste),
	    words != NULL ? words : "",
	    words != NULL && s->phrase != NULL ? " " : "",
	    s->phrase != NULL ? s->phrase : "",
	    feedback != NULL ? " " : "", feedback != NULL ? feedback : "");
}

static coroutine_fn enum err
prepare(struct cx *cx, const struct kind *k, struct source *s,
    struct reader *rd)
{
	struct run *r = s->r;
	struct gen *parent;
	enum err er;

	if (r->c.parent != NULL) {
		XXXAN(parent = cx_alloc(cx, sizeof *parent));
		if ((er = gen_read(cx, r->c.pass, r->c.parent,
		    parent)) != E_OK)
			return er;
		s->parent = parent;
	}
	if ((er = catalog_phrase(cx, k->styles, run_text(r->request,
	    k->style), &s->phrase)) != E_OK)
		return er;
	rd->plain = plain(cx, k, s);
	return put_data(cx, k, s, rd);
}

static coroutine_fn enum err
write_prompt(const struct kind *k, struct source *s, struct prompt *out)
{
	struct run *r = s->r;
	struct reader rd = { .type = r->c.parent != NULL ? k->tweak_type :
	    k->type, .member = k->member, .plain_line = k->plain_line,
	    .max = json_int_or(json_get(s->p->caps, "prompt_max"), k->max) };
	struct cx tmp = cx_fork(&r->cx, DATA_CAP);
	enum err er;

	if ((er = prepare(&tmp, k, s, &rd)) == E_OK)
		er = reader_ask(r, &rd, out);
	else
		r->cx.err = tmp.err;
	cx_release(&tmp);
	return er;
}

coroutine_fn enum err
mma_prompt(struct run *r, const struct provider *p,
    const struct pictures *ps, const struct taste *t, struct prompt *out)
{
	struct source s = { .r = r, .p = p, .ps = ps, .taste = t };

	return write_prompt(&still, &s, out);
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

coroutine_fn enum err
mma_film_prompt(struct run *r, const struct provider *p,
    const struct pictures *ps, const struct taste *t, struct prompt *out)
{
	struct source s = { .r = r, .p = p, .ps = ps, .taste = t };

	if (suggested(r, json_int_or(json_get(p->caps, "prompt_max"),
	    film.max), out))
		return E_OK;
	return write_prompt(&film, &s, out);
}
