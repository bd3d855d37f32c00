/*
 * assets - the pictures of a request, all of them on our storage
 *
 * A URL that is not ours is fetched once, guarded (http.h), looked at, and
 * stored under a key of ours; from then on only ours is used.
 */
#include "config.h"

#include <string.h>

#include "../asset.h"
#include "../buf.h"
#include "../cx.h"
#include "../http.h"
#include "../kind.h"
#include "../log.h"
#include "../pic.h"
#include "../s3.h"
#include "../str.h"
#include "mma.h"

#define REDIRECTS	3

/* GET, following at most three redirects, each looked at like the first. */
static enum err
fetch(struct cx *cx, const char *url, struct http_call *call)
{
	const char *to;
	enum err er;

	for (int hop = 0; hop <= REDIRECTS; hop++) {
		*call = (struct http_call)HTTP_CALL("GET", url);
		call->guarded = true;
		call->maxbody = ASSET_MAX_BYTES;
		call->timeout_ms = 20000;
		if ((er = http_do(cx, call)) == E_TOOBIG)
			return err_say(cx, E_IMAGE, "A picture is larger than "
			    "25 MB. Nothing was charged.");
		if (er == E_FORBIDDEN)
			return err_say(cx, E_IMAGE, "A picture's address "
			    "cannot be fetched from here. Nothing was "
			    "charged.");
		if (er != E_OK)
			return er;
		if (call->status / 100 != 3)
			return E_OK;
		if ((to = http_got(call, "location")) == NULL ||
		    !str_starts(to, "https://"))
			break;
		url = to;
	}
	return err_say(cx, E_IMAGE, "A picture's address leads nowhere. "
	    "Nothing was charged.");
}

static enum err
bring(struct cx *cx, struct run *r, struct io *io, void *arg)
{
	struct picture *p = arg;
	struct http_call call;
	struct pic pic;
	char where[256], *key;
	enum err er;

	json_str(&io->in, "source_url", p->url);
	json_str(&io->in, "role", p->role);
	if ((er = fetch(cx, p->url, &call)) != E_OK)
		return er;
	if (call.status >= 500)
		return err_set(cx, E_UPSTREAM, "%s: http %ld",
		    log_url(p->url, where, sizeof where), call.status);
	if (call.status != 200)
		return err_say(cx, E_IMAGE, "A picture's address answers %ld. "
		    "Nothing was charged.", call.status);
	if ((er = pic_probe(cx, call.answer->data, call.answer->len,
	    &pic)) != E_OK)
		return er;
	key = asset_upload_key(cx, "user_uploads", r->c.pass,
	    kind_ext(pic.type));
	if ((er = s3_put(cx, key, pic.type, call.answer->data,
	    call.answer->len)) != E_OK)
		return er;
	json_str(&io->out, "output_url", s3_public_url(cx, key));
	json_str(&io->out, "output_key", key);
	json_str(&io->out, "content_type", pic.type);
	json_int(&io->out, "width", pic.width);
	json_int(&io->out, "height", pic.height);
	json_int(&io->out, "bytes", (int64_t)call.answer->len);
	return E_OK;
}

static const struct step STORE_ASSET = { "store_asset", 3, bring };

static enum err
add(struct run *r, struct pictures *ps, const char *role, int index,
    const char *url)
{
	struct picture *p = &ps->pic[ps->n];
	const struct cJSON *out;
	enum err er;

	if (url == NULL)
		return E_OK;
	*p = (struct picture){ .role = role, .index = index, .url = url };
	if (s3_key_of(url) == NULL) {
		if ((er = run_step(r, &STORE_ASSET, cx_fmt(&r->cx, "%s/%d",
		    role, index), p, &out)) != E_OK)
			return er;
		p->url = run_text(out, "/output_url");
	}
	p->fit_url = p->url;
	ps->n++;
	return E_OK;
}

enum err
mma_film_assets(struct run *r, struct pictures *ps)
{
	enum err er;

	ps->n = 0;
	if ((er = add(r, ps, "input_still", 0, run_text(r->request,
	    "/inputStillUrl"))) != E_OK)
		return er;
	return add(r, ps, "end_still", 1, run_text(r->request,
	    "/endStillUrl"));
}

enum err
mma_assets(struct run *r, struct pictures *ps)
{
	const struct cJSON *js;
	int i = 0;
	enum err er;

	ps->n = 0;
	if ((er = add(r, ps, "product", 0, run_text(r->request,
	    "/assets/productImageUrl"))) != E_OK ||
	    (er = add(r, ps, "logo", 0, run_text(r->request,
	    "/assets/logoUrl"))) != E_OK)
		return er;
	for (js = json_first(json_pointer(r->request,
	    "/assets/inspirationUrls")); js != NULL &&
	    i < ORDER_INSPIRATIONS; js = json_next(js), i++)
		if ((er = add(r, ps, "inspiration", i,
		    json_text(js))) != E_OK)
			return er;
	return E_OK;
}
