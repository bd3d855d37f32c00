/*
 * film_words.h - what a motion prompt says about the camera
 */
#ifndef SANDBOX_FILM_WORDS_H
#define SANDBOX_FILM_WORDS_H

#include <stdint.h>

enum film_move {
	FILM_PUSH,		/* towards the subject */
	FILM_PULL,		/* away from it */
	FILM_ZOOM_IN,		/* like these two, but flat */
	FILM_ZOOM_OUT,
	FILM_PAN,		/* the view wanders */
	FILM_TILT,
	FILM_SLIDE,		/* the camera does: near things pass faster */
	FILM_ORBIT,
	FILM_STILL,
	FILM_HANDHELD,
	FILM__MAX
};

struct film_plan {
	enum film_move	 move;
	int		 dir;		/* +1: right or up; -1: left or down */
	float		 reach;		/* how far it goes; 1 is ordinary */
	float		 haste;		/* 0: all the time, 1: done early */
	float		 parallax;	/* 0 .. 1, beside that of the move */
	float		 sweep;		/* a light passing over it */
	float		 breath;	/* light that comes and goes */
	uint32_t	 seed;
};

/* Neither string needs to be there. */
void	film_words(const char *prompt, const char *negative,
	    struct film_plan *);

#endif
