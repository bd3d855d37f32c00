/*
 * paint_mirror - reflections on the table
 */
#include "config.h"

#include <math.h>

#include "render/noise.h"
#include "render/paint.h"

/* Where the mirrored ray leaves the table at x, tilted by the relief. */
struct ray {
	struct vec	 p, d;
};

static struct ray
bounce(const struct shot *sh, const struct hit *hit, float x,
    const struct texel *t)
{
	struct ray	 r;

	r.p.x = x;
	r.p.y = 0;
	r.p.z = hit->z;
	r.d.x = x;
	r.d.y = sh->stage.eye;
	r.d.z = hit->z + sh->stage.dist;
	/* d - 2 (d.n) n for n = (-hu, 1, -hv), small slopes. */
	r.d.x += 2 * -sh->stage.eye * t->hu;
	r.d.z += 2 * -sh->stage.eye * t->hv;
	r.d.y -= 2 * (x * t->hu + r.d.z * t->hv);
	if (r.d.y < 0.02f)
		r.d.y = 0.02f;
	return r;
}

static void
mirror_wall(const struct shot *sh, const struct ray *r, float c[3])
{
	const struct stage	*st = &sh->stage;
	struct vec		 p, n = { 0, 0, -1 };
	float			 t = (st->wall - r->p.z) / r->d.z, key, glow;
	int			 i;

	p.x = r->p.x + t * r->d.x;
	p.y = t * r->d.y;
	p.z = st->wall;
	key = stage_key(st, p, n) * (0.4f + 0.6f * stage_gobo(st, p));
	glow = stage_glow(st, p.x, p.y, p.z);
	for (i = 0; i < 3; i++)
		c[i] = sh->wall.base[i] * (key * st->key[i] + st->fill[i] +
		    glow);
}

/* Traces the bodies, shaded plainly: it is only ever seen dimly. */
static float
mirror_still(const struct shot *sh, const struct ray *r, float c[3])
{
	const struct stage	*st = &sh->stage;
	const struct solid	*s;
	float			 n = 1 / sqrtf(r->d.x * r->d.x + r->d.y *
				    r->d.y + r->d.z * r->d.z);
	struct vec		 d = { r->d.x * n, r->d.y * n, r->d.z * n };
	struct vec		 q = r->p;
	float			 t = 0.004f, far, side, near = 1;
	unsigned int		 some = still_ahead(&sh->still, q, d, 0.06f,
				    NULL, NULL);
	int			 i, k, id = 0;

	if (some == 0)
		return 0;
	for (i = 0; i < 24 && t < 1; i++) {
		q.x = r->p.x + t * d.x;
		q.y = t * d.y;
		q.z = r->p.z + t * d.z;
		far = still_near(&sh->still, some, q, &id);
		near = minf(near, far / (0.004f + 0.05f * t));
		if (far < 0.002f)
			break;
		t += maxf(far, 0.005f);
	}
	if (near >= 1)
		return 0;
	s = &sh->still.s[id];
	side = (q.x - s->at.x) / maxf(s->r, 0.01f) *
	    (st->to_lamp.x < 0 ? -1.0f : 1.0f);
	side = 0.55f + 0.4f * clampf(side, -1, 1);
	for (k = 0; k < 3; k++)
		c[k] = s->rgb[k] * (st->fill[k] + side * st->key[k]);
	return clampf(1 - near, 0, 1) * expf(-t * 2.4f);
}

static float
mirror_product(const struct shot *sh, const struct ray *r, float c[3])
{
	const struct stage	*st = &sh->stage;
	float			 s[4], t, y, blur, k, e;
	int			 i;

	if (r->p.z >= 0.004f)
		return 0;
	t = -r->p.z / r->d.z;
	y = t * r->d.y;
	blur = 0.003f + sh->table.rough * 0.35f * y;
	layer_sample(&sh->product, r->p.x + t * r->d.x, y, blur, s);
	if (s[3] < 0.003f)
		return 0;
	e = exp2f(0.6f * sh->expose);
	k = 1 / s[3];
	for (i = 0; i < 3; i++)
		c[i] = s[i] * k * e * (0.75f + 0.25f * st->key[i] /
		    (st->key[1] + 1e-4f));
	/* Polished stone is never a mirror: it fades with height. */
	return s[3] * expf(-y * (2.0f + 5 * sh->table.rough));
}

void
paint_mirror(const struct shot *sh, const struct hit *hit,
    const struct texel *tex, float *rgb)
{
	float	 wall[3] = { 0, 0, 0 }, body[3] = { 0, 0, 0 }, c[3];
	float	 cover = 0, g, f, graze, s = 0;
	int	 x, i, w = sh->stage.w;

	/* Fresnel: stronger where the table is seen more edge-on. */
	graze = 1 - sh->stage.eye / sqrtf(sh->stage.eye * sh->stage.eye +
	    (hit->z + sh->stage.dist) * (hit->z + sh->stage.dist));
	g = clampf(sh->table.gloss * sh->reflect * (0.35f + 0.9f * graze *
	    graze), 0, 0.85f);
	for (x = 0; x < w; x++) {
		struct ray	 r = bounce(sh, hit, hit->x0 + hit->dx *
				    (float)x, &tex[x]);

		if ((x & 3) == 0 || sh->table.kind == STUFF_WATER) {
			if ((x & 1) == 0)
				mirror_wall(sh, &r, wall);
			if (sh->still.n > 0)
				cover = mirror_still(sh, &r, body);
		}
		for (i = 0; i < 3; i++)
			c[i] = wall[i] * (sh->table.kind == STUFF_WATER ? 1 :
			    0.62f);
		if (cover > 0)
			for (i = 0; i < 3; i++)
				c[i] = mixf(c[i], body[i], cover);
		f = 0;
		if (sh->has_product && sh->product.floor <= 0) {
			float	 p[3];

			s = mirror_product(sh, &r, p);
			if (s > 0) {
				for (i = 0; i < 3; i++)
					c[i] = mixf(c[i], p[i], s);
				f = 0.5f * s;
			}
		}
		f = clampf(g * (1 + f), 0, 0.9f);
		for (i = 0; i < 3; i++)
			rgb[3 * x + i] = mixf(rgb[3 * x + i], c[i], f);
	}
}
