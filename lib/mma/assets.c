/*
 * assets - loads the pictures of a request to our storage
 *
 * A URL elsewhere is downloaded once (fetch.h) and stored under a key of ours;
 * from then on only the copy is used, and the generation's row names only that:
 * the other may be signed, and may work for minutes.  The step says where it
 * came from, without the query.  So is an upload that the client did not have
 * checked: its bytes may still be replaced through its signed URL.
 */
#include "config.h"

#include "base/cx.h"
#include "base/log.h"
#include "gen/asset.h"
#include "gen/fetch.h"
#include "io/s3.h"
#include "mma/mma.h"

static coroutine_fn enum err
store_asset(struct cx *cx, struct run *r, struct io *io, void *arg)
{
	struct picture *p = arg;
	const char *key = s3_key_of(p->url);
	char where[512];
	struct asset a;
	enum err er;

	json_str(&io->in, "source_url", log_url(p->url, where, sizeof where));
	json_str(&io->in, "role", p->role);
	if ((er = key != NULL ? asset_take(cx, key, ASSET_PATIENCE_MS, &a) :
	    fetch_store(cx, p->url, FETCH_PICTURE, "user_uploads",
	    r->c.pass, ASSET_PATIENCE_MS, &a)) != E_OK)
		return er;
	json_str(&io->out, "output_url", s3_public_url(cx, a.key));
	json_str(&io->out, "output_key", a.key);
	json_str(&io->out, "content_type", a.type);
	json_int(&io->out, "width", a.width);
	json_int(&io->out, "height", a.height);
	json_int(&io->out, "bytes", a.bytes);
	return E_OK;
}

static const struct step STORE_ASSET = { "store_asset", 3, store_asset };

static coroutine_fn enum err
add(struct run *r, struct pictures *ps, const char *role, int index,
    const char *url)
{
	struct picture *p = &ps->pic[ps->n];
	const struct cJSON *out;
	const char *key;
	enum err er;

	if (url == NULL)
		return E_OK;
	*p = (struct picture){ .role = role, .index = index, .url = url };
	key = s3_key_of(url);
	if (key == NULL || asset_is_incoming(key)) {
		if ((er = run_step(r, &STORE_ASSET, cx_fmt(&r->cx, "%s/%d",
		    role, index), p, &out)) != E_OK)
			return er;
		p->url = run_text(out, "/output_url");
		if ((er = lease_picture(&r->cx, r->owner, r->c.id, url,
		    p->url)) != E_OK)
			return er;
	}
	p->fit_url = p->url;
	ps->n++;
	return E_OK;
}

coroutine_fn enum err
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

coroutine_fn enum err
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
	    i < REQUEST_INSPIRATIONS; js = json_next(js), i++)
		if ((er = add(r, ps, "inspiration", i,
		    json_text(js))) != E_OK)
			return er;
	return E_OK;
}
