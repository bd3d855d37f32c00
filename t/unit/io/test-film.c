/*
 * test-film - how the ends of ffprobe and ffmpeg are read
 *
 * Both are shell scripts of this test, first in PATH.
 */
#include "config.h"

#include <sys/stat.h>

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../unit.h"
#include "io/film.h"
#include "io/loop.h"

#define PROBED	"echo '{\"streams\":[{\"codec_name\":\"h264\"," \
		"\"pix_fmt\":\"yuv420p\",\"width\":64,\"height\":64}]," \
		"\"format\":{\"duration\":\"1.0\"}}'"

static char dir[] = "/tmp/test-film.XXXXXX";
static char *path_before;

static void
script(const char *name, const char *text)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", dir, name);
	ck_assert((f = fopen(path, "we")) != NULL);
	ck_assert_int_gt(fprintf(f, "#!/bin/sh\n%s\n", text), 0);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_int_eq(chmod(path, 0700), 0);
}

static void
remove_script(const char *name)
{
	char path[64];

	snprintf(path, sizeof path, "%s/%s", dir, name);
	unlink(path);
}

static void
setup(void)
{
	char path[PATH_MAX];

	unit_setup();
	memcpy(dir + sizeof dir - 7, "XXXXXX", 6);
	ck_assert(mkdtemp(dir) != NULL);
	path_before = strdup(getenv("PATH"));
	snprintf(path, sizeof path, "%s:%s", dir, path_before);
	setenv("PATH", path, 1);
	script("ffprobe", PROBED);
}

static void
teardown(void)
{
	setenv("PATH", path_before, 1);
	free(path_before);
	remove_script("ffprobe");
	remove_script("ffmpeg");
	rmdir(dir);
	unit_teardown();
}

static const struct {
	const char	*ffmpeg;
	enum err	 want;
} ends[] = {
	{ "head -c 4096 /dev/zero",		E_OK },
	{ "head -c 4096 /dev/zero; exit 1",	E_IMAGE },
	{ "exit 0",				E_IMAGE },
	{ "kill -SEGV $$",			E_IMAGE },
	/* By the limits of LIMITS() or for want of memory: not the film's. */
	{ "kill -KILL $$",			E_NOMEM },
	{ "head -c 4096 /dev/zero; kill -KILL $$", E_NOMEM },
	{ "kill -XCPU $$",			E_NOMEM },
	{ "exit 127",				E_NOMEM },
	/* More than is read of a film: it is stopped, and the film's fault. */
	{ "head -c 8000000 /dev/zero; exec sleep 5", E_IMAGE },
};
static int	which;

static void
looks(void *arg)
{
	struct film_info f;

	(void)arg;
	ck_assert_int_eq(film_look(cx, "film", 4, &f), ends[which].want);
}

START_TEST(end_of_the_decoder)
{
	script("ffmpeg", ends[_i].ffmpeg);
	which = _i;
	unit_loop(looks, NULL);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("film");
	TCase *tc = tcase_create("film");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, end_of_the_decoder, 0, (int)N_OF(ends));
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return unit_main(suite());
}
