/*
 * develop - from linear light to bytes: vignette, tone curve, grain
 */
#include "config.h"

#include <math.h>

#include "render/noise.h"
#include "render/paint.h"

/*
 * Straight up to 0.62 so that a product keeps its colours, then a shoulder
 * that brings highlights to white without clipping; then sRGB; then contrast
 * about the middle.
 */
void
develop_begin(struct shot *sh)
{
	float	 x, y, k = 0.9f * (sh->contrast - 1);
	int	 i;

	for (i = 0; i < PAINT_TONES; i++) {
		x = (float)i / (PAINT_TONES - 1);
		x = 2.5f * x * x;
		if (x > 0.62f)
			x = 0.62f + 0.37f * (1 - expf(-(x - 0.62f) / 0.37f));
		y = x <= 0.0031308f ? 12.92f * x :
		    1.055f * powf(x, 1 / 2.4f) - 0.055f;
		y += k * y * (1 - y) * (2 * y - 1);
		/* Flat light also lifts the blacks a little. */
		if (k < 0)
			y = mixf(y, 0.5f, -0.16f * k);
		sh->tone[i] = (uint8_t)lrintf(clampf(y, 0, 1) * 255);
	}
}

void
develop_row(const struct shot *sh, int row, const float *rgb, uint8_t *out)
{
	const struct stage	*st = &sh->stage;
	float			 dx, dy, v, x, g;
	float			 top = PAINT_TONES - 1.51f;
	int			 i, k;

	dy = ((float)row + 0.5f) / (float)st->h - 0.5f;
	for (i = 0; i < st->w; i++) {
		dx = ((float)i + 0.5f) / (float)st->w - 0.5f;
		v = (dx * dx + dy * dy) * 2;
		v = 1 - sh->vignette * v * (0.55f + 0.45f * v);
		/* Less than one step of grain: hides banding, costs little. */
		g = sh->quick ? 0 : (noise_white(i, row, 77) - 0.5f) * 2.4f;
		for (k = 0; k < 3; k++) {
			x = rgb[3 * i + k] * v * 0.4f;
			x = sqrtf(x < 1 ? x : 1) * (PAINT_TONES - 1) +
			    g * 4;
			x = clampf(x, 0, top);
			out[3 * i + k] = sh->tone[(int)(x + 0.5f)];
		}
	}
}
