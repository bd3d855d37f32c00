/*
 * capabilities - the public description of models, settings, limits, prices
 *
 * The studio builds its forms from it.  URLs, names of secrets and the
 * providers' own parameter names are not part of it.
 */
#include "config.h"
#include "mina.h"

#define PROVIDERS	16

/* Leaves the member out when there is no value. */
static void
put(struct json *js, const char *key, const struct cJSON *v)
{
	if (!json_is_null(v))
		json_tree(js, key, v);
}

static coroutine_fn enum err
put_settings(struct cx *cx, struct json *js, const struct provider *p)
{
	static const char *const shown[] = { "type", "values", "min", "max" };
	const struct cJSON *cap, *def;
	struct app_setting defaults = { 0 };
	enum err er;

	er = settings_app(cx, cx_fmt(cx, "mma.provider.%s.defaults",
	    p->family), &defaults);
	if (er != E_OK && er != E_NOTFOUND)
		return er;
	json_obj(js, "settings");
	for (cap = json_first(json_get(p->caps, "settings")); cap != NULL;
	    cap = json_next(cap)) {
		json_obj(js, json_key(cap));
		for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
			put(js, shown[i], json_get(cap, shown[i]));
		def = json_get(defaults.value, json_key(cap));
		put(js, "default", def != NULL ? def : json_get(cap,
		    "default"));
		json_end(js);
	}
	json_end(js);
	return E_OK;
}

static void
put_images(struct json *js, const struct cJSON *lim)
{
	static const char *const names[][2] = { { "max", "max" },
	    { "types", "types" }, { "max_bytes", "maxBytes" },
	    { "max_side", "maxSide" }, { "min_side", "minSide" },
	    { "max_pixels", "maxPixels" }, { "max_aspect", "maxAspect" } };

	json_obj(js, "images");
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		put(js, names[i][1], json_get(lim, names[i][0]));
	json_end(js);
}

static coroutine_fn enum err
put_provider(struct cx *cx, struct json *js, const struct provider *p)
{
	enum err er;

	json_obj(js, NULL);
	json_str(js, "key", p->key);
	json_str(js, "provider", p->family);
	json_str(js, "model", p->model);
	put(js, "ratios", json_get(p->caps, "ratios"));
	put(js, "promptMax", json_get(p->caps, "prompt_max"));
	json_bool(js, "endImage", json_get(p->caps, "end_image") != NULL);
	put_images(js, json_get(p->caps, "images"));
	er = put_settings(cx, js, p);
	json_end(js);
	return er;
}

/* The first is the default, the others are its fallbacks. */
static coroutine_fn enum err
put_providers(struct cx *cx, struct json *js, const char *mode)
{
	struct provider p;
	enum err er = E_OK;

	json_list(js, "providers");
	for (size_t n = 0; n < PROVIDERS && (er = registry_pick(cx, mode, n,
	    &p)) == E_OK; n++)
		if ((er = put_provider(cx, js, &p)) != E_OK)
			return er;
	json_end(js);
	return er == E_NOTFOUND ? E_OK : er;
}

/* Without "phrase", which is part of the language model's prompt. */
static coroutine_fn enum err
put_choices(struct cx *cx, struct json *js, const char *key,
    const char *list)
{
	const struct cJSON *one;
	struct app_setting cat;
	enum err er;

	if ((er = settings_app(cx, "mma.catalog", &cat)) != E_OK)
		return er;
	json_list(js, key);
	for (one = json_first(json_get(cat.value, list)); one != NULL;
	    one = json_next(one)) {
		json_obj(js, NULL);
		put(js, "id", json_get(one, "id"));
		put(js, "label", json_get(one, "label"));
		json_end(js);
	}
	json_end(js);
	return E_OK;
}

/* Of the first provider for stills, with labels from the catalog. */
static coroutine_fn enum err
put_ratios(struct cx *cx, struct json *js)
{
	const struct cJSON *able, *one;
	struct app_setting cat;
	struct provider p;
	enum err er;

	if ((er = settings_app(cx, "mma.catalog", &cat)) != E_OK)
		return er;
	json_list(js, "ratios");
	er = registry_pick(cx, "still", 0, &p);
	able = er == E_OK ? json_first(json_get(p.caps, "ratios")) : NULL;
	for (; able != NULL; able = json_next(able)) {
		json_obj(js, NULL);
		json_str(js, "id", json_text(able));
		for (one = json_first(json_get(cat.value, "ratios"));
		    one != NULL; one = json_next(one))
			if (json_same(json_get(one, "id"), able))
				put(js, "label", json_get(one, "label"));
		json_end(js);
	}
	json_end(js);
	return er == E_NOTFOUND ? E_OK : er;
}

static void
put_uploads(struct json *js)
{
	static const char *const types[] = { "image/jpeg", "image/png",
	    "image/webp" };

	json_obj(js, "uploads");
	json_list(js, "types");
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		json_str(js, NULL, types[i]);
	json_end(js);
	json_int(js, "maxBytes", ASSET_MAX_BYTES);
	json_int(js, "inspirations", REQUEST_INSPIRATIONS);
	json_end(js);
}

static coroutine_fn enum err
put_switches(struct cx *cx, struct json *js)
{
	int64_t running, queued, suggests, days;
	struct ledger_prices price;
	bool tweak;
	enum err er;

	if ((er = ledger_prices(cx, &price)) != E_OK ||
	    (er = settings_int(cx, "limits.running", 2, &running)) != E_OK ||
	    (er = settings_int(cx, "limits.queued", 10, &queued)) != E_OK ||
	    (er = settings_int(cx, "suggest.daily", 50, &suggests)) != E_OK ||
	    (er = settings_int(cx, "credits.days", 30, &days)) != E_OK ||
	    (er = settings_bool(cx, "motion_tweak", false, &tweak)) != E_OK)
		return er;
	ledger_prices_json(js, &price);
	json_obj(js, "limits");
	json_int(js, "running", running);
	json_int(js, "queued", queued);
	json_int(js, "suggestionsPerDay", suggests);
	json_int(js, "matchaDays", days);
	json_end(js);
	json_obj(js, "switches");
	json_bool(js, "motionTweak", tweak);
	json_end(js);
	json_str(js, "topUpUrl", conf_has(C_TOPUP_URL) ?
	    conf_str(C_TOPUP_URL) : NULL);
	return E_OK;
}

/* GET /capabilities */
static coroutine_fn enum err
show(struct cx *cx, struct req *rq, struct resp *rs)
{
	struct json *js = resp_json(rs, 200);
	enum err er;

	json_obj(js, "still");
	if ((er = put_ratios(cx, js)) != E_OK ||
	    (er = put_choices(cx, js, "styles", "styles")) != E_OK ||
	    (er = put_providers(cx, js, "still")) != E_OK)
		return er;
	json_end(js);
	json_obj(js, "video");
	if ((er = put_choices(cx, js, "movementStyles",
	    "movement_styles")) != E_OK ||
	    (er = put_providers(cx, js, "video")) != E_OK)
		return er;
	json_end(js);
	put_uploads(js);
	if ((er = put_switches(cx, js)) != E_OK)
		return er;
	return resp_done_etag(rs, rq);
}

static const struct app capabilities = {
	.needs = APP_DB,
	.routes = {
		{ M_GET, "/capabilities", show, R_OPEN },
	},
};

MINA_MAIN(capabilities)
