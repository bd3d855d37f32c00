/*
 * film_encoder.h - frames into a file, by ffmpeg as a child process
 *
 * The file is never on a disk: the child writes into memory that is ours
 * (memfd_create(2)), under the name it has in /proc. When this process dies,
 * the pipe breaks, the child ends, and nothing is left of either.
 */
#ifndef SANDBOX_FILM_ENCODER_H
#define SANDBOX_FILM_ENCODER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "render/shoot.h"

struct film_encoder {
	pid_t	 pid;
	int	 in;		/* frames go here */
	int	 out, log;	/* the film, and what ffmpeg says */
};

/* Frames are NV12, w by h. -1 with a sentence in err. */
int	film_encoder_start(struct film_encoder *, int w, int h, char *err,
	    size_t errlen);
/* -1: the child is gone; film_encoder_end() says why. */
int	film_encoder_add(struct film_encoder *, const void *, size_t);
/* Waits for it. keep: the film is wanted; data and len are set on 0. */
int	film_encoder_end(struct film_encoder *, bool keep, struct film *,
	    char *err, size_t errlen);

#endif
