/*
 * template - fills the request templates of a registry entry
 *
 * In create.body a string "$name" stands for a value; without one the member
 * is left out.  Two objects are expressions:
 *
 *	{"$of": ["settings.size", "ratio"], "in": {"2K": {"1:1": ..}}}
 *		looks up the values of these names in "in", one after the
 *		other
 *	{"$with": "callback_url", "value": ..}
 *		"value", if that name has a value
 */
#include "config.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/cx.h"
#include "base/str.h"
#include "base/url.h"
#include "gen/callback.h"
#include "mma/provider/provider.h"

/*
 * The provider's clock may differ from the database's, and the database's may
 * have been set since.  A job too many is no harm: the input or the id decides.
 */
#define SINCE_SLACK_MS	300000

static const char *const url_names[] = { "{status_url}", "{result_url}",
    "{cancel_url}" };

/* --- values */

static const char *
picture(const struct pictures *ps, const char *role)
{
	for (size_t i = 0; i < ps->n; i++)
		if (role == NULL || strcmp(ps->pic[i].role, role) == 0)
			return ps->pic[i].fit_url;
	return NULL;
}

/* The value of a name as text, or NULL. */
static const char *
text_of(struct cx *cx, const char *name, const struct provider_job *pj)
{
	const struct cJSON *v;

	if (strcmp(name, "prompt") == 0)
		return pj->prompt->clean;
	if (strcmp(name, "image") == 0)
		return picture(pj->ps, NULL);
	if (strcmp(name, "start_image") == 0)
		return picture(pj->ps, "input_still");
	if (strcmp(name, "end_image") == 0)
		return picture(pj->ps, "end_still");
	if (strcmp(name, "ratio") == 0)
		return pj->ratio;
	if (strcmp(name, "generation_id") == 0)
		return job_name(cx, pj);
	if (strcmp(name, "callback_url") == 0)
		return callback_url(cx, &pj->p, pj->gen);
	if (str_starts(name, "settings.")) {
		v = json_get(pj->settings, name + strlen("settings."));
		return json_text(v) != NULL || json_is_null(v) ?
		    json_text(v) : json_print(cx, v);
	}
	return NULL;
}

static void
put_images(struct json *js, const char *key, const struct pictures *ps)
{
	if (ps->n == 0)
		return;
	json_list(js, key);
	for (size_t i = 0; i < ps->n; i++)
		json_str(js, NULL, ps->pic[i].fit_url);
	json_end(js);
}

static void
put_variable(struct cx *cx, struct json *js, const char *key,
    const char *name, const struct provider_job *pj)
{
	const struct cJSON *v = NULL;
	const char *s;

	if (strcmp(name, "images") == 0) {
		put_images(js, key, pj->ps);
		return;
	}
	if (str_starts(name, "settings."))
		v = json_get(pj->settings, name + strlen("settings."));
	if (!json_is_null(v))		/* with its type */
		json_tree(js, key, v);
	else if ((s = text_of(cx, name, pj)) != NULL)
		json_str(js, key, s);
}

static const struct cJSON *
look_up(struct cx *cx, const struct cJSON *t, const struct provider_job *pj)
{
	const struct cJSON *at = json_get(t, "in"), *name;
	const char *key;

	for (name = json_first(json_get(t, "$of")); name != NULL && at != NULL;
	    name = json_next(name)) {
		key = json_text(name) != NULL ? text_of(cx, json_text(name),
		    pj) : NULL;
		at = key != NULL ? json_get(at, key) : NULL;
	}
	return at;
}

static void
put_template(struct cx *cx, struct json *js, const char *key,
    const struct cJSON *t, const struct provider_job *pj)
{
	const char *s = json_text(t), *with = json_text(json_get(t, "$with"));
	const struct cJSON *v;

	if (s != NULL && *s == '$')
		put_variable(cx, js, key, s + 1, pj);
	else if (json_get(t, "$of") != NULL) {
		if ((v = look_up(cx, t, pj)) != NULL)
			json_tree(js, key, v);
	} else if (with != NULL) {
		if (text_of(cx, with, pj) != NULL)
			put_template(cx, js, key, json_get(t, "value"), pj);
	} else if (json_is_obj(t) || json_is_list(t)) {
		if (json_is_obj(t))
			json_obj(js, key);
		else
			json_list(js, key);
		for (t = json_first(t); t != NULL; t = json_next(t))
			put_template(cx, js, json_key(t), t, pj);
		json_end(js);
	} else
		json_tree(js, key, t);
}

enum err
provider_body(struct cx *cx, struct provider_job *pj)
{
	struct buf *b = buf_new(cx, 256 << 10);
	struct json js;

	json_init(&js, b);
	put_template(cx, &js, NULL, json_pointer(pj->p.def, "/create/body"),
	    pj);
	if (!json_ok(&js))
		return err_set(cx, E_REJECTED, "%s: body too large",
		    pj->p.key);
	pj->body = b->data;
	return E_OK;
}

/* --- paths */

/* Appends one character or placeholder; false when it has no value. */
static bool
put_path(struct buf *b, const char **path, const struct provider_job *pj,
    const char *name)
{
	char since[CLOCK_LEN];
	const char *at = *path;
	int i;

	for (i = 0; i < JOB__URLS; i++)
		if (str_starts(at, url_names[i])) {
			*path += strlen(url_names[i]);
			if (pj->job.url[i] != NULL)
				buf_puts(b, pj->job.url[i]);
			return pj->job.url[i] != NULL;
		}
	if (str_starts(at, "{id}")) {
		*path += strlen("{id}");
		if (pj->job.id != NULL)
			url_encode(b, pj->job.id, NULL);
		return pj->job.id != NULL;
	}
	if (str_starts(at, "{generation_id}")) {
		*path += strlen("{generation_id}");
		url_encode(b, name, NULL);
	} else if (str_starts(at, "{since}")) {
		*path += strlen("{since}");
		clock_rfc3339(pj->job.at - SINCE_SLACK_MS +
		    (pj->skew < 0 ? pj->skew : 0), since);
		url_encode(b, since, NULL);
	} else {
		buf_putc(b, *at);
		(*path)++;
	}
	return true;
}

const char *
provider_path(struct cx *cx, const char *path, const struct provider_job *pj)
{
	const char *name = job_name(cx, pj);
	struct buf *b = buf_new(cx, 16384);

	while (*path != '\0')
		if (!put_path(b, &path, pj, name))
			return NULL;
	return b->data;
}

const char *
provider_create_path(struct cx *cx, const struct provider_job *pj)
{
	const struct cJSON *c = json_get(pj->p.def, "create");
	const char *path = json_text(json_get(c, "path_images"));
	const char *param = json_text(json_get(c, "callback_param"));
	const char *back = param != NULL ? callback_url(cx, &pj->p, pj->gen) :
	    NULL;
	struct buf *b = buf_new(cx, 16384);

	if (path == NULL || pj->ps->n == 0)
		path = json_text(json_get(c, "path"));
	buf_puts(b, path != NULL ? path : "");
	if (back != NULL) {
		buf_fmt(b, "%c%s=", strchr(b->data, '?') != NULL ? '&' : '?',
		    param);
		url_encode(b, back, NULL);
	}
	return b->data;
}
