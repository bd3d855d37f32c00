/*
 * gql - as much of GraphQL as a client of the Admin API writes
 *
 * Understood: one query or mutation (named or not, or the bare "{ .. }"),
 * with variables and their defaults; fields with aliases, arguments and
 * selections; inline fragments (... on Type { .. }); every kind of value;
 * comments, and commas as blanks.  Not understood, and said so: named
 * fragments, directives, subscriptions, several operations in one document.
 *
 * What is asked is checked against a table of types (gqlschema.def) as
 * Shopify checks it: unknown fields and arguments, missing ones, objects
 * without a selection.  Types of arguments are not checked.
 *
 * Source: the GraphQL specification, October 2021, sections 2 and 6; the
 * wording of errors is graphql-ruby's, which Shopify runs.
 */
#ifndef SANDBOX_GRAPHQL_H
#define SANDBOX_GRAPHQL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct cJSON;
struct cx;
struct json;

struct gql_field {
	struct gql_field *next, *child;
	const char	*alias;		/* the name where there is none */
	const char	*name;		/* NULL: an inline fragment */
	const char	*on;		/* its type, or NULL */
	const struct cJSON *args;	/* an object, variables filled in */
	int		 line, column;
};

struct gql {
	bool		 mutation;
	const char	*name;		/* of the operation, or NULL */
	struct gql_field *root;
};

/* What is wrong, where; code is NULL for syntax. */
struct gql_wrong {
	const char	*message, *code;
	int		 line, column;
	const char	*type, *field;	/* or NULL */
};

/* False: wrong says why.  Everything lives as long as cx. */
bool	 gql_parse(struct cx *, const char *text, const struct cJSON *vars,
	    struct gql *, struct gql_wrong *);
bool	 gql_check(struct cx *, const struct gql *, struct gql_wrong *);
/*
 * Points as Shopify counts them: an object 1, a mutation 10, a connection 2
 * and one for each it may return.  How connections within connections are
 * counted is not published; here each is counted once.
 */
int64_t	 gql_cost(const struct gql *);
/*
 * Prints what the selection asks of an object; `all' has every member that
 * its type can have, and the type's name in __typename, which is what
 * fragments go by.  A connection has its edges, and pageInfo where it was
 * cut; one without is cut here, as its `first' and `after' say.
 */
void	 gql_select(struct json *, const char *key,
	    const struct gql_field *selection, const struct cJSON *all);
/* The same for one field, under its alias: also lists and connections. */
void	 gql_show(struct json *, const struct gql_field *,
	    const struct cJSON *all);
void	 gql_complain(struct json *, const struct gql_wrong *);

#endif
