/*
 * pic - headers, thumbnails and scaled copies of pictures, by libvips
 *
 * libvips runs on a thread of the pool: its decoders want more stack than a
 * coroutine has, and block.
 */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <vips/vips.h>

#include "base/cx.h"
#include "base/mediatype.h"
#include "io/loop.h"
#include "io/pic.h"
#include "io/turn.h"

/* More take some tenths of a second to decode. */
#define LONG_PIXELS	(INT64_C(6) << 20)

struct job {
	const void	*data;
	size_t		 len;
	int		 side;
	bool		 thumb;		/* WebP; may be somewhat larger */
	int64_t		 w, h;		/* of the source, upright */
	bool		 readable;	/* the source's header */
	bool		 png;
	void		*out;		/* from g_malloc */
	size_t		 outlen;
	int		 width, height;	/* of out */
	int		 spread, alpha;	/* see struct pic */
	bool		 ok;
};

/* Once.  Without vips' cache, and without threads beside our pool's. */
static void
start(void)
{
	static bool started;

	if (started)
		return;
	AZ(VIPS_INIT("mina"));
	vips_cache_set_max(0);
	vips_concurrency_set(1);
	started = true;
}

/* vips is called only for types accepted here, so with three loaders. */
static const char *
accepted(const void *data, size_t len)
{
	const char *type = mediatype_sniff(data, len);

	return type != NULL && mediatype_ext(type) != NULL ? type : NULL;
}

const char *
pic_missing(void)
{
	static const char *const needed[] = { "jpegload_buffer",
	    "pngload_buffer", "webpload_buffer", "jpegsave_buffer",
	    "pngsave_buffer", "webpsave_buffer", "thumbnail_buffer" };

	start();
	for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
		if (vips_type_find("VipsOperation", needed[i]) == 0)
			return needed[i];
	return NULL;
}

/* --- on a thread of the pool */

static VipsImage *
read_header(struct job *j)
{
	VipsImage *im = vips_image_new_from_buffer(j->data, j->len, "", NULL);
	bool turned;

	if (im == NULL)
		return NULL;
	turned = vips_image_get_orientation_swap(im);
	j->w = turned ? im->Ysize : im->Xsize;
	j->h = turned ? im->Xsize : im->Ysize;
	j->readable = true;
	if (j->w * j->h <= PIC_MAX_PIXELS)
		return im;
	g_object_unref(im);
	return NULL;
}

/*
 * A JPEG decoder can scale to a half, a quarter or an eighth at less than the
 * cost of the whole.  For thumbnails that is all: the side comes out between
 * three quarters of and one and a half times what was asked.
 * vips_thumbnail() decodes at twice the size, for quality, at four times the
 * cost.  vips_thumbnail_buffer() does not heed fail_on (8.14): it makes up the
 * end of a file that has none.
 */
static VipsImage *
load_small(struct job *j)
{
	void *data = (void *)(uintptr_t)j->data;	/* vips only reads it */
	VipsImage *im = read_header(j), *small = NULL;
	int64_t longer = j->w > j->h ? j->w : j->h;
	int by = 1;

	if (im == NULL)
		return NULL;
	g_object_unref(im);
	if (!j->thumb || memcmp(j->data, "\xff\xd8\xff", 3) != 0)
		im = vips_image_new_from_buffer(data, j->len, "", "access",
		    VIPS_ACCESS_SEQUENTIAL, "fail_on", VIPS_FAIL_ON_TRUNCATED,
		    NULL);
	else {
		while (by < 8 && longer / by > j->side * 3 / 2)
			by *= 2;
		if (vips_jpegload_buffer(data, j->len, &im, "shrink", by,
		    "access", VIPS_ACCESS_SEQUENTIAL, "autorotate", TRUE,
		    "fail_on", VIPS_FAIL_ON_TRUNCATED, NULL) != 0)
			return NULL;
		if (longer / by <= j->side * 3 / 2)
			return im;
	}
	if (im == NULL)
		return NULL;
	vips_thumbnail_image(im, &small, j->side, "height", j->side, "size",
	    VIPS_SIZE_DOWN, NULL);
	g_object_unref(im);
	return small;
}

/* A thumbnail in memory, as it is read twice; decoding ends here. */
static VipsImage *
load(struct job *j)
{
	VipsImage *im = load_small(j), *copy;

	if (im == NULL || !j->thumb)
		return im;
	copy = vips_image_copy_memory(im);
	g_object_unref(im);
	return copy;
}

/* Row 0 of the statistics is of all bands; then one for each. */
static bool
look(struct job *j, VipsImage *im)
{
	double by = vips_image_get_format(im) == VIPS_FORMAT_USHORT ? 257 : 1;
	int bands = vips_image_get_bands(im);
	bool alpha = vips_image_hasalpha(im);
	VipsImage *stats;
	double most = 0;

	if (vips_stats(im, &stats, NULL) != 0)
		return false;
	for (int i = 1; i <= bands - alpha; i++)
		most = fmax(most, *VIPS_MATRIX(stats, 1, i) -
		    *VIPS_MATRIX(stats, 0, i));
	j->spread = (int)(most / by);
	j->alpha = alpha ? (int)(*VIPS_MATRIX(stats, 1, bands) / by) : 255;
	g_object_unref(stats);
	return true;
}

static void
shrink(void *arg)
{
	struct job *j = arg;
	VipsImage *im = load(j);

	if (im != NULL && j->thumb && !look(j, im)) {
		g_object_unref(im);
		im = NULL;
	}
	if (im != NULL) {
		j->width = vips_image_get_width(im);
		j->height = vips_image_get_height(im);
		j->png = !j->thumb && vips_image_hasalpha(im);
		j->ok = (j->thumb ? vips_webpsave_buffer(im, &j->out,
		    &j->outlen, "Q", 80, "effort", 0, "strip", TRUE, NULL) :
		    j->png ? vips_pngsave_buffer(im, &j->out, &j->outlen,
		    NULL) : vips_jpegsave_buffer(im, &j->out, &j->outlen, "Q",
		    92, NULL)) == 0;
		g_object_unref(im);
	}
	if (!j->ok)
		vips_error_clear();
	vips_thread_shutdown();
}

static void
only_header(void *arg)
{
	VipsImage *im = read_header(arg);

	if (im != NULL)
		g_object_unref(im);
	vips_error_clear();
	vips_thread_shutdown();
}

/* --- on the coroutine */

static enum err
damaged(struct cx *cx)
{
	return err_reason(cx, "DAMAGED", err_say(cx, E_IMAGE, "The picture "
	    "is damaged. Nothing was charged."));
}

/* HEIC is named, as telephones make it by default. */
static enum err
wrong_type(struct cx *cx, const struct job *j)
{
	const char *type = mediatype_sniff(j->data, j->len);
	bool heic = type != NULL && strcmp(type, "image/heic") == 0;

	return err_reason(cx, "TYPE", err_say(cx, E_IMAGE, "The file is %s. "
	    "Nothing was charged.", heic ? "a HEIC picture, which cannot be "
	    "used; please use a JPEG, PNG or WebP" :
	    "not a JPEG, PNG or WebP picture"));
}

static enum err
check_header(struct cx *cx, const struct job *j, struct pic *out)
{
	if (!j->readable)
		return damaged(cx);
	if (j->w * j->h > PIC_MAX_PIXELS)
		return err_reason(cx, "PIXELS", err_say(cx, E_IMAGE, "The "
		    "picture has %lld x %lld pixels; at most %lld megapixels "
		    "are taken. Nothing was charged.", (long long)j->w,
		    (long long)j->h, (long long)(PIC_MAX_PIXELS >> 20)));
	out->type = mediatype_sniff(j->data, j->len);
	out->width = (int)j->w;
	out->height = (int)j->h;
	out->spread = j->thumb ? j->spread : 255;
	out->alpha = j->thumb ? j->alpha : 255;
	return E_OK;
}

static coroutine_fn enum err
run_job(struct cx *cx, struct job *j, void (*fn)(void *), struct pic *out)
{
	enum err er;

	if (accepted(j->data, j->len) == NULL)
		return wrong_type(cx, j);
	start();
	loop_work(only_header, j);
	if ((er = check_header(cx, j, out)) != E_OK || fn == only_header)
		return er;
	if (j->w * j->h > LONG_PIXELS)
		turn_work(cx, fn, j);
	else
		loop_work(fn, j);
	return check_header(cx, j, out);
}

coroutine_fn enum err
pic_probe(struct cx *cx, const void *data, size_t len, struct pic *out)
{
	struct job j = { .data = data, .len = len };

	return run_job(cx, &j, only_header, out);
}

static void
free_out(void *p)
{
	g_free(p);
}

static coroutine_fn enum err
scale(struct cx *cx, struct job *j, struct pic *src, struct pic_bytes *out)
{
	enum err er;

	if ((er = run_job(cx, j, shrink, src)) != E_OK)
		return er;
	if (!j->ok)
		return damaged(cx);
	arena_defer(cx->mem, free_out, j->out);
	if (!arena_charge(cx->mem, j->outlen))
		return err_set(cx, E_NOMEM, "picture of %zu bytes", j->outlen);
	out->data = j->out;
	out->len = j->outlen;
	out->width = j->width;
	out->height = j->height;
	return E_OK;
}

coroutine_fn enum err
pic_thumb(struct cx *cx, const void *data, size_t len, int side,
    struct pic *src, struct pic_bytes *out)
{
	struct job j = { .data = data, .len = len, .side = side,
	    .thumb = true };

	return scale(cx, &j, src, out);
}

coroutine_fn enum err
pic_fit(struct cx *cx, const void *data, size_t len, const struct pic *src,
    int side, int64_t pixels, struct pic_bytes *out, const char **type)
{
	struct job j = { .data = data, .len = len, .side = side };
	double over = (double)src->width * src->height / (double)pixels;
	struct pic again;
	enum err er;

	if (over > 1) {
		int longer = src->width > src->height ? src->width :
		    src->height;
		int by_pixels = (int)(longer / sqrt(over));

		if (by_pixels < j.side)
			j.side = by_pixels;
	}
	if ((er = scale(cx, &j, &again, out)) != E_OK)
		return er;
	*type = j.png ? "image/png" : "image/jpeg";
	return E_OK;
}
