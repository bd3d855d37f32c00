/*
 * passref - a pass, encrypted, as an attribute of the Shopify cart
 *
 * The cart carries it as an attribute (PASSREF_ATTRIBUTE), and the paid order
 * returns it, which tells whom to credit.  It is encrypted and not only
 * signed, because an anonymous pass is a capability and the shop's staff read
 * orders.  AES-256-GCM under MINA_PASS_KEY, base64url, about a hundred
 * characters.  It does not expire: an order may be paid days after the cart
 * was filled.
 */
#ifndef MINA_PASSREF_H
#define MINA_PASSREF_H

struct cx;

#define PASSREF_ATTRIBUTE	"mina_pass"

/* NULL without MINA_PASS_KEY. */
char	*passref_seal(struct cx *, const char *pass);
/*
 * The pass, well-formed; NULL for anything that passref_seal() did not make
 * under this key.
 */
const char *passref_open(struct cx *, const char *ref);

/*
 * Where this customer buys matcha: MINA_TOPUP_URL with the encrypted pass as a
 * cart attribute and the e-mail for the checkout.  NULL when MINA_TOPUP_URL is
 * not set.  pass and email may be NULL and are left out then; without
 * MINA_PASS_KEY so is the pass.
 */
const char *passref_checkout(struct cx *, const char *pass, const char *email);

#endif
