/*
 * replicate - what the two files of the emulated Replicate share
 */
#ifndef SANDBOX_REPLICATE_H
#define SANDBOX_REPLICATE_H

#include "core/emulator.h"
#include "providers/prediction.h"

/* The members of the prediction object. */
void	 replicate_print(struct cx *, struct json *, struct prediction *,
	    bool forged);
enum err replicate_problem(struct resp *, int status, const char *title,
	    const char *detail) MUSTCHECK;

/* GET /replicate/v1/predictions */
enum err replicate_list(struct cx *, struct req *, struct resp *);

#endif
