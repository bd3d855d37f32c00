/*
 * film - what a film is, and its first frame, by ffprobe and ffmpeg
 *
 * The film may be hostile and the decoders are large, so they run as child
 * processes on a file in memory, with limits on CPU time, memory and open
 * files, and read it as MP4 only.  A thread of the pool waits for them.  All
 * frames are decoded.
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
	int64_t		 frames;		/* decoded */
	int		 spread;		/* brightness, of all frames */
	const char	*codec, *format;	/* "h264", "yuv420p" */
	const void	*poster;		/* first frame, as PNG */
	size_t		 posterlen;		/* lives as long as cx */
};

/*
 * Looks at a film of our own: any error means that the programs are missing or
 * do not work here.
 */
coroutine_fn enum err film_try(struct cx *, struct film_info *) MUSTCHECK;
/* E_IMAGE when it is not a film or cannot be decoded whole; E_NOMEM. */
coroutine_fn enum err film_look(struct cx *, const void *, size_t,
    struct film_info *) MUSTCHECK;

#endif
