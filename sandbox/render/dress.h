/*
 * dress.h - colours and materials of table and wall
 */
#ifndef SANDBOX_DRESS_H
#define SANDBOX_DRESS_H

#include "render/cast.h"
#include "render/paint.h"
#include "render/words.h"

/*
 * Fills table and wall of the shot (quick is set) from what the brief says,
 * else from the inspirations, else from habit. Dark inspirations also darken
 * the brief, unless it speaks of light itself.
 */
void	dress(struct shot *, struct brief *, const struct cast *);

#endif
