/*
 * fal - the emulated fal.ai queue, under /fal
 */
#ifndef SANDBOX_FAL_H
#define SANDBOX_FAL_H

#include "base/err.h"
#include "providers/prediction.h"

struct callback;
struct cx;
struct http_call;
struct json;
struct req;
struct resp;

void	 fal_notify(struct prediction *, enum predict_event);

/* For the files of this module only. */
/* The HTTP status of a result: 200, or what went wrong. */
int	 fal_outcome(const struct prediction *);
/* "detail" of one that went wrong. */
void	 fal_detail(struct json *, const struct prediction *);
/* The members of the result, inside an object. */
void	 fal_result(struct cx *, struct json *, const struct prediction *);
/* falsign.c: Ed25519 over what fal says is signed. */
void	 fal_sign(struct cx *, struct http_call *, const struct callback *,
	    int64_t at);
/* The public half, base64url. */
const char *fal_key(struct cx *);

#endif
