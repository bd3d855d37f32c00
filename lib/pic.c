/*
 * pic - see pic.h; the only file of the library that includes vips.h
 */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <vips/vips.h>

#include "cx.h"
#include "kind.h"
#include "loop.h"
#include "pic.h"

struct job {
	const void	*data;
	size_t		 len;
	int		 side;
	int64_t		 pixels;
	bool		 webp, png;
	void		*out;		/* from g_malloc */
	size_t		 outlen;
	int		 width, height;
	bool		 ok;
};

/* Once; vips keeps no cache for us and adds no threads to our pool's. */
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

/* No other loader than these three is ever reached by outside bytes. */
static const char *
known(const void *data, size_t len)
{
	const char *type = kind_sniff(data, len);

	return type != NULL && kind_ext(type) != NULL ? type : NULL;
}

struct header {
	const void	*data;
	size_t		 len;
	int64_t		 w, h;
	bool		 ok;
};

/* On a thread too: decoders want more stack than a coroutine has. */
static void
read_header(void *arg)
{
	struct header *hd = arg;
	VipsImage *im;

	im = vips_image_new_from_buffer(hd->data, hd->len, "", NULL);
	if (im != NULL) {
		bool turned = vips_image_get_orientation_swap(im);

		hd->w = turned ? im->Ysize : im->Xsize;
		hd->h = turned ? im->Xsize : im->Ysize;
		hd->ok = true;
		g_object_unref(im);
	} else
		vips_error_clear();
	vips_thread_shutdown();
}

enum err
pic_probe(struct cx *cx, const void *data, size_t len, struct pic *out)
{
	const char *type = known(data, len);
	struct header hd = { .data = data, .len = len };

	if (type == NULL)
		return err_say(cx, E_IMAGE, "The file is not a JPEG, PNG or "
		    "WebP picture. Nothing was charged.");
	start();
	loop_work(read_header, &hd);
	if (!hd.ok)
		return err_say(cx, E_IMAGE, "The picture is damaged. Nothing "
		    "was charged.");
	if (hd.w * hd.h > PIC_MAX_PIXELS)
		return err_say(cx, E_IMAGE, "The picture has %lld x %lld "
		    "pixels; at most %lld megapixels are taken. Nothing was "
		    "charged.", (long long)hd.w, (long long)hd.h,
		    (long long)(PIC_MAX_PIXELS >> 20));
	out->type = type;
	out->width = (int)hd.w;
	out->height = (int)hd.h;
	return E_OK;
}

/*
 * A JPEG decoder can give a half, a quarter or an eighth for less than the
 * whole; then nothing is resampled, and the side comes out between three
 * quarters of and one and a half times what was asked.  vips_thumbnail()
 * keeps a factor of two in hand for quality, at four times the cost.
 */
static VipsImage *
load_small(const struct job *j)
{
	void *data = (void *)(uintptr_t)j->data;	/* vips only reads it */
	VipsImage *im = NULL, *small = NULL;
	int by = 1, longer;

	if (!j->webp || memcmp(j->data, "\xff\xd8\xff", 3) != 0) {
		vips_thumbnail_buffer(data, j->len, &im, j->side, "height",
		    j->side, "size", VIPS_SIZE_DOWN, NULL);
		return im;
	}
	if ((im = vips_image_new_from_buffer(data, j->len, "", NULL)) == NULL)
		return NULL;
	longer = im->Xsize > im->Ysize ? im->Xsize : im->Ysize;
	g_object_unref(im);
	while (by < 8 && longer / by > j->side * 3 / 2)
		by *= 2;
	if (vips_jpegload_buffer(data, j->len, &im, "shrink", by, "access",
	    VIPS_ACCESS_SEQUENTIAL, "autorotate", TRUE, NULL) != 0)
		return NULL;
	if (longer / by <= j->side * 3 / 2)
		return im;
	vips_thumbnail_image(im, &small, j->side, "height", j->side, "size",
	    VIPS_SIZE_DOWN, NULL);
	g_object_unref(im);
	return small;
}

static void
shrink(void *arg)
{
	struct job *j = arg;
	VipsImage *im = load_small(j);

	if (im != NULL) {
		j->width = vips_image_get_width(im);
		j->height = vips_image_get_height(im);
		j->png = !j->webp && vips_image_hasalpha(im);
		j->ok = (j->webp ? vips_webpsave_buffer(im, &j->out,
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
free_out(void *p)
{
	g_free(p);
}

static enum err
run(struct cx *cx, struct job *j, struct pic_bytes *out)
{
	start();
	loop_work(shrink, j);
	if (!j->ok)
		return err_say(cx, E_IMAGE, "The picture is damaged. Nothing "
		    "was charged.");
	arena_defer(cx->mem, free_out, j->out);
	if (!arena_charge(cx->mem, j->outlen))
		return err_set(cx, E_NOMEM, "picture of %zu bytes", j->outlen);
	out->data = j->out;
	out->len = j->outlen;
	out->width = j->width;
	out->height = j->height;
	return E_OK;
}

enum err
pic_thumb(struct cx *cx, const void *data, size_t len, int side,
    struct pic_bytes *out)
{
	struct job j = { .data = data, .len = len, .side = side,
	    .webp = true };

	if (known(data, len) == NULL)
		return err_set(cx, E_IMAGE, "thumbnail of something else");
	return run(cx, &j, out);
}

enum err
pic_fit(struct cx *cx, const void *data, size_t len, int side,
    int64_t pixels, struct pic_bytes *out, const char **type)
{
	struct job j = { .data = data, .len = len, .side = side };
	struct pic p;
	double over;
	enum err er;

	if ((er = pic_probe(cx, data, len, &p)) != E_OK)
		return er;
	over = (double)p.width * p.height / (double)pixels;
	if (over > 1) {
		int by_pixels = (int)((p.width > p.height ? p.width :
		    p.height) / sqrt(over));

		if (by_pixels < j.side)
			j.side = by_pixels;
	}
	if ((er = run(cx, &j, out)) != E_OK)
		return er;
	*type = j.png ? "image/png" : "image/jpeg";
	return E_OK;
}
