/*
 * order - see order.h
 */
#include "config.h"

#include <string.h>

#include "account/ledger.h"
#include "base/buf.h"
#include "base/crypto.h"
#include "base/cx.h"
#include "base/json.h"
#include "base/str.h"
#include "base/url.h"
#include "config/registry.h"
#include "config/settings.h"
#include "gen/gen.h"
#include "gen/request.h"
#include "gen/statusline.h"
#include "io/s3.h"

#define BRIEF_MAX	4000
#define FEEDBACK_MAX	2000
#define URL_MAX		2048

/* The fields of a still, before they are written down again. */
struct still {
	const char	*brief, *style, *ratio;
	const char	*product, *logo;
	const char	*insp[REQUEST_INSPIRATIONS];
	size_t		 ninsp;
	bool		 vision;
	const char	*feedback;
	const struct cJSON *settings;
};

enum err
request_session(struct cx *cx, const char *s, const char **out)
{
	if (s == NULL)
		return E_OK;
	if (str_is_uuid(s))
		*out = cx_fmt(cx, "sess_%s", s);
	else if (str_starts(s, "sess_") && str_is_uuid(s + 5))
		*out = s;
	else
		return err_field(cx, "sessionId", "must be sess_<uuid>");
	return E_OK;
}

enum err
request_url(struct cx *cx, const char *path, const char *s)
{
	struct url u;

	if (strlen(s) > URL_MAX)
		return err_field(cx, path, "must be shorter");
	if (!url_parse(cx, s, &u) || strcmp(u.scheme, "https") != 0)
		return err_field(cx, path, "must be an https URL");
	if (u.userinfo)
		return err_field(cx, path, "must not name a user");
	return E_OK;
}

static enum err
take_url(struct cx *cx, const struct cJSON *assets, const char *key,
    const char **out)
{
	enum err er;

	if ((er = json_may_str(cx, assets, "assets", key, 1, URL_MAX,
	    out)) != E_OK || *out == NULL)
		return er;
	return request_url(cx, cx_fmt(cx, "assets.%s", key), *out);
}

static enum err
take_assets(struct cx *cx, const struct cJSON *body, struct still *st)
{
	const struct cJSON *assets = NULL, *list = NULL, *js;
	const char *path;
	enum err er;

	if ((er = json_may_obj(cx, body, "", "assets", &assets)) != E_OK ||
	    (er = take_url(cx, assets, "productImageUrl",
	    &st->product)) != E_OK ||
	    (er = take_url(cx, assets, "logoUrl", &st->logo)) != E_OK ||
	    (er = json_may_list(cx, assets, "assets", "inspirationUrls",
	    REQUEST_INSPIRATIONS, &list)) != E_OK)
		return er;
	for (js = json_first(list); js != NULL; js = json_next(js)) {
		path = cx_fmt(cx, "assets.inspirationUrls.%zu", st->ninsp);
		if (json_text(js) == NULL ||
		    strlen(json_text(js)) > URL_MAX)
			return err_field(cx, path, "must be an https URL");
		if ((er = request_url(cx, path, json_text(js))) != E_OK)
			return er;
		st->insp[st->ninsp++] = json_text(js);
	}
	return E_OK;
}

enum err
request_choice(struct cx *cx, const char *list, const char *path,
    const char **id)
{
	struct buf *b = buf_new(cx, 1024);
	struct app_setting cat;
	const struct cJSON *js;
	const char *one;
	enum err er;

	if (*id == NULL || **id == '\0' || str_ieq(*id, "none")) {
		*id = "none";
		return E_OK;
	}
	if ((er = settings_app(cx, "mma.catalog", &cat)) != E_OK)
		return er;
	for (js = json_first(json_get(cat.value, list)); js != NULL;
	    js = json_next(js)) {
		one = json_text(json_get(js, "id"));
		if (str_eq(one, *id))
			return E_OK;
		buf_fmt(b, "%s%s", b->len > 0 ? ", " : "", one);
	}
	return err_field(cx, path, "must be one of %s", b->data);
}

static enum err
take_still(struct cx *cx, const struct cJSON *body, struct still *st)
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
	return take_assets(cx, body, st);
}

enum err
request_feedback(struct cx *cx, const struct cJSON *body, const char *mode,
    const char **text)
{
	const struct cJSON *fb = NULL;
	const char *asked = mode;
	enum err er;

	if ((er = json_may_obj(cx, body, "", "feedback", &fb)) != E_OK)
		return er;
	if (fb == NULL)
		return err_field(cx, "feedback.text", "is required");
	if ((er = json_want_str(cx, fb, "feedback", "text", 1, FEEDBACK_MAX,
	    text)) != E_OK ||
	    (er = json_may_str(cx, fb, "feedback", "mode", 1, 16,
	    &asked)) != E_OK)
		return er;
	if (strcmp(asked, mode) != 0)
		return err_field(cx, "feedback.mode", "must be \"%s\"", mode);
	return E_OK;
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

void
request_put_rest(struct json *js, const struct provider *p, const char *line)
{
	json_obj(js, "userMessages");
	json_list(js, "scan_lines");
	if (line != NULL)
		json_str(js, NULL, line);
	json_end(js);
	json_end(js);
	json_obj(js, "outputs");
	json_end(js);
	json_obj(js, "meta");
	json_str(js, "provider", p->key);
	json_obj(js, "settings_versions");
	json_str(js, "defaults", p->defaults_id);
	json_int(js, "registry", p->version);
	json_end(js);
	json_end(js);
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

enum err
request_sum(struct cx *cx, struct request *o, const char *feedback)
{
	char *hex = cx_alloc(cx, SHA256_HEX);
	const char *all = cx_fmt(cx, "%s\n%s\n%s", o->request,
	    o->parent != NULL ? o->parent : "",
	    feedback != NULL ? feedback : "");

	if (hex == NULL || all == NULL)
		return err_set(cx, E_NOMEM, "request");
	crypto_sha256_hex(all, strlen(all), hex);
	o->request_sha = hex;
	return E_OK;
}

static enum err
write_down(struct cx *cx, struct still *st, struct request *o)
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
	o->mode = "still";
	o->event = o->parent != NULL ? "tweak" : "create";
	o->cost = o->parent != NULL ? price.tweak : price.still;
	o->request = put_request(cx, st, &set);
	o->vars = put_vars(cx, st, &set, &p, line);
	o->ignored = set.ignored;
	o->provider = p.key;
	if (o->request == NULL || o->vars == NULL)
		return err_say(cx, E_TOOBIG, "The request is too large.");
	return request_sum(cx, o, st->feedback);
}

enum err
request_head(struct cx *cx, const struct cJSON *body, struct request *o)
{
	const char *session = NULL;
	enum err er;

	memset(o, 0, sizeof *o);
	if ((er = json_may_str(cx, body, "", "sessionId", 1, 64,
	    &session)) != E_OK ||
	    (er = request_session(cx, session, &o->session)) != E_OK)
		return er;
	return json_may_str(cx, body, "", "parentGenerationId", 1, 80,
	    &o->parent);
}

enum err
request_still(struct cx *cx, const char *pass, const struct cJSON *body,
    struct request *o)
{
	const struct cJSON *request;
	struct still st = { 0 };
	enum err er;

	if ((er = request_head(cx, body, o)) != E_OK)
		return er;
	if (o->parent == NULL) {
		if ((er = take_still(cx, body, &st)) != E_OK)
			return er;
		return write_down(cx, &st, o);
	}
	if ((er = request_feedback(cx, body, "still", &st.feedback)) != E_OK ||
	    (er = gen_parent(cx, pass, o->parent, "image",
	    &request)) != E_OK ||
	    (er = take_still(cx, request, &st)) != E_OK)
		return er;
	return write_down(cx, &st, o);
}

enum err
request_again(struct cx *cx, const struct gen *g, struct request *o)
{
	struct still st = { 0 };
	struct cJSON *request;
	enum err er;

	if (str_eq(g->type, "motion"))
		return request_film_again(cx, g, o);
	memset(o, 0, sizeof *o);
	if (g->request == NULL)
		return err_say(cx, E_CONFLICT, "That creation cannot be "
		    "tried again. Nothing was charged.");
	if ((er = json_parse(cx, g->request, strlen(g->request),
	    &request)) != E_OK || (er = take_still(cx, request, &st)) != E_OK)
		return er;
	o->session = g->session;
	o->parent = g->parent;
	st.feedback = json_text(json_pointer(g->vars,
	    "/feedback/still_feedback"));
	return write_down(cx, &st, o);
}
