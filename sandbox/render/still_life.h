/*
 * still_life.h - objects that stand in when a brief comes without a product
 *
 * They are drawn as SVG where the camera of the stage sees them, each in
 * colours as under even light, and become layers of their own.
 */
#ifndef SANDBOX_STILL_LIFE_H
#define SANDBOX_STILL_LIFE_H

#include "render/layer.h"
#include "render/stage.h"

#define STILL_LIFE_MAX	5	/* layers */

/*
 * Arranges what the brief is about on a podium, with two or three shapes for
 * company. hue is the linear colour of the wall, which these take up. Layers
 * are added from the back to the front. Returns 0, or -1 with a sentence in
 * err; *n layers have to be freed in either case.
 */
int	still_life_arrange(const struct brief *, const struct stage *,
	    vec hue, struct layer *, int *n, char *err, size_t errlen);

/*
 * A round plinth under a product this wide, in world units; its height goes
 * to *high.
 */
int	still_life_plinth(const struct brief *, const struct stage *, vec hue,
	    float x, float wide, struct layer *, float *high, char *err,
	    size_t errlen);

#endif
