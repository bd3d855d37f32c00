/*
 * expected - is an output what was requested, and is there anything on it?
 *
 * The only place with tolerances.  A refused output costs us what the provider
 * bills, so each is as wide as what providers are known to do, and no wider
 * than what tells the faults apart.
 */
#include "config.h"

#include <math.h>

#include "base/cx.h"
#include "base/str.h"
#include "io/film.h"
#include "io/pic.h"
#include "mma/mma.h"

/*
 * Sizes are rounded: the stills in the registry's own tables are up to 2 % off
 * (1392x1024 for 4:3), and 32 pixels of a shorter side of 672 are 4.8 %.  The
 * closest two ratios, 4:3 and 3:2, are 12.5 % apart.
 */
#define STILL_RATIO	0.05
/*
 * A film follows its still, which has any ratio.  Models round both sides to
 * 16 or 32 pixels: 32 of a shorter side of 400 are 8 %.
 */
#define FILM_RATIO	0.10
/* "5.1" is what is delivered for 5 seconds; sound may be longer than that. */
#define DURATION	0.10
/* Slow models make 16 frames a second, others 24 or 30. */
#define FRAMES_A_SECOND	8
/*
 * Of 255: a picture of one colour stays within 3 after JPEG or H.264, and the
 * palest product photograph has a shadow of more than 20.
 */
#define SPREAD		8
#define ALPHA		12
/*
 * Every browser plays H.264 in MP4 with 8 bits and 4:2:0; of other codecs or
 * formats some do not (developer.mozilla.org, "Web video codec guide").
 */
#define CODEC		"h264"

static const char *const formats[] = { "yuv420p", "yuvj420p" };

#define SORRY	"Nothing was charged. Please try again."

static bool
is_off(double is, double wanted, double tolerance)
{
	return fabs(is / wanted - 1) > tolerance;
}

static enum err
check_ratio(struct cx *cx, const char *what, int64_t w, int64_t h,
    double wanted, double tolerance)
{
	if (wanted <= 0 || !is_off((double)w / (double)h, wanted, tolerance))
		return E_OK;
	return err_reason(cx, "RATIO", err_say(cx, E_OUTPUT, "The image "
	    "service made a %s of %lld x %lld pixels, which is not the shape "
	    "that was requested. " SORRY, what, (long long)w, (long long)h));
}

static enum err
blank(struct cx *cx, const char *what)
{
	return err_reason(cx, "BLANK", err_say(cx, E_OUTPUT, "The image "
	    "service made a %s with nothing on it. " SORRY, what));
}

enum err
expected_still(struct cx *cx, const struct expected *want,
    const struct pic *pic)
{
	if (pic->alpha <= ALPHA || pic->spread < SPREAD)
		return blank(cx, "picture");
	return check_ratio(cx, "picture", pic->width, pic->height,
	    want->ratio, STILL_RATIO);
}

static bool
plays_everywhere(const struct film_info *f)
{
	if (!str_eq(f->codec, CODEC))
		return false;
	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
		if (str_eq(f->format, formats[i]))
			return true;
	return false;
}

enum err
expected_film(struct cx *cx, const struct expected *want,
    const struct film_info *f)
{
	int64_t ms = want->ms > 0 ? want->ms : f->duration_ms;

	if (!plays_everywhere(f))
		return err_reason(cx, "CODEC", err_say(cx, E_OUTPUT, "The "
		    "image service made a film that browsers do not play "
		    "(%.20s, %.20s). " SORRY, f->codec, f->format));
	if (is_off((double)f->duration_ms, (double)ms, DURATION))
		return err_reason(cx, "DURATION", err_say(cx, E_OUTPUT,
		    "The image service made a film of %.1f seconds instead of "
		    "%.1f. " SORRY, (double)f->duration_ms / 1000,
		    (double)ms / 1000));
	if (f->frames * 1000 < FRAMES_A_SECOND * ms)
		return err_reason(cx, "FRAMES", err_say(cx, E_OUTPUT, "The "
		    "image service made a film of %lld frames, which does not "
		    "move. " SORRY, (long long)f->frames));
	if (f->spread < SPREAD)
		return blank(cx, "film");
	return check_ratio(cx, "film", f->width, f->height, want->ratio,
	    FILM_RATIO);
}
