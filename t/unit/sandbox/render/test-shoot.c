/*
 * test-shoot - what the sandbox reads in a motion prompt, and that it films
 *
 * What the films look like is for t/sandbox/films.sh to see.
 */
#include "config.h"

#include <check.h>
#include <dirent.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "render/camera.h"
#include "render/render.h"
#include "render/shoot.h"

static const struct {
	const char	*prompt, *negative;
	enum move	 move;
	int		 dir;		/* 0: either will do */
} said[] = {
	{ "The camera pushes in slowly and eases to a stop.", NULL,
	    MOVE_PUSH, 0 },
	{ "Slow cinematic camera push-in. Gentle parallax.", NULL,
	    MOVE_PUSH, 0 },
	{ "PULL BACK to show the table", NULL, MOVE_PULL, 0 },
	{ "the camera starts close and retreats slowly", NULL, MOVE_PULL, 0 },
	{ "zoom in", NULL, MOVE_ZOOM_IN, 0 },
	{ "it zooms out, quickly", NULL, MOVE_ZOOM_OUT, 0 },
	{ "Slow pan left.", NULL, MOVE_PAN, -1 },
	{ "panning across it from left to right", NULL, MOVE_PAN, 1 },
	{ "pan from the right to the left", NULL, MOVE_PAN, -1 },
	{ "Tilt down along the bottle", NULL, MOVE_TILT, -1 },
	{ "the camera rises along the product from base to top", NULL,
	    MOVE_TILT, 1 },
	{ "orbit clockwise", NULL, MOVE_ORBIT, 1 },
	{ "the camera circles the product", NULL, MOVE_ORBIT, 0 },
	{ "orbits counterclockwise", NULL, MOVE_ORBIT, -1 },
	{ "the camera glides sideways, near things pass faster", NULL,
	    MOVE_SLIDE, 0 },
	{ "gentle parallax", NULL, MOVE_SLIDE, 0 },
	{ "The camera is locked; steam rises.", NULL, MOVE_STILL, 0 },
	{ "The camera stays still while the light passes.", NULL,
	    MOVE_STILL, 0 },
	{ "a soft highlight travels once across it", NULL, MOVE_STILL, 0 },
	{ "a calm handheld camera with natural sway", NULL,
	    MOVE_HANDHELD, 0 },
	/* Denied, or only looking like one. */
	{ "No zoom, no pan. Orbit to the left.", NULL, MOVE_ORBIT, -1 },
	{ "Without any zooming; the camera pulls back", NULL, MOVE_PULL, 0 },
	{ "through the window pane, tilt up", NULL, MOVE_TILT, 1 },
	{ "expand and zoom in", NULL, MOVE_ZOOM_IN, 0 },
	{ "orbit, then pan", "orbit", MOVE_PAN, 0 },
	{ "Make it nice.", NULL, MOVE_PUSH, 0 },
	{ "", NULL, MOVE_PUSH, 0 },
	{ NULL, NULL, MOVE_PUSH, 0 },
	{ "no ", "no ", MOVE_PUSH, 0 },
};

START_TEST(test_words)
{
	struct motion	 p;

	for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
		motion_read(said[i].prompt, said[i].negative, &p);
		ck_assert_msg(p.move == said[i].move, "%s: %d",
		    said[i].prompt, (int)p.move);
		ck_assert_msg(p.dir == 1 || p.dir == -1, "%s: nowhere",
		    said[i].prompt);
		ck_assert_msg(said[i].dir == 0 || p.dir == said[i].dir,
		    "%s: the other way", said[i].prompt);
	}
}
END_TEST

START_TEST(test_manner)
{
	struct motion	 calm, slow, fast, lit;

	motion_read("push in", NULL, &calm);
	motion_read("very slow push in", NULL, &slow);
	motion_read("a quick push in", NULL, &fast);
	ck_assert(slow.reach < calm.reach && calm.reach < fast.reach);
	ck_assert(fast.haste > 0 && calm.haste == 0);
	motion_read("locked camera, a sweep of light", NULL, &lit);
	ck_assert(lit.sweep > 0 && lit.breath == 0);
	motion_read("static shot", NULL, &lit);
	ck_assert(lit.sweep == 0 && lit.breath > 0);
}
END_TEST

/* Whatever is said, no corner of the frame leaves the picture. */
START_TEST(test_inside)
{
	static float		 flat[64];
	struct depth_map	 d = { flat, 8, 8, 0.5f, 0.5f };
	struct motion	 p;
	struct pose	 q;
	float			 x, y;

	for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
		motion_read(said[i].prompt, said[i].negative, &p);
		for (int t = 0; t <= 20; t++) {
			motion_pose(&p, (float)t / 20, 10, &q);
			for (int c = 0; c < 4; c++) {
				pose_sees(&q, &d, 1.6f, (float)(c & 1),
				    (float)(c >> 1), &x, &y);
				ck_assert_msg(x > -0.02f && x < 1.02f &&
				    y > -0.02f && y < 1.02f,
				    "%s: at %d of 20 it sees %g %g",
				    said[i].prompt, t, (double)x, (double)y);
			}
		}
	}
}
END_TEST

START_TEST(test_film_size)
{
	static const struct { int w, h, side, fw, fh; } s[] = {
		{ 2560, 1440, FILM_720, 1280, 720 },
		{ 1440, 2560, FILM_720, 720, 1280 },
		{ 2048, 2048, FILM_720, 960, 960 },
		{ 4096, 1024, FILM_720, 1280, 512 },	/* 2.5 : 1 */
		{ 300, 300, FILM_720, 960, 960 },
		{ 1920, 1080, FILM_1080, 1920, 1080 },
		{ 1000, 1000, FILM_1080, 1440, 1440 },
	};
	int	 w, h;

	for (size_t i = 0; i < sizeof s / sizeof *s; i++) {
		film_size(s[i].w, s[i].h, s[i].side, &w, &h);
		ck_assert_int_eq(w, s[i].fw);
		ck_assert_int_eq(h, s[i].fh);
	}
	for (w = 300; w < 2000; w += 37) {
		int	 fw, fh;

		film_size(w, 1000, FILM_720, &fw, &fh);
		ck_assert_int_eq(fw % 2 + fh % 2, 0);
		ck_assert(fabs((double)fw / fh - (double)(w > 400 ? w : 400) /
		    1000) < 0.01);
	}
}
END_TEST

static int
descriptors(void)
{
	DIR	*d = opendir("/proc/self/fd");
	int	 n = 0;

	ck_assert_ptr_nonnull(d);
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n;
}

static void	*picture;	/* of the order, until the test ends */

static struct film_order
order(void)
{
	struct render_order	 still = { .prompt = "a jar on marble",
				    .width = 320, .height = 400,
				    .format = "jpg", .fast = true };
	struct film_order	 o = { .prompt = "orbit", .seconds = 1,
				    .side = 256 };
	char			 err[200];

	ck_assert_int_eq(render_still(&still, &picture, &o.startlen, err,
	    sizeof err), 0);
	o.start = picture;
	return o;
}

static void
teardown(void)
{
	render_free(picture);
	picture = NULL;
}

START_TEST(test_film)
{
	struct film_order	 o = order();
	struct film		 a, b;
	char			 err[200] = "";
	const char		*moov, *mdat;
	int			 n = descriptors();

	ck_assert_msg(render_film(&o, &a, err, sizeof err) == 0, "%s", err);
	ck_assert_int_eq(a.w, 172);
	ck_assert_int_eq(a.h, 214);
	ck_assert_mem_eq((char *)a.data + 4, "ftyp", 4);
	moov = memmem(a.data, a.len, "moov", 4);
	mdat = memmem(a.data, a.len, "mdat", 4);
	ck_assert(moov != NULL && mdat != NULL && moov < mdat);
	ck_assert_ptr_nonnull(memmem(a.data, a.len, "Mina sandbox", 12));
	/* The same order is the same film. */
	ck_assert_int_eq(render_film(&o, &b, err, sizeof err), 0);
	ck_assert_uint_eq(a.len, b.len);
	ck_assert_mem_eq(a.data, b.data, a.len);
	free(b.data);
	/* With an end it is another one. */
	o.end = o.start;
	o.endlen = o.startlen;
	ck_assert_int_eq(render_film(&o, &b, err, sizeof err), 0);
	ck_assert(a.len != b.len || memcmp(a.data, b.data, a.len) != 0);
	free(a.data);
	free(b.data);
	ck_assert_int_eq(descriptors(), n);
}
END_TEST

static int	 frames_left;

static bool
enough(void)
{
	return --frames_left < 0;
}

START_TEST(test_stop)
{
	struct film_order	 o = order();
	struct film		 f;
	char			 err[200] = "";
	int			 n = descriptors();

	o.stop = enough;
	frames_left = FILM_RATE;
	ck_assert_int_eq(render_film(&o, &f, err, sizeof err), 0);
	free(f.data);
	frames_left = FILM_RATE / 2;
	ck_assert_int_eq(render_film(&o, &f, err, sizeof err), -1);
	ck_assert_str_eq(err, "called off");
	ck_assert_int_eq(descriptors(), n);
	/* Its encoder is no more, and no zombie. */
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
}
END_TEST

START_TEST(test_fails)
{
	struct film_order	 o = order();
	struct film		 f;
	char			 err[200] = "", dir[] = "/tmp/mina-film.XXXXXX";
	char			 name[64];
	int			 n = descriptors();

	o.seconds = 16;
	ck_assert_int_eq(render_film(&o, &f, err, sizeof err), -1);
	o.seconds = 1;
	o.end = "no picture at all";
	o.endlen = 17;
	ck_assert_int_eq(render_film(&o, &f, err, sizeof err), -1);
	ck_assert_ptr_nonnull(strstr(err, "png"));
	o.end = NULL;
	/* No encoder, and one that gives up at once. */
	ck_assert_ptr_nonnull(mkdtemp(dir));
	setenv("PATH", dir, 1);
	ck_assert_int_eq(render_film(&o, &f, err, sizeof err), -1);
	ck_assert_ptr_nonnull(strstr(err, "ffmpeg cannot be started"));
	snprintf(name, sizeof name, "%s/ffmpeg", dir);
	ck_assert_int_eq(symlink("/bin/false", name), 0);
	ck_assert_int_eq(render_film(&o, &f, err, sizeof err), -1);
	ck_assert_ptr_nonnull(strstr(err, "ended without a word"));
	unlink(name);
	rmdir(dir);
	ck_assert_int_eq(descriptors(), n);
}
END_TEST

int
main(void)
{
	Suite		*s = suite_create("shoot");
	TCase		*tc = tcase_create("all");
	SRunner		*sr;
	sigset_t	 pipes;
	int		 failed;

	sigemptyset(&pipes);
	sigaddset(&pipes, SIGPIPE);
	sigprocmask(SIG_BLOCK, &pipes, NULL);
	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, NULL, teardown);
	tcase_add_test(tc, test_words);
	tcase_add_test(tc, test_manner);
	tcase_add_test(tc, test_inside);
	tcase_add_test(tc, test_film_size);
	tcase_add_test(tc, test_film);
	tcase_add_test(tc, test_stop);
	tcase_add_test(tc, test_fails);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_set_tap(sr, "-");
	srunner_run_all(sr, CK_SILENT);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
