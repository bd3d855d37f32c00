/*
 * test-render - the sandbox's eyes and its camera
 *
 * Pictures going in are drawn here with libvips, pictures coming out are
 * decoded with libvips, so that nothing is judged by the code under test.
 */
#include "config.h"

#include <check.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vips/vips.h>

#include "render/look.h"
#include "render/render.h"

struct bytes {
	void	*p;
	size_t	 n;
};

struct raster {
	uint8_t	*px;		/* 3 bytes a pixel */
	int	 w, h;
};

typedef void	(*paint_fn)(int x, int y, uint8_t *);

static char	err[300];

/* A picture of w x h drawn a pixel at a time. */
static struct bytes
draw(int w, int h, int bands, paint_fn fn)
{
	uint8_t		*px = calloc((size_t)w * h, 4), four[4];
	VipsImage	*im;
	struct bytes	 out = { NULL, 0 };
	int		 x, y;

	ck_assert_ptr_nonnull(px);
	for (y = 0; y < h; y++)
		for (x = 0; x < w; x++) {
			fn(x, y, four);
			memcpy(px + ((size_t)y * w + x) * bands, four,
			    (size_t)bands);
		}
	im = vips_image_new_from_memory(px, (size_t)w * h * bands, w, h,
	    bands, VIPS_FORMAT_UCHAR);
	ck_assert_ptr_nonnull(im);
	im->Type = VIPS_INTERPRETATION_sRGB;
	ck_assert_int_eq(vips_pngsave_buffer(im, &out.p, &out.n, NULL), 0);
	g_object_unref(im);
	free(px);
	return out;
}

static void
set(uint8_t *q, int r, int g, int b, int a)
{
	q[0] = (uint8_t)r;
	q[1] = (uint8_t)g;
	q[2] = (uint8_t)b;
	q[3] = (uint8_t)a;
}

/* 200 x 300: a magenta flask with transparency round it. */
static void
flask(int x, int y, uint8_t *q)
{
	bool	 in = x >= 50 && x < 150 && y >= 90 && y < 290;

	in = in || (x >= 80 && x < 120 && y >= 30 && y < 90);
	set(q, 214, 20, 150, in ? 255 : 0);
}

/* The same on a lightly uneven off-white ground. */
static void
flask_plain(int x, int y, uint8_t *q)
{
	flask(x, y, q);
	if (q[3] == 0)
		set(q, 236 + x / 40, 236 + x / 40, 230 + y / 60, 255);
}

/* A whole scene: every place has its own colour. */
static void
scene(int x, int y, uint8_t *q)
{
	set(q, 30 + x % 97 * 2, 20 + (x + y) % 71 * 3, 40 + y % 53 * 4, 255);
}

static void
mark(int x, int y, uint8_t *q)
{
	int	 d = (x - 60) * (x - 60) + (y - 40) * (y - 40);

	set(q, 20, 20, 20, (d < 900 && d > 400) || (y > 80 && y < 95) ? 255 :
	    0);
}

static struct bytes
still(const char *prompt, int w, int h, const struct render_picture *pic,
    size_t npic)
{
	struct render_order	 o = { .prompt = prompt, .pic = pic,
				    .npic = npic, .width = w, .height = h,
				    .fast = false };
	struct bytes		 out = { NULL, 0 };

	err[0] = '\0';
	ck_assert_msg(render_still(&o, &out.p, &out.n, err, sizeof err) == 0,
	    "%s: %s", prompt, err);
	return out;
}

static struct raster
decode(struct bytes b)
{
	VipsImage	*im = vips_image_new_from_buffer(b.p, b.n, "", NULL);
	struct raster	 r;
	size_t		 n;

	ck_assert_ptr_nonnull(im);
	ck_assert_int_eq(vips_image_get_bands(im), 3);
	r.w = vips_image_get_width(im);
	r.h = vips_image_get_height(im);
	r.px = vips_image_write_to_memory(im, &n);
	ck_assert_ptr_nonnull(r.px);
	g_object_unref(im);
	return r;
}

static struct raster
shoot(const char *prompt, const struct render_picture *pic, size_t npic)
{
	struct bytes	 b = still(prompt, 360, 360, pic, npic);
	struct raster	 r = decode(b);

	render_free(b.p);
	return r;
}

/* Mean of each band in a rectangle given in thousandths of the frame. */
static void
mean(const struct raster *r, int x0, int y0, int x1, int y1, double m[3])
{
	double	 n = 0;
	int	 x, y, k;

	m[0] = m[1] = m[2] = 0;
	for (y = y0 * r->h / 1000; y < y1 * r->h / 1000; y++)
		for (x = x0 * r->w / 1000; x < x1 * r->w / 1000; x++, n++)
			for (k = 0; k < 3; k++)
				m[k] += r->px[((size_t)y * r->w + x) * 3 + k];
	for (k = 0; k < 3; k++)
		m[k] /= n;
}

/* RMS contrast of the set, product left out: deviation over mean. */
static double
contrast(const struct raster *r)
{
	double	 s = 0, ss = 0, n = 0, v;
	int	 x, y;

	for (y = 0; y < r->h * 9 / 10; y++)
		for (x = 0; x < r->w; x++) {
			const uint8_t	*q = r->px + ((size_t)y * r->w + x) *
			    3;

			if (x > r->w * 3 / 10 && x < r->w * 7 / 10)
				continue;
			v = 0.3 * q[0] + 0.59 * q[1] + 0.11 * q[2];
			s += v;
			ss += v * v;
			n++;
		}
	return sqrt(ss / n - s / n * (s / n)) / (s / n);
}

/* Share of the frame in the flask's own hue. */
static double
magenta(const struct raster *r)
{
	size_t	 i, n = (size_t)r->w * r->h, k = 0;

	for (i = 0; i < n; i++) {
		const uint8_t	*q = r->px + i * 3;

		k += q[0] > 120 && q[1] < q[0] / 2 && q[2] > q[0] / 3 &&
		    q[2] < q[0];
	}
	return (double)k / (double)n;
}

static struct render_picture
picture(struct bytes b, enum render_role role)
{
	struct render_picture	 p = { b.p, b.n, role };

	return p;
}

START_TEST(test_size)
{
	static const char *const	 ratio[] = {
		"1:1", "4:3", "3:4", "16:9", "9:16", "3:2", "2:3", "21:9"
	};
	static const struct {
		const char	*name;
		double		 side;
	} size[] = { { "1K", 1024 }, { "2K", 2048 }, { "4K", 4096 } };
	double				 area;
	size_t				 i, j;
	int				 w, h, rw, rh;

	for (i = 0; i < sizeof ratio / sizeof ratio[0]; i++)
		for (j = 0; j < 3; j++) {
			ck_assert_int_eq(render_size(ratio[i], size[j].name,
			    &w, &h), 0);
			ck_assert_int_eq(sscanf(ratio[i], "%d:%d", &rw, &rh),
			    2);
			ck_assert_int_eq(w * rh, h * rw);
			ck_assert_int_eq(w % 16, 0);
			ck_assert_int_eq(h % 16, 0);
			ck_assert_int_ge(w < h ? w : h, 1024);
			ck_assert_int_le(w > h ? w : h, RENDER_SIDE);
			area = (double)w * h / (size[j].side * size[j].side);
			/* 1K grows to its short side, 4K stops at 4096. */
			ck_assert(j != 0 || (area >= 1 && area < 2.6));
			ck_assert(j != 1 || (area > 0.85 && area < 1.15));
			ck_assert(j != 2 || area <= 1);
		}
	ck_assert_int_eq(render_size("5:7", "1K", &w, &h), -1);
	ck_assert_int_eq(render_size("1:1", "8K", &w, &h), -1);
	ck_assert_int_eq(render_size("1:1", "2k", &w, &h), 0);
	ck_assert_int_eq(w, 2048);
}
END_TEST

START_TEST(test_dimensions)
{
	static const int	 dim[][2] = {
		{ 320, 320 }, { 320, 240 }, { 240, 320 }, { 512, 288 },
		{ 288, 512 }, { 331, 203 }, { 64, 64 }
	};
	struct render_order	 o = { .prompt = "a jar on sand" };
	struct raster		 r;
	struct bytes		 b;
	size_t			 i;
	int			 fast;

	for (i = 0; i < sizeof dim / sizeof dim[0]; i++)
		for (fast = 0; fast < 2; fast++) {
			o.width = dim[i][0];
			o.height = dim[i][1];
			o.fast = fast != 0;
			ck_assert_int_eq(render_still(&o, &b.p, &b.n, err,
			    sizeof err), 0);
			r = decode(b);
			ck_assert_int_eq(r.w, o.width);
			ck_assert_int_eq(r.h, o.height);
			g_free(r.px);
			render_free(b.p);
		}
}
END_TEST

START_TEST(test_format)
{
	struct render_order	 o = { .prompt = "sage", .width = 128,
				    .height = 96, .format = "jpg" };
	struct bytes		 b;

	ck_assert_int_eq(render_still(&o, &b.p, &b.n, err, sizeof err), 0);
	ck_assert_mem_eq(b.p, "\xff\xd8\xff", 3);
	render_free(b.p);
	o.format = "png";
	ck_assert_int_eq(render_still(&o, &b.p, &b.n, err, sizeof err), 0);
	ck_assert_mem_eq(b.p, "\x89PNG", 4);
	render_free(b.p);
	o.format = "bmp";
	ck_assert_int_eq(render_still(&o, &b.p, &b.n, err, sizeof err), -1);
	ck_assert_ptr_nonnull(strstr(err, "bmp"));
	o.format = NULL;
	o.width = RENDER_SIDE + 1;
	ck_assert_int_eq(render_still(&o, &b.p, &b.n, err, sizeof err), -1);
	o.width = 0;
	ck_assert_int_eq(render_still(&o, &b.p, &b.n, err, sizeof err), -1);
}
END_TEST

START_TEST(test_backdrops)
{
	struct bytes		 b = draw(200, 300, 4, flask);
	struct render_picture	 p = picture(b, RENDER_PRODUCT);
	struct raster		 r;
	double			 marble[3], wood[3], sage[3], navy[3], no[3];

	/* The lower left corner is always table. */
	r = shoot("on white marble", &p, 1);
	mean(&r, 0, 880, 250, 1000, marble);
	g_free(r.px);
	r = shoot("on a wooden table", &p, 1);
	mean(&r, 0, 880, 250, 1000, wood);
	g_free(r.px);
	r = shoot("sage seamless backdrop", &p, 1);
	mean(&r, 0, 100, 250, 400, sage);
	g_free(r.px);
	r = shoot("navy backdrop", &p, 1);
	mean(&r, 0, 100, 250, 400, navy);
	g_free(r.px);
	r = shoot("on white marble, no wood", &p, 1);
	mean(&r, 0, 880, 250, 1000, no);
	g_free(r.px);
	/* Marble is light and grey, wood darker and brown. */
	ck_assert_double_gt(marble[1], wood[1] + 30);
	ck_assert_double_lt(fabs(marble[0] - marble[2]), 25);
	ck_assert_double_gt(wood[0] - wood[2], 40);
	ck_assert_double_gt(sage[1], sage[0]);
	ck_assert_double_gt(sage[1], sage[2]);
	ck_assert_double_gt(navy[2], navy[0] + 15);
	ck_assert_double_lt(navy[1], 90);
	ck_assert_double_lt(fabs(no[0] - no[2]), 25);
	render_free(b.p);
}
END_TEST

START_TEST(test_product)
{
	struct bytes		 a = draw(200, 300, 4, flask);
	struct bytes		 b = draw(200, 300, 3, flask_plain);
	struct bytes		 c = draw(300, 200, 3, scene);
	struct render_picture	 p;
	struct raster		 r;
	double			 cut, plain, none, m[3];

	r = shoot("on linen", NULL, 0);
	none = magenta(&r);
	g_free(r.px);
	p = picture(a, RENDER_PRODUCT);
	r = shoot("on linen", &p, 1);
	cut = magenta(&r);
	g_free(r.px);
	p = picture(b, RENDER_PRODUCT);
	r = shoot("on linen", &p, 1);
	plain = magenta(&r);
	/* The ground it came with is gone: beside it there is linen. */
	mean(&r, 330, 250, 380, 350, m);
	ck_assert_double_gt(m[0] - m[2], 6);
	g_free(r.px);
	ck_assert_double_lt(none, 0.002);
	/* 0.6 of the frame high, a third as wide as high, less the neck. */
	ck_assert_double_gt(cut, 0.08);
	ck_assert_double_lt(cut, 0.25);
	ck_assert_double_gt(plain, 0.8 * cut);
	ck_assert_double_lt(plain, 1.2 * cut);
	/* A whole scene stands there as a print, white border and all. */
	p = picture(c, RENDER_PRODUCT);
	r = shoot("dark slate, moody", &p, 1);
	mean(&r, 440, 500, 560, 700, m);
	ck_assert_double_gt(m[0] + m[1] + m[2], 150);
	g_free(r.px);
	render_free(a.p);
	render_free(b.p);
	render_free(c.p);
}
END_TEST

START_TEST(test_logo)
{
	struct bytes		 a = draw(200, 300, 4, flask);
	struct bytes		 l = draw(120, 110, 4, mark);
	struct render_picture	 p[2];
	struct raster		 r, q;
	double			 with[3], bare[3];

	p[0] = picture(a, RENDER_PRODUCT);
	p[1] = picture(l, RENDER_UNKNOWN);
	r = shoot("white studio", p, 1);
	q = shoot("white studio", p, 2);
	mean(&r, 30, 30, 220, 220, bare);
	mean(&q, 30, 30, 220, 220, with);
	ck_assert_double_gt(bare[1], with[1] + 5);
	g_free(q.px);
	g_free(r.px);
	r = shoot("white studio, logo on the bottle", p, 1);
	q = shoot("white studio, logo on the bottle", p, 2);
	mean(&r, 30, 30, 220, 220, bare);
	mean(&q, 30, 30, 220, 220, with);
	ck_assert_double_lt(fabs(bare[1] - with[1]), 0.1);
	mean(&r, 420, 450, 580, 750, bare);
	mean(&q, 420, 450, 580, 750, with);
	ck_assert_double_gt(fabs(bare[0] - with[0]), 5);
	g_free(q.px);
	g_free(r.px);
	render_free(a.p);
	render_free(l.p);
}
END_TEST

START_TEST(test_watermark)
{
	struct bytes	 b = still("black velvet, moody", 360, 360, NULL, 0);
	struct raster	 r = decode(b);
	VipsImage	*im;
	const char	*s;
	int		 x, y, here = 0, mirrored = 0;

	for (y = r.h * 94 / 100; y < r.h; y++)
		for (x = 0; x < r.w; x++) {
			bool	 white = r.px[((size_t)y * r.w + x) * 3] > 190;

			here += white && x > r.w * 3 / 4;
			mirrored += white && x < r.w / 4;
		}
	ck_assert_int_gt(here, 60);
	ck_assert_int_eq(mirrored, 0);
	g_free(r.px);
	im = vips_image_new_from_buffer(b.p, b.n, "", NULL);
	ck_assert_int_eq(vips_image_get_string(im,
	    "png-comment-0-Software", &s), 0);
	ck_assert_str_eq(s, "Mina sandbox");
	ck_assert_int_eq(vips_image_get_string(im,
	    "png-comment-2-Description", &s), 0);
	ck_assert_str_eq(s, "black velvet, moody");
	g_object_unref(im);
	render_free(b.p);
}
END_TEST

START_TEST(test_tweaks)
{
#define BRIEF	"dramatic hard light on oak wood"
	struct bytes		 b = draw(200, 300, 4, flask);
	struct render_picture	 p = picture(b, RENDER_PRODUCT);
	struct raster		 r;
	double			 hard, soft, less, none, m[3], dark[3];

	r = shoot(BRIEF, &p, 1);
	hard = contrast(&r);
	mean(&r, 0, 0, 1000, 900, m);
	g_free(r.px);
	r = shoot(BRIEF ". softer and more natural lighting", &p, 1);
	soft = contrast(&r);
	g_free(r.px);
	r = shoot(BRIEF ". less contrast please", &p, 1);
	less = contrast(&r);
	g_free(r.px);
	r = shoot(BRIEF ". remove shadows", &p, 1);
	none = contrast(&r);
	g_free(r.px);
	r = shoot(BRIEF ". darker", &p, 1);
	mean(&r, 0, 0, 1000, 900, dark);
	g_free(r.px);
	ck_assert_double_lt(soft, 0.8 * hard);
	ck_assert_double_lt(less, 0.97 * hard);
	ck_assert_double_lt(none, 0.97 * hard);
	ck_assert_double_lt(dark[1], 0.9 * m[1]);
	render_free(b.p);
}
END_TEST

START_TEST(test_refused)
{
	/* A png whose header promises 60000 x 60000 pixels. */
	static const unsigned char	 bomb[] = {
		0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0, 0, 0, 13,
		'I', 'H', 'D', 'R', 0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60,
		8, 2, 0, 0, 0, 0x0f, 0xb0, 0xe2, 0x15, 0, 0, 0, 12,
		'I', 'D', 'A', 'T', 0x78, 0x9c, 0x63, 0, 0, 0, 1, 0, 1, 0,
		0, 0, 0xf2, 0xc7, 0x79, 0x25, 0, 0, 0, 0, 'I', 'E', 'N', 'D',
		0xae, 0x42, 0x60,
		0x82
	};
	static const char		 big[] =
	    "<svg xmlns='http://www.w3.org/2000/svg' width='20000' "
	    "height='20000'><rect width='9' height='9'/></svg>";
	static const char		 junk[] = "GIF87a is not a picture we "
	    "know, and this is not even one of those";
	struct bytes			 b = draw(200, 300, 4, flask);
	struct render_picture		 p = { bomb, sizeof bomb,
					    RENDER_PRODUCT };
	struct render_order		 o = { .prompt = "x", .pic = &p,
					    .npic = 1, .width = 128,
					    .height = 128 };
	struct look			 lk;
	void				*out;
	size_t				 n;

	ck_assert_int_eq(look_at(bomb, sizeof bomb, &lk, err, sizeof err),
	    -1);
	ck_assert_ptr_nonnull(strstr(err, "60000x60000"));
	ck_assert_int_eq(render_still(&o, &out, &n, err, sizeof err), -1);
	ck_assert_ptr_nonnull(strstr(err, "60000x60000"));
	ck_assert_int_eq(look_at(big, sizeof big - 1, &lk, err, sizeof err),
	    -1);
	ck_assert_ptr_nonnull(strstr(err, "limit"));
	ck_assert_int_eq(look_at(junk, sizeof junk, &lk, err, sizeof err),
	    -1);
	ck_assert_int_eq(look_at(junk, 0, &lk, err, sizeof err), -1);
	ck_assert_int_eq(look_at(b.p, 20, &lk, err, sizeof err), -1);
	ck_assert_int_gt((int)strlen(err), 0);
	render_free(b.p);
}
END_TEST

START_TEST(test_look)
{
	struct bytes	 a = draw(200, 300, 4, flask);
	struct bytes	 b = draw(200, 300, 3, flask_plain);
	struct bytes	 c = draw(300, 200, 3, scene);
	struct bytes	 l = draw(120, 110, 4, mark);
	struct look	 lk;
	char		 text[300];

	ck_assert_int_eq(look_at(a.p, a.n, &lk, err, sizeof err), 0);
	ck_assert_str_eq(lk.format, "png");
	ck_assert_int_eq(lk.width, 200);
	ck_assert_int_eq(lk.height, 300);
	ck_assert(lk.has_alpha && lk.cutout);
	ck_assert_int_eq(lk.ground, LOOK_TRANSPARENT);
	ck_assert_int_eq(lk.shape, LOOK_TALL);
	ck_assert_int_eq(lk.ncolour, 1);
	ck_assert_str_eq(lk.colour[0].name, "magenta");
	ck_assert_int_le(abs(lk.box_x - 50), 2);
	ck_assert_int_le(abs(lk.box_h - 260), 4);
	ck_assert_int_eq(look_caption(&lk, text, sizeof text), 0);
	ck_assert_ptr_nonnull(strstr(text, "magenta"));
	ck_assert_ptr_nonnull(strstr(text, "transparent"));
	ck_assert_ptr_nonnull(strstr(text, "200x300"));
	ck_assert_int_eq(look_caption(&lk, text, 20), -1);

	ck_assert_int_eq(look_at(b.p, b.n, &lk, err, sizeof err), 0);
	ck_assert(!lk.has_alpha && lk.cutout);
	ck_assert_int_eq(lk.ground, LOOK_PLAIN);
	ck_assert_int_gt(lk.bg.rgb[0], 225);
	ck_assert_int_le(abs(lk.box_w - 100), 6);

	ck_assert_int_eq(look_at(c.p, c.n, &lk, err, sizeof err), 0);
	ck_assert(!lk.cutout && !lk.likely_logo);
	ck_assert_int_gt(lk.ncolour, 1);

	ck_assert_int_eq(look_at(l.p, l.n, &lk, err, sizeof err), 0);
	ck_assert(lk.likely_logo);
	render_free(a.p);
	render_free(b.p);
	render_free(c.p);
	render_free(l.p);
}
END_TEST

static void *
worker(void *arg)
{
	struct bytes		*out = arg;
	struct render_order	 o = { .prompt = "a candle on water, window",
				    .width = 200, .height = 200 };
	char			 mine[200];

	if (render_still(&o, &out->p, &out->n, mine, sizeof mine) == -1)
		out->p = NULL;
	return NULL;
}

START_TEST(test_same)
{
	struct bytes	 b[6], other;
	pthread_t	 th[6];
	int		 i;

	for (i = 0; i < 6; i++)
		ck_assert_int_eq(pthread_create(&th[i], NULL, worker, &b[i]),
		    0);
	for (i = 0; i < 6; i++) {
		pthread_join(th[i], NULL);
		ck_assert_ptr_nonnull(b[i].p);
		ck_assert_uint_eq(b[i].n, b[0].n);
		ck_assert_mem_eq(b[i].p, b[0].p, b[0].n);
	}
	other = still("a candle on water, blinds", 200, 200, NULL, 0);
	ck_assert(other.n != b[0].n || memcmp(other.p, b[0].p, other.n) != 0);
	render_free(other.p);
	for (i = 0; i < 6; i++)
		render_free(b[i].p);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("render");
	TCase	*tc = tcase_create("all");
	SRunner	*sr;
	int	 failed;

	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, test_size);
	tcase_add_test(tc, test_dimensions);
	tcase_add_test(tc, test_format);
	tcase_add_test(tc, test_backdrops);
	tcase_add_test(tc, test_product);
	tcase_add_test(tc, test_logo);
	tcase_add_test(tc, test_watermark);
	tcase_add_test(tc, test_tweaks);
	tcase_add_test(tc, test_refused);
	tcase_add_test(tc, test_look);
	tcase_add_test(tc, test_same);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_set_tap(sr, "-");
	srunner_run_all(sr, CK_SILENT);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
