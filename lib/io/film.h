/*
 * film - looking at films, with ffmpeg
 *
 * Films come from outside, and what reads them is large: ffprobe and ffmpeg
 * run as processes of their own, on a file in memory, with limits on time,
 * memory and what they may open, and only as MP4.  On a thread of the pool.
 */
#ifndef MINA_FILM_H
#define MINA_FILM_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct cx;

struct film_info {
	int64_t		 width, height;		/* pixels */
	int64_t		 duration_ms;
	const void	*poster;		/* first frame, as PNG */
	size_t		 posterlen;		/* lives as long as cx */
};

/* E_IMAGE when it is no film that can be shown; E_NOMEM, E_TIMEOUT. */
enum err film_look(struct cx *, const void *, size_t, struct film_info *)
    MUSTCHECK;

#endif
