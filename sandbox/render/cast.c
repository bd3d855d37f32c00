/*
 * cast - who plays what: the pictures of an order, ready for the set
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "render/cast.h"
#include "render/cutout.h"

/*
 * The main tone of a scene: the largest colour that is neither black nor
 * glaring white, since a backdrop of either says little.
 */
static void
inspire(const struct look *lk, struct cast *ca)
{
	const struct swatch	*sw;
	float			 lab[3];
	int			 i, pick = 0;

	for (i = 0; i < lk->ncolour; i++) {
		sw = &lk->colour[i];
		palette_lab(sw->r, sw->g, sw->b, lab);
		if (lab[0] > 14 && lab[0] < 96 && sw->share > 0.12f) {
			pick = i;
			break;
		}
	}
	if (lk->ncolour == 0)
		return;
	if (!ca->inspired) {
		ca->hue[0] = lk->colour[pick].r;
		ca->hue[1] = lk->colour[pick].g;
		ca->hue[2] = lk->colour[pick].b;
		ca->light = lk->light;
		ca->inspired = true;
	} else
		ca->light = 0.5f * (ca->light + lk->light);
}

static int
cut(const struct render_picture *rp, int tall, bool quick, struct picture *pic,
    bool *card, char *err, size_t errlen)
{
	struct cutout	 co;

	if ((quick ? picture_load_quick(rp->data, rp->len, tall, pic, err,
	    errlen) : picture_load(rp->data, rp->len, tall, tall, pic, err,
	    errlen)) == -1)
		return -1;
	if (cutout_make(pic, &co) == -1) {
		snprintf(err, errlen, "out of memory");
		picture_free(pic);
		return -1;
	}
	*card = co.how == CUTOUT_NONE;
	if (!*card)
		picture_crop(pic, co.x0, co.y0, co.x1, co.y1);
	return 0;
}

static enum render_role
judge(const struct look *lk, const struct cast *ca)
{
	if (lk->likely_logo && ca->logo.px == NULL)
		return RENDER_LOGO;
	if (lk->cutout && ca->product.px == NULL)
		return RENDER_PRODUCT;
	return RENDER_INSPIRATION;
}

int
cast_call(const struct render_order *o, int tall, struct cast *ca, char *err,
    size_t errlen)
{
	enum render_role	 role;
	struct look		 lk;
	size_t			 i;
	bool			 scene;
	int			 rc = 0;

	memset(ca, 0, sizeof *ca);
	for (i = 0; i < o->npic && rc == 0; i++) {
		const struct render_picture	*rp = &o->pic[i];

		role = rp->role;
		if (role == RENDER_UNKNOWN || role == RENDER_INSPIRATION) {
			if (look_at(rp->data, rp->len, &lk, err,
			    errlen) == -1) {
				rc = -1;
				break;
			}
			if (role == RENDER_UNKNOWN)
				role = judge(&lk, ca);
		}
		if (role == RENDER_INSPIRATION)
			inspire(&lk, ca);
		else if (role == RENDER_PRODUCT && ca->product.px == NULL)
			/* Room for the margins that cropping takes off. */
			rc = cut(rp, o->fast ? tall : tall * 3 / 2, o->fast,
			    &ca->product, &ca->card, err, errlen);
		else if (role == RENDER_LOGO && ca->logo.px == NULL)
			rc = cut(rp, 900, o->fast, &ca->logo, &scene, err,
			    errlen);
	}
	if (rc == -1)
		cast_free(ca);
	return rc;
}

int
cast_mount(struct picture *pic)
{
	int	 m = (pic->w > pic->h ? pic->w : pic->h) / 26 + 1, y;
	int	 w = pic->w + 2 * m, h = pic->h + 2 * m;
	uint8_t	*px = malloc((size_t)w * h * 4);

	if (px == NULL)
		return -1;
	memset(px, 0xf6, (size_t)w * h * 4);
	for (y = 0; y < pic->h; y++)
		memcpy(px + ((size_t)(y + m) * w + m) * 4,
		    pic->px + (size_t)y * pic->w * 4, (size_t)pic->w * 4);
	for (y = 0; y < w * h; y++)
		px[(size_t)y * 4 + 3] = 255;
	free(pic->px);
	pic->px = px;
	pic->w = w;
	pic->h = h;
	return 0;
}

void
cast_free(struct cast *ca)
{
	picture_free(&ca->product);
	picture_free(&ca->logo);
}
