/*
 * request_film - a request for a film: read, completed and priced
 *
 * The body is MINAV3.md 8.3's with endStillUrl, and is stored as it is, for
 * Recreate and retry.  Members the model does not take (Kling: a ratio, a
 * frame rate; some: an end still) are dropped and listed, not refused.
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

/* The members of the body, checked. */
struct film {
	const char	*start, *end;	/* stills' URLs; end may be NULL */
	const char	*style, *prompt, *ratio;
	const char	*feedback;
	const struct cJSON *settings;
	struct suggestion sugg;		/* that the prompt is, if it is one */
};

static coroutine_fn enum err
read_film(struct cx *cx, const struct cJSON *body, struct film *f)
{
	enum err er;

	if ((er = json_may_str(cx, body, "", "inputStillUrl", 0,
	    REQUEST_URL_MAX, &f->start)) != E_OK)
		return er;
	if (f->start == NULL || *f->start == '\0')
		return err_set(cx, E_NOSTILL, "no inputStillUrl");
	if ((er = request_url(cx, "inputStillUrl", f->start)) != E_OK ||
	    (er = json_may_str(cx, body, "", "endStillUrl", 0,
	    REQUEST_URL_MAX, &f->end)) != E_OK)
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

/* Drops and lists what this model does not take. */
static void
drop_unsupported(struct json *js, const struct provider *p, struct film *f)
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

/* Settings that were dropped, and members. */
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
	drop_unsupported(&js, p, f);
	json_end(&js);
	*out = b->data;
	return E_OK;
}

enum err
request_film_settings(struct cx *cx, struct json *js, const char *key,
    const struct provider *p, const char *resolved, bool end_still)
{
	const struct cJSON *over = end_still ? json_get(p->caps,
	    "end_image") : NULL, *one;
	struct cJSON *chosen;
	enum err er;

	if ((er = json_parse(cx, resolved, strlen(resolved),
	    &chosen)) != E_OK)
		return er;
	json_obj(js, key);
	for (one = json_first(chosen); one != NULL; one = json_next(one))
		if (json_get(over, json_key(one)) == NULL)
			json_tree(js, json_key(one), one);
	for (one = json_first(over); one != NULL; one = json_next(one))
		json_tree(js, json_key(one), one);
	json_end(js);
	return E_OK;
}

/* --- what is stored */

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
	if ((er = request_film_settings(cx, &js, p->family, p, set->resolved,
	    f->end != NULL)) != E_OK)
		return er;
	json_end(&js);
	request_put_rest(&js, p, line);
	json_end(&js);
	*out = json_ok(&js) ? b->data : NULL;
	return E_OK;
}

/* Chooses the provider, its settings and the price, and fills *out. */
static coroutine_fn enum err
complete(struct cx *cx, const char *pass, struct film *f, struct request *out)
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
	    (er = put_ignored(cx, &p, &set, f, &out->ignored)) != E_OK ||
	    (f->ratio != NULL &&
	    (er = registry_ratio(cx, &p, &f->ratio)) != E_OK) ||
	    (er = ledger_prices(cx, &price)) != E_OK ||
	    (er = statusline_pick(cx, "video", "queued", &line)) != E_OK ||
	    (er = suggestion_find(cx, pass, f->prompt, &f->sugg)) != E_OK ||
	    (er = put_vars(cx, f, &set, &p, line, &out->vars)) != E_OK)
		return er;
	out->mode = "video";
	out->cost = price.video;
	out->request = put_request(cx, f, &set);
	out->provider = p.key;
	out->fetches = request_fetches(f->start) + request_fetches(f->end);
	return request_finish(cx, out, f->feedback);
}

static coroutine_fn enum err
check_tweaks_enabled(struct cx *cx)
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

coroutine_fn enum err
request_film(struct cx *cx, const char *pass, const struct cJSON *body,
    struct request *out)
{
	const struct cJSON *source = body;
	struct film f = { 0 };
	enum err er;

	if ((er = request_head(cx, body, out)) != E_OK)
		return er;
	if (out->parent != NULL &&
	    ((er = check_tweaks_enabled(cx)) != E_OK ||
	    (er = request_feedback(cx, body, "video", &f.feedback)) != E_OK ||
	    (er = gen_parent(cx, pass, out->parent, "motion",
	    &source)) != E_OK))
		return er;
	if ((er = read_film(cx, source, &f)) != E_OK)
		return er;
	return complete(cx, pass, &f, out);
}

coroutine_fn enum err
request_film_again(struct cx *cx, const struct gen *g, struct request *out)
{
	const struct cJSON *body;
	struct film f = { 0 };
	enum err er;

	if ((er = request_stored(cx, g, out, &body)) != E_OK ||
	    (er = read_film(cx, body, &f)) != E_OK)
		return er;
	f.feedback = json_text(json_pointer(g->vars,
	    "/feedback/motion_feedback"));
	return complete(cx, g->pass, &f, out);
}
