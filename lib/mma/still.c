/*
 * still - how a still is made, from top to bottom
 */
#include "config.h"

#include <string.h>

#include "../buf.h"
#include "../cx.h"
#include "../when.h"
#include "mma.h"

static const char *
prompt_patch(struct run *r, const struct taste *t, const struct prompt *p)
{
	struct buf *b = buf_new(&r->cx, 128 << 10);
	struct json js;

	json_init(&js, b);
	json_obj(&js, NULL);
	json_obj(&js, "history");
	json_str(&js, "style_history_csv", t->csv);
	json_end(&js);
	json_obj(&js, "prompts");
	json_str(&js, "clean_prompt", p->clean);
	json_end(&js);
	json_end(&js);
	return b->data;
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
	json_int(&js, "latency_ms", when_now() - r->c.created);
	json_str(&js, "status", "postscan");
	json_end(&js);
	return b->data;
}

static const char *
output_patch(struct run *r, const struct prompt *p, const struct output *o)
{
	struct buf *b = buf_new(&r->cx, 32 << 10);
	struct json js;

	json_init(&js, b);
	json_obj(&js, NULL);
	json_obj(&js, "outputs");
	json_str(&js, "still_url", o->url);
	json_str(&js, "thumbnail_url", o->thumb_url);
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
	json_str(&js, "output_still_crt", crt);
	json_end(&js);
	json_end(&js);
	return b->data;
}

/* Everything up to the moment somebody pays. */
static enum err
deliver(struct run *r, struct output *out)
{
	struct provider p;
	struct pictures ps;
	struct prompt prompt;
	struct taste taste;
	const char *key = run_text(r->vars, "/meta/provider");
	enum err er;

	er = key != NULL ? registry_named(&r->cx, key, &p) : E_NOTFOUND;
	if (er == E_NOTFOUND)
		er = registry_pick(&r->cx, "still", 0, &p);
	if (er != E_OK)
		return er;

	if ((er = run_stage(r, "scanning", NULL)) != E_OK ||
	    (er = mma_assets(r, &ps)) != E_OK ||
	    (er = mma_scan(r, &p, &ps)) != E_OK ||
	    (er = mma_taste(r, &taste)) != E_OK)
		return er;

	if ((er = run_stage(r, "prompting", NULL)) != E_OK ||
	    (er = mma_prompt(r, &p, &ps, &taste, &prompt)) != E_OK)
		return er;

	if ((er = run_stage(r, "generating", prompt_patch(r, &taste,
	    &prompt))) != E_OK ||
	    (er = mma_generate(r, &p, &ps, &prompt, out)) != E_OK)
		return er;

	if ((er = lease_settle(&r->cx, r->owner, r->c.id, outcome(r, &prompt,
	    out), output_patch(r, &prompt, out))) == E_OK)
		r->c.delivered = true;
	return er;
}

enum err
mma_still(struct run *r)
{
	struct output out = { 0 };
	const char *crt;
	enum err er;

	if (r->c.delivered)
		out.url = run_text(r->vars, "/outputs/still_url");
	else if ((er = deliver(r, &out)) != E_OK)
		return er;

	/* Delivered and charged: from here on nobody waits. */
	if ((er = mma_postscan(r, out.url, &crt)) != E_OK)
		return er;
	return lease_finish(&r->cx, r->owner, r->c.id, crt_patch(r, crt));
}
