/*
 * storefilm - a film onto permanent storage, with what is shown of it
 *
 * The film is stored as it came.  Beside it: a poster, its first frame as a
 * JPEG of the same size, for players, and a thumbnail for lists.
 */
#include "config.h"

#include "base/cx.h"
#include "base/mediatype.h"
#include "base/str.h"
#include "io/film.h"
#include "io/pic.h"
#include "io/s3.h"
#include "mma/mma.h"

#define THUMB_SIDE	512

static enum err
put_poster(struct cx *cx, struct run *r, struct io *io,
    const struct film_info *f)
{
	struct pic_bytes poster, thumb;
	struct pic pic;
	const char *type;
	char *key, *small;
	enum err er;

	if ((er = pic_thumb(cx, f->poster, f->posterlen, THUMB_SIDE, &pic,
	    &thumb)) != E_OK ||
	    (er = pic_fit(cx, f->poster, f->posterlen, &pic, 4096,
	    PIC_MAX_PIXELS, &poster, &type)) != E_OK)
		return er;
	key = cx_fmt(cx, "generations/%s_poster.%s", r->c.id,
	    mediatype_ext(type));
	small = cx_fmt(cx, "generations/%s_thumb.webp", r->c.id);
	if ((er = s3_put(cx, key, type, poster.data, poster.len)) != E_OK ||
	    (er = s3_put(cx, small, "image/webp", thumb.data,
	    thumb.len)) != E_OK)
		return er;
	json_str(&io->out, "poster_url", s3_public_url(cx, key));
	json_str(&io->out, "thumbnail_url", s3_public_url(cx, small));
	return E_OK;
}

enum err
mma_store_film(struct cx *cx, struct run *r, struct io *io,
    const struct provider *p, const void *data, size_t len)
{
	struct film_info f;
	char *key;
	enum err er;

	if (!str_eq(mediatype_sniff(data, len), "video/mp4") ||
	    film_look(cx, data, len, &f) == E_IMAGE)
		return err_set(cx, E_UPSTREAM, "%s: the output is not a film",
		    p->key);
	if (f.poster == NULL)
		return err_set(cx, E_STORAGE, "%s: the film could not be "
		    "looked at: %s", p->key, cx_dup(cx, cx->err.detail));
	key = cx_fmt(cx, "generations/%s.mp4", r->c.id);
	if ((er = s3_put(cx, key, "video/mp4", data, len)) != E_OK ||
	    (er = put_poster(cx, r, io, &f)) != E_OK)
		return er;
	json_str(&io->out, "output_url", s3_public_url(cx, key));
	json_str(&io->out, "output_key", key);
	json_str(&io->out, "content_type", "video/mp4");
	json_int(&io->out, "width", f.width);
	json_int(&io->out, "height", f.height);
	json_int(&io->out, "duration_ms", f.duration_ms);
	json_int(&io->out, "bytes", (int64_t)len);
	return E_OK;
}
