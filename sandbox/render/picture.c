/*
 * picture - decoding pictures that strangers sent
 */
#include "config.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vips/vips.h>

#include "render/picture.h"

static pthread_once_t	once = PTHREAD_ONCE_INIT;
static int		started = -1;

/* What is wrong with a picture goes to whoever sent it, not to stderr. */
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
	started = vips_init("mina-sandbox");
	if (started != 0)
		return;
	g_log_set_handler("VIPS", G_LOG_LEVEL_WARNING, hush, NULL);
	/* We are already many threads; libvips should not add its own. */
	vips_concurrency_set(1);
	/* No operation here is ever repeated, a cache only holds memory. */
	vips_cache_set_max(0);
	vips_block_untrusted_set(TRUE);
	/* The svg loader counts as untrusted; our own props are svg. */
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
	size_t		 n = strcspn(why, "\n");

	snprintf(err, errlen, "%s: %.*s", what, (int)(n > 160 ? 160 : n), why);
	vips_error_clear();
	return -1;
}

const char *
picture_sniff(const void *data, size_t len)
{
	const uint8_t	*p = data;
	size_t		 i;

	if (len < 12)
		return NULL;
	if (memcmp(p, "\x89PNG\r\n\x1a\n", 8) == 0)
		return "png";
	if (p[0] == 0xff && p[1] == 0xd8 && p[2] == 0xff)
		return "jpeg";
	if (memcmp(p, "RIFF", 4) == 0 && memcmp(p + 8, "WEBP", 4) == 0)
		return "webp";
	for (i = 0; i + 4 < len && i < 1024; i++)
		if (memcmp(p + i, "<svg", 4) == 0)
			return "svg";
	return NULL;
}

static VipsSource *
source_new(const void *data, size_t len, const char **format, char *err,
    size_t errlen)
{
	VipsSource	*src;

	if (picture_init(err, errlen) == -1)
		return NULL;
	if ((*format = picture_sniff(data, len)) == NULL) {
		snprintf(err, errlen, "not a png, jpeg, webp or svg picture");
		return NULL;
	}
	if ((src = vips_source_new_from_memory(data, len)) == NULL)
		picture_fail(err, errlen, "cannot read");
	return src;
}

/* See describe() in encode.c. */
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
		    strncmp(by, "Mina sandbox", 12) == 0)
			return true;
	return false;
}

static int
head_read(VipsSource *src, struct picture *pic, bool *profile, char *err,
    size_t errlen)
{
	VipsImage	*im;
	int		 swap;

	im = vips_image_new_from_source(src, "", "access",
	    VIPS_ACCESS_SEQUENTIAL, NULL);
	if (im == NULL)
		return picture_fail(err, errlen, "cannot read the header");
	pic->fullw = vips_image_get_width(im);
	pic->fullh = vips_image_get_height(im);
	pic->alpha = vips_image_hasalpha(im);
	pic->ours = drawn_here(im);
	*profile = vips_image_get_typeof(im, VIPS_META_ICC_NAME) != 0 ||
	    vips_image_get_interpretation(im) == VIPS_INTERPRETATION_CMYK;
	if (vips_image_get_orientation_swap(im)) {
		swap = pic->fullw;
		pic->fullw = pic->fullh;
		pic->fullh = swap;
	}
	g_object_unref(im);
	if ((int64_t)pic->fullw * pic->fullh > PICTURE_PIXELS) {
		snprintf(err, errlen, "%dx%d is over the limit of %d pixels",
		    pic->fullw, pic->fullh, PICTURE_PIXELS);
		return -1;
	}
	return 0;
}

int
picture_head(const void *data, size_t len, struct picture *pic, char *err,
    size_t errlen)
{
	VipsSource	*src;
	bool		 profile;
	int		 rc;

	memset(pic, 0, sizeof *pic);
	if ((src = source_new(data, len, &pic->format, err, errlen)) == NULL)
		return -1;
	rc = head_read(src, pic, &profile, err, errlen);
	g_object_unref(src);
	return rc;
}

/* Whatever the colour space and depth, four bands of bytes come out. */
static int
to_rgba(VipsImage **im)
{
	VipsImage	*next;

	if (vips_image_get_interpretation(*im) != VIPS_INTERPRETATION_sRGB) {
		if (vips_colourspace(*im, &next, VIPS_INTERPRETATION_sRGB,
		    NULL))
			return -1;
		g_object_unref(*im);
		*im = next;
	}
	if (!vips_image_hasalpha(*im)) {
		if (vips_addalpha(*im, &next, NULL))
			return -1;
		g_object_unref(*im);
		*im = next;
	}
	if (vips_image_get_format(*im) != VIPS_FORMAT_UCHAR) {
		if (vips_cast_uchar(*im, &next, NULL))
			return -1;
		g_object_unref(*im);
		*im = next;
	}
	return vips_image_get_bands(*im) == 4 ? 0 : -1;
}

static int
take_pixels(VipsImage *im, struct picture *pic)
{
	size_t	 len;
	void	*mem;

	if ((mem = vips_image_write_to_memory(im, &len)) == NULL)
		return -1;
	pic->w = vips_image_get_width(im);
	pic->h = vips_image_get_height(im);
	/* vips hands out g_malloc memory, which is malloc since glib 2.46. */
	pic->px = mem;
	return 0;
}

int
picture_load(const void *data, size_t len, int maxw, int maxh,
    struct picture *pic, char *err, size_t errlen)
{
	VipsSource	*src;
	VipsImage	*im = NULL;
	bool		 svg, profile = false;
	int		 rc = -1;

	memset(pic, 0, sizeof *pic);
	if ((src = source_new(data, len, &pic->format, err, errlen)) == NULL)
		return -1;
	svg = strcmp(pic->format, "svg") == 0;
	if (head_read(src, pic, &profile, err, errlen) == -1)
		goto out;
	/* Most pictures bring no profile, and colour management is slow. */
	if ((profile ? vips_thumbnail_source(src, &im, maxw, "height", maxh,
	    "size", svg ? VIPS_SIZE_BOTH : VIPS_SIZE_DOWN, "export_profile",
	    "srgb", NULL) : vips_thumbnail_source(src, &im, maxw, "height",
	    maxh, "size", svg ? VIPS_SIZE_BOTH : VIPS_SIZE_DOWN, NULL)) != 0 ||
	    to_rgba(&im) == -1 || take_pixels(im, pic) == -1) {
		picture_fail(err, errlen, "cannot decode");
		goto out;
	}
	rc = 0;
out:
	if (im != NULL)
		g_object_unref(im);
	g_object_unref(src);
	vips_thread_shutdown();
	return rc;
}

/*
 * Every k by k pixels become one, weighted by alpha. Coarser than what
 * libvips does and several times as fast.
 */
static int
shrink(struct picture *pic, int k)
{
	int	 w = pic->w / k, h = pic->h / k, x, y, i, j;
	uint8_t	*px = malloc((size_t)w * h * 4), *q = px;

	if (px == NULL)
		return -1;
	for (y = 0; y < h; y++)
		for (x = 0; x < w; x++, q += 4) {
			unsigned int	 s[4] = { 0, 0, 0, 0 };

			for (j = 0; j < k; j++) {
				const uint8_t	*p = pic->px + (((size_t)y *
				    k + j) * pic->w + (size_t)x * k) * 4;

				for (i = 0; i < k; i++, p += 4) {
					s[0] += p[0] * p[3];
					s[1] += p[1] * p[3];
					s[2] += p[2] * p[3];
					s[3] += p[3];
				}
			}
			for (i = 0; i < 3; i++)
				q[i] = s[3] > 0 ? (uint8_t)(s[i] / s[3]) : 0;
			q[3] = (uint8_t)(s[3] / (unsigned int)(k * k));
		}
	free(pic->px);
	pic->px = px;
	pic->w = w;
	pic->h = h;
	return 0;
}

int
picture_load_quick(const void *data, size_t len, int max, struct picture *pic,
    char *err, size_t errlen)
{
	VipsSource	*src;
	VipsImage	*im, *up;
	int		 k, rc = -1;

	if (picture_head(data, len, pic, err, errlen) == -1)
		return -1;
	if (strcmp(pic->format, "svg") == 0 ||
	    (int64_t)pic->fullw * pic->fullh > 8000000)
		return picture_load(data, len, max, max, pic, err, errlen);
	if ((src = source_new(data, len, &pic->format, err, errlen)) == NULL)
		return -1;
	im = vips_image_new_from_source(src, "", NULL);
	if (im != NULL && vips_autorot(im, &up, NULL) == 0) {
		g_object_unref(im);
		im = up;
		if (to_rgba(&im) == 0 && take_pixels(im, pic) == 0)
			rc = 0;
	}
	if (rc == -1)
		picture_fail(err, errlen, "cannot decode");
	if (im != NULL)
		g_object_unref(im);
	g_object_unref(src);
	k = rc == 0 ? (pic->w > pic->h ? pic->w : pic->h) / max : 0;
	if (k > 1 && shrink(pic, k) == -1) {
		snprintf(err, errlen, "out of memory");
		picture_free(pic);
		rc = -1;
	}
	return rc;
}

void
picture_free(struct picture *pic)
{
	free(pic->px);
	pic->px = NULL;
}
