/*
 * ident - identifies the customer of a request
 *
 * The selector names a pass, in this order: body customerId (or passId),
 * header X-Mina-Pass-Id, the user of the token.  "anonymous" counts as no
 * selector.
 *
 * The proof shows that the client may act for that pass.  With
 * MINA_AUTH=trusted none is needed and tokens are ignored.  Otherwise a token
 * that is sent must be valid, and
 *
 *	with a token the customer is its user, the canonical pass of
 *	pass:user:<sub>.  Selecting another pass of the same customer gives
 *	the same; a pass:anon: that was never claimed is taken as it is; any
 *	other is E_FORBIDDEN.
 *	without a token a pass:anon: is its own proof, having 122 random
 *	bits, until it is merged; any other pass is E_NOAUTH.
 *
 * A disabled customer is E_DISABLED everywhere.
 *
 * Forms: pass:user:<uuid>  pass:shopify:<digits>  pass:anon:<uuid>
 */
#ifndef MINA_IDENT_H
#define MINA_IDENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct cx;
struct req;
struct token;

#define IDENT_ANONYMOUS	"anonymous"

struct customer {
	const char	*pass, *email;
	int64_t		 credits, held;
	int64_t		 expires, last_active;	/* ms; 0: none */
	bool		 known;		/* there is a row */
	bool		 stale;		/* expired, not written off yet */
};

/*
 * The pass that a client names, as it is in rows: a UUID is in small letters
 * there.  NULL: it has none of the forms of a pass.
 */
const char *ident_pass(struct cx *, const char *named);
/*
 * Identifies the customer and sets pass, who and token of the request.
 * E_BADREQ for a pass of another form; E_NOAUTH, E_FORBIDDEN, E_DISABLED;
 * E_AWAY when the keys to check a token with cannot be fetched.
 */
coroutine_fn enum err ident_of(struct cx *, struct req *) MUSTCHECK;
/* A new pass:anon:, from the operating system's random numbers. */
char	*ident_mint(struct cx *);
/*
 * An anonymous pass without a row, which any client can make up: asking for it
 * writes nothing.  ident_unused() is what it would have if it was used now: the
 * welcome, which the first route that writes grants with the row.
 */
bool	 ident_is_unused(const struct customer *);
coroutine_fn enum err ident_unused(struct cx *, const char *pass,
    struct customer *) MUSTCHECK;
/*
 * Makes sure that the customer's row exists: creates it with the welcome
 * matcha, or updates its last activity.  With a token this is where a user's
 * row is created.  The pass in *out is the canonical one and may differ from
 * the one given.  E_DISABLED for a disabled account.
 */
coroutine_fn enum err ident_customer(struct cx *, const char *pass,
    struct customer *) MUSTCHECK;
/*
 * The same for the user of this token.  Merged into the user's row are claim,
 * an anonymous pass that was not claimed before (may be NULL), at most
 * limits.claims_per_day of them, and, once the e-mail is verified, purchases
 * made in the shop under that e-mail.  *claimed is a JSON list of the passes
 * merged by this call.  The welcome matcha is given once for each mailbox, and
 * to limits.welcome_per_address accounts a day of one cx->address.
 */
coroutine_fn enum err ident_login(struct cx *, const struct token *,
    const char *claim, struct customer *, const char **claimed) MUSTCHECK;

/*
 * Deletes rows of anonymous passes that never owned anything and were not seen
 * for 30 days: *n of them, at most IDENT_SWEEP.
 */
#define IDENT_SWEEP	500
coroutine_fn enum err ident_sweep(struct cx *, int64_t *n) MUSTCHECK;

/* The customer's passes: this one and all that were merged into it. */
coroutine_fn enum err ident_passes(struct cx *, const char *pass,
    const char ***out, size_t *n) MUSTCHECK;

#endif
