/*
 * shoppage - the shop people see: packs, checkout, thank-you
 *
 * Plain pages that work without a script; the one style sheet is
 * sandbox/page/shop.css, which nginx serves.
 */
#ifndef SANDBOX_STOREFRONT_H
#define SANDBOX_STOREFRONT_H

#include "base/err.h"

struct cx;
struct req;
struct resp;

enum err shop_page(struct cx *, struct req *, struct resp *);
enum err shop_page_checkout(struct cx *, struct req *, struct resp *);
enum err shop_page_cart(struct cx *, struct req *, struct resp *);
enum err shop_page_place(struct cx *, struct req *, struct resp *);
enum err shop_page_thanks(struct cx *, struct req *, struct resp *);

#endif
