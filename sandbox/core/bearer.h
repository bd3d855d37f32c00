/*
 * bearer - keys that clients present
 */
#ifndef SANDBOX_BEARER_H
#define SANDBOX_BEARER_H

#include <stdbool.h>

struct req;

/*
 * Is Authorization that scheme ("Bearer ", blank included), and then what
 * the environment variable holds?  Nobody is let in while that is not set.
 */
bool	bearer_is(struct req *, const char *scheme, const char *env);
/* What it holds; NULL when it is not set, or empty. */
const char *bearer_secret(const char *env);

#endif
