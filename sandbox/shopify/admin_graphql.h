/*
 * shopadmin - the GraphQL Admin API of the emulated shop
 *
 * What is understood of GraphQL is said in gql.h, of the API in
 * gqlschema.def.  The bucket of points is a real one: who asks too much too
 * fast is throttled.
 */
#ifndef SANDBOX_ADMIN_GRAPHQL_H
#define SANDBOX_ADMIN_GRAPHQL_H

#include "base/err.h"

struct cx;
struct req;
struct resp;

/* POST /admin/api/{version}/graphql.json */
enum err shop_admin(struct cx *, struct req *, struct resp *);
/* The error Shopify gives with that status, of the API and for tokens. */
enum err shopadmin_status(struct cx *, struct resp *, int status) MUSTCHECK;

#endif
