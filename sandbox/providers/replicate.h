/*
 * replicate - the emulated Replicate's routes, under /replicate/v1
 */
#ifndef SANDBOX_REPLICATE_H
#define SANDBOX_REPLICATE_H

#include "base/err.h"
#include "providers/prediction.h"

struct cx;
struct req;
struct resp;

enum err replicate_list(struct cx *, struct req *, struct resp *);
enum err replicate_secret(struct cx *, struct req *, struct resp *);
/* The error Replicate gives with that status. */
enum err replicate_status(struct cx *, struct req *, struct resp *,
	    int status) MUSTCHECK;

/* Its webhooks. */
void	 replicate_notify(struct prediction *, enum predict_event);

/* For the files of this module only. */
enum err replicate_problem(struct resp *, int status, const char *title,
	    const char *detail) MUSTCHECK;

#endif
