/*
 * ident - who is asking
 *
 * The selector says which pass is meant, in this order: body customerId (or
 * passId), header X-Mina-Pass-Id, the token's own user, "anonymous".  A
 * selector "anonymous" selects nobody and counts as none.
 *
 * The proof says whether that may be believed.  With MINA_AUTH=trusted it is
 * and no token is looked at.  Otherwise a token that comes must be good, and
 *
 *	a token selects its user: the canonical pass of pass:user:<sub>.
 *	Naming any pass that belongs to them is the same; a pass:anon: that
 *	belongs to nobody yet is itself; anything else is E_FORBIDDEN.
 *	without one, a pass:anon: is its own proof, because nobody guesses
 *	122 random bits, until it is merged; others are E_NOAUTH.
 *
 * Whoever is disabled is E_DISABLED, everywhere.
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
	bool		 stale;		/* ran out, not written off yet */
};

bool	 ident_well_formed(const char *pass);
/*
 * Finds out, and sets pass, who and token of the request.  E_BADREQ for
 * another form; E_NOAUTH, E_FORBIDDEN, E_DISABLED; E_AWAY when it cannot be
 * told.
 */
enum err ident_of(struct cx *, struct req *) MUSTCHECK;
/* A new pass:anon:, from the operating system's randomness. */
char	*ident_mint(struct cx *);
/*
 * Makes sure the customer exists, gives welcome matcha once, notes that they
 * are here.  With a token this is where a verified user becomes one.  The
 * pass in *out is the canonical one and may be another than was asked for.
 * E_DISABLED for an account that was switched off.
 */
enum err ident_customer(struct cx *, const char *pass, struct customer *)
    MUSTCHECK;
/*
 * The same for whoever came with this token, and what is theirs is merged
 * into their row: claim, if it is an anonymous pass that nobody has claimed
 * (it may be NULL), and what was bought in the shop under their e-mail, once
 * that is verified.  *claimed is a JSON list of the passes merged this time.
 */
enum err ident_login(struct cx *, const struct token *, const char *claim,
    struct customer *, const char **claimed) MUSTCHECK;

/* The pass and all that were merged into it, which are one customer. */
enum err ident_passes(struct cx *, const char *pass, const char ***out,
    size_t *n) MUSTCHECK;

#endif
