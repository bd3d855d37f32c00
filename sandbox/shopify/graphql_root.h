/*
 * shoproot - what the queries and mutations of the Admin API do
 */
#ifndef SANDBOX_GRAPHQL_ROOT_H
#define SANDBOX_GRAPHQL_ROOT_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct cJSON;
struct cx;
struct json;

/* A field of the root, and what comes of it. */
struct shop_ask {
	const struct cJSON *args;
	struct json	*out;		/* the value, without a key */
	struct json	*warnings;	/* of the search, list members */
	const char	*bad;		/* set: an error at the top, and null */
	const char	*code;		/* of that, or NULL */
	int64_t		 spared;	/* points asked for and not used */
};

/* E_STORAGE when something could not be written; else see bad. */
enum err shop_ask(struct cx *, const char *field, struct shop_ask *)
	    MUSTCHECK;

#endif
