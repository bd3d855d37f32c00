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

enum err kling_create(struct cx *, struct req *, struct resp *);
enum err kling_get(struct cx *, struct req *, struct resp *);
enum err kling_list(struct cx *, struct req *, struct resp *);
/* The error Kling gives with that status. */
enum err kling_status(struct cx *, struct resp *, int status) MUSTCHECK;
/* Its callbacks, which are not signed. */
void	 kling_notify(struct prediction *, enum predict_event);

/* For the files of this module only. */
enum err kling_problem(struct cx *, struct resp *, int code,
	    const char *message) MUSTCHECK;
/*
 * 0 when the client may ask, by either way to say who it is; else the code
 * of the reason why not.
 */
int	 kling_stranger(struct cx *, struct req *);

#endif
