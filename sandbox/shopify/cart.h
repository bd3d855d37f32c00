/*
 * shopcart - what a browser wants to buy, out of a query or a form
 *
 *	qty[MINA-50]=2		a field for each pack, as our own forms have
 *	sku=MINA-50&qty=2	a link that names one; qty is 1 by default
 *	/cart/1:2,3:1		a cart permalink: variants and quantities
 *	checkout[email]=..	attributes[mina_pass]=..
 */
#ifndef SANDBOX_CART_H
#define SANDBOX_CART_H

#include <stdbool.h>
#include <stdint.h>

#include "shopify/pack.h"

struct cx;
struct shop_wish;

struct shop_cart {
	int64_t		 quantity[SHOP_PACKS];
	const char	*email;		/* as it was typed, "" for none */
	const char	*pass_ref;	/* NULL: none */
	const char	*token;		/* of this visit to the checkout */
	const char	*bad_email;	/* what is wrong with it, or NULL */
	const char	*bad_pack;	/* the same of the packs */
};

#define SHOP_FORM_MAX	65536	/* bytes that are looked at */

/* permalink: what follows /cart/, or NULL.  It never fails: see bad_.. */
void	 shop_cart_read(struct cx *, const char *form, const char *permalink,
	    struct shop_cart *);
bool	 shop_cart_empty(const struct shop_cart *);
int64_t	 shop_cart_total(const struct shop_cart *);	/* cents */
/* An address that could be one: something@somewhere.tld */
bool	 shop_email_good(const char *);
void	 shop_cart_wish(const struct shop_cart *, struct shop_wish *);

#endif
