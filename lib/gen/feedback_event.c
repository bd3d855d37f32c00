/*
 * feedback_event - validates feedback and preferences, and records them
 */
#include "config.h"

#include <string.h>

#include "account/ident.h"
#include "base/buf.h"
#include "base/cx.h"
#include "base/json.h"
#include "base/str.h"
#include "gen/feedback_event.h"
#include "pg/pg.h"

#define BLOCKS_MAX	50
#define TAGS_MAX	200
#define TAG_MAX		100
#define WEIGHT_MAX	5.0

static const char *const types[] = {
	"like", "dislike", "download", "preference_set", "create", "tweak",
	"feedback", NULL
};

bool
feedback_type(const char *s)
{
	return str_in(s, types);
}

static const char *
put_meta(struct cx *cx, const struct feedback_event *e)
{
	struct buf *b = buf_new(cx, 4096);
	struct json js;

	json_init(&js, b);
	json_obj(&js, NULL);
	if (e->context != NULL)
		json_str(&js, "context", e->context);
	json_str(&js, "request_id", cx->reqid);
	json_end(&js);
	return b->data;
}

static const struct stmt S_OPINION = STMT("event_opinion",
    "select verdict, coalesce(liked, false) from mina_opinion($1, $2, $3, $4, "
    "$5, $6::bool, $7, $8::jsonb)");

coroutine_fn enum err
feedback_note(struct cx *cx, const char *pass, const struct feedback_event *e,
    bool *liked)
{
	const struct row *row;
	struct customer who;
	enum err er;

	if ((er = ident_customer(cx, pass, &who)) != E_OK ||
	    (er = pg_one(cx, &S_OPINION, &row, pg_text(e->id), pg_text(pass),
	    pg_text(e->session), pg_text(e->generation), pg_text(e->type),
	    pg_bool(e->value), pg_text(e->text),
	    pg_json(put_meta(cx, e)))) != E_OK)
		return er;
	if (str_eq(row_text(row, 0), "none"))
		return err_say(cx, E_NOTFOUND, "There is no such creation of "
		    "yours.");
	*liked = row_bool(row, 1);
	return E_OK;
}

/* --- preferences */

/* area.word, as scanners write them; no character that needs quoting. */
static bool
is_tag(const char *s)
{
	size_t n = s != NULL ? strlen(s) : 0;

	return n > 0 && n <= TAG_MAX && strspn(s,
	    "abcdefghijklmnopqrstuvwxyz0123456789._-") == n;
}

static enum err
put_blocks(struct cx *cx, struct json *js, const struct cJSON *body)
{
	const struct cJSON *list = NULL, *one;
	size_t n = 0;
	enum err er;

	if ((er = json_may_list(cx, body, "", "hardBlocks", BLOCKS_MAX,
	    &list)) != E_OK || list == NULL)
		return er;
	json_list(js, "hard_blocks");
	for (one = json_first(list); one != NULL; one = json_next(one), n++) {
		if (!is_tag(json_text(one)))
			return err_field(cx, cx_fmt(cx, "hardBlocks.%zu", n),
			    "must be a tag such as motion.light_flicker");
		json_str(js, NULL, json_text(one));
	}
	json_end(js);
	return E_OK;
}

static enum err
put_weights(struct cx *cx, struct json *js, const struct cJSON *body)
{
	const struct cJSON *map = NULL, *one;
	const char *path;
	size_t n = 0;
	double w;
	enum err er;

	if ((er = json_may_obj(cx, body, "", "tagWeights", &map)) != E_OK ||
	    map == NULL)
		return er;
	json_obj(js, "tag_weights");
	for (one = json_first(map); one != NULL; one = json_next(one), n++) {
		path = cx_fmt(cx, "tagWeights.%.60s", json_key(one));
		if (n == TAGS_MAX)
			return err_field(cx, "tagWeights", "must have at most "
			    "%d tags", TAGS_MAX);
		if (!is_tag(json_key(one)))
			return err_field(cx, path, "is not a tag such as "
			    "style.minimal");
		if (json_is_null(one)) {
			json_null(js, json_key(one));
			continue;
		}
		w = json_num_or(one, WEIGHT_MAX + 1);
		if (!(w >= -WEIGHT_MAX && w <= WEIGHT_MAX))
			return err_field(cx, path, "must be a number from -5 "
			    "to 5, or null");
		json_num(js, json_key(one), w);
	}
	json_end(js);
	return E_OK;
}

static const struct stmt S_PREFER = STMT("feedback_prefer",
    "select mina_prefer($1, $2, $3, $4::jsonb)");

coroutine_fn enum err
feedback_prefer(struct cx *cx, const char *pass, const struct feedback_event *e,
    const struct cJSON *body)
{
	struct buf *b = buf_new(cx, 65536);
	const struct row *row;
	struct customer who;
	struct json js;
	enum err er;

	json_init(&js, b);
	json_obj(&js, NULL);
	if ((er = put_blocks(cx, &js, body)) != E_OK ||
	    (er = put_weights(cx, &js, body)) != E_OK)
		return er;
	json_end(&js);
	if (!json_ok(&js))
		return err_say(cx, E_TOOBIG, "Those are too many tags.");
	if (strcmp(b->data, "{}") == 0)
		return err_field(cx, "hardBlocks", "or tagWeights is required");
	if ((er = ident_customer(cx, pass, &who)) != E_OK)
		return er;
	return pg_one(cx, &S_PREFER, &row, pg_text(e->id), pg_text(pass),
	    pg_text(e->session), pg_json(b->data));
}
