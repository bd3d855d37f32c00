/*
 * encode - from pixels to a file that says what it is
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vips/vips.h>

#include "render/encode.h"

static const char	software[] = "Mina sandbox";
static const char	comment[] =
    "Drawn by the Mina sandbox; not a photograph and not the output of an "
    "image model";

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
encode_canvas(const struct canvas *cv, bool jpg, bool quick,
    const char *prompt, void **out, size_t *outlen, char *err, size_t errlen)
{
	VipsImage	*im, *tagged = NULL;
	int		 rc;

	im = vips_image_new_from_memory(cv->px, (size_t)cv->w * cv->h * 3,
	    cv->w, cv->h, 3, VIPS_FORMAT_UCHAR);
	if (im == NULL || vips_copy(im, &tagged, "interpretation",
	    VIPS_INTERPRETATION_sRGB, NULL)) {
		if (im != NULL)
			g_object_unref(im);
		return picture_fail(err, errlen, "cannot encode");
	}
	describe(tagged, jpg, prompt);
	if (jpg)
		rc = vips_jpegsave_buffer(tagged, out, outlen, "Q",
		    quick ? 80 : 92, NULL);
	else
		rc = vips_pngsave_buffer(tagged, out, outlen, "compression",
		    quick ? 1 : 2, "filter", quick ?
		    VIPS_FOREIGN_PNG_FILTER_NONE : VIPS_FOREIGN_PNG_FILTER_SUB,
		    NULL);
	g_object_unref(tagged);
	g_object_unref(im);
	if (rc != 0)
		return picture_fail(err, errlen, "cannot encode");
	return 0;
}

int
encode_double(struct canvas *cv, int w, int h)
{
	uint8_t		*px = malloc((size_t)w * h * 3);
	const uint8_t	*a, *b;
	int		 x, y, k, sx, sy, nx, ny, near, far;

	if (px == NULL)
		return -1;
	/* Each new pixel lies a quarter off an old one: weights 9 3 3 1. */
	for (y = 0; y < h; y++) {
		sy = y / 2;
		sy = sy < cv->h ? sy : cv->h - 1;
		ny = y & 1 ? sy + 1 : sy - 1;
		ny = ny < 0 ? 0 : ny >= cv->h ? cv->h - 1 : ny;
		a = cv->px + (size_t)sy * cv->w * 3;
		b = cv->px + (size_t)ny * cv->w * 3;
		for (x = 0; x < w; x++) {
			sx = x / 2;
			sx = sx < cv->w ? sx : cv->w - 1;
			nx = x & 1 ? sx + 1 : sx - 1;
			nx = nx < 0 ? 0 : nx >= cv->w ? cv->w - 1 : nx;
			for (k = 0; k < 3; k++) {
				near = 3 * a[sx * 3 + k] + a[nx * 3 + k];
				far = 3 * b[sx * 3 + k] + b[nx * 3 + k];
				px[((size_t)y * w + x) * 3 + k] =
				    (uint8_t)((3 * near + far + 8) >> 4);
			}
		}
	}
	free(cv->px);
	cv->px = px;
	cv->w = w;
	cv->h = h;
	return 0;
}
