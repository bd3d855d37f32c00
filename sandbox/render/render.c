/*
 * render - stills: from a prompt and pictures to an encoded file
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <vips/vips.h>

#include "render/cutout.h"
#include "render/look.h"
#include "render/noise.h"
#include "render/overlay.h"
#include "render/render.h"
#include "render/scene.h"

/* Share of the frame's height a product has before zoom. */
#define TALL	0.60f

/* The pictures of an order, decoded and cut out. */
struct inputs {
	struct picture	 product;	/* px NULL: none */
	bool		 print;		/* it could not be cut out */
	struct picture	 logo;		/* the same */
	bool		 inspired;	/* hue and light below are set */
	uint8_t		 hue[3];	/* of the inspirations' main tone */
	float		 light;		/* their mean L* */
};

/* --- dimensions */

static const struct {
	const char	*name;
	int		 w, h;
} ratios[] = {
	{ "1:1", 1, 1 }, { "4:3", 4, 3 }, { "3:4", 3, 4 },
	{ "16:9", 16, 9 }, { "9:16", 9, 16 }, { "3:2", 3, 2 },
	{ "2:3", 2, 3 }, { "21:9", 7, 3 }
};

/*
 * The exact ratio is kept by counting in units: both sides are the same
 * multiple of the ratio's own numbers, and that is a multiple of 16.
 */
static int
units(int rw, int rh, int side)
{
	double	 want = sqrt((double)side * side / ((double)rw * rh));
	int	 low = MIN(rw, rh), high = MAX(rw, rh);
	int	 step = 16, k;

	k = (int)lrint(want / step) * step;
	/* 1024 on the short side, though the area grows. */
	if (k * low < 1024)
		k = (1024 + low - 1) / low;
	k = (k + step - 1) / step * step;
	return k * high > RENDER_SIDE ? RENDER_SIDE / high / step * step : k;
}

int
render_size(const char *ratio, const char *size, int *w, int *h)
{
	int	 side = strcasecmp(size, "1K") == 0 ? 1024 :
		    strcasecmp(size, "2K") == 0 ? 2048 :
		    strcasecmp(size, "4K") == 0 ? 4096 : 0, k;
	size_t	 i;

	for (i = 0; side > 0 && i < sizeof ratios / sizeof ratios[0]; i++)
		if (strcmp(ratios[i].name, ratio) == 0) {
			k = units(ratios[i].w, ratios[i].h, side);
			*w = ratios[i].w * k;
			*h = ratios[i].h * k;
			return 0;
		}
	return -1;
}

/* --- the pictures */

/*
 * The main tone of a scene: the largest colour that is neither black nor
 * glaring white, since a backdrop of either says little.
 */
static void
inspire(const struct look *lk, struct inputs *in)
{
	float	 l;
	int	 i, pick = 0;

	if (lk->ncolour == 0)
		return;
	if (in->inspired) {
		in->light = 0.5f * (in->light + lk->light);
		return;
	}
	for (i = lk->ncolour - 1; i >= 0; i--) {
		l = palette_lab(lk->colour[i].rgb)[0];
		if (l > 14 && l < 96 && lk->colour[i].share > 0.12f)
			pick = i;
	}
	memcpy(in->hue, lk->colour[pick].rgb, sizeof in->hue);
	in->light = lk->light;
	in->inspired = true;
}

static int
cut(const struct render_picture *rp, int side, bool quick,
    struct picture *pic, bool *print, char *err, size_t errlen)
{
	struct cutout	 co;

	if (picture_load(rp->data, rp->len, side, quick, pic, err,
	    errlen) == -1)
		return -1;
	if (cutout_make(pic, &co) == -1) {
		snprintf(err, errlen, "out of memory");
		return -1;
	}
	*print = co.how == CUTOUT_NONE;
	picture_crop(pic, co.x0, co.y0, co.x1, co.y1);
	return 0;
}

static enum render_role
judge(const struct look *lk, const struct inputs *in)
{
	if (lk->likely_logo && in->logo.px == NULL)
		return RENDER_LOGO;
	if (lk->cutout && in->product.px == NULL)
		return RENDER_PRODUCT;
	return RENDER_INSPIRATION;
}

/*
 * Decodes what the order brings. tall is the height in pixels the product
 * will have, so that nothing much larger than needed is kept.
 */
static int
take(const struct render_order *o, int tall, struct inputs *in, char *err,
    size_t errlen)
{
	enum render_role	 role;
	struct look		 lk;
	size_t			 i;
	bool			 print;
	int			 rc = 0;

	for (i = 0; i < o->npic && rc == 0; i++) {
		const struct render_picture	*rp = &o->pic[i];

		role = rp->role;
		if ((role == RENDER_UNKNOWN || role == RENDER_INSPIRATION) &&
		    look_at(rp->data, rp->len, &lk, err, errlen) == -1)
			return -1;
		if (role == RENDER_UNKNOWN)
			role = judge(&lk, in);
		if (role == RENDER_INSPIRATION)
			inspire(&lk, in);
		else if (role == RENDER_PRODUCT && in->product.px == NULL)
			/* Room for the margins that cropping takes off. */
			rc = cut(rp, o->fast ? tall : tall * 3 / 2, o->fast,
			    &in->product, &in->print, err, errlen);
		else if (role == RENDER_LOGO && in->logo.px == NULL)
			rc = cut(rp, 900, o->fast, &in->logo, &print, err,
			    errlen);
	}
	return rc;
}

/* --- colours and materials of table and wall */

static vec
paint_of(const uint8_t rgb[3])
{
	uint8_t	 px[4] = { rgb[0], rgb[1], rgb[2], 0 };
	vec	 c = pixel_linear(px);
	float	 lum = dot(c, (vec){ 0.3f, 0.59f, 0.11f });

	/* No paint is as pure as a colour on a screen. */
	return clampv(mixv(c, (vec){ lum, lum, lum }, 0.10f), 0.022f, 0.82f);
}

static bool
is_sheet(enum stuff s)
{
	return s == STUFF_PAPER || s == STUFF_LINEN || s == STUFF_VELVET ||
	    s == STUFF_SILK;
}

/* The wall that suits a table when the brief names no colour for it. */
static vec
matching_wall(const struct brief *b, vec table)
{
	static const vec	 warm = { 0.60f, 0.545f, 0.475f };
	static const vec	 sky = { 0.52f, 0.60f, 0.63f };
	static const vec	 dusk = { 0.115f, 0.105f, 0.10f };
	static const vec	 dune = { 0.70f, 0.56f, 0.42f };
	static const vec	 snow = { 0.62f, 0.68f, 0.74f };
	static const vec	 sunset = { 0.78f, 0.47f, 0.30f };
	vec			 c = warm;

	if (b->stuff == STUFF_WATER)
		c = b->warm > 0.25f || b->low ? sunset : sky;
	else if (b->stuff == STUFF_SAND)
		c = b->tone > 0.5f ? snow : dune;
	c = b->tone < -0.3f ? mixv(dusk, table, 0.25f) :
	    mixv(c, table, 0.22f);
	/* A bright picture wants a bright wall, a moody one not. */
	return c * clampf(1 + 0.45f * b->expose, 0.4f, 1.2f);
}

/*
 * Table and wall from what the brief says, else from the inspirations, else
 * from habit. Dark inspirations also darken the brief, unless it speaks of
 * light itself.
 */
static void
choose_materials(struct scene *sc, struct brief *b, const struct inputs *in)
{
	vec		 wall = { 0 }, table = { 0 };
	bool		 has_wall = b->hue_said, has_table = b->stuff_hue_said;
	bool		 sheet = is_sheet(b->stuff);
	enum stuff	 behind = STUFF_CONCRETE;

	if (has_wall)
		wall = paint_of(b->hue);
	if (has_table)
		table = paint_of(b->stuff_hue);
	if (!has_wall && !has_table && in->inspired) {
		/* What was seen was in its own shade; paint is lighter. */
		wall = 1.35f * paint_of(in->hue);
		wall = clampv(wall, 0, 0.8f);
		has_wall = true;
		if (in->light < 40 && b->expose > -0.2f) {
			b->expose -= 0.012f * (40 - in->light);
			b->contrast += 0.12f;
		}
	}
	if (sheet && has_wall && !has_table)
		table = wall;
	if (sheet && has_table && !has_wall)
		wall = table;
	material_init(&sc->table, b->stuff, b, has_table || (sheet &&
	    has_wall) ? &table : NULL);
	if (!has_wall && !sheet)
		wall = matching_wall(b, sc->table.base);
	else if (!has_wall && !has_table)
		wall = sc->table.base;
	if (sheet)
		behind = b->stuff;
	else if (b->stuff == STUFF_WATER || b->stuff == STUFF_SAND ||
	    b->stuff == STUFF_GLASS)
		behind = STUFF_PAPER;
	material_init(&sc->wall, behind, b, NULL);
	sc->wall.base = wall;
	sc->table.coarse = sc->quick;
	/* Plaster, not raw concrete, unless that was the wish. */
	sc->wall.coarse = sc->quick || b->stuff != STUFF_CONCRETE;
}

/* --- the scene */

static int
place_product(struct scene *sc, const struct brief *b, struct inputs *in,
    char *err, size_t errlen)
{
	struct picture	*pic = &in->product;
	float		 w = (float)sc->stage.w, h = (float)sc->stage.h;
	float		 x, k, stand = 0, px, py;
	struct layer	*ly;

	/* A full scene becomes a print with a white border. */
	if (in->print && picture_border(pic, MAX(pic->w, pic->h) / 26 + 1,
	    0xf6, err, errlen) == -1)
		return -1;
	k = b->zoom * minf(TALL * h / (float)pic->h,
	    0.60f * w / (float)pic->w);
	if (in->print)
		k *= 0.9f;
	x = b->shift != 0 ? 0.16f * b->shift :
	    (noise_white(11, 1, b->seed) - 0.5f) * 0.07f;
	x *= minf(1, w / h);
	if (b->plinth) {
		if (still_life_plinth(b, &sc->stage, sc->wall.base, x,
		    k * (float)pic->w / h, &sc->layer[sc->nlayer++], &stand,
		    err, errlen) == -1)
			return -1;
		k *= 0.92f;
	}
	k = minf(k, (sc->stage.base - 0.06f - stand) * h / (float)pic->h);
	if (picture_scale(pic, (int)maxf(4, k * (float)pic->w),
	    (int)maxf(4, k * (float)pic->h), err, errlen) == -1)
		return -1;
	if (in->logo.px != NULL && b->logo_on_product) {
		if (logo_print(pic, &in->logo, err, errlen) == -1)
			return -1;
		picture_free(&in->logo);
	}
	stage_project(&sc->stage, (vec){ x, stand }, &px, &py);
	ly = &sc->layer[sc->nlayer++];
	if (layer_init(ly, pic, &sc->stage, (int)lrintf(px + 0.5f -
	    (float)pic->w / 2), (int)lrintf(py + 0.5f) - pic->h, 0, stand,
	    err, errlen) == -1)
		return -1;
	if (in->print)
		ly->foot_z = 0.012f;
	return 0;
}

static int
draw(struct brief *b, struct inputs *in, bool quick, struct canvas *cv,
    char *err, size_t errlen)
{
	struct scene	 sc = { .quick = quick };
	int		 y, rc;

	choose_materials(&sc, b, in);
	sc.shadow = b->shadow;
	sc.soft = b->soft;
	sc.reflect = b->reflect;
	sc.expose = b->expose;
	sc.contrast = b->contrast;
	rc = stage_init(&sc.stage, b, cv->w, cv->h, err, errlen);
	if (rc == 0)
		rc = in->product.px != NULL ? place_product(&sc, b, in, err,
		    errlen) : still_life_arrange(b, &sc.stage, sc.wall.base,
		    sc.layer, &sc.nlayer, err, errlen);
	if (rc == 0 && (rc = paint_begin(&sc)) == -1)
		snprintf(err, errlen, "out of memory");
	for (y = 0; rc == 0 && y < cv->h; y++)
		paint_row(&sc, y, cv->px + (size_t)y * cv->w * 3);
	paint_end(&sc);
	return rc;
}

/* --- the file */

/* Doubles a canvas in both directions, smoothly. */
static int
enlarge(struct canvas *cv, int w, int h)
{
	uint8_t		*px = malloc((size_t)w * h * 3), *q = px;
	const uint8_t	*a, *b;
	int		 x, y, k, sx, sy, nx, ny;

	if (px == NULL)
		return -1;
	/* Each new pixel lies a quarter off an old one: weights 9 3 3 1. */
	for (y = 0; y < h; y++) {
		sy = y / 2;
		ny = y & 1 ? sy + (sy + 1 < cv->h) : sy - (sy > 0);
		a = cv->px + (size_t)sy * cv->w * 3;
		b = cv->px + (size_t)ny * cv->w * 3;
		for (x = 0; x < w; x++) {
			sx = x / 2 * 3;
			nx = x & 1 ? sx + 3 * (x / 2 + 1 < cv->w) :
			    sx - 3 * (x > 1);
			for (k = 0; k < 3; k++)
				*q++ = (uint8_t)((9 * a[sx + k] +
				    3 * a[nx + k] + 3 * b[sx + k] +
				    b[nx + k] + 8) >> 4);
		}
	}
	free(cv->px);
	*cv = (struct canvas){ px, w, h };
	return 0;
}

static int
mark(struct canvas *cv, struct picture *logo, char *err, size_t errlen)
{
	struct watermark	 wm;
	int			 side = MIN(cv->w, cv->h);
	float			 k;

	if (logo->px != NULL) {
		k = minf(0.17f * (float)side / (float)logo->w,
		    0.085f * (float)side / (float)logo->h);
		if (picture_scale(logo, (int)maxf(4, k * (float)logo->w),
		    (int)maxf(4, k * (float)logo->h), err, errlen) == -1)
			return -1;
		logo_put(cv, logo, side / 24, side / 24);
	}
	if (watermark_make(cv->w, cv->h, &wm, err, errlen) == -1)
		return -1;
	watermark_put(&wm, cv);
	watermark_free(&wm);
	return 0;
}

static int
check(const struct render_order *o, bool *jpg, char *err, size_t errlen)
{
	const char	*f = o->format != NULL ? o->format : "png";

	*jpg = strcmp(f, "jpg") == 0 || strcmp(f, "jpeg") == 0;
	if (!*jpg && strcmp(f, "png") != 0)
		snprintf(err, errlen, "format %.20s is not png or jpg", f);
	else if (o->width < 64 || o->height < 64 ||
	    o->width > RENDER_SIDE || o->height > RENDER_SIDE)
		snprintf(err, errlen, "%dx%d is not within 64 to %d",
		    o->width, o->height, RENDER_SIDE);
	else if (o->npic > RENDER_PICTURES)
		snprintf(err, errlen, "more than %d pictures",
		    RENDER_PICTURES);
	else
		return picture_init(err, errlen);
	return -1;
}

int
render_still(const struct render_order *o, void **out, size_t *outlen,
    char *err, size_t errlen)
{
	struct inputs	 in = { .inspired = false };
	struct canvas	 cv;
	struct brief	 b;
	bool		 jpg;
	int		 rc = -1;

	if (check(o, &jpg, err, errlen) == -1)
		return -1;
	words_read(o->prompt, &b);
	cv.w = o->fast ? (o->width + 1) / 2 : o->width;
	cv.h = o->fast ? (o->height + 1) / 2 : o->height;
	cv.px = malloc((size_t)cv.w * cv.h * 3);
	if (cv.px == NULL)
		snprintf(err, errlen, "out of memory");
	else if (take(o, (int)((float)cv.h * TALL * b.zoom), &in, err,
	    errlen) == -1 || draw(&b, &in, o->fast, &cv, err, errlen) == -1)
		;
	else if (o->fast && enlarge(&cv, o->width, o->height) == -1)
		snprintf(err, errlen, "out of memory");
	else if (mark(&cv, &in.logo, err, errlen) == 0)
		rc = picture_encode(cv.px, cv.w, cv.h, jpg, o->fast,
		    o->prompt, out, outlen, err, errlen);
	picture_free(&in.product);
	picture_free(&in.logo);
	free(cv.px);
	vips_thread_shutdown();
	return rc;
}

void
render_free(void *p)
{
	g_free(p);
}
