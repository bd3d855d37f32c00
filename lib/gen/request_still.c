/*
 * request_still - a request for a still: read, completed and priced
 *
 * The body is MINAV3.md 6.1's; a tweak (7.3) reads its parent's stored request
 * instead and takes only the feedback from the body.
 */
#include "config.h"

#include <string.h>

#include "account/ledger.h"
#include "base/buf.h"
#include "base/cx.h"
#include "base/json.h"
#include "config/registry.h"
#include "gen/gen.h"
#include "gen/request.h"
#include "gen/statusline.h"

#define BRIEF_MAX	4000

/* The members of the body, checked. */
struct still {
	const char	*brief, *style, *ratio;
	const char	*product, *logo;
	const char	*insp[REQUEST_INSPIRATIONS];
	size_t		 ninsp;
	bool		 vision;
	const char	*feedback;
	const struct cJSON *settings;
};

static enum err
read_url(struct cx *cx, const struct cJSON *assets, const char *key,
    const char **out)
{
	enum err er;

	if ((er = json_may_str(cx, assets, "assets", key, 1, REQUEST_URL_MAX,
	    out)) != E_OK || *out == NULL)
		return er;
	return request_url(cx, cx_fmt(cx, "assets.%s", key), *out);
}

static enum err
read_assets(struct cx *cx, const struct cJSON *body, struct still *st)
{
	const struct cJSON *assets = NULL, *list = NULL, *js;
	const char *path;
	enum err er;

	if ((er = json_may_obj(cx, body, "", "assets", &assets)) != E_OK ||
	    (er = read_url(cx, assets, "productImageUrl",
	    &st->product)) != E_OK ||
	    (er = read_url(cx, assets, "logoUrl", &st->logo)) != E_OK ||
	    (er = json_may_list(cx, assets, "assets", "inspirationUrls",
	    REQUEST_INSPIRATIONS, &list)) != E_OK)
		return er;
	for (js = json_first(list); js != NULL; js = json_next(js)) {
		path = cx_fmt(cx, "assets.inspirationUrls.%zu", st->ninsp);
		if (json_text(js) == NULL ||
		    strlen(json_text(js)) > REQUEST_URL_MAX)
			return err_field(cx, path, "must be an https URL");
		if ((er = request_url(cx, path, json_text(js))) != E_OK)
			return er;
		st->insp[st->ninsp++] = json_text(js);
	}
	return E_OK;
}

static coroutine_fn enum err
read_still(struct cx *cx, const struct cJSON *body, struct still *st)
{
	const struct cJSON *ui = NULL;
	enum err er;

	st->vision = true;
	if ((er = json_want_str(cx, body, "", "brief", 1, BRIEF_MAX,
	    &st->brief)) != E_OK ||
	    (er = json_may_str(cx, body, "", "style", 0, 60,
	    &st->style)) != E_OK ||
	    (er = json_may_str(cx, body, "", "ratio", 1, 16,
	    &st->ratio)) != E_OK ||
	    (er = json_may_obj(cx, body, "", "settings",
	    &st->settings)) != E_OK ||
	    (er = json_may_obj(cx, body, "", "ui", &ui)) != E_OK ||
	    (er = json_may_bool(cx, ui, "ui", "visionIntelligence",
	    &st->vision)) != E_OK)
		return er;
	if ((er = request_choice(cx, "styles", "style", &st->style)) != E_OK)
		return er;
	return read_assets(cx, body, st);
}

static void
put_urls(struct json *js, const char *key, const struct still *st)
{
	json_list(js, key);
	for (size_t i = 0; i < st->ninsp; i++)
		json_str(js, NULL, st->insp[i]);
	json_end(js);
}

static const char *
put_request(struct cx *cx, const struct still *st,
    const struct settings *set)
{
	struct buf *b = buf_new(cx, 65536);
	struct json js;

	json_init(&js, b);
	json_obj(&js, NULL);
	json_str(&js, "brief", st->brief);
	json_str(&js, "style", st->style);
	json_str(&js, "ratio", st->ratio);
	json_obj(&js, "assets");
	json_str(&js, "productImageUrl", st->product);
	json_str(&js, "logoUrl", st->logo);
	put_urls(&js, "inspirationUrls", st);
	json_end(&js);
	json_raw(&js, "settings", set->asked);
	json_obj(&js, "ui");
	json_bool(&js, "visionIntelligence", st->vision);
	json_end(&js);
	json_end(&js);
	return json_ok(&js) ? b->data : NULL;
}

static const char *
put_vars(struct cx *cx, const struct still *st, const struct settings *set,
    const struct provider *p, const char *line)
{
	struct buf *b = buf_new(cx, 65536);
	struct json js;

	json_init(&js, b);
	json_obj(&js, NULL);
	json_int(&js, "version", 1);
	json_str(&js, "mode", "still");
	json_obj(&js, "assets");
	json_str(&js, "product_image_url", st->product);
	json_str(&js, "logo_image_url", st->logo);
	put_urls(&js, "inspiration_image_urls", st);
	json_end(&js);
	json_obj(&js, "scans");
	json_end(&js);
	json_obj(&js, "history");
	json_bool(&js, "vision_intelligence", st->vision);
	json_int(&js, "like_window", st->vision ? 5 : 20);
	json_end(&js);
	json_obj(&js, "inputs");
	json_str(&js, "userBrief", st->brief);
	json_str(&js, "style", st->style);
	json_end(&js);
	json_obj(&js, "prompts");
	json_end(&js);
	json_obj(&js, "feedback");
	json_str(&js, "still_feedback", st->feedback);
	json_end(&js);
	json_obj(&js, "settings");
	json_raw(&js, p->family, set->resolved);
	json_end(&js);
	request_put_rest(&js, p, line);
	json_end(&js);
	return json_ok(&js) ? b->data : NULL;
}

/* Chooses the provider, its settings and the price, and fills *out. */
static coroutine_fn enum err
complete(struct cx *cx, struct still *st, struct request *out)
{
	struct ledger_prices price;
	struct settings set;
	struct provider p;
	const char *line;
	enum err er;

	if ((er = registry_pick(cx, "still", 0, &p)) != E_OK ||
	    (er = registry_ratio(cx, &p, &st->ratio)) != E_OK ||
	    (er = registry_settings(cx, &p, st->settings, &set)) != E_OK ||
	    (er = ledger_prices(cx, &price)) != E_OK ||
	    (er = statusline_pick(cx, "still", "queued", &line)) != E_OK)
		return er;
	out->mode = "still";
	out->cost = out->parent != NULL ? price.tweak : price.still;
	out->request = put_request(cx, st, &set);
	out->vars = put_vars(cx, st, &set, &p, line);
	out->ignored = set.ignored;
	out->provider = p.key;
	out->fetches = request_fetches(st->product) +
	    request_fetches(st->logo);
	for (size_t i = 0; i < st->ninsp; i++)
		out->fetches += request_fetches(st->insp[i]);
	return request_finish(cx, out, st->feedback);
}

coroutine_fn enum err
request_still(struct cx *cx, const char *pass, const struct cJSON *body,
    struct request *out)
{
	const struct cJSON *source = body;
	struct still st = { 0 };
	enum err er;

	if ((er = request_head(cx, body, out)) != E_OK)
		return er;
	if (out->parent != NULL &&
	    ((er = request_feedback(cx, body, "still",
	    &st.feedback)) != E_OK ||
	    (er = gen_parent(cx, pass, out->parent, "image",
	    &source)) != E_OK))
		return er;
	if ((er = read_still(cx, source, &st)) != E_OK)
		return er;
	return complete(cx, &st, out);
}

coroutine_fn enum err
request_still_again(struct cx *cx, const struct gen *g, struct request *out)
{
	const struct cJSON *body;
	struct still st = { 0 };
	enum err er;

	if ((er = request_stored(cx, g, out, &body)) != E_OK ||
	    (er = read_still(cx, body, &st)) != E_OK)
		return er;
	st.feedback = json_text(json_pointer(g->vars,
	    "/feedback/still_feedback"));
	return complete(cx, &st, out);
}
