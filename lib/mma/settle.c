/*
 * settle - delivers and charges; writes prompt, output and description
 *
 * Stills and films differ in the names of variables only: clean_prompt and
 * still_url, or motion_prompt and video_url (MEGA.md, mg_mma_vars).
 */
#include "config.h"

#include <string.h>

#include "base/buf.h"
#include "base/cx.h"
#include "mma/mma.h"

static bool
is_film(const struct run *r)
{
	return strcmp(r->c.mode, "video") == 0;
}

coroutine_fn enum err
mma_prompted(struct run *r, const struct taste *t, const struct prompt *p)
{
	struct buf *b = buf_new(&r->cx, 128 << 10);
	struct json js;

	json_init(&js, b);
	json_obj(&js, NULL);
	json_obj(&js, "history");
	json_str(&js, "style_history_csv", t->csv);
	json_end(&js);
	json_obj(&js, "prompts");
	json_str(&js, is_film(r) ? "motion_prompt" : "clean_prompt",
	    p->clean);
	json_end(&js);
	json_end(&js);
	return run_stage(r, "generating", b->data);
}

static const char *
outcome(struct run *r, const struct prompt *p, const struct output *o)
{
	struct buf *b = buf_new(&r->cx, 128 << 10);
	struct json js;

	json_init(&js, b);
	json_obj(&js, NULL);
	json_str(&js, "output_url", o->url);
	json_str(&js, "output_key", o->key);
	json_str(&js, "prompt", p->clean);
	json_str(&js, "provider", o->provider);
	json_str(&js, "model", o->model);
	json_str(&js, "content_type", o->type);
	json_int(&js, "latency_ms", run_age(r));
	json_str(&js, "status", "postscan");
	json_end(&js);
	return b->data;
}

static const char *
patch(struct run *r, const struct prompt *p, const struct output *o)
{
	struct buf *b = buf_new(&r->cx, 32 << 10);
	struct json js;

	json_init(&js, b);
	json_obj(&js, NULL);
	json_obj(&js, "outputs");
	json_str(&js, is_film(r) ? "video_url" : "still_url", o->url);
	json_str(&js, "thumbnail_url", o->thumb_url);
	if (is_film(r)) {
		json_str(&js, "poster_url", o->poster_url);
		json_int(&js, "duration_ms", o->duration_ms);
	}
	json_int(&js, "width", o->width);
	json_int(&js, "height", o->height);
	json_int(&js, "bytes", o->bytes);
	json_end(&js);
	json_obj(&js, "userMessages");
	json_str(&js, "final_line", p->final_line);
	json_end(&js);
	json_end(&js);
	return b->data;
}

coroutine_fn enum err
mma_settle(struct run *r, const struct prompt *p, const struct output *o)
{
	enum err er;

	if ((er = lease_settle(&r->cx, r->owner, r->c.id, outcome(r, p, o),
	    patch(r, p, o))) == E_OK)
		r->c.delivered = true;
	return er;
}

static const char *
crt_patch(struct run *r, const char *crt)
{
	struct buf *b = buf_new(&r->cx, 32 << 10);
	struct json js;

	if (crt == NULL)
		return NULL;
	json_init(&js, b);
	json_obj(&js, NULL);
	json_obj(&js, "scans");
	json_str(&js, is_film(r) ? "output_video_crt" : "output_still_crt",
	    crt);
	json_end(&js);
	json_end(&js);
	return b->data;
}

coroutine_fn enum err
mma_after(struct run *r, const struct output *o)
{
	/* The scanner reads pictures: of a film it gets the poster. */
	const char *picture = is_film(r) ? o->poster_url : o->url;
	const char *crt = NULL;
	enum err er;

	if (picture != NULL &&
	    (er = mma_postscan(r, picture, &crt)) != E_OK)
		return er;
	return lease_finish(&r->cx, r->owner, r->c.id, crt_patch(r, crt));
}
