/*
 * shopify - the emulated shop: its pages, its Admin API, its controls
 */
#ifndef SANDBOX_SHOPIFY_H
#define SANDBOX_SHOPIFY_H

#include "core/emulator.h"
#include "shopify/shop_webhook.h"

extern const struct emulator shop_emulator;

/*
 * --- storefront.c: packs, checkout, thank-you, for people
 *
 * Plain pages that work without a script; the one style sheet is
 * sandbox/page/shop.css, which nginx serves.
 */
enum err shop_page(struct cx *, struct req *, struct resp *);
enum err shop_page_checkout(struct cx *, struct req *, struct resp *);
enum err shop_page_cart(struct cx *, struct req *, struct resp *);
enum err shop_page_place(struct cx *, struct req *, struct resp *);
enum err shop_page_thanks(struct cx *, struct req *, struct resp *);

/*
 * --- cart.c: what a browser wants to buy, out of a query or a form
 *
 *	qty[MINA-50]=2		a field for each pack, as our own forms have
 *	sku=MINA-50&qty=2	a link that names one; qty is 1 by default
 *	/cart/1:2,3:1		a cart permalink: variants and quantities
 *	checkout[email]=..	attributes[mina_pass]=..
 */
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
void	 shop_cart_wish(const struct shop_cart *, struct shop_wish *);

/*
 * --- admin_graphql.c, client_credentials.c: the Admin API
 *
 * What is understood of GraphQL is said in graphql.h, of the API in
 * graphql_schema.def.  The bucket of points is a real one: a client that asks
 * too much too fast is throttled.
 *
 * A token tells its own end and is sealed with the client secret, so nothing
 * is kept and a restart invalidates none.
 */
enum err shop_admin(struct cx *, struct req *, struct resp *,
	    const struct fault *);
enum err shop_status_error(struct cx *, struct req *, struct resp *,
	    int status) MUSTCHECK;
enum err shop_token(struct cx *, struct req *, struct resp *,
	    const struct fault *);
bool	 shop_token_good(const char *token);

/*
 * --- control_read.c: the bodies of /_sandbox/shop
 *
 * Unknown members are refused: a misspelt one would make a test that tests
 * nothing.
 */
enum err control_read_wish(struct cx *, const struct cJSON *body,
	    struct shop_wish *, struct shop_way *) MUSTCHECK;
enum err control_read_send(struct cx *, const struct cJSON *body,
	    struct shop_order **, bool *paid, struct shop_way *) MUSTCHECK;
enum err control_read_refund(struct cx *, const struct cJSON *body,
	    struct shop_order **, struct shop_refund *, struct shop_way *)
	    MUSTCHECK;

/* line: its place; nline of the order for a new one. */
struct shop_edit {
	const char	*sku;
	int64_t		 quantity;
	size_t		 line;
};
struct shop_quarrel {
	const char	*type, *status;
	int64_t		 cents;
};

enum err control_read_edit(struct cx *, const struct cJSON *body,
	    struct shop_order **, struct shop_edit *, struct shop_way *)
	    MUSTCHECK;
/* The refund has no lines where no money goes back. */
enum err control_read_cancel(struct cx *, const struct cJSON *body,
	    struct shop_order **, struct shop_refund *, struct shop_way *)
	    MUSTCHECK;
enum err control_read_dispute(struct cx *, const struct cJSON *body,
	    struct shop_order **, struct shop_quarrel *, struct shop_way *)
	    MUSTCHECK;
enum err control_read_privacy(struct cx *, const struct cJSON *body,
	    const char **topic, const struct shop_customer **,
	    struct shop_way *) MUSTCHECK;

#endif
