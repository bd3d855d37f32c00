/*
 * admin_graphql - the Admin API of the emulated shop: GraphQL, and its tokens
 *
 * What is understood of GraphQL is said in graphql.h, of the API in
 * graphql_schema.def.  The bucket of points is a real one: a client that asks
 * too much too fast is throttled.
 *
 * A token tells its own end and is sealed with the client secret, so nothing
 * is kept and a restart invalidates none.
 */
#ifndef SANDBOX_ADMIN_GRAPHQL_H
#define SANDBOX_ADMIN_GRAPHQL_H

#include "core/emulator.h"

/* POST /admin/api/{version}/graphql.json */
enum err shop_admin(struct cx *, struct req *, struct resp *,
	    const struct fault *);
/* The error Shopify gives with that status, of the API and for tokens. */
enum err shopadmin_status(struct cx *, struct req *, struct resp *,
	    int status) MUSTCHECK;

/* POST /admin/oauth/access_token */
enum err shop_token(struct cx *, struct req *, struct resp *,
	    const struct fault *);
bool	 shop_token_good(const char *token);

#endif
