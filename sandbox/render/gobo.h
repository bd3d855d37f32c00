/*
 * gobo.h - patterns put into the light: window bars, leaves, blinds
 */
#ifndef SANDBOX_GOBO_H
#define SANDBOX_GOBO_H

#include "render/words.h"

/*
 * Allocates GOBO_SIDE x GOBO_SIDE shares of light, 0 to 1, blurred as the
 * softness of the light asks. Returns 0 or -1 (out of memory).
 */
int	gobo_make(const struct brief *, float **);

#endif
