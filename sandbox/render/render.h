/*
 * render.h - stills and films for the sandbox
 *
 * Stands in for image and video models, honestly. A still shows the product
 * that was sent, cut out from its background, standing on a surface the
 * prompt asks for, in the light it asks for, with the shadow and reflection
 * that light gives. In a film the camera moves over a still as the prompt
 * says; an end still is reached by dissolving into it. All is drawn by
 * arithmetic and marked "Mina sandbox", in a corner and in the file, and the
 * same request always gives the same bytes.
 *
 *	struct render_picture pic = { bytes, len, RENDER_PRODUCT };
 *	struct still_request still = {
 *		.prompt = "on white marble, soft light from the left",
 *		.pic = &pic, .npic = 1,
 *		.width = 2048, .height = 2048, .format = "png",
 *	};
 *	if (render_still(&still, &out, &outlen, err, sizeof err) == -1)
 *		fail(err);
 *	struct film_request film = {
 *		.prompt = "The camera pushes in slowly.",
 *		.start = out, .startlen = outlen,
 *		.seconds = 5, .side = FILM_720,
 *	};
 *	if (render_film(&film, &result, err, sizeof err) == -1)
 *		fail(err);
 *	render_free(out);
 *	free(result.data);
 *
 * Thread-safe; meant to run in a pool, one core per call.
 */
#ifndef SANDBOX_RENDER_H
#define SANDBOX_RENDER_H

#include <stdbool.h>
#include <stddef.h>

#define RENDER_SIDE	4096	/* largest width or height, pixels */
#define RENDER_PICTURES	16	/* most pictures of a request */

enum render_role {
	RENDER_UNKNOWN,		/* judged by how it looks */
	RENDER_PRODUCT,
	RENDER_LOGO,
	RENDER_INSPIRATION	/* gives colours and mood only */
};

struct render_picture {
	const void	*data;	/* png, jpeg, webp or svg */
	size_t		 len;
	enum render_role role;
};

struct still_request {
	const char	*prompt;	/* UTF-8; NULL is no words */
	const struct render_picture *pic;
	size_t		 npic;
	int		 width, height;	/* 64 .. RENDER_SIDE */
	const char	*format;	/* "png" (or NULL) or "jpg" */
	bool		 fast;		/* half the detail, for load tests */
};

/*
 * Returns 0 and the file in *out, to be freed with render_free; or -1 with a
 * sentence in err: a picture is refused (see picture.h), the size or format
 * is out of range, memory ran out. Memory is about 3 bytes for each pixel of
 * the output, twice that for the product's part of it, and the file.
 */
int	render_still(const struct still_request *, void **out, size_t *outlen,
	    char *err, size_t errlen);

void	render_free(void *);

/*
 * Dimensions for a ratio ("1:1" "4:3" "3:4" "16:9" "9:16" "3:2" "2:3"
 * "21:9") and a size ("1K" "2K" "4K"): close to 1024, 2048 or 4096 squared in
 * area, the shorter side at least 1024, neither over 4096, both multiples of
 * 16 where the ratio stays exact that way and of 2 always. Returns 0, or -1
 * for a ratio or size it does not know.
 */
int	render_size(const char *ratio, const char *size, int *w, int *h);

/* --- films */

#define FILM_RATE	24	/* frames a second */

struct film_request {
	const char	*prompt;	/* UTF-8; NULL is no words */
	const char	*negative;	/* what is not to happen, or NULL */
	const void	*start;		/* a picture, see picture.h */
	size_t		 startlen;
	const void	*end;		/* the same, or NULL */
	size_t		 endlen;
	int		 seconds;	/* 1 .. 15 */
	int		 side;		/* see film_size() */
	bool		(*stop)(void);	/* called for each frame; may be NULL */
};

#define FILM_720	1280	/* the longer side */
#define FILM_1080	1920

struct film {
	void		*data;		/* the file; free() it */
	size_t		 len;
	int		 w, h;
};

/*
 * H.264 in MP4: 4:2:0, FILM_RATE, the index in front, no sound. The caller's
 * thread writes into a pipe to ffmpeg: SIGPIPE has to be blocked or ignored.
 * Returns 0, or -1 with a sentence in err: a picture is refused, ffmpeg is
 * missing or fails, memory ran out, stop() returned true.
 */
int	render_film(const struct film_request *, struct film *, char *err,
	    size_t errlen);

/*
 * The size of a film over a picture of w x h: its ratio (kept within 1:2.5
 * and 2.5:1), both sides even, none longer than side, and as many pixels as
 * a film of 16:9 with that side has.
 */
void	film_size(int w, int h, int side, int *fw, int *fh);

/*
 * Writes an output with a flaw to path, in a thread as above: "black",
 * "transparent", "ratio" (twice as wide), "half" (the end is missing); of films
 * also "frame" (one for all the time), "short" (one second), "hevc".  seconds
 * is 0 for a still, which is a PNG.  Returns 0, or -1 with a sentence in err.
 */
int	render_flaw(const char *name, int w, int h, int seconds,
	    const char *path, char *err, size_t errlen);

#endif
