/*
 * graphql - as much of GraphQL as a client of the Admin API writes
 *
 * Understood: one query or mutation (named or not, or the bare "{ .. }"),
 * with variables and their defaults; fields with aliases, arguments and
 * selections; inline fragments (... on Type { .. }); every kind of value;
 * comments, and commas as blanks.  Not understood, and said so: named
 * fragments, directives, subscriptions, several operations in one document.
 *
 * What is asked is checked against a table of types (graphql_schema.def) as
 * Shopify checks it: unknown fields and arguments, missing ones, objects
 * without a selection.  Types of arguments are not checked.
 *
 * Source: the GraphQL specification, October 2021, sections 2 and 6; the
 * wording of errors is graphql-ruby's, which Shopify runs.
 */
#ifndef SANDBOX_GRAPHQL_H
#define SANDBOX_GRAPHQL_H

#include "shopify/shop_data.h"

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

/* An entry of "errors"; what is NULL, or line 0, is left out. */
struct gql_wrong {
	const char	*message, *code;	/* code is NULL for syntax */
	int		 line, column;
	const char	*type, *field;
	const char	*path;			/* an alias at the root */
	const char	*documentation, *access;
};

/* graphql.c.  False: wrong says why.  Everything lives as long as cx. */
bool	 gql_parse(struct cx *, const char *text, const struct cJSON *vars,
	    struct gql *, struct gql_wrong *);

/* --- graphql_schema.c */

bool	 gql_check(struct cx *, const struct gql *, struct gql_wrong *);
/*
 * Points as Shopify counts them: an object 1, a mutation 10, a connection 2
 * and one for each it may return.  How connections within connections are
 * counted is not published; here each is counted once.
 */
int64_t	 gql_cost(struct cx *, const struct gql *);
void	 gql_complain(struct json *, const struct gql_wrong *);

/*
 * graphql_select.c: prints a field under its alias, with what the selection
 * asks of it; `all' has every member that its type can have, and the type's
 * name in __typename, which is what fragments go by.  A connection has its
 * edges, and pageInfo where it was cut; one without is cut here, as its
 * `first' and `after' say.
 */
void	 gql_show(struct json *, const struct gql_field *,
	    const struct cJSON *all);

/*
 * --- graphql_types.c: everything a query can ask of the shop's things
 *
 * NULL prints null.
 */
void	 shop_graph_order(struct cx *, struct json *, const char *key,
	    const struct shop_order *);
void	 shop_graph_customer(struct json *, const char *key,
	    const struct shop_customer *);
void	 shop_graph_sub(struct cx *, struct json *, const char *key,
	    const struct shop_sub *);
/* "gid://shopify/Order/1", and its id; 0 when it is none of that type. */
const char *shop_gid(struct cx *, const char *type, int64_t id);
int64_t	 shop_gid_id(const char *gid, const char *type);
/* Opaque to clients: an order's id and what it was sorted by. */
const char *shop_cursor(struct cx *, int64_t id, int64_t value);
bool	 shop_cursor_read(struct cx *, const char *, int64_t *id,
	    int64_t *value);

/* --- graphql_root.c: what the queries and mutations do */

/* A field of the root, and its value. */
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

/*
 * --- orders_query.c: orders(first, after, query, sortKey, reverse)
 *
 * Of Shopify's search syntax: terms "field:value" that all must hold, with
 * :> :>= :< :<=, quoted or not, between them blanks or AND.  An unknown field
 * is left out of account with a warning, which is what Shopify does.
 */

/*
 * Prints the connection; NULL, or what is wrong with the arguments.
 * *n is how many orders it has; warnings go to the list.
 */
const char *shop_query_orders(struct cx *, struct json *,
	    const struct cJSON *args, struct json *warnings, size_t *n);

#endif
