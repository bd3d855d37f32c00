/*
 * admin - administrator access and its audit trail
 *
 * Two proofs (CONTRACT 8): MINA_ADMIN_KEY as a bearer token, or a user whose
 * customer row has mg_admin_allowlist.  The key is compared in constant time.
 * Every action of an administrator is audited.
 */
#ifndef MINA_ADMIN_H
#define MINA_ADMIN_H

#include <stdbool.h>

#include "base/err.h"

struct cx;
struct req;

/* Does the request carry the key?  False when MINA_ADMIN_KEY is not set. */
bool	 admin_key(struct cx *, struct req *);
/* Is the caller, by token (in trusted mode by pass), on the allowlist? */
coroutine_fn enum err admin_user(struct cx *, struct req *, bool *yes)
    MUSTCHECK;
/*
 * Writes a row admin_audit: caller, address, route, and the object of the
 * action (about).
 */
coroutine_fn enum err admin_audit(struct cx *, struct req *, const char *action,
    const char *about) MUSTCHECK;

#endif
