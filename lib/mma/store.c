/*
 * store - copies a provider's output to permanent storage
 *
 * The file is stored byte for byte, so that provenance marks survive.  Made
 * beside it: a thumbnail, and for a film a poster, which is its first frame as
 * a JPEG of the same size.  Downloads go only to the hosts that the registry
 * lists for the provider; a redirect to any other host is refused.  An output
 * is held in memory whole: room.h bounds the bytes.  Only when it is there it
 * has one of the MINA_STORE_MAX places to be decoded and stored, so that a slow
 * host does not hold up other outputs.
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
#include "io/film.h"
#include "io/http.h"
#include "io/loop.h"
#include "io/pic.h"
#include "io/s3.h"
#include "mma/mma.h"
#include "mma/room.h"

#define STILL_MAX	(64 << 20)
#define FILM_MAX	(192 << 20)
#define POSTER_SIDE	4096
#define THUMB_SIDE	512
#define GATE_MS		300000
#define SLOWEST		(8 << 10)	/* bytes a second, for SLOW_S */
#define SLOW_S		20

static struct gate gate;

void
mma_init(void)
{
	/*
	 * Pictures are megabytes and short-lived: each gets its own mapping,
	 * which is returned at once and leaves no hole in the heap; and the
	 * pool's threads share two heaps instead of having one each.
	 */
	mallopt(M_MMAP_THRESHOLD, 256 << 10);
	mallopt(M_TRIM_THRESHOLD, 1 << 20);
	mallopt(M_ARENA_MAX, 2);
	gate_init(&gate, W_STORE_ROOM, (int)conf_int(C_STORE_MAX));
	/* One is left for other customers, and for stills. */
	gate.share[0] = gate.share[1] = gate.total > 1 ? gate.total - 1 : 1;
	room_init();
}

static bool
is_film(const struct provider *p)
{
	return strcmp(p->mode, "video") == 0;
}

/* --- download */

static bool
host_allowed(struct cx *cx, const char *host, const void *p)
{
	return registry_host(cx, p, host);
}

/*
 * fetch_get() judges a customer's address; this one came from a provider.  A
 * refused address would be of the same kind in the next job.
 */
static enum err
provider_error(struct cx *cx, const struct provider *p, enum err er)
{
	const char *reason = cx->err.reason;

	if (er != E_IMAGE && er != E_SOURCE)
		return er;
	if (er == E_IMAGE)
		er = str_eq(reason, "TOO_LARGE") ? E_OUTPUT : E_PROVIDER;
	else
		er = str_eq(reason, "TOO_SLOW") ? E_TIMEOUT : E_SOURCE;
	return err_reason(cx, reason, err_set(cx, er, "%s: output: %s",
	    p->key, cx_dup(cx, cx->err.detail)));
}

static coroutine_fn enum err
download(struct cx *cx, struct io *io, const struct provider *p,
    const char *source, struct room_use *use, struct http_call *call)
{
	struct fetch f = { .url = source,
	    .max = is_film(p) ? FILM_MAX : STILL_MAX,
	    .ms = json_int_or(json_get(p->def, "output_timeout_ms"), 120000),
	    .host = host_allowed, .arg = p, .slowest = SLOWEST,
	    .slow_s = SLOW_S, .room = room_more, .room_arg = use };
	char host[128];
	enum err er;

	if ((er = fetch_get(cx, &f, call)) != E_OK)
		return provider_error(cx, p, er);
	if (call->status == 200)
		return E_OK;
	io->retry_after = http_retry_after(call);
	return err_set(cx, call->status == 429 ? E_BUSY : E_SOURCE,
	    "%s: output at %s: http %ld", p->key, log_host(source, host,
	    sizeof host), call->status);
}

/* The detail for the log stays. */
static enum err
damaged(struct cx *cx, const struct provider *p, const char *what)
{
	const char *why = cx_dup(cx, cx->err.detail);

	err_say(cx, E_OUTPUT, "The image service delivered a %s that is "
	    "damaged. Nothing was charged. Please try again.", what);
	snprintf(cx->err.detail, sizeof cx->err.detail, "%s: the output is "
	    "not a %s, or damaged: %s", p->key, what, why);
	return err_reason(cx, "DAMAGED", E_OUTPUT);
}

/* --- upload */

static coroutine_fn enum err
put_thumbnail(struct cx *cx, struct run *r, const struct pic_bytes *thumb,
    const char **url)
{
	char *key = cx_fmt(cx, "generations/%s_thumb.webp", r->c.id);

	*url = s3_public_url(cx, key);
	return s3_put(cx, key, "image/webp", thumb->data, thumb->len);
}

static coroutine_fn enum err
store_still(struct cx *cx, struct run *r, struct io *io,
    const struct provider *p, const struct expected *want,
    const struct buf *file)
{
	struct pic_bytes thumb;
	struct pic pic;
	const char *thumb_url;
	char *key;
	enum err er;

	er = pic_thumb(cx, file->data, file->len, THUMB_SIDE, &pic, &thumb);
	if (er == E_IMAGE)
		return damaged(cx, p, "picture");
	if (er != E_OK || (er = expected_still(cx, want, &pic)) != E_OK)
		return er;
	key = cx_fmt(cx, "generations/%s.%s", r->c.id, mediatype_ext(pic.type));
	if ((er = s3_put(cx, key, pic.type, file->data, file->len)) != E_OK ||
	    (er = put_thumbnail(cx, r, &thumb, &thumb_url)) != E_OK)
		return er;
	json_str(&io->out, "output_url", s3_public_url(cx, key));
	json_str(&io->out, "output_key", key);
	json_str(&io->out, "content_type", pic.type);
	json_int(&io->out, "width", pic.width);
	json_int(&io->out, "height", pic.height);
	json_int(&io->out, "bytes", (int64_t)file->len);
	json_str(&io->out, "thumbnail_url", thumb_url);
	return E_OK;
}

static coroutine_fn enum err
put_poster(struct cx *cx, struct run *r, struct io *io,
    const struct film_info *f)
{
	struct pic_bytes poster, thumb;
	struct pic pic;
	const char *type, *thumb_url;
	char *key;
	enum err er;

	if ((er = pic_thumb(cx, f->poster, f->posterlen, THUMB_SIDE, &pic,
	    &thumb)) != E_OK ||
	    (er = pic_fit(cx, f->poster, f->posterlen, &pic, POSTER_SIDE,
	    PIC_MAX_PIXELS, &poster, &type)) != E_OK)
		return er;
	key = cx_fmt(cx, "generations/%s_poster.%s", r->c.id,
	    mediatype_ext(type));
	if ((er = s3_put(cx, key, type, poster.data, poster.len)) != E_OK ||
	    (er = put_thumbnail(cx, r, &thumb, &thumb_url)) != E_OK)
		return er;
	json_str(&io->out, "poster_url", s3_public_url(cx, key));
	json_str(&io->out, "thumbnail_url", thumb_url);
	return E_OK;
}

static coroutine_fn enum err
store_film(struct cx *cx, struct run *r, struct io *io,
    const struct provider *p, const struct expected *want,
    const struct buf *file)
{
	struct film_info f;
	char *key;
	enum err er;

	er = str_eq(mediatype_sniff(file->data, file->len), "video/mp4") ?
	    film_look(cx, file->data, file->len, &f) : E_IMAGE;
	if (er == E_IMAGE)
		return damaged(cx, p, "film");
	if (er == E_OK && (er = expected_film(cx, want, &f)) != E_OK)
		return er;
	if (er != E_OK)
		return err_set(cx, E_STORAGE, "%s: the film could not be "
		    "probed: %s", p->key, cx_dup(cx, cx->err.detail));
	key = cx_fmt(cx, "generations/%s.mp4", r->c.id);
	if ((er = s3_put(cx, key, "video/mp4", file->data,
	    file->len)) != E_OK ||
	    (er = put_poster(cx, r, io, &f)) != E_OK)
		return er;
	json_str(&io->out, "output_url", s3_public_url(cx, key));
	json_str(&io->out, "output_key", key);
	json_str(&io->out, "content_type", "video/mp4");
	json_int(&io->out, "width", f.width);
	json_int(&io->out, "height", f.height);
	json_int(&io->out, "duration_ms", f.duration_ms);
	json_int(&io->out, "bytes", (int64_t)file->len);
	return E_OK;
}

static bool
is_crowded(const struct cx *cx, enum err er)
{
	return er == E_STORAGE && str_eq(cx->err.reason, "ROOM");
}

/* Without room among the others it is downloaded again when there is some. */
static coroutine_fn enum err
download_within(struct cx *cx, struct io *io, const struct provider *p,
    const char *source, struct room_use *use, struct http_call *call)
{
	int64_t until = loop_now() + GATE_MS;
	enum err er;

	while (is_crowded(cx, er = download(cx, io, p, source, use, call))) {
		log_warn(cx, "the output is downloaded again: MINA_STORE_MB "
		    "is used up, or this customer's or host's share");
		buf_release(call->answer);
		if (room_wait(use, until) != E_OK)
			return err_set(cx, E_STORAGE, "no room for another "
			    "output");
	}
	return er;
}

static coroutine_fn enum err
keep(struct cx *cx, struct run *r, struct io *io, const struct provider *p,
    const struct expected *want, const struct buf *file)
{
	struct gate_place place = { .name = { r->c.pass, is_film(p) ? "film" :
	    NULL } };
	enum err er;

	if (gate_take(&gate, &place, 1, loop_now() + GATE_MS) != E_OK)
		return err_set(cx, E_STORAGE, "MINA_STORE_MAX outputs are "
		    "being stored already");
	er = is_film(p) ? store_film(cx, r, io, p, want, file) :
	    store_still(cx, r, io, p, want, file);
	gate_give(&gate, &place);
	return er;
}

coroutine_fn enum err
mma_store(struct cx *cx, struct run *r, struct io *io,
    const struct provider *p, const struct expected *want,
    const char *source)
{
	struct http_call call;
	struct room_use use;
	char host[128];
	enum err er;

	use.pass = r->c.pass;
	use.host = log_host(source, host, sizeof host);
	room_begin(&use);
	if ((er = download_within(cx, io, p, source, &use, &call)) == E_OK)
		er = keep(cx, r, io, p, want, call.answer);
	room_end(&use);
	if (er == E_OK)
		mma_stored();
	return er;
}
