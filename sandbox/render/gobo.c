/*
 * gobo - stencils before the lamp: window bars, leaves, blinds
 *
 * SVG in world units with the origin in the middle. What is opaque there lets
 * the light through, or holds it back if it is foliage.
 */
#include "config.h"

#include <vips/vips.h>

#include "render/noise.h"
#include "render/picture.h"
#include "render/scene.h"

#define CELL	(GOBO_SPAN / GOBO_SIDE)

/* Three rows of panes; leaning bars look like a real, oblique sun. */
static void
window(GString *s, uint32_t seed)
{
	g_string_append_printf(s, "<g transform='matrix(1 0 -.3 1 %g 0)' "
	    "stroke='#fff' stroke-dasharray='.34 .06' stroke-dashoffset='.17'>"
	    "<path d='M-1-.525H1' stroke-width='.55'/>"
	    "<path d='M-1 .01H1' stroke-width='.4'/>"
	    "<path d='M-1 .465H1' stroke-width='.39'/></g>",
	    0.16f * (0.5f - noise_white(31, 1, seed)));
}

static void
blind(GString *s)
{
	g_string_append(s, "<g transform='matrix(1 -.3 0 1 0 0)'>"
	    "<path d='M0-3V3' stroke='#fff' stroke-width='6' "
	    "stroke-dasharray='.07 .055'/></g>");
}

/* A lens-shaped leaflet from (x, y) along angle a; sizes in cells. */
static void
leaflet(GString *s, float x, float y, float a, float len, float half)
{
	g_string_append_printf(s, "<path transform='translate(%g %g)"
	    "rotate(%g)scale(%g %g)' d='M0 0C.15 1.5 .6 1.4 1 0"
	    "C.6-1.4 .15-1.5 0 0Z'/>", (x / GOBO_SIDE - 0.5f) * GOBO_SPAN,
	    (y / GOBO_SIDE - 0.5f) * GOBO_SPAN, a * 57.29578f, CELL * len,
	    CELL * half);
}

/* Palm fronds reaching in from one side, leaflets along the stem. */
static void
palm(GString *s, uint32_t seed)
{
	float	 dir = noise_white(41, 1, seed) < 0.5f ? 1 : -1;
	float	 x, y, a, bend, t, len;
	int	 f, k;

	for (f = 0; f < 3; f++) {
		x = (0.5f - 0.46f * dir) * GOBO_SIDE;
		y = GOBO_SIDE * (0.10f + 0.36f * (float)f) +
		    (noise_white(f, 43, seed) - 0.5f) * 20;
		a = 0.50f - 0.42f * (float)f +
		    0.2f * (noise_white(f, 42, seed) - 0.5f);
		a = dir < 0 ? 3.14159f - a : a;
		bend = (noise_white(f, 44, seed) - 0.62f) * 0.06f * dir;
		for (k = 0; k < 15; k++) {
			t = (float)k / 15;
			x += 10.5f * cosf(a);
			y += 10.5f * sinf(a);
			a += bend;
			len = 58 * sinf(3.0f * (0.20f + 0.78f * t)) *
			    (0.85f + 0.3f * noise_white(k, f, seed)) + 8;
			leaflet(s, x, y, a + 0.90f - 0.5f * t, len, 2.66f);
			leaflet(s, x, y, a - 0.90f + 0.5f * t, len, 2.66f);
			leaflet(s, x, y, a, 14, 1);
		}
	}
}

int
gobo_make(const struct brief *b, float **out, char *err, size_t errlen)
{
	GString		*svg = g_string_new(NULL);
	VipsImage	*im = NULL;
	bool		 leaf = b->gobo == GOBO_LEAF;
	double		 r = rint(0.9 + 4 * b->soft * b->soft);
	size_t		 n;

	g_string_printf(svg, "<svg xmlns='http://www.w3.org/2000/svg' "
	    "width='%d' height='%d' viewBox='-1.5 -1.5 3 3'>", GOBO_SIDE,
	    GOBO_SIDE);
	if (b->gobo == GOBO_WINDOW)
		window(svg, b->seed);
	else if (b->gobo == GOBO_BLIND)
		blind(svg);
	else
		palm(svg, b->seed);
	g_string_append(svg, "</svg>");
	/* Its opacity, blurred, as shares of the light. */
	(void)vips_svgload_buffer(svg->str, svg->len, &im, NULL);
	PICTURE_THEN(im, extract_band, 3, NULL);
	PICTURE_THEN(im, gaussblur, sqrt(r * (r + 1)), "min_ampl", 0.03,
	    NULL);
	PICTURE_THEN(im, linear1, leaf ? -1 / 255.0 : 1 / 255.0, leaf,
	    NULL);
	*out = im == NULL ? NULL : vips_image_write_to_memory(im, &n);
	g_clear_object(&im);
	g_string_free(svg, TRUE);
	return *out != NULL ? 0 : picture_fail(err, errlen,
	    "cannot draw the gobo");
}
