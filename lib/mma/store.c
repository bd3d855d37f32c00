/*
 * store - a provider's output, onto permanent storage
 *
 * The bytes are stored as they came, so that marks of provenance survive; a
 * thumbnail is made beside them.  Only the hosts the registry names are
 * fetched from, and no redirect is followed off them.  A few at once, since
 * each is held in memory.
 */
#include "config.h"

#include <malloc.h>
#include <string.h>

#include "base/buf.h"
#include "base/conf.h"
#include "base/cx.h"
#include "base/log.h"
#include "base/mediatype.h"
#include "base/str.h"
#include "gen/fetch.h"
#include "io/http.h"
#include "io/loop.h"
#include "io/pic.h"
#include "io/s3.h"
#include "mma/mma.h"

#define OUTPUT_MAX	(64 << 20)
#define FILM_MAX	(192 << 20)
#define THUMB_SIDE	512
#define GATE_MS		300000

static struct gate gate;

void
mma_init(void)
{
	/*
	 * Pictures are megabytes and short-lived: each its own mapping, given
	 * back at once, instead of holes in the heap; and the pool's threads
	 * share two heaps instead of having one each.
	 */
	mallopt(M_MMAP_THRESHOLD, 256 << 10);
	mallopt(M_TRIM_THRESHOLD, 1 << 20);
	mallopt(M_ARENA_MAX, 2);
	gate_init(&gate, W_STORE_ROOM, (int)conf_int(C_STORE_MAX));
}

static bool
one_of_its(struct cx *cx, const char *host, const void *p)
{
	return registry_host(cx, p, host);
}

/* Here it is the provider that failed, not an address somebody gave us. */
static enum err
blame(struct cx *cx, const struct provider *p, enum err er)
{
	const char *reason = cx->err.reason;

	if (er != E_IMAGE && er != E_SOURCE)
		return er;
	er = er == E_IMAGE ? E_REJECTED : str_eq(reason, "TOO_SLOW") ?
	    E_TIMEOUT : E_UPSTREAM;
	return err_reason(cx, reason, err_set(cx, er, "%s: output: %s",
	    p->key, cx_dup(cx, cx->err.detail)));
}

static enum err
fetch(struct cx *cx, struct io *io, const struct provider *p,
    const char *source, struct http_call *call)
{
	struct fetch f = { .url = source,
	    .max = strcmp(p->mode, "video") == 0 ? FILM_MAX : OUTPUT_MAX,
	    .ms = json_int_or(json_get(p->def, "output_timeout_ms"), 120000),
	    .host = one_of_its, .arg = p };
	char where[256];
	enum err er;

	if ((er = fetch_get(cx, &f, call)) != E_OK)
		return blame(cx, p, er);
	if (call->status == 200)
		return E_OK;
	io->retry_after = http_retry_after(call);
	er = call->status == 429 ? E_BUSY :
	    call->status >= 500 ? E_UPSTREAM : E_REJECTED;
	return err_set(cx, er, "%s: output %s answers %ld", p->key,
	    log_url(source, where, sizeof where), call->status);
}

static enum err
copy(struct cx *cx, struct run *r, struct io *io, const struct provider *p,
    const char *source)
{
	struct http_call call;
	struct pic_bytes thumb;
	struct pic pic;
	char *key, *small;
	enum err er;

	if ((er = fetch(cx, io, p, source, &call)) != E_OK)
		return er;
	if (strcmp(p->mode, "video") == 0)
		return mma_store_film(cx, r, io, p, call.answer->data,
		    call.answer->len);
	if (pic_thumb(cx, call.answer->data, call.answer->len, THUMB_SIDE,
	    &pic, &thumb) != E_OK)
		return err_set(cx, E_UPSTREAM, "%s: the output is not a "
		    "picture", p->key);
	key = cx_fmt(cx, "generations/%s.%s", r->c.id, mediatype_ext(pic.type));
	small = cx_fmt(cx, "generations/%s_thumb.webp", r->c.id);
	if ((er = s3_put(cx, key, pic.type, call.answer->data,
	    call.answer->len)) != E_OK ||
	    (er = s3_put(cx, small, "image/webp", thumb.data,
	    thumb.len)) != E_OK)
		return er;
	json_str(&io->out, "output_url", s3_public_url(cx, key));
	json_str(&io->out, "output_key", key);
	json_str(&io->out, "content_type", pic.type);
	json_int(&io->out, "width", pic.width);
	json_int(&io->out, "height", pic.height);
	json_int(&io->out, "bytes", (int64_t)call.answer->len);
	json_str(&io->out, "thumbnail_url", s3_public_url(cx, small));
	return E_OK;
}

enum err
mma_store(struct cx *cx, struct run *r, struct io *io,
    const struct provider *p, const char *source)
{
	char where[256];
	enum err er;

	json_str(&io->out, "source_url", log_url(source, where,
	    sizeof where));
	if (gate_enter(&gate, loop_now() + GATE_MS) != E_OK)
		return err_set(cx, E_STORAGE, "no place to hold the output");
	er = copy(cx, r, io, p, source);
	gate_leave(&gate);
	return er;
}
