/*
 * ident - who is asking
 *
 * The selector says which pass is meant, in this order: body customerId (or
 * passId), header X-Mina-Pass-Id, "anonymous".  The proof says whether that
 * may be believed: with MINA_AUTH=trusted always; else `pass:user:' and
 * `pass:shopify:' need a token that owns them, and `pass:anon:' is its own
 * proof, because nobody guesses 122 random bits.
 *
 * Forms: pass:user:<uuid>  pass:shopify:<digits>  pass:anon:<uuid>
 */
#ifndef MINA_IDENT_H
#define MINA_IDENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

struct cx;
struct req;

#define IDENT_ANONYMOUS	"anonymous"

struct customer {
	const char	*pass, *email;
	int64_t		 credits, held;
	int64_t		 expires, last_active;	/* ms; 0: none */
};

bool	 ident_well_formed(const char *pass);
/* E_BADREQ for another form, E_NOAUTH without the proof it needs. */
enum err ident_of(struct cx *, struct req *, const char **pass) MUSTCHECK;
/* A new pass:anon:, from the operating system's randomness. */
char	*ident_mint(struct cx *);
/*
 * Makes sure the customer exists, gives welcome matcha once, notes that they
 * are here.  E_DISABLED for an account that was switched off.
 */
enum err ident_customer(struct cx *, const char *pass, struct customer *)
    MUSTCHECK;

/* The pass and all that were merged into it, which are one customer. */
enum err ident_passes(struct cx *, const char *pass, const char ***out,
    size_t *n) MUSTCHECK;

#endif
