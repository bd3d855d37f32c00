/*
 * paint - exposing the picture, row by row
 */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "render/noise.h"
#include "render/paint.h"

/* Light changes slowly: it is computed every STEP pixels of a row. */
#define STEP	4

struct node {
	float	 key;		/* key light without its cosine */
	float	 lx, ly, lz;	/* direction to the lamp */
	float	 vis;		/* of the lamp: shadows and gobo */
	float	 open;		/* of the surroundings */
	float	 glow;
	float	 back;		/* light from behind on a glossy table */
};

struct work {
	struct texel	*tex;
	struct node	*node;
	float		*rgb;
};

static void
grid_cell(struct shot *sh, int i, const struct hit *hit)
{
	struct vec	 p, n = { 0, hit->ny, hit->nz };

	p.x = hit->x0 + hit->dx * (float)((i % sh->gw) * sh->gstep);
	p.y = hit->y + 0.002f * hit->ny;
	p.z = hit->z + 0.002f * hit->nz;
	sh->lit[i] = still_shadow(&sh->still, &sh->stage, p);
	sh->open[i] = still_open(&sh->still, p, n);
}

static int
make_grid(struct shot *sh)
{
	struct hit	 hit;
	int		 x, y;

	sh->gstep = sh->stage.h / (sh->quick ? 96 : 176);
	if (sh->gstep < 2)
		sh->gstep = 2;
	sh->gw = sh->stage.w / sh->gstep + 2;
	sh->gh = sh->stage.h / sh->gstep + 2;
	sh->lit = calloc((size_t)sh->gw * sh->gh, sizeof *sh->lit);
	sh->open = calloc((size_t)sh->gw * sh->gh, sizeof *sh->open);
	if (sh->lit == NULL || sh->open == NULL)
		return -1;
	for (y = 0; y < sh->gh; y++) {
		stage_row(&sh->stage, (float)(y * sh->gstep), &hit);
		for (x = 0; x < sh->gw; x++)
			grid_cell(sh, y * sh->gw + x, &hit);
	}
	return 0;
}

int
paint_begin(struct shot *sh)
{
	struct work	*wk;
	size_t		 w = (size_t)sh->stage.w;

	develop_begin(sh);
	if (sh->still.n > 0 && make_grid(sh) == -1)
		return -1;
	if ((sh->work = wk = calloc(1, sizeof *wk)) == NULL)
		return -1;
	wk->tex = calloc(w, sizeof *wk->tex);
	wk->node = calloc(w / STEP + 3, sizeof *wk->node);
	wk->rgb = calloc(w * 3, sizeof *wk->rgb);
	return wk->tex == NULL || wk->node == NULL || wk->rgb == NULL ?
	    -1 : 0;
}

void
paint_end(struct shot *sh)
{
	struct work	*wk = sh->work;

	if (wk != NULL) {
		free(wk->tex);
		free(wk->node);
		free(wk->rgb);
	}
	free(wk);
	free(sh->lit);
	free(sh->open);
	sh->work = NULL;
	sh->lit = sh->open = NULL;
}

static float
grid_at(const struct shot *sh, const float *g, int x, int row)
{
	float	 u = (float)x / (float)sh->gstep;
	float	 v = (float)row / (float)sh->gstep;
	int	 i = (int)u, j = (int)v;

	if (i > sh->gw - 2)
		i = sh->gw - 2;
	if (j > sh->gh - 2)
		j = sh->gh - 2;
	u = clampf(u - (float)i, 0, 1);
	v = clampf(v - (float)j, 0, 1);
	g += j * sh->gw + i;
	return mixf(mixf(g[0], g[1], u), mixf(g[sh->gw], g[sh->gw + 1], u),
	    v);
}

static void
light_node(const struct shot *sh, const struct hit *hit, int x, int row,
    struct node *nd)
{
	const struct stage	*st = &sh->stage;
	struct vec		 p, l;
	float			 d, dark, crease;

	p.x = hit->x0 + hit->dx * (float)x;
	p.y = hit->y;
	p.z = hit->z;
	l.x = st->lamp.x - p.x;
	l.y = st->lamp.y - p.y;
	l.z = st->lamp.z - p.z;
	d = 1 / sqrtf(l.x * l.x + l.y * l.y + l.z * l.z);
	nd->lx = l.x * d;
	nd->ly = l.y * d;
	nd->lz = l.z * d;
	/* Asking for a surface that faces the lamp leaves the cosine out. */
	l.x = nd->lx;
	l.y = nd->ly;
	l.z = nd->lz;
	nd->key = stage_key(st, p, l);
	nd->vis = stage_gobo(st, p);
	nd->open = 1;
	if (sh->has_product) {
		dark = layer_shadow(&sh->product, st, p);
		nd->vis *= 1 - sh->shadow * dark;
		d = layer_contact(&sh->product, p);
		nd->open *= mixf(1, d, 0.55f + 0.45f * sh->shadow);
	}
	if (sh->still.n > 0) {
		d = grid_at(sh, sh->lit, x, row);
		nd->vis *= 1 - sh->shadow * (1 - d);
		nd->open *= grid_at(sh, sh->open, x, row);
	}
	if (st->sweep <= 0) {
		crease = hit->ny > 0.5f ? st->wall - hit->z : hit->y;
		nd->open *= 1 - 0.30f * expf(-crease / 0.05f) -
		    0.16f * expf(-crease / 0.22f);
	}
	nd->glow = stage_glow(st, p.x, p.y, p.z);
	/* Low light from behind skims the table towards the camera. */
	nd->back = st->back ? 0.5f * maxf(0, hit->ny) *
	    stage_glow(st, p.x * 0.6f, 0.2f, st->wall) *
	    smooth(-0.9f, 1.2f, p.z) : 0;
}

static void
light_row(const struct shot *sh, const struct hit *hit, int row)
{
	const struct stage	*st = &sh->stage;
	const struct work	*wk = sh->work;
	const struct stuff_look	*sl = hit->ground ? &sh->table : &sh->wall;
	int			 x, i, n = st->w / STEP + 2;
	float			 f, c, nx, ny, nz, k, key, rest, sheen;
	const struct node	*a;
	const struct texel	*t;

	for (i = 0; i < n; i++)
		light_node(sh, hit, i * STEP, row, &wk->node[i]);
	for (x = 0; x < st->w; x++) {
		float	*q = wk->rgb + 3 * x;

		a = &wk->node[x / STEP];
		f = (float)(x % STEP) / STEP;
		t = &wk->tex[x];
		/* The relief tilts the normal within the profile's frame. */
		nx = -t->hu;
		ny = hit->ny + t->hv * hit->nz;
		nz = hit->nz - t->hv * hit->ny;
		k = 1 / sqrtf(nx * nx + ny * ny + nz * nz);
		c = k * (nx * mixf(a[0].lx, a[1].lx, f) +
		    ny * mixf(a[0].ly, a[1].ly, f) +
		    nz * mixf(a[0].lz, a[1].lz, f));
		c = (c + 0.2f * st->size) / (1 + 0.2f * st->size);
		key = maxf(c, 0) * mixf(a[0].key, a[1].key, f) *
		    mixf(a[0].vis, a[1].vis, f);
		rest = mixf(a[0].open, a[1].open, f);
		/* In a crevice even a large lamp is partly hidden. */
		key *= 0.5f + 0.5f * rest;
		c = (mixf(a[0].glow, a[1].glow, f) +
		    mixf(a[0].back, a[1].back, f)) * (0.4f + 0.6f * rest);
		sheen = 0;
		if (sl->sheen > 0) {
			/* Fibres light up where they are seen edge-on. */
			k = 1 - fabsf(ny * 0.20f - nz) * k;
			sheen = sl->sheen * k * k * (0.35f * rest + key);
		}
		q[0] = (t->r + sheen * (0.25f * t->r + 0.5f * sl->base[0])) *
		    (key * st->key[0] + rest * st->fill[0] + c);
		q[1] = (t->g + sheen * (0.25f * t->g + 0.5f * sl->base[1])) *
		    (key * st->key[1] + rest * st->fill[1] + c);
		q[2] = (t->b + sheen * (0.25f * t->b + 0.5f * sl->base[2])) *
		    (key * st->key[2] + rest * st->fill[2] + c);
	}
}

static void
texture_row(const struct shot *sh, const struct hit *hit)
{
	const struct stage	*st = &sh->stage;
	const struct work	*wk = sh->work;
	struct stuff_run	 run = { hit->x0, hit->dx, hit->s, hit->blur,
				    st->w };
	/* A sweep is one sheet: the bend must not change the stuff. */
	const struct stuff_look	*sl = hit->y <= 0 || st->sweep > 0 ?
	    &sh->table : &sh->wall;
	int			 x;

	if (!sh->quick) {
		stuff_row(sl, &run, wk->tex);
		return;
	}
	/* Every other texel, spread from the right so none is lost. */
	run.du *= 2;
	run.n = (st->w + 1) / 2;
	stuff_row(sl, &run, wk->tex);
	for (x = st->w - 1; x > 0; x--)
		wk->tex[x] = wk->tex[x / 2];
}

static void
over(const struct layer *ly, int row, int w, float *rgb)
{
	int		 y = row - ly->top, x, i, k;
	const uint8_t	*p;

	if (y < 0 || y >= ly->pic.h)
		return;
	for (i = 0; i < ly->pic.w; i++) {
		p = ly->pic.px + ((size_t)y * ly->pic.w + i) * 4;
		x = ly->left + i;
		if (p[3] == 0 || x < 0 || x >= w)
			continue;
		for (k = 0; k < 3; k++)
			rgb[3 * x + k] = mixf(rgb[3 * x + k],
			    layer_linear[p[k]], (float)p[3] / 255);
	}
}

void
paint_row(struct shot *sh, int row, uint8_t *out)
{
	const struct work	*wk = sh->work;
	struct hit		 hit;

	stage_row(&sh->stage, (float)row, &hit);
	texture_row(sh, &hit);
	light_row(sh, &hit, row);
	if (hit.y <= 0 && sh->table.gloss > 0.015f && sh->reflect > 0)
		paint_mirror(sh, &hit, wk->tex, wk->rgb);
	if (sh->still.n > 0)
		over(&sh->bodies, row, sh->stage.w, wk->rgb);
	if (sh->has_product)
		paint_product(sh, row, wk->rgb);
	develop_row(sh, row, wk->rgb, out);
}
