/*
 * gobo - stencils before the lamp: window bars, leaves, blinds
 *
 * Drawn as SVG in world units with the origin in the middle. What is opaque
 * there lets the light through, or holds it back if it is foliage.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include <vips/vips.h>

#include "render/noise.h"
#include "render/picture.h"
#include "render/stage.h"

#define CELL	(GOBO_SPAN / GOBO_SIDE)
#define ROOM	32768		/* bytes of SVG */

/* Three rows of panes; leaning bars look like a real, oblique sun. */
static int
window(char *s, size_t n, uint32_t seed)
{
	return snprintf(s, n, "<g transform='matrix(1 0 -.3 1 %g 0)' "
	    "stroke='#fff' stroke-dasharray='.34 .06' stroke-dashoffset='.17'>"
	    "<path d='M-1-.525H1' stroke-width='.55'/>"
	    "<path d='M-1 .01H1' stroke-width='.4'/>"
	    "<path d='M-1 .465H1' stroke-width='.39'/></g>",
	    -0.16 * ((double)noise_white(31, 1, seed) - 0.5));
}

static int
blind(char *s, size_t n)
{
	return snprintf(s, n, "<g transform='matrix(1 -.3 0 1 0 0)'>"
	    "<path d='M0-3V3' stroke='#fff' stroke-width='6' "
	    "stroke-dasharray='.07 .055'/></g>");
}

/* A lens-shaped leaflet from (x, y) along angle a; sizes in cells. */
static int
leaflet(char *s, size_t n, float x, float y, float a, float len, float half)
{
	return snprintf(s, n, "<path transform='translate(%.4f %.4f)"
	    "rotate(%.2f)scale(%.5f)' d='M0 0C%.2f %.2f %.2f %.2f %.2f 0"
	    "C%.2f %.2f %.2f %.2f 0 0Z'/>", (double)((x / GOBO_SIDE - 0.5f) *
	    GOBO_SPAN), (double)((y / GOBO_SIDE - 0.5f) * GOBO_SPAN),
	    (double)(a * 57.29578f), (double)CELL,
	    (double)(0.15f * len), (double)(1.5f * half),
	    (double)(0.6f * len), (double)(1.4f * half), (double)len,
	    (double)(0.6f * len), (double)(-1.4f * half),
	    (double)(0.15f * len), (double)(-1.5f * half));
}

/* Palm fronds reaching in from one side, leaflets along the stem. */
static int
palm(char *s, size_t n, uint32_t seed)
{
	float	 dir = noise_white(41, 1, seed) < 0.5f ? 1 : -1;
	float	 x, y, a, bend, t, len;
	size_t	 at = 0;
	int	 f, k;

	for (f = 0; f < 3; f++) {
		x = (0.5f - 0.46f * dir) * GOBO_SIDE;
		y = GOBO_SIDE * (0.10f + 0.36f * (float)f) +
		    (noise_white(f, 43, seed) - 0.5f) * 20;
		a = 0.50f - 0.42f * (float)f +
		    0.2f * (noise_white(f, 42, seed) - 0.5f);
		a = dir < 0 ? 3.14159f - a : a;
		bend = (noise_white(f, 44, seed) - 0.62f) * 0.06f * dir;
		for (k = 0; k < 15 && at + 600 < n; k++) {
			t = (float)k / 15;
			x += 10.5f * cosf(a);
			y += 10.5f * sinf(a);
			a += bend;
			len = 58 * sinf(3.0f * (0.20f + 0.78f * t)) *
			    (0.85f + 0.3f * noise_white(k, f, seed)) + 8;
			at += (size_t)leaflet(s + at, n - at, x, y,
			    a + 0.90f - 0.5f * t, len, 2.66f);
			at += (size_t)leaflet(s + at, n - at, x, y,
			    a - 0.90f + 0.5f * t, len, 2.66f);
			at += (size_t)leaflet(s + at, n - at, x, y, a, 14,
			    1);
		}
	}
	return (int)at;
}

/* Opacity of the drawing, blurred, as floats; NULL when libvips fails. */
static float *
rasterize(char *svg, size_t len, const struct brief *b)
{
	VipsImage	*t[4] = { NULL };
	bool		 leaf = b->gobo == GOBO_LEAF;
	float		 r = rintf(0.9f + 4 * b->soft * b->soft);
	void		*mem = NULL;
	size_t		 n;
	int		 i;

	if (!vips_svgload_buffer(svg, len, &t[0], NULL) &&
	    !vips_extract_band(t[0], &t[1], 3, NULL) &&
	    !vips_gaussblur(t[1], &t[2], sqrt((double)(r * (r + 1))),
	    "min_ampl", 0.03, NULL) &&
	    !vips_linear1(t[2], &t[3], leaf ? -1 / 255.0 : 1 / 255.0,
	    leaf ? 1 : 0, NULL))
		mem = vips_image_write_to_memory(t[3], &n);
	for (i = 0; i < 4; i++)
		if (t[i] != NULL)
			g_object_unref(t[i]);
	return mem;
}

int
gobo_make(const struct brief *b, float **out, char *err, size_t errlen)
{
	char	 svg[ROOM], *s = svg;
	size_t	 room = sizeof svg - 8;

	s += snprintf(s, room, "<svg xmlns='http://www.w3.org/2000/svg' "
	    "width='%d' height='%d' viewBox='-1.5 -1.5 3 3'>", GOBO_SIDE,
	    GOBO_SIDE);
	room -= (size_t)(s - svg);
	s += b->gobo == GOBO_WINDOW ? window(s, room, b->seed) :
	    b->gobo == GOBO_BLIND ? blind(s, room) : palm(s, room, b->seed);
	s += snprintf(s, 8, "</svg>");
	if ((*out = rasterize(svg, (size_t)(s - svg), b)) == NULL)
		return picture_fail(err, errlen, "cannot draw the gobo");
	return 0;
}
