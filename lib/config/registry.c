/*
 * registry - reading mma.provider.registry, and checks of a request against it
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cx.h"
#include "base/json.h"
#include "base/str.h"
#include "config/registry.h"
#include "config/settings.h"

#define KEY	"mma.provider.registry"
#define PREFIX	"MINA_PROVIDER_"

static enum err
fill(struct cx *cx, const struct app_setting *reg, const char *key,
    struct provider *out)
{
	const struct cJSON *def = json_get(json_get(reg->value, "providers"),
	    key);

	memset(out, 0, sizeof *out);
	out->key = key;
	out->def = def;
	out->family = json_text(json_get(def, "provider"));
	out->model = json_text(json_get(def, "model"));
	out->mode = json_text(json_get(def, "mode"));
	out->caps = json_get(def, "capabilities");
	out->version = reg->version;
	if (out->family == NULL || out->model == NULL || out->mode == NULL)
		return err_set(cx, E_BUG, "%s v%lld: provider %s is not "
		    "complete", KEY, (long long)reg->version, key);
	return E_OK;
}

coroutine_fn enum err
registry_named(struct cx *cx, const char *key, struct provider *out)
{
	struct app_setting reg;
	enum err er;

	if ((er = settings_app(cx, KEY, &reg)) != E_OK)
		return er;
	if (json_get(json_get(reg.value, "providers"), key) == NULL)
		return err_set(cx, E_NOTFOUND, "no provider %s", key);
	return fill(cx, &reg, key, out);
}

coroutine_fn enum err
registry_pick(struct cx *cx, const char *mode, size_t nth,
    struct provider *out)
{
	const struct cJSON *use;
	struct app_setting reg;
	enum err er;

	if ((er = settings_app(cx, KEY, &reg)) != E_OK)
		return er;
	use = json_first(json_get(json_get(reg.value, "use"), mode));
	while (use != NULL && nth-- > 0)
		use = json_next(use);
	if (json_text(use) == NULL)
		return err_set(cx, E_NOTFOUND, "no provider for %s", mode);
	return fill(cx, &reg, json_text(use), out);
}

enum err
registry_ratio(struct cx *cx, const struct provider *p, const char **ratio)
{
	const struct cJSON *list = json_get(p->caps, "ratios"), *js;
	struct buf *b = buf_new(cx, 512);

	if (*ratio == NULL)
		*ratio = json_text(json_first(list));
	for (js = json_first(list); js != NULL; js = json_next(js)) {
		if (str_eq(json_text(js), *ratio))
			return E_OK;
		buf_fmt(b, "%s%s", b->len > 0 ? ", " : "", json_text(js));
	}
	return err_field(cx, "ratio", "must be one of %s", b->data);
}

/* --- settings */

static bool
in_list(const struct cJSON *list, const struct cJSON *v)
{
	for (list = json_first(list); list != NULL; list = json_next(list))
		if (json_same(list, v))
			return true;
	return false;
}

static enum err
check_value(struct cx *cx, const char *path, const struct cJSON *cap,
    const struct cJSON *v)
{
	const char *type = json_text(json_get(cap, "type"));
	int64_t lo = json_int_or(json_get(cap, "min"), INT64_MIN);
	int64_t hi = json_int_or(json_get(cap, "max"), INT64_MAX);
	int64_t n;

	if (str_eq(type, "enum"))
		return in_list(json_get(cap, "values"), v) ? E_OK :
		    err_field(cx, path, "must be one of %s",
		    json_print(cx, json_get(cap, "values")));
	if (str_eq(type, "bool"))
		return json_true(v) || strcmp(json_print(cx, v), "false") == 0
		    ? E_OK : err_field(cx, path, "must be true or false");
	n = json_int_or(v, INT64_MIN);
	if (n == INT64_MIN || n < lo || n > hi)
		return err_field(cx, path, "must be a whole number from %lld "
		    "to %lld", (long long)lo, (long long)hi);
	return E_OK;
}

/* Writes the provider's own name and value: size "2K" for quality "high". */
static void
resolve(struct json *js, const char *name, const struct cJSON *cap,
    const struct cJSON *v)
{
	const char *to = json_text(json_get(cap, "to"));
	const struct cJSON *map = json_get(cap, "map"), *wire;
	char num[24];

	snprintf(num, sizeof num, "%lld", (long long)json_int_or(v, 0));
	wire = json_get(map, json_text(v) != NULL ? json_text(v) : num);
	if (wire != NULL)
		v = wire;
	json_tree(js, to != NULL ? to : name, v);
}

static void
list_ignored(struct cx *cx, struct json *ignored, const struct cJSON *user,
    const char *family, const struct cJSON *caps)
{
	const struct cJSON *group, *s;

	for (group = json_first(user); group != NULL;
	    group = json_next(group))
		for (s = json_first(group); s != NULL; s = json_next(s))
			if (!str_eq(json_key(group), family) ||
			    json_get(caps, json_key(s)) == NULL)
				json_str(ignored, NULL, cx_fmt(cx, "%s.%s",
				    json_key(group), json_key(s)));
}

coroutine_fn enum err
registry_settings(struct cx *cx, struct provider *p,
    const struct cJSON *user, struct settings *out)
{
	const struct cJSON *caps = json_get(p->caps, "settings"), *cap, *v;
	const struct cJSON *mine = json_get(user, p->family);
	struct app_setting defaults = { 0 };
	struct json asked, resolved, ignored;
	struct buf *b[3];
	enum err er;

	er = settings_app(cx, cx_fmt(cx, "mma.provider.%s.defaults",
	    p->family), &defaults);
	if (er != E_OK && er != E_NOTFOUND)
		return er;
	p->defaults_id = defaults.id;
	for (int i = 0; i < 3; i++)
		b[i] = buf_new(cx, 16384);
	json_init(&asked, b[0]);
	json_init(&resolved, b[1]);
	json_init(&ignored, b[2]);
	json_obj(&asked, NULL);
	json_obj(&asked, p->family);
	json_obj(&resolved, NULL);
	json_list(&ignored, NULL);
	for (cap = json_first(caps); cap != NULL; cap = json_next(cap)) {
		const char *name = json_key(cap);

		if (!json_is_null(v = json_get(mine, name))) {
			if ((er = check_value(cx, cx_fmt(cx,
			    "settings.%s.%s", p->family, name), cap,
			    v)) != E_OK)
				return er;
			json_tree(&asked, name, v);
		} else if ((v = json_get(defaults.value, name)) == NULL &&
		    (v = json_get(cap, "default")) == NULL)
			continue;
		resolve(&resolved, name, cap, v);
	}
	list_ignored(cx, &ignored, user, p->family, caps);
	json_end(&asked);
	json_end(&asked);
	json_end(&resolved);
	json_end(&ignored);
	if (!json_ok(&asked) || !json_ok(&resolved) || !json_ok(&ignored))
		return err_field(cx, "settings", "is too large");
	out->asked = b[0]->data;
	out->resolved = b[1]->data;
	out->ignored = b[2]->data;
	return E_OK;
}

/* --- addresses and secrets */

const char *
registry_env(const char *name)
{
	const char *v;

	if (name == NULL || !str_starts(name, PREFIX))
		return NULL;
	v = getenv(name);
	return v != NULL && *v != '\0' ? v : NULL;
}

const char *
registry_base(const struct provider *p)
{
	const char *v = registry_env(json_text(json_get(p->def,
	    "base_url_env")));

	return v != NULL ? v : json_text(json_get(p->def, "base_url"));
}

/* A pattern is a host, or ".example.com" for all hosts below that. */
static bool
host_matches(const char *host, const char *pattern)
{
	return *pattern == '.' ? str_ends(host, pattern) :
	    str_eq(host, pattern);
}

bool
registry_host(struct cx *cx, const struct provider *p, const char *host)
{
	const char *env = registry_env(json_text(json_get(p->def,
	    "output_hosts_env"))), *s;
	const struct cJSON *js;
	size_t n;

	for (s = env; s != NULL && *s != '\0'; s += n + (s[n] == ',')) {
		n = strcspn(s, ",");
		if (host_matches(host, cx_dupn(cx, s, n)))
			return true;
	}
	if (env != NULL)
		return false;
	for (js = json_first(json_get(p->def, "output_hosts")); js != NULL;
	    js = json_next(js))
		if (json_text(js) != NULL && host_matches(host, json_text(js)))
			return true;
	return false;
}
