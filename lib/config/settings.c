/*
 * settings - the cache of settings, and its invalidation
 *
 * A cached document may be dropped while a request still reads it, so
 * documents are reference-counted.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/cx.h"
#include "base/json.h"
#include "config/settings.h"
#include "io/loop.h"
#include "pg/pg.h"

#define RUNTIME	"#runtime"	/* no app_config key begins with # */

struct doc {
	struct doc	*next;
	struct cx	 cx;		/* owns key, id and the tree */
	const char	*key, *id;
	int64_t		 version, loaded;
	struct cJSON	*value;
	int		 refs;		/* the cache's own included */
};

static struct doc *cache;
static unsigned epoch;			/* counts invalidations */
static int64_t ttl = SETTINGS_BRIEF;

static void
unref(void *arg)
{
	struct doc *d = arg;

	if (--d->refs > 0)
		return;
	cx_release(&d->cx);
	free(d);
}

static void
forget_all(void *arg, const char *payload)
{
	struct doc *d;

	(void)arg;
	(void)payload;
	epoch++;
	while ((d = cache) != NULL) {
		cache = d->next;
		unref(d);
	}
}

void
settings_watch(struct pg *pg)
{
	ttl = SETTINGS_TTL;
	pg_listen(pg, "mina_config", forget_all, NULL);
}

static struct doc *
find(const char *key)
{
	struct doc **p, *d;

	for (p = &cache; (d = *p) != NULL; p = &d->next) {
		if (strcmp(d->key, key) != 0)
			continue;
		if (loop_now() - d->loaded < ttl)
			return d;
		*p = d->next;
		unref(d);
		return NULL;
	}
	return NULL;
}

static const struct stmt S_APP = STMT_READ("settings_app",
    "select id, version, value from mina_config($1)");
static const struct stmt S_RUNTIME = STMT_READ("settings_runtime",
    "select 'runtime', 0, mina_runtime()");

static coroutine_fn enum err
load(struct cx *cx, const char *key, struct doc **out)
{
	bool runtime = strcmp(key, RUNTIME) == 0;
	unsigned before = epoch;
	const struct row *row;
	const char *text;
	struct doc *d;
	enum err er;

	er = runtime ? pg_one(cx, &S_RUNTIME, &row) :
	    pg_maybe(cx, &S_APP, &row, pg_text(key));
	if (er != E_OK)
		return er;
	if (row == NULL || row_null(row, 2)) {
		if (!runtime)
			return err_set(cx, E_NOTFOUND, "no setting %s", key);
		text = "{}";
	} else
		text = row_text(row, 2);
	XXXAN(d = calloc(1, sizeof *d));
	cx_init(&d->cx, 8 << 20);
	d->refs = 1;
	d->key = cx_dup(&d->cx, key);
	if (row != NULL) {
		d->id = cx_dup(&d->cx, row_text(row, 0));
		d->version = row_int(row, 1);
	}
	if ((er = json_parse(&d->cx, text, strlen(text), &d->value)) != E_OK) {
		unref(d);
		return err_set(cx, E_BUG, "setting %s is not JSON", key);
	}
	d->loaded = loop_now();
	if (before == epoch && find(key) == NULL) {
		d->refs++;
		d->next = cache;
		cache = d;
	}
	arena_defer(cx->mem, unref, d);
	*out = d;
	return E_OK;
}

static coroutine_fn enum err
get(struct cx *cx, const char *key, struct doc **out)
{
	struct doc *d;

	if ((d = find(key)) == NULL)
		return load(cx, key, out);
	d->refs++;
	arena_defer(cx->mem, unref, d);
	*out = d;
	return E_OK;
}

coroutine_fn enum err
settings_app(struct cx *cx, const char *key, struct app_setting *out)
{
	struct doc *d;
	enum err er;

	if ((er = get(cx, key, &d)) != E_OK)
		return er;
	out->key = d->key;
	out->id = d->id;
	out->version = d->version;
	out->value = d->value;
	return E_OK;
}

coroutine_fn enum err
settings_int(struct cx *cx, const char *key, int64_t other, int64_t *out)
{
	struct doc *d;
	enum err er;

	if ((er = get(cx, RUNTIME, &d)) != E_OK)
		return er;
	*out = json_int_or(json_get(d->value, key), other);
	return E_OK;
}

coroutine_fn enum err
settings_bool(struct cx *cx, const char *key, bool other, bool *out)
{
	const struct cJSON *js;
	struct doc *d;
	enum err er;

	if ((er = get(cx, RUNTIME, &d)) != E_OK)
		return er;
	js = json_get(d->value, key);
	*out = json_is_null(js) ? other : json_true(js);
	return E_OK;
}
