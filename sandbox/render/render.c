/*
 * render - stills for the sandbox
 */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vips/vips.h>

#include "render/cast.h"
#include "render/dress.h"
#include "render/encode.h"
#include "render/noise.h"
#include "render/paint.h"
#include "render/render.h"
#include "render/words.h"

/* Share of the frame's height a product has before zoom. */
#define TALL	0.60f

static int
place_product(struct shot *sh, const struct brief *b, struct cast *ca,
    char *err, size_t errlen)
{
	struct picture	*pic = &ca->product;
	float		 w = (float)sh->stage.w, h = (float)sh->stage.h;
	float		 x, k, stand = 0, room;

	if (ca->card && cast_mount(pic) == -1) {
		snprintf(err, errlen, "out of memory");
		return -1;
	}
	k = b->zoom * fminf(TALL * h / (float)pic->h,
	    0.60f * w / (float)pic->w);
	if (ca->card)
		k *= 0.9f;
	x = (noise_white(11, 1, b->seed) - 0.5f) * 0.07f;
	if (b->shift != 0)
		x = 0.16f * b->shift;
	x *= fminf(1, w / h);
	if (b->plinth) {
		stand = still_plinth(&sh->still, b, sh->wall.base, x,
		    k * (float)pic->w / h);
		k *= 0.92f;
	}
	room = (sh->stage.base - 0.06f - stand) * h / (float)pic->h;
	k = fminf(k, room);
	if (picture_resize(pic, (int)fmaxf(4, k * (float)pic->w),
	    (int)fmaxf(4, k * (float)pic->h), err, errlen) == -1)
		return -1;
	if (ca->logo.px != NULL && b->logo_on_product) {
		if (sticker_print(pic, &ca->logo, err, errlen) == -1)
			return -1;
		picture_free(&ca->logo);
	}
	if (layer_init(&sh->product, pic, &sh->stage, x, stand) == -1) {
		snprintf(err, errlen, "out of memory");
		return -1;
	}
	if (ca->card)
		sh->product.foot_z = 0.012f;
	sh->has_product = true;
	return 0;
}

static int
build(struct shot *sh, const struct brief *b, struct cast *ca, char *err,
    size_t errlen)
{
	float	 ground[3], aspect = (float)sh->stage.w / (float)sh->stage.h;
	int	 i;

	if (ca->product.px != NULL) {
		if (place_product(sh, b, ca, err, errlen) == -1)
			return -1;
	} else
		still_arrange(&sh->still, b, sh->wall.base, aspect);
	if (sh->still.n > 0) {
		for (i = 0; i < 3; i++)
			ground[i] = sh->table.base[i];
		if (still_draw(&sh->still, &sh->stage, ground, sh->wall.base,
		    sh->has_product ? &sh->product : NULL, sh->quick,
		    &sh->bodies, err, errlen) == -1)
			return -1;
	}
	if (paint_begin(sh) == -1) {
		snprintf(err, errlen, "out of memory");
		return -1;
	}
	return 0;
}

static int
place_logo(struct canvas *cv, struct picture *logo, char *err, size_t errlen)
{
	int	 side = cv->w < cv->h ? cv->w : cv->h, pad = side / 24;
	float	 k = fminf(0.17f * (float)side / (float)logo->w,
	    0.085f * (float)side / (float)logo->h);

	if (picture_resize(logo, (int)fmaxf(4, k * (float)logo->w),
	    (int)fmaxf(4, k * (float)logo->h), err, errlen) == -1)
		return -1;
	sticker_logo(cv, logo, pad, pad);
	return 0;
}

static void
shot_free(struct shot *sh)
{
	paint_end(sh);
	layer_free(&sh->product);
	layer_free(&sh->bodies);
	stage_free(&sh->stage);
}

static int
check(const struct render_order *o, bool *jpg, char *err, size_t errlen)
{
	const char	*f = o->format != NULL ? o->format : "png";

	*jpg = strcmp(f, "jpg") == 0 || strcmp(f, "jpeg") == 0;
	if (!*jpg && strcmp(f, "png") != 0) {
		snprintf(err, errlen, "format %.20s is not png or jpg", f);
		return -1;
	}
	if (o->width < 64 || o->height < 64 || o->width > RENDER_SIDE ||
	    o->height > RENDER_SIDE) {
		snprintf(err, errlen, "%dx%d is not within 64 to %d",
		    o->width, o->height, RENDER_SIDE);
		return -1;
	}
	if (o->npic > RENDER_PICTURES) {
		snprintf(err, errlen, "more than %d pictures",
		    RENDER_PICTURES);
		return -1;
	}
	return picture_init(err, errlen);
}

static int
expose(struct shot *sh, const struct brief *b, struct cast *ca,
    struct canvas *cv, char *err, size_t errlen)
{
	int	 y;

	if (stage_init(&sh->stage, b, cv->w, cv->h) == -1) {
		snprintf(err, errlen, "out of memory");
		return -1;
	}
	sh->shadow = b->shadow;
	sh->soft = b->soft;
	sh->reflect = b->reflect;
	sh->expose = b->expose;
	sh->contrast = b->contrast;
	sh->vignette = clampf(0.20f + 0.30f * (b->contrast - 1) -
	    0.15f * b->expose, 0.06f, 0.6f);
	sh->seed = b->seed;
	if (build(sh, b, ca, err, errlen) == -1)
		return -1;
	for (y = 0; y < cv->h; y++)
		paint_row(sh, y, cv->px + (size_t)y * cv->w * 3);
	return 0;
}

int
render_still(const struct render_order *o, void **out, size_t *outlen,
    char *err, size_t errlen)
{
	struct canvas	 cv = { NULL, 0, 0 };
	struct brief	 b;
	struct cast	 ca;
	struct shot	 sh;
	bool		 jpg;
	int		 rc = -1;

	if (check(o, &jpg, err, errlen) == -1)
		return -1;
	memset(&sh, 0, sizeof sh);
	words_read(o->prompt, &b);
	sh.quick = o->fast;
	cv.w = o->fast ? (o->width + 1) / 2 : o->width;
	cv.h = o->fast ? (o->height + 1) / 2 : o->height;
	if (cast_call(o, (int)((float)cv.h * TALL * b.zoom), &ca, err,
	    errlen) == -1)
		return -1;
	if ((cv.px = malloc((size_t)cv.w * cv.h * 3)) == NULL) {
		snprintf(err, errlen, "out of memory");
		goto out;
	}
	dress(&sh, &b, &ca);
	if (expose(&sh, &b, &ca, &cv, err, errlen) == -1)
		goto out;
	/* The scene is not needed any more, and encoding needs memory. */
	shot_free(&sh);
	if (o->fast && encode_double(&cv, o->width, o->height) == -1) {
		snprintf(err, errlen, "out of memory");
		goto out;
	}
	if (ca.logo.px != NULL &&
	    place_logo(&cv, &ca.logo, err, errlen) == -1)
		goto out;
	if (sticker_watermark(&cv, err, errlen) == -1)
		goto out;
	rc = encode_canvas(&cv, jpg, o->fast, o->prompt, out, outlen, err,
	    errlen);
out:
	shot_free(&sh);
	cast_free(&ca);
	free(cv.px);
	vips_thread_shutdown();
	return rc;
}

void
render_free(void *p)
{
	g_free(p);
}
