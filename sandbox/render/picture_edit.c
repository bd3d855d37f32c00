/*
 * picture_edit - resizing and cropping decoded pictures
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include <vips/vips.h>

#include "render/picture.h"

int
picture_resize(struct picture *pic, int w, int h, char *err, size_t errlen)
{
	VipsImage	*t[6] = { NULL };
	void		*mem;
	size_t		 len;
	int		 rc = -1, i;

	if (w == pic->w && h == pic->h)
		return 0;
	t[0] = vips_image_new_from_memory(pic->px,
	    (size_t)pic->w * pic->h * 4, pic->w, pic->h, 4,
	    VIPS_FORMAT_UCHAR);
	if (t[0] == NULL ||
	    vips_copy(t[0], &t[1], "interpretation",
		VIPS_INTERPRETATION_sRGB, NULL) ||
	    vips_premultiply(t[1], &t[2], NULL) ||
	    vips_resize(t[2], &t[3], (double)w / pic->w, "vscale",
		(double)h / pic->h, NULL) ||
	    vips_unpremultiply(t[3], &t[4], NULL) ||
	    vips_cast_uchar(t[4], &t[5], NULL) ||
	    (mem = vips_image_write_to_memory(t[5], &len)) == NULL) {
		picture_fail(err, errlen, "cannot resize");
		goto out;
	}
	free(pic->px);
	pic->px = mem;
	pic->w = vips_image_get_width(t[5]);
	pic->h = vips_image_get_height(t[5]);
	rc = 0;
out:
	for (i = 0; i < 6; i++)
		if (t[i] != NULL)
			g_object_unref(t[i]);
	return rc;
}

int
picture_crop(struct picture *pic, int x0, int y0, int x1, int y1)
{
	size_t	 row = (size_t)(x1 - x0) * 4;
	int	 y;

	if (x0 < 0 || y0 < 0 || x1 > pic->w || y1 > pic->h || x0 >= x1 ||
	    y0 >= y1)
		return -1;
	for (y = y0; y < y1; y++)
		memmove(pic->px + (size_t)(y - y0) * row,
		    pic->px + ((size_t)y * pic->w + x0) * 4, row);
	pic->w = x1 - x0;
	pic->h = y1 - y0;
	return 0;
}
