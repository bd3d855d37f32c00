/*
 * fill - JSON that fits a JSON Schema
 *
 * Knows what strict structured output allows: object, array, string, number,
 * integer, boolean, null, enum, const, anyOf, $ref into $defs, and bounds.
 */
#ifndef SANDBOX_SCHEMA_FILL_H
#define SANDBOX_SCHEMA_FILL_H

#include <stdbool.h>

struct ask;
struct buf;
struct cJSON;
struct cx;

/*
 * What strict mode demands of a schema, at every level; NULL when it is met,
 * else a sentence that says where it is not.
 */
const char *fill_check_strict(struct cx *, const struct cJSON *schema);
/* Writes one value for the schema; false when it cannot be met. */
bool	 fill(struct cx *, struct buf *, const struct cJSON *schema,
	    const struct ask *);

#endif
