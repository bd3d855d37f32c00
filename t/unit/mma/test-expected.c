/*
 * test-expected - which outputs pass, at both sides of each tolerance
 */
#include "config.h"

#include "../unit.h"
#include "io/film.h"
#include "io/pic.h"
#include "mma/mma.h"

static const struct pic good = { "image/png", 1600, 900, 200, 255 };
static const struct film_info good_film = { .width = 1280, .height = 720,
	.duration_ms = 5100, .frames = 122, .spread = 200, .codec = "h264",
	.format = "yuv420p" };
static const struct expected want = { .ratio = 16.0 / 9, .ms = 5000 };

static void
still(struct pic pic, const char *reason)
{
	enum err er = expected_still(cx, &want, &pic);

	ck_assert_int_eq(er, reason != NULL ? E_OUTPUT : E_OK);
	if (reason != NULL)
		ck_assert_str_eq(cx->err.reason, reason);
}

static void
film(struct film_info f, const char *reason)
{
	enum err er = expected_film(cx, &want, &f);

	ck_assert_int_eq(er, reason != NULL ? E_OUTPUT : E_OK);
	if (reason != NULL)
		ck_assert_str_eq(cx->err.reason, reason);
}

START_TEST(stills)
{
	struct pic p = good;

	still(good, NULL);
	p.spread = 7;
	still(p, "BLANK");
	p = good;
	p.alpha = 0;
	still(p, "BLANK");
	/* The next ratio is 3:2; 1824 x 1024 is what is made of 16:9. */
	still((struct pic){ "image/png", 1824, 1024, 200, 255 }, NULL);
	still((struct pic){ "image/png", 1500, 1000, 200, 255 }, "RATIO");
	still((struct pic){ "image/png", 900, 1600, 200, 255 }, "RATIO");
}
END_TEST

START_TEST(any_ratio)
{
	struct expected any = { 0 };
	struct pic p = { "image/png", 100, 5000, 200, 255 };

	ck_assert_int_eq(expected_still(cx, &any, &p), E_OK);
}
END_TEST

/* Every size of the registry's tables is within the tolerance. */
START_TEST(known_sizes)
{
	static const struct { double ratio; int w, h; } sizes[] = {
		{ 4.0 / 3, 1184, 880 }, { 16.0 / 9, 1360, 768 },
		{ 3.0 / 2, 1248, 832 }, { 21.0 / 9, 1568, 672 },
		{ 4.0 / 3, 1392, 1024 }, { 16.0 / 9, 1824, 1024 },
		{ 21.0 / 9, 2400, 1024 }, { 3.0 / 2, 2512, 1680 },
		{ 21.0 / 9, 6256, 2672 }, { 3.0 / 2, 4096, 2720 },
	};

	for (size_t i = 0; i < N_OF(sizes); i++) {
		struct expected e = { .ratio = sizes[i].ratio };
		struct pic p = { "image/png", sizes[i].w, sizes[i].h, 99, 255 };

		ck_assert_int_eq(expected_still(cx, &e, &p), E_OK);
	}
}
END_TEST

START_TEST(films)
{
	struct film_info f = good_film;

	film(good_film, NULL);
	f.codec = "hevc";
	film(f, "CODEC");
	f = good_film;
	f.format = "yuv420p10le";
	film(f, "CODEC");
	f = good_film;
	f.duration_ms = 5600;
	film(f, "DURATION");
	f.duration_ms = 4400;
	film(f, "DURATION");
	f = good_film;
	f.frames = 39;
	film(f, "FRAMES");
	f.frames = 40;
	film(f, NULL);
	f.spread = 3;
	film(f, "BLANK");
	f = good_film;
	f.width = 720;
	film(f, "RATIO");
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("expected");
	TCase *tc = unit_case(s, "expected");

	tcase_add_test(tc, stills);
	tcase_add_test(tc, any_ratio);
	tcase_add_test(tc, known_sizes);
	tcase_add_test(tc, films);
	return s;
}

int
main(void)
{
	return unit_main(suite());
}
