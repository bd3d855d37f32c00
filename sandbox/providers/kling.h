/*
 * kling - the emulated Kling, under /kling
 */
#ifndef SANDBOX_KLING_H
#define SANDBOX_KLING_H

#include "base/err.h"
#include "providers/prediction.h"

struct cx;
struct req;
struct resp;

/* Its callbacks, which are not signed. */
void	 kling_notify(struct prediction *, enum predict_event);

/*
 * 0 when the client may ask, with a key or a token; else the code of the
 * reason why not.
 */
int	 kling_authorize(struct cx *, struct req *);

#endif
