/*
 * request - what the requests for stills and films have in common
 *
 * Checks of single members, the stored request of a generation that is tried
 * again, and the members of mg_mma_vars that are the same for both.
 */
#include "config.h"

#include <string.h>

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
#include "io/s3.h"

#define FEEDBACK_MAX	2000

enum err
request_session(struct cx *cx, const char *s, const char **out)
{
	char uuid[UUID_LEN];

	if (s == NULL)
		return E_OK;
	if (!str_uuid(str_starts(s, "sess_") ? s + 5 : s, uuid))
		return err_field(cx, "sessionId", "must be sess_<uuid>");
	*out = cx_fmt(cx, "sess_%s", uuid);
	return E_OK;
}

int
request_fetches(const char *url)
{
	return url != NULL && s3_key_of(url) == NULL;
}

enum err
request_url(struct cx *cx, const char *path, const char *s)
{
	struct url u;

	if (strlen(s) > REQUEST_URL_MAX)
		return err_field(cx, path, "must be shorter");
	if (!url_parse(cx, s, &u) || strcmp(u.scheme, "https") != 0)
		return err_field(cx, path, "must be an https URL");
	if (u.userinfo)
		return err_field(cx, path, "must not name a user");
	return E_OK;
}

coroutine_fn enum err
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

enum err
request_head(struct cx *cx, const struct cJSON *body, struct request *out)
{
	const char *session = NULL;
	enum err er;

	memset(out, 0, sizeof *out);
	if ((er = json_may_str(cx, body, "", "sessionId", 1, 64,
	    &session)) != E_OK ||
	    (er = request_session(cx, session, &out->session)) != E_OK)
		return er;
	return json_may_str(cx, body, "", "parentGenerationId", 1, 80,
	    &out->parent);
}

enum err
request_stored(struct cx *cx, const struct gen *g, struct request *out,
    const struct cJSON **body)
{
	struct cJSON *tree;
	enum err er;

	memset(out, 0, sizeof *out);
	if (g->request == NULL)
		return err_say(cx, E_CONFLICT, "That creation cannot be "
		    "tried again. Nothing was charged.");
	if ((er = json_parse(cx, g->request, strlen(g->request),
	    &tree)) != E_OK)
		return er;
	out->session = g->session;
	out->parent = g->parent;
	*body = tree;
	return E_OK;
}

enum err
request_finish(struct cx *cx, struct request *out, const char *feedback)
{
	char *hex = cx_alloc(cx, SHA256_HEX);
	const char *all;

	if (out->request == NULL || out->vars == NULL)
		return err_say(cx, E_TOOBIG, "The request is too large.");
	all = cx_fmt(cx, "%s\n%s\n%s", out->request,
	    out->parent != NULL ? out->parent : "",
	    feedback != NULL ? feedback : "");
	if (hex == NULL || all == NULL)
		return err_set(cx, E_NOMEM, "request");
	crypto_sha256_hex(all, strlen(all), hex);
	out->request_sha = hex;
	out->event = out->parent != NULL ? "tweak" : "create";
	return E_OK;
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
