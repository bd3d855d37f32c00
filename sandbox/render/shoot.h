/*
 * shoot.h - films for the sandbox
 *
 * Stands in for a video model: the camera moves over the still as the words
 * say, an end still is reached by dissolving into it. Frames are drawn here
 * and handed to ffmpeg, a child process, which makes H.264 in MP4 of them:
 * 4:2:0, 24 frames a second, the index in front, no sound. Every frame is
 * marked "Mina sandbox" like the stills are, and so is the file.
 *
 *	struct film_order order = {
 *		.prompt = "The camera pushes in slowly.",
 *		.start = bytes, .startlen = len,
 *		.seconds = 5, .side = FILM_720,
 *	};
 *	if (render_film(&order, &film, err, sizeof err) == -1)
 *		fail(err);
 *	...
 *	free(film.data);
 *
 * Thread-safe; meant to run in a pool. The caller's thread writes into a
 * pipe: SIGPIPE has to be blocked or ignored.
 */
#ifndef SANDBOX_SHOOT_H
#define SANDBOX_SHOOT_H

#include <stdbool.h>
#include <stddef.h>

#define FILM_RATE	24	/* frames a second */

struct film_order {
	const char	*prompt;	/* UTF-8; NULL is no words */
	const char	*negative;	/* what is not to happen, or NULL */
	const void	*start;		/* a picture, see picture.h */
	size_t		 startlen;
	const void	*end;		/* the same, or NULL */
	size_t		 endlen;
	int		 seconds;	/* 1 .. 15 */
	int		 side;		/* see film_size() */
	bool		(*stop)(void);	/* asked for each frame; may be NULL */
};

#define FILM_720	1280	/* the longer side */
#define FILM_1080	1920

struct film {
	void		*data;		/* the file; free() it */
	size_t		 len;
	int		 w, h;
};

/*
 * Returns 0, or -1 with a sentence in err: a picture is refused, ffmpeg is
 * missing or fails, memory ran out, stop() said so.
 */
int	render_film(const struct film_order *, struct film *, char *err,
	    size_t errlen);

/*
 * The size of a film over a picture of w x h: its ratio (kept within 1:2.5
 * and 2.5:1), both sides even, none longer than side, and as many pixels as
 * a film of 16:9 with that side has.
 */
void	film_size(int w, int h, int side, int *fw, int *fh);

#endif
