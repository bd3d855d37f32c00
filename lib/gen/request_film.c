/*
 * orderfilm - a film, as asked for; see order.h
 *
 * The stored request is MINAV3.md 8.3's body with endStillUrl: what Recreate
 * and retry load.  What the model does not take (Kling: a ratio, a frame
 * rate; some: an end still) is dropped and listed, not refused.
 */
#include "config.h"

#include <string.h>

#include "account/ledger.h"
#include "base/buf.h"
#include "base/cx.h"
#include "base/json.h"
#include "config/registry.h"
#include "config/settings.h"
#include "gen/gen.h"
#include "gen/request.h"
#include "gen/statusline.h"
#include "gen/suggestion.h"

#define PROMPT_MAX	2500
#define URL_MAX		2048

/* The fields of a film, before they are written down again. */
struct film {
	const char	*start, *end;	/* stills */
	const char	*style, *prompt, *ratio;
	const char	*feedback;
	const struct cJSON *settings;
	struct suggestion sugg;		/* where the prompt came from */
};

static enum err
take_film(struct cx *cx, const struct cJSON *body, struct film *f)
{
	enum err er;

	if ((er = json_may_str(cx, body, "", "inputStillUrl", 0, URL_MAX,
	    &f->start)) != E_OK)
		return er;
	if (f->start == NULL || *f->start == '\0')
		return err_set(cx, E_NOSTILL, "no inputStillUrl");
	if ((er = request_url(cx, "inputStillUrl", f->start)) != E_OK ||
	    (er = json_may_str(cx, body, "", "endStillUrl", 0, URL_MAX,
	    &f->end)) != E_OK)
		return er;
	if (f->end != NULL && *f->end == '\0')
		f->end = NULL;
	if (f->end != NULL &&
	    (er = request_url(cx, "endStillUrl", f->end)) != E_OK)
		return er;
	if ((er = json_may_str(cx, body, "", "movementStyle", 0, 60,
	    &f->style)) != E_OK ||
	    (er = request_choice(cx, "movement_styles", "movementStyle",
	    &f->style)) != E_OK ||
	    (er = json_may_str(cx, body, "", "motionPrompt", 0, PROMPT_MAX,
	    &f->prompt)) != E_OK ||
	    (er = json_may_str(cx, body, "", "ratio", 0, 16,
	    &f->ratio)) != E_OK)
		return er;
	return json_may_obj(cx, body, "", "settings", &f->settings);
}

/* --- what the model takes */

static void
list_dropped(struct json *js, const struct provider *p, struct film *f)
{
	if (f->ratio != NULL &&
	    json_first(json_get(p->caps, "ratios")) == NULL) {
		json_str(js, NULL, "ratio");
		f->ratio = NULL;
	}
	if (f->end != NULL && json_get(p->caps, "end_image") == NULL) {
		json_str(js, NULL, "endStillUrl");
		f->end = NULL;
	}
}

/* The settings' own list, and ours. */
static enum err
put_ignored(struct cx *cx, const struct provider *p,
    const struct settings *set, struct film *f, const char **out)
{
	struct buf *b = buf_new(cx, 16384);
	const struct cJSON *one;
	struct cJSON *list;
	struct json js;
	enum err er;

	if ((er = json_parse(cx, set->ignored, strlen(set->ignored),
	    &list)) != E_OK)
		return er;
	json_init(&js, b);
	json_list(&js, NULL);
	for (one = json_first(list); one != NULL; one = json_next(one))
		json_str(&js, NULL, json_text(one));
	list_dropped(&js, p, f);
	json_end(&js);
	*out = b->data;
	return E_OK;
}

/*
 * With an end still some models want other settings ("end_image" of the
 * capabilities): those go over what was chosen.
 */
static enum err
put_settings(struct cx *cx, struct json *js, const struct provider *p,
    const struct settings *set, const struct film *f)
{
	const struct cJSON *over = f->end != NULL ? json_get(p->caps,
	    "end_image") : NULL, *one;
	struct cJSON *chosen;
	enum err er;

	if ((er = json_parse(cx, set->resolved, strlen(set->resolved),
	    &chosen)) != E_OK)
		return er;
	json_obj(js, p->family);
	for (one = json_first(chosen); one != NULL; one = json_next(one))
		if (json_is_null(json_get(over, json_key(one))))
			json_tree(js, json_key(one), one);
	for (one = json_first(over); one != NULL; one = json_next(one))
		json_tree(js, json_key(one), one);
	json_end(js);
	return E_OK;
}

/* --- writing it down */

static const char *
put_request(struct cx *cx, const struct film *f, const struct settings *set)
{
	struct buf *b = buf_new(cx, 65536);
	struct json js;

	json_init(&js, b);
	json_obj(&js, NULL);
	json_str(&js, "inputStillUrl", f->start);
	json_str(&js, "endStillUrl", f->end);
	json_str(&js, "movementStyle", f->style);
	json_str(&js, "motionPrompt", f->prompt);
	json_str(&js, "ratio", f->ratio);
	json_raw(&js, "settings", set->asked);
	json_end(&js);
	return json_ok(&js) ? b->data : NULL;
}

static enum err
put_vars(struct cx *cx, const struct film *f, const struct settings *set,
    const struct provider *p, const char *line, const char **out)
{
	struct buf *b = buf_new(cx, 65536);
	struct json js;
	enum err er;

	json_init(&js, b);
	json_obj(&js, NULL);
	json_int(&js, "version", 1);
	json_str(&js, "mode", "video");
	json_obj(&js, "assets");
	json_str(&js, "input_still_url", f->start);
	json_str(&js, "end_still_url", f->end);
	json_end(&js);
	json_obj(&js, "scans");
	json_end(&js);
	json_obj(&js, "history");
	json_bool(&js, "vision_intelligence", true);
	json_int(&js, "like_window", 5);
	json_end(&js);
	json_obj(&js, "inputs");
	json_str(&js, "motion_user_brief", f->prompt);
	json_str(&js, "movement_style", f->style);
	json_end(&js);
	json_obj(&js, "prompts");
	if (f->sugg.step != NULL) {
		json_str(&js, "motion_sugg_prompt", f->prompt);
		json_str(&js, "motion_sugg_line", f->sugg.line);
		json_str(&js, "motion_sugg_step", f->sugg.step);
	}
	json_end(&js);
	json_obj(&js, "feedback");
	json_str(&js, "motion_feedback", f->feedback);
	json_end(&js);
	json_obj(&js, "settings");
	if ((er = put_settings(cx, &js, p, set, f)) != E_OK)
		return er;
	json_end(&js);
	request_put_rest(&js, p, line);
	json_end(&js);
	*out = json_ok(&js) ? b->data : NULL;
	return E_OK;
}

static enum err
write_down(struct cx *cx, const char *pass, struct film *f, struct request *o)
{
	struct ledger_prices price;
	struct settings set;
	struct provider p;
	const char *line;
	enum err er;

	if (f->prompt != NULL && *f->prompt == '\0')
		f->prompt = NULL;
	if ((er = registry_pick(cx, "video", 0, &p)) != E_OK ||
	    (er = registry_settings(cx, &p, f->settings, &set)) != E_OK ||
	    (er = put_ignored(cx, &p, &set, f, &o->ignored)) != E_OK ||
	    (f->ratio != NULL &&
	    (er = registry_ratio(cx, &p, &f->ratio)) != E_OK) ||
	    (er = ledger_prices(cx, &price)) != E_OK ||
	    (er = statusline_pick(cx, "video", "queued", &line)) != E_OK ||
	    (er = suggestion_find(cx, pass, f->prompt, &f->sugg)) != E_OK ||
	    (er = put_vars(cx, f, &set, &p, line, &o->vars)) != E_OK)
		return er;
	o->mode = "video";
	o->event = o->parent != NULL ? "tweak" : "create";
	o->cost = price.video;
	o->request = put_request(cx, f, &set);
	o->provider = p.key;
	if (o->request == NULL || o->vars == NULL)
		return err_say(cx, E_TOOBIG, "The request is too large.");
	return request_sum(cx, o, f->feedback);
}

static enum err
tweaks_are_on(struct cx *cx)
{
	bool on;
	enum err er;

	if ((er = settings_bool(cx, "motion_tweak", false, &on)) != E_OK)
		return er;
	if (!on)
		return err_say(cx, E_CONFLICT, "Films are not tweaked: send "
		    "your feedback, and ask for a new film. Nothing was "
		    "charged.");
	return E_OK;
}

enum err
request_film(struct cx *cx, const char *pass, const struct cJSON *body,
    struct request *o)
{
	const struct cJSON *request = body;
	struct film f = { 0 };
	enum err er;

	if ((er = request_head(cx, body, o)) != E_OK)
		return er;
	if (o->parent != NULL &&
	    ((er = tweaks_are_on(cx)) != E_OK ||
	    (er = request_feedback(cx, body, "video", &f.feedback)) != E_OK ||
	    (er = gen_parent(cx, pass, o->parent, "motion",
	    &request)) != E_OK))
		return er;
	if ((er = take_film(cx, request, &f)) != E_OK)
		return er;
	return write_down(cx, pass, &f, o);
}

enum err
request_film_again(struct cx *cx, const struct gen *g, struct request *o)
{
	struct film f = { 0 };
	struct cJSON *request;
	enum err er;

	memset(o, 0, sizeof *o);
	if (g->request == NULL)
		return err_say(cx, E_CONFLICT, "That creation cannot be "
		    "tried again. Nothing was charged.");
	if ((er = json_parse(cx, g->request, strlen(g->request),
	    &request)) != E_OK || (er = take_film(cx, request, &f)) != E_OK)
		return er;
	o->session = g->session;
	o->parent = g->parent;
	f.feedback = json_text(json_pointer(g->vars,
	    "/feedback/motion_feedback"));
	return write_down(cx, g->pass, &f, o);
}
