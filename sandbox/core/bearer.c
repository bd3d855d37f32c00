/*
 * bearer - see bearer.h
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/str.h"
#include "core/bearer.h"
#include "web/req.h"

const char *
bearer_secret(const char *env)
{
	const char *s = getenv(env);

	return s != NULL && *s != '\0' ? s : NULL;
}

bool
bearer_is(struct req *rq, const char *scheme, const char *env)
{
	const char *h = req_header(rq, "Authorization");
	const char *key = bearer_secret(env);

	return h != NULL && key != NULL && str_starts(h, scheme) &&
	    crypto_str_eq(h + strlen(scheme), key);
}
