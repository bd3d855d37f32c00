/*
 * render_flaw - outputs as models make them on a bad day, by ffmpeg alone
 */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib.h>

#include "render/render.h"

static const struct flaw {
	const char	*name, *source;		/* of ffmpeg's lavfi */
	const char	*after;			/* filters, of a still */
	const char	*codec;			/* of a film */
	int		 wide;			/* times the width */
	int		 seconds;		/* 0: as asked for */
	bool		 frame;			/* one, as long as the film */
	bool		 half;			/* the end is missing */
} flaws[] = {
	{ "black", "color=c=black", "", "libx264", 1, 0, false, false },
	{ "transparent", "color=c=black@0", ",format=rgba", "libx264", 1, 0,
	    false, false },
	{ "ratio", "testsrc2", "", "libx264", 2, 0, false, false },
	{ "half", "testsrc2", "", "libx264", 1, 0, false, true },
	{ "frame", "testsrc2", "", "libx264", 1, 0, true, false },
	{ "short", "testsrc2", "", "libx264", 1, 1, false, false },
	{ "hevc", "testsrc2", "", "libx265", 1, 0, false, false },
};

static const struct flaw *
find(const char *name)
{
	for (size_t i = 0; i < G_N_ELEMENTS(flaws); i++)
		if (strcmp(flaws[i].name, name) == 0)
			return &flaws[i];
	return NULL;
}

static bool
run(const char *const *argv, char *err, size_t errlen)
{
	GError	*bad = NULL;
	int	 status = -1;
	gboolean ok = g_spawn_sync(NULL, (gchar **)(guintptr)argv, NULL,
	    G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL |
	    G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL, NULL, &status, &bad);

	if (!ok || status != 0)
		snprintf(err, errlen, "ffmpeg: %s (%d)", bad != NULL ?
		    bad->message : "it failed", status);
	g_clear_error(&bad);
	return ok && status == 0;
}

int
render_flaw(const char *name, int w, int h, int seconds, const char *path,
    char *err, size_t errlen)
{
	const struct flaw *f = find(name);
	char		 source[160];
	struct stat	 st;
	const char	*still[] = { "ffmpeg", "-v", "error", "-nostdin", "-f",
		"lavfi", "-i", source, "-frames:v", "1", "-y", path, NULL };
	const char	*film[] = { "ffmpeg", "-v", "error", "-nostdin", "-f",
		"lavfi", "-i", source, "-c:v", f != NULL ? f->codec : "",
		"-preset", "ultrafast", "-pix_fmt", "yuv420p", "-movflags",
		"+faststart", "-y", path, NULL };

	if (f == NULL) {
		snprintf(err, errlen, "there is no flaw %.40s", name);
		return -1;
	}
	if (f->seconds != 0 && seconds != 0)
		seconds = f->seconds;
	snprintf(source, sizeof source, "%s:s=%dx%d:r=%s%d:d=%d%s", f->source,
	    w * f->wide, h, f->frame && seconds > 0 ? "1/" : "", f->frame &&
	    seconds > 0 ? seconds : FILM_RATE, seconds > 0 ? seconds : 1,
	    seconds > 0 ? "" : f->after);
	if (strchr(f->source, '=') == NULL)	/* the first option */
		*strchr(source, ':') = '=';
	if (!run(seconds > 0 ? film : still, err, errlen))
		return -1;
	if (f->half && (stat(path, &st) == -1 ||
	    truncate(path, st.st_size / 2) == -1)) {
		snprintf(err, errlen, "%s cannot be cut", path);
		return -1;
	}
	return 0;
}
