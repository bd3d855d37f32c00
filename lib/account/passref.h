/*
 * ref - a pass, sealed, to travel through the shop and back
 *
 * The cart carries it as an attribute (REF_ATTRIBUTE), and the paid order
 * brings it back, which is how matcha finds its account.  It is sealed and
 * not only signed: an anonymous pass is a capability, and people in the shop
 * read orders.  AES-256-GCM under MINA_PASS_KEY, in the alphabet of URLs,
 * about a hundred characters.  It does not run out: an order may be paid
 * days after the cart was filled.
 */
#ifndef MINA_PASSREF_H
#define MINA_PASSREF_H

struct cx;

#define REF_ATTRIBUTE	"mina_pass"

/* NULL without MINA_PASS_KEY. */
char	*passref_seal(struct cx *, const char *pass);
/*
 * The pass, well-formed; NULL for anything that passref_seal() did not make
 * under this key.
 */
const char *passref_open(struct cx *, const char *ref);

/*
 * Where this pass buys matcha: MINA_TOPUP_URL with the sealed pass as a cart
 * attribute and the e-mail for the checkout.  NULL when MINA_TOPUP_URL is not
 * set.  Either may be NULL and is left out then; so is the pass without a
 * key.
 */
const char *passref_checkout(struct cx *, const char *pass, const char *email);

#endif
