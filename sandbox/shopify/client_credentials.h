/*
 * shoptoken - access tokens of the emulated Admin API, by client credentials
 *
 * A token tells its own end and is sealed with the client secret, so nothing
 * is kept and a restart invalidates none.
 */
#ifndef SANDBOX_CLIENT_CREDENTIALS_H
#define SANDBOX_CLIENT_CREDENTIALS_H

#include <stdbool.h>

#include "base/err.h"

struct cx;
struct req;
struct resp;

/* POST /admin/oauth/access_token */
enum err shop_token(struct cx *, struct req *, struct resp *);
bool	 shop_token_good(const char *token);

#endif
