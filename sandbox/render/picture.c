/*
 * picture - decoding, resizing and encoding pictures with libvips
 */
#include "config.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vips/vips.h>

#include "render/picture.h"

static const char	software[] = "Mina sandbox";
static const char	comment[] =
    "Drawn by the Mina sandbox; not a photograph and not the output of an "
    "image model";

static pthread_once_t	once = PTHREAD_ONCE_INIT;
static int		started = -1;

float			srgb_linear[256];

/* What is wrong with a picture is told to the client, not to stderr. */
static void
hush(const gchar *domain, GLogLevelFlags level, const gchar *text, gpointer p)
{
	(void)domain;
	(void)level;
	(void)text;
	(void)p;
}

static void
start(void)
{
	float	 x;
	int	 i;

	for (i = 0; i < 256; i++) {
		x = (float)i / 255;
		srgb_linear[i] = x <= 0.04045f ? x / 12.92f :
		    powf((x + 0.055f) / 1.055f, 2.4f);
	}
	started = vips_init("mina-sandbox");
	if (started != 0)
		return;
	g_log_set_handler("VIPS", G_LOG_LEVEL_WARNING, hush, NULL);
	/* We are already many threads; libvips should not add its own. */
	vips_concurrency_set(1);
	/* No operation here is ever repeated, a cache only holds memory. */
	vips_cache_set_max(0);
	vips_block_untrusted_set(TRUE);
	/* The svg loader counts as untrusted; props and gobos are svg. */
	vips_operation_block_set("VipsForeignLoadSvg", FALSE);
}

int
picture_init(char *err, size_t errlen)
{
	pthread_once(&once, start);
	if (started == 0)
		return 0;
	snprintf(err, errlen, "libvips does not start");
	return -1;
}

int
picture_fail(char *err, size_t errlen, const char *what)
{
	const char	*why = vips_error_buffer();

	snprintf(err, errlen, "%s: %.*s", what, (int)strcspn(why, "\n"), why);
	vips_error_clear();
	return -1;
}

/* --- decoding */

static const char *
format_of(const void *data, size_t len)
{
	const uint8_t	*p = data;

	if (len < 12)
		return NULL;
	if (memcmp(p, "\x89PNG\r\n\x1a\n", 8) == 0)
		return "png";
	if (memcmp(p, "\xff\xd8\xff", 3) == 0)
		return "jpeg";
	if (memcmp(p, "RIFF", 4) == 0 && memcmp(p + 8, "WEBP", 4) == 0)
		return "webp";
	return memmem(p, len < 1024 ? len : 1024, "<svg", 4) != NULL ?
	    "svg" : NULL;
}

/* See describe(). */
static bool
drawn_here(VipsImage *im)
{
	static const char *const field[] = { "png-comment-0-Software",
		"exif-ifd0-Software" };
	const char	*by;
	int		 i;

	for (i = 0; i < 2; i++)
		if (vips_image_get_typeof(im, field[i]) != 0 &&
		    vips_image_get_string(im, field[i], &by) == 0 &&
		    strncmp(by, software, sizeof software - 1) == 0)
			return true;
	return false;
}

/* NULL with a sentence in err; managed: its colours need conversion. */
static VipsSource *
open_source(const void *data, size_t len, struct picture *pic, bool *managed,
    char *err, size_t errlen)
{
	VipsSource	*src;
	VipsImage	*im;
	bool		 turned;

	memset(pic, 0, sizeof *pic);
	if (picture_init(err, errlen) == -1)
		return NULL;
	if ((pic->format = format_of(data, len)) == NULL) {
		snprintf(err, errlen, "not a png, jpeg, webp or svg picture");
		return NULL;
	}
	src = vips_source_new_from_memory(data, len);
	im = src == NULL ? NULL : vips_image_new_from_source(src, "",
	    "access", VIPS_ACCESS_SEQUENTIAL, NULL);
	if (im == NULL) {
		picture_fail(err, errlen, "cannot read the header");
		g_clear_object(&src);
		return NULL;
	}
	turned = vips_image_get_orientation_swap(im);
	pic->fullw = turned ? im->Ysize : im->Xsize;
	pic->fullh = turned ? im->Xsize : im->Ysize;
	pic->alpha = vips_image_hasalpha(im);
	pic->ours = drawn_here(im);
	*managed = vips_image_get_typeof(im, VIPS_META_ICC_NAME) != 0 ||
	    vips_image_get_interpretation(im) == VIPS_INTERPRETATION_CMYK;
	g_object_unref(im);
	if ((int64_t)pic->fullw * pic->fullh > PICTURE_PIXELS) {
		snprintf(err, errlen, "%dx%d is over the limit of %d pixels",
		    pic->fullw, pic->fullh, PICTURE_PIXELS);
		g_clear_object(&src);
	}
	return src;
}

int
picture_head(const void *data, size_t len, struct picture *pic, char *err,
    size_t errlen)
{
	VipsSource	*src;
	bool		 managed;

	src = open_source(data, len, pic, &managed, err, errlen);
	if (src == NULL)
		return -1;
	g_object_unref(src);
	return 0;
}

/* Replaces the pixels by those of im, which goes, as RGBA. */
static int
take_pixels(VipsImage *im, struct picture *pic)
{
	void	*mem = NULL;
	size_t	 len;

	PICTURE_THEN(im, autorot, NULL);
	PICTURE_THEN(im, colourspace, VIPS_INTERPRETATION_sRGB, NULL);
	if (im != NULL && !vips_image_hasalpha(im))
		PICTURE_THEN(im, addalpha, NULL);
	PICTURE_THEN(im, cast_uchar, NULL);
	if (im != NULL && vips_image_get_bands(im) == 4)
		mem = vips_image_write_to_memory(im, &len);
	if (mem != NULL) {
		/* It is g_malloc memory, which is malloc's. */
		free(pic->px);
		pic->px = mem;
		pic->w = vips_image_get_width(im);
		pic->h = vips_image_get_height(im);
	}
	g_clear_object(&im);
	return mem != NULL ? 0 : -1;
}

int
picture_load(const void *data, size_t len, int side, bool quick,
    struct picture *pic, char *err, size_t errlen)
{
	VipsSource	*src;
	VipsImage	*im = NULL;
	VipsSize	 size = VIPS_SIZE_DOWN;
	bool		 managed;
	int		 rc = 0, k;

	src = open_source(data, len, pic, &managed, err, errlen);
	if (src == NULL)
		return -1;
	if (strcmp(pic->format, "svg") == 0) {
		size = VIPS_SIZE_BOTH;
		quick = false;
	}
	if ((int64_t)pic->fullw * pic->fullh > 8000000)
		quick = false;
	/* Most pictures bring no profile, and colour management is slow. */
	if (quick)
		im = vips_image_new_from_source(src, "", NULL);
	else if (managed)
		(void)vips_thumbnail_source(src, &im, side, "height", side,
		    "size", size, "export_profile", "srgb", NULL);
	else
		(void)vips_thumbnail_source(src, &im, side, "height", side,
		    "size", size, NULL);
	if (take_pixels(im, pic) == -1)
		rc = picture_fail(err, errlen, "cannot decode");
	g_object_unref(src);
	k = MAX(pic->fullw, pic->fullh) / side;
	if (rc == 0 && quick && k > 1)
		rc = picture_shrink(pic, k, pic, err, errlen);
	vips_thread_shutdown();
	return rc;
}

/* --- editing */

static VipsImage *
image_of(const struct picture *pic)
{
	VipsImage	*im = vips_image_new_from_memory(pic->px,
			    (size_t)pic->w * pic->h * 4, pic->w, pic->h, 4,
			    VIPS_FORMAT_UCHAR);

	PICTURE_THEN(im, copy, "interpretation", VIPS_INTERPRETATION_sRGB,
	    NULL);
	return im;
}

/* By a whole number k, or to w x h if k is 0. */
static int
resample(const struct picture *pic, int k, int w, int h, struct picture *out,
    char *err, size_t errlen)
{
	bool		 alpha = pic->alpha;
	VipsImage	*im = image_of(pic);

	if (alpha)
		PICTURE_THEN(im, premultiply, NULL);
	if (k > 0)
		PICTURE_THEN(im, shrink, k, k, NULL);
	else
		PICTURE_THEN(im, resize, (double)w / pic->w, "vscale",
		    (double)h / pic->h, NULL);
	if (alpha)
		PICTURE_THEN(im, unpremultiply, NULL);
	return take_pixels(im, out) == 0 ? 0 : picture_fail(err, errlen,
	    "cannot resize");
}

int
picture_scale(struct picture *pic, int w, int h, char *err, size_t errlen)
{
	return w == pic->w && h == pic->h ? 0 : resample(pic, 0, w, h, pic,
	    err, errlen);
}

int
picture_shrink(const struct picture *pic, int k, struct picture *out,
    char *err, size_t errlen)
{
	return resample(pic, k, 0, 0, out, err, errlen);
}

int
picture_border(struct picture *pic, int wide, int grey, char *err,
    size_t errlen)
{
	double		 c[4] = { grey, grey, grey, 255 };
	VipsArrayDouble	*back = vips_array_double_new(c, 4);
	VipsImage	*im = image_of(pic);

	PICTURE_THEN(im, embed, wide, wide, pic->w + 2 * wide,
	    pic->h + 2 * wide, "extend", VIPS_EXTEND_BACKGROUND, "background",
	    back, NULL);
	vips_area_unref(VIPS_AREA(back));
	return take_pixels(im, pic) == 0 ? 0 : picture_fail(err, errlen,
	    "cannot add a border");
}

void
picture_crop(struct picture *pic, int x0, int y0, int x1, int y1)
{
	size_t	 row = (size_t)(x1 - x0) * 4;
	int	 y;

	for (y = y0; y < y1; y++)
		memmove(pic->px + (size_t)(y - y0) * row,
		    pic->px + ((size_t)y * pic->w + x0) * 4, row);
	pic->w = x1 - x0;
	pic->h = y1 - y0;
}

void
picture_free(struct picture *pic)
{
	free(pic->px);
	pic->px = NULL;
}

/* --- encoding */

static void
describe(VipsImage *im, bool jpg, const char *prompt)
{
	char	 text[1000];

	snprintf(text, sizeof text, "%.900s", prompt != NULL ? prompt : "");
	/* A cut in the middle of a character is no UTF-8 any more. */
	while (*text != '\0' && !g_utf8_validate(text, -1, NULL))
		text[strlen(text) - 1] = '\0';
	if (jpg) {
		vips_image_set_string(im, "exif-ifd0-Software", software);
		vips_image_set_string(im, "exif-ifd0-ImageDescription",
		    comment);
		return;
	}
	vips_image_set_string(im, "png-comment-0-Software", software);
	vips_image_set_string(im, "png-comment-1-Comment", comment);
	if (*text != '\0')
		vips_image_set_string(im, "png-comment-2-Description", text);
}

int
picture_encode(const uint8_t *px, int w, int h, bool jpg, bool quick,
    const char *prompt, void **out, size_t *outlen, char *err, size_t errlen)
{
	VipsImage	*im;
	int		 rc = -1;

	im = vips_image_new_from_memory(px, (size_t)w * h * 3, w, h, 3,
	    VIPS_FORMAT_UCHAR);
	PICTURE_THEN(im, copy, "interpretation", VIPS_INTERPRETATION_sRGB,
	    NULL);
	if (im != NULL) {
		describe(im, jpg, prompt);
		rc = jpg ? vips_jpegsave_buffer(im, out, outlen, "Q",
		    quick ? 80 : 92, NULL) : vips_pngsave_buffer(im, out,
		    outlen, "compression", quick ? 1 : 2, "filter", quick ?
		    VIPS_FOREIGN_PNG_FILTER_NONE :
		    VIPS_FOREIGN_PNG_FILTER_SUB, NULL);
		g_object_unref(im);
	}
	return rc == 0 ? 0 : picture_fail(err, errlen, "cannot encode");
}
