/*
 * admin - is this an administrator?
 *
 * Two proofs (CONTRACT 8): the key, MINA_ADMIN_KEY, as a bearer token; or a
 * user whose row has mg_admin_allowlist.  The key is kept as its digest and
 * compared in constant time.  Whatever an administrator does is audited.
 */
#ifndef MINA_ADMIN_H
#define MINA_ADMIN_H

#include <stdbool.h>

#include "base/err.h"

struct cx;
struct req;

/* Does the request carry the key?  False when there is none to carry. */
bool	 admin_key(struct cx *, struct req *);
/* Is whoever asks, by token (or in trusted mode by pass), allowlisted? */
enum err admin_user(struct cx *, struct req *, bool *yes) MUSTCHECK;
/* A row admin_audit: who, from where, which route, about what. */
enum err admin_audit(struct cx *, struct req *, const char *action,
    const char *about) MUSTCHECK;

#endif
