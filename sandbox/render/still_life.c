/*
 * still_life - objects that stand in when a brief comes without a product
 *
 * Coordinates of the SVG are world units from where the bodies' axis meets
 * the table, y downwards.
 */
#include "config.h"

#include <string.h>

#include <glib.h>

#include "render/noise.h"
#include "render/scene.h"

#define NARROW	0.8f		/* frames without room beside the podium */
#define PODIUM	0.11f		/* its height */

#define DRAW(p, ...)	g_string_append_printf((p)->svg, __VA_ARGS__)

static const vec	gold = { 0.62f, 0.42f, 0.17f };
static const vec	ivory = { 0.78f, 0.72f, 0.62f };
static const vec	paper = { 0.80f, 0.765f, 0.69f };

/* What a body looks like from the side of the lamp, 0, to the other, 1. */
struct stop {
	float	 at, k;
};

enum finish { MATT, GLOSS, METAL, GLASS };

static const struct stop	metal[] = { { 0, 0.35f }, { 0.13f, 0.85f },
    { 0.20f, 1.1f }, { 0.34f, 1.05f }, { 0.40f, 0.85f }, { 0.6f, 0.62f },
    { 0.78f, 0.34f }, { 0.9f, 0.7f }, { 1, 0.35f } };
static const struct stop	glass[] = { { 0, 0.25f }, { 0.07f, 0.45f },
    { 0.16f, 0.9f }, { 0.5f, 0.8f }, { 0.8f, 1.3f }, { 0.93f, 0.65f },
    { 1, 0.2f } };

/* What is being drawn: bodies round one vertical axis. */
struct pen {
	GString			*svg;
	const struct stage	*st;
	float			 x, z;		/* the axis */
	vec			 lamp;		/* its direction from there */
	float			 lo[2], hi[2];	/* what it takes */
	float			 gain;		/* of all colours */
	int			 side;		/* 1: the lamp is on the left */
	int			 n;		/* gradients so far */
};

/* How flat a level circle at a height looks. */
static float
tilt(const struct pen *p, float y)
{
	return (p->st->eye - y) / (p->st->dist + p->z);
}

static void
cover(struct pen *p, float x0, float y0, float x1, float y1)
{
	p->lo[0] = minf(p->lo[0], x0);
	p->lo[1] = minf(p->lo[1], y0);
	p->hi[0] = maxf(p->hi[0], x1);
	p->hi[1] = maxf(p->hi[1], y1);
}

static unsigned int
hex(const struct pen *p, vec c)
{
	uint8_t	 q[4];

	c *= p->gain;
	c[W] = 1;
	pixel_store(q, c);
	return (unsigned int)(q[0] << 16 | q[1] << 8 | q[2]);
}

/* The light on a surface with that normal, without shadows. */
static vec
lit(const struct pen *p, vec n)
{
	const struct stage	*st = p->st;
	float			 k = 0.35f * st->size;

	return st->key * maxf(0, (dot(n, p->lamp) + k) / (1 + k)) +
	    st->fill * (0.8f + 0.2f * n[Y]);
}

static void
add_stop(struct pen *p, float at, vec c)
{
	DRAW(p, "<stop offset='%g' stop-color='#%06x'/>", at, hex(p, c));
}

/*
 * Defines the gradient gN of an upright cylinder from x0 to x1 of its radius,
 * -1 being the side of the lamp, and returns N.
 */
static int
gradient(struct pen *p, vec c, enum finish finish, float x0, float x1)
{
	const struct stop	*s = finish == METAL ? metal : glass;
	float			 x;
	int			 i;

	DRAW(p, "<linearGradient id='g%d' x1='%d' x2='%d'>", ++p->n,
	    p->side < 0, p->side > 0);
	if (finish == METAL || finish == GLASS)
		do
			add_stop(p, s->at, c * s->k * (0.8f * p->st->key +
			    p->st->fill));
		while (s++->at < 1);
	else
		for (i = 0; i <= 10; i++) {
			x = mixf(x0, x1, 0.1f * (float)i);
			add_stop(p, 0.1f * (float)i, c * lit(p, (vec){
			    (float)p->side * x, 0, -sqrtf(1 - x * x) }));
		}
	DRAW(p, "</linearGradient>");
	return p->n;
}

/* --- bodies */

/* A level circle. */
static void
circle(struct pen *p, float y, float r, vec c)
{
	DRAW(p, "<ellipse cy='%g' rx='%g' ry='%g' fill='#%06x' stroke='#fff' "
	    "stroke-opacity='.2' stroke-width='.003'/>", -y, r, r * tilt(p,
	    y), hex(p, c * lit(p, (vec){ 0, 1, 0 })));
}

/* An upright cylinder from y0 to y1, rounded by e; shines unless matt. */
static void
drum(struct pen *p, float y0, float y1, float r, float e, vec c,
    enum finish finish)
{
	float	 ry = r * tilt(p, y0), rt = (r - e) * tilt(p, y1);
	float	 h = 0.9f * (y1 - y0) - e;
	int	 g = gradient(p, c, finish, -0.99f, 0.99f);

	DRAW(p, "<path fill='url(#g%d)' d='M%g %gV%gq0 %g %g %ga%g %g 0 0 0 "
	    "%g 0q%g %g %g %gV%gc0 %g %g %g %g %gs%g %g %g %gz'/>", g, -r,
	    e - y1, -y0 - e, e + 0.42f * ry, 0.2f * r, e + 0.6f * ry, r, ry,
	    1.6f * r, 0.2f * r, -0.18f * ry, 0.2f * r, -e - 0.6f * ry,
	    e - y1, -e - 0.5f * rt, -0.3f * r - e, -e - rt, -r, -e - rt, -r,
	    0.5f * rt, -r, e + rt);
	if (e < 0.5f * r)
		circle(p, y1, r - e, c);
	if (finish != MATT)
		DRAW(p, "<rect transform='scale(%d 1)' x='%g' y='%g' "
		    "width='%g' height='%g' rx='%g' fill='#fff' "
		    "opacity='%g'/>", p->side, -0.62f * r, e - y1 + 0.8f * ry,
		    0.16f * r, h, 0.05f * r, finish == GLOSS ? 0.45f : 0.75f);
	cover(p, -r, -y1 - rt, r, ry - y0);
}

/* Begins a group that is seen through a level circle only. */
static void
clip(struct pen *p, float y, float r)
{
	DRAW(p, "<clipPath id='c'><ellipse cy='%g' rx='%g' ry='%g'/>"
	    "</clipPath><g clip-path='url(#c)'>", -y, r, r * tilt(p, y));
}

/* A vessel that is open above: what it holds stands at y. */
static void
opening(struct pen *p, float y1, float r, float y, vec c, vec content)
{
	int	 g;

	/* Inside it is the other way round. */
	p->side = -p->side;
	g = gradient(p, 0.7f * c, MATT, -0.9f, 0.9f);
	p->side = -p->side;
	clip(p, y1, r);
	DRAW(p, "<ellipse cy='%g' rx='%g' ry='%g' fill='url(#g%d)'/>", -y1,
	    r, r * tilt(p, y1), g);
	circle(p, y, r, content);
	DRAW(p, "</g>");
}

static void
ball(struct pen *p, float y, float r, vec c, bool polished)
{
	static const float	 at[] = { 0, 0.3f, 0.6f, 0.85f, 0.95f, 1 };
	static const float	 k[] = { 1, 0.86f, 0.42f, 0, -0.02f, 0.04f };
	int			 i;

	DRAW(p, "<radialGradient id='g%d' cx='%g' cy='%g' r='.8'>", ++p->n,
	    0.5f + 0.4f * p->st->to_lamp[X], 0.5f - 0.4f *
	    p->st->to_lamp[Y]);
	for (i = 0; i < 6; i++)
		add_stop(p, at[i], c * (k[i] * p->st->key + p->st->fill) *
		    (polished ? 0.75f : 1));
	DRAW(p, "</radialGradient><circle cy='%g' r='%g' fill='url(#g%d)'/>",
	    -y - r, r, p->n);
	if (polished)
		DRAW(p, "<path transform='translate(0 %g)scale(%g %g)' d='M-.52"
		    " .02q0-.32 .3-.5q-.1 .2-.1 .52z' fill='#fff' "
		    "opacity='.85'/>", -y - r, (float)p->side * r, r);
	cover(p, -r, -y - 2 * r, r, -y);
}

/* An upright ring. */
static void
ring(struct pen *p, float x, float y, float r, float half, vec c)
{
	int	 g = gradient(p, c, MATT, -0.99f, 0.99f);

	DRAW(p, "<circle cx='%g' cy='%g' r='%g' fill='none' "
	    "stroke='url(#g%d)' stroke-width='%g'/>", x, -y, r, g, 2 * half);
	cover(p, x - r - half, -y - r, x + r + half, -y);
}

/* A disc that faces the camera; its edge shows above and to the lamp. */
static void
disc(struct pen *p, float r, vec c)
{
	vec	 front = lit(p, (vec){ 0, 0, -1 });

	DRAW(p, "<circle cx='%g' cy='%g' r='%g' fill='#%06x'/><circle "
	    "cy='%g' r='%g' fill='#%06x'/>", -0.006f * (float)p->side,
	    -r - 0.006f, r, hex(p, 1.3f * c * front), -r, r,
	    hex(p, c * front));
	cover(p, -r - 0.01f, -2 * r - 0.01f, r + 0.01f, 0);
}

/*
 * A paper label: a frame, four letters, two lines. (x, y) is its upper left
 * corner, (ux, uy) leads to the upper right and (0, v) down; sag bends it.
 */
static void
label(struct pen *p, float x, float y, float ux, float uy, float v, float sag,
    int g)
{
	DRAW(p, "<g transform='matrix(%g %g 0 %g %g %g)'><path d='M0 0Q.5 %g "
	    "1 0V1Q.5 %g 0 1z' fill='url(#g%d)'/><path d='M.05 .05Q.5 %g .95 "
	    ".05V.95Q.5 %g .05 .95z' fill='none' stroke='#3a362f' "
	    "stroke-width='.014'/><path transform='translate(0 %g)' d='M.29 "
	    ".3h.08v.12h-.08zm.115 0h.08v.12h-.08zm.115 0h.08v.12h-.08zm.115 "
	    "0h.08v.12h-.08zM.36 .6h.28v.02h-.28zm0 .1h.28v.02h-.28z' "
	    "fill='#4a463f'/></g>", ux, uy, v, x, y, sag, 1 + sag, g,
	    0.05f + sag, 0.95f + sag, 0.45f * sag);
}

/* One round the front of a drum. */
static void
label_round(struct pen *p, float y0, float y1, float r)
{
	float	 ry = r * tilt(p, y1), v = y1 - y0 + 0.77f * ry;

	label(p, -0.64f * r, 0.77f * ry - y1, 1.28f * r, 0, v, 0.46f * ry /
	    v, gradient(p, paper, MATT, -0.64f, 0.64f));
}

/* Half sizes w, h, d; standing on y, turned round its axis. */
static void
brick(struct pen *p, float y, float w, float h, float d, float turn, vec c,
    bool labelled)
{
	/* Corners of the faces as bits of x, y, z; and their normals. */
	static const struct { int at[4]; vec n; } face[] = {
		{ { 0, 4, 6, 2 }, { -1, 0, 0 } }, { { 1, 5, 7, 3 }, { 1 } },
		{ { 0, 1, 3, 2 }, { 0, 0, -1 } }, { { 4, 5, 7, 6 },
		{ 0, 0, 1 } }, { { 2, 3, 7, 6 }, { 0, 1, 0 } }
	};
	float		 cs = cosf(turn), sn = sinf(turn), x, z, v, t, q[8][2];
	vec		 n, eye = { -p->x, 0, -p->st->dist - p->z };
	unsigned int	 fill;
	int		 i, j;

	for (i = 0; i < 8; i++) {
		x = i & 1 ? w : -w;
		z = i & 4 ? d : -d;
		v = y + (i & 2 ? 2 * h : 0);
		t = -eye[Z] / (cs * z - sn * x - eye[Z]);
		q[i][0] = (p->x + cs * x + sn * z) * t - p->x;
		q[i][1] = (p->st->eye - v) * t - p->st->eye;
		cover(p, q[i][0], q[i][1], q[i][0], q[i][1]);
	}
	for (i = 0; i < 5; i++) {
		n = face[i].n;
		n = (vec){ cs * n[X] + sn * n[Z], n[Y], cs * n[Z] - sn * n[X] };
		if (n[Y] <= 0 && dot(n, eye) < maxf(w, d))
			continue;
		fill = hex(p, c * lit(p, n));
		DRAW(p, "<path fill='#%06x' stroke='#%06x' stroke-width='.006'"
		    " stroke-linejoin='round' d='M", fill, fill);
		for (j = 0; j < 4; j++)
			DRAW(p, " %g %g", q[face[i].at[j]][0],
			    q[face[i].at[j]][1]);
		DRAW(p, "z'/>");
	}
	if (labelled)
		label(p, mixf(q[2][0], q[3][0], 0.18f), mixf(mixf(q[2][1],
		    q[3][1], 0.18f), q[0][1], 0.25f), 0.64f * (q[3][0] -
		    q[2][0]), 0.64f * (q[3][1] - q[2][1]),
		    0.5f * (q[0][1] - q[2][1]), 0, gradient(p, paper, MATT,
		    (float)-p->side * sn, (float)-p->side * sn));
}

/* A soft shadow on a level surface. */
static void
shadow(struct pen *p, float x, float y, float z, float r, float core,
    float strength)
{
	DRAW(p, "<radialGradient id='g%d'><stop offset='%g' "
	    "stop-opacity='%g'/><stop offset='1' stop-opacity='0'/>"
	    "</radialGradient><ellipse cx='%g' cy='%g' rx='%g' ry='%g' "
	    "fill='url(#g%d)'/>", p->n + 1, core, strength, x,
	    -y - z * tilt(p, y), r, r * tilt(p, y), p->n + 1);
	p->n++;
}

/* --- drawing */

/* The brightness of the colour is fitted to the eight bits there are. */
static void
begin(struct pen *p, const struct stage *st, float x, float z, vec c)
{
	vec	 most = c * (st->key + st->fill);

	*p = (struct pen){ .svg = g_string_new(NULL), .st = st, .x = x,
	    .z = z, .lamp = unit(st->lamp - (vec){ x, 0.2f, z }),
	    .lo = { 9, 9 }, .hi = { -9, -9 }, .side =
	    st->to_lamp[X] < 0 ? 1 : -1, .gain = clampf(0.8f / maxf(most[0],
	    maxf(most[1], most[2])), 0.2f, 8) };
}

/*
 * Turns what was drawn into a layer that stands on a height with feet of
 * radius r. As the board it is in the scene it stands where its front does.
 */
static int
finish(struct pen *p, float ground, float r, struct layer *ly, char *err,
    size_t errlen)
{
	struct picture	 pic;
	float		 x, y, s = (float)p->st->h * p->st->dist /
			    (p->st->dist + p->z);
	int		 left, top, w, h, rc;
	char		*svg;

	stage_project(p->st, (vec){ p->x, 0, p->z }, &x, &y);
	x += 0.5f;
	y += 0.5f;
	left = (int)floorf(x + p->lo[0] * s) - 2;
	top = (int)floorf(y + p->lo[1] * s) - 2;
	w = (int)ceilf(x + p->hi[0] * s) + 2 - left;
	h = (int)ceilf(y + p->hi[1] * s) + 1 - top;
	svg = g_strdup_printf("<svg xmlns='http://www.w3.org/2000/svg' "
	    "width='%d' height='%d' viewBox='%d %d %d %d'><g transform='"
	    "translate(%g %g)scale(%g)'>%s</g></svg>", w, h, left, top, w, h,
	    x, y, s, p->svg->str);
	g_string_free(p->svg, TRUE);
	rc = picture_load(svg, strlen(svg), MAX(w, h), false, &pic, err,
	    errlen);
	g_free(svg);
	if (rc == -1)
		return -1;
	rc = layer_init(ly, &pic, p->st, left, top, p->z - r, ground, err,
	    errlen);
	ly->drawn = 1 / p->gain;
	ly->foot_x = p->x;
	ly->foot_r = ly->foot_z = r;
	return rc;
}

/* What the brief is about, from y up. */
static void
subject(struct pen *p, enum thing kind, float y, vec c)
{
	static const vec	 wax = { 0.82f, 0.74f, 0.60f };
	static const vec	 tea = { 0.10f, 0.045f, 0.018f };

	switch (kind) {
	case THING_BOTTLE:
		drum(p, y, y + 0.34f, 0.105f, 0.03f, c, GLASS);
		label_round(p, y + 0.06f, y + 0.22f, 0.105f);
		drum(p, y + 0.335f, y + 0.375f, 0.042f, 0.004f, gold, METAL);
		drum(p, y + 0.365f, y + 0.47f, 0.056f, 0.008f, gold, METAL);
		break;
	case THING_JAR:
		drum(p, y, y + 0.17f, 0.15f, 0.028f, c, GLOSS);
		label_round(p, y + 0.03f, y + 0.115f, 0.15f);
		drum(p, y + 0.172f, y + 0.244f, 0.152f, 0.01f, gold, METAL);
		break;
	case THING_BOX:
		brick(p, y, 0.125f, 0.18f, 0.07f, 0.42f, c, true);
		break;
	case THING_CANDLE:
		drum(p, y, y + 0.25f, 0.115f, 0.008f, c, GLOSS);
		opening(p, y + 0.25f, 0.107f, y + 0.216f, c, wax);
		label_round(p, y + 0.05f, y + 0.18f, 0.115f);
		DRAW(p, "<g transform='translate(0 %g)'><path d='M0 0v-.02' "
		    "stroke='#2a2018' stroke-width='.004'/><path d='M0-.015c"
		    "-.026-.022-.012-.05 0-.085c.012 .035 .026 .063 0 .085z' "
		    "fill='#ffd98a' stroke='#ffb347' stroke-width='.003'/></g>",
		    -y - 0.216f);
		cover(p, 0, -y - 0.33f, 0, 0);
		break;
	case THING_CUP:
		drum(p, y, y + 0.014f, 0.19f, 0.006f, c, MATT);
		shadow(p, 0, y + 0.014f, 0, 0.15f, 0.5f, 0.6f);
		ring(p, 0.128f, y + 0.1f, 0.05f, 0.013f, c);
		drum(p, y + 0.014f, y + 0.2f, 0.12f, 0.01f, c, GLOSS);
		opening(p, y + 0.2f, 0.11f, y + 0.166f, c, tea);
		break;
	case THING_TUBE:
		drum(p, y, y + 0.17f, 0.058f, 0.006f, gold, METAL);
		drum(p, y + 0.17f, y + 0.28f, 0.05f, 0.004f, gold, METAL);
		drum(p, y + 0.28f, y + 0.4f, 0.042f, 0.03f, c, GLOSS);
		break;
	case THING_VASE:
		ring(p, -0.062f, y + 0.285f, 0.048f, 0.01f, c);
		drum(p, y + 0.235f, y + 0.365f, 0.046f, 0.004f, c, MATT);
		opening(p, y + 0.361f, 0.038f, y + 0.2f, c, 0.1f * c);
		ball(p, y, 0.135f, c, false);
		break;
	case THING_NONE:
	case THING_SPHERE:
	case THING__MAX:
		ball(p, y, 0.15f, c, false);
		break;
	}
}

/* --- the arrangement */

static vec
shade(vec hue, float k, float grey)
{
	float	 lum = dot(hue, (vec){ 0.3f, 0.6f, 0.1f });

	return clampv(mixv(hue, (vec){ lum, lum, lum }, grey) * k, 0.01f,
	    0.86f);
}

/* A round one, with the shadow of what stands on its middle. */
static int
podium(const struct brief *b, const struct stage *st, float x, float z,
    float r, float high, float on, vec c, struct layer *ly, char *err,
    size_t errlen)
{
	struct pen	 p;
	int		 i;

	begin(&p, st, x, z, c);
	drum(&p, 0, high, r, 0.006f, c, MATT);
	clip(&p, high, r);
	for (i = 1; i <= 3; i++)
		shadow(&p, -0.45f * (float)i * on * st->to_lamp[X], high,
		    -0.45f * (float)i * on * st->to_lamp[Z], 1.15f * on,
		    0.9f - 0.6f * b->soft, 0.4f * b->shadow);
	shadow(&p, 0, high, 0, 1.2f * on, 0.55f, 0.7f);
	DRAW(&p, "</g>");
	return finish(&p, 0, r, ly, err, errlen);
}

int
still_life_arrange(const struct brief *b, const struct stage *st, vec hue,
    struct layer *ly, int *n, char *err, size_t errlen)
{
	static const vec	 amber = { 0.55f, 0.20f, 0.030f };
	static const vec	 clay = { 0.50f, 0.21f, 0.12f };
	static const float	 foot[THING__MAX] = { 0.05f, 0.105f, 0.15f,
		0.12f, 0.115f, 0.19f, 0.05f, 0.058f, 0.06f };
	vec		 pale = shade(hue, 1.12f, 0.15f), c;
	vec		 deep = shade(hue, 0.62f, 0.05f);
	bool		 plain = b->thing == THING_NONE, cup, narrow, round;
	float		 mir, wide, aspect = (float)st->w / (float)st->h, r;
	struct pen	 p;
	int		 i;

	cup = b->thing == THING_CUP;
	narrow = aspect < NARROW;
	wide = clampf(aspect * 0.42f, 0.20f, 0.36f);
	mir = noise_white(21, 1, b->seed) < 0.5f ? -1 : 1;
	round = noise_white(22, 1, b->seed) < 0.5f;
	c = b->thing == THING_BOTTLE ? amber : b->thing == THING_VASE ||
	    plain ? clay : ivory;
	for (i = 0; b->thing_hue_said && i < 3; i++)
		c[i] = powf((float)b->thing_hue[i] / 255, 2.2f);

	/* A tall shape behind, and a block at the other side. */
	begin(&p, st, mir * wide * (round ? 0.55f : 0.8f), 0.41f, deep);
	if (round)
		disc(&p, 0.30f, deep);
	else
		brick(&p, 0, 0.115f, 0.27f, 0.10f, 0.25f * mir, deep, false);
	if (finish(&p, 0, round ? 0.03f : 0.11f, &ly[(*n)++], err,
	    errlen) == -1)
		return -1;
	if (!narrow) {
		begin(&p, st, -mir * (wide + 0.04f), 0.26f, pale);
		brick(&p, 0, 0.085f, 0.085f, 0.085f, 0.5f * mir, pale, false);
		if (finish(&p, 0, 0.09f, &ly[(*n)++], err, errlen) == -1)
			return -1;
	}
	if (!cup && podium(b, st, 0, 0, narrow ? 0.205f : 0.245f, PODIUM,
	    foot[b->thing], pale, &ly[(*n)++], err, errlen) == -1)
		return -1;
	begin(&p, st, 0, 0, ivory);
	subject(&p, b->thing, cup ? 0 : PODIUM, clampv(c, 0.012f, 0.84f));
	if (finish(&p, cup ? 0 : PODIUM, foot[b->thing], &ly[(*n)++], err,
	    errlen) == -1)
		return -1;
	/* A small ball in front. */
	begin(&p, st, -mir * (narrow ? 0.15f : wide), narrow ? -0.34f :
	    -0.10f, ivory);
	r = narrow ? 0.045f : 0.062f;
	ball(&p, 0, r, plain ? ivory : gold, true);
	return finish(&p, 0, 0.4f * r, &ly[(*n)++], err, errlen);
}

int
still_life_plinth(const struct brief *b, const struct stage *st, vec hue,
    float x, float wide, struct layer *ly, float *high, char *err,
    size_t errlen)
{
	*high = 0.09f + 0.05f * noise_white(23, 1, b->seed);
	return podium(b, st, x, 0.10f, maxf(0.15f, wide * 0.5f + 0.08f),
	    *high, 0.45f * wide, shade(hue, 1.08f, 0.2f), ly, err, errlen);
}
