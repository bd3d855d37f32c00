/*
 * shopbuyer - the customers of the emulated shop, and their tags
 *
 * Made by their first order; the id follows from the e-mail address (its
 * case aside), so that it is the same whenever and wherever they buy.
 */
#ifndef SANDBOX_CUSTOMER_H
#define SANDBOX_CUSTOMER_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct cx;

#define SHOP_TAGS	250

struct shop_buyer {
	int64_t		 id, created, updated;
	char		*email;		/* in lower case */
	char		*tag[SHOP_TAGS];
	size_t		 ntag;
};

void	 shop_buyer_load(void);
/* The customer with that e-mail, made where there is none. */
enum err shop_buyer_of(struct cx *, const char *email, int64_t *id) MUSTCHECK;
struct shop_buyer *shop_buyer_find(int64_t id);
/* Adds what is not there yet; at most SHOP_TAGS are kept. */
enum err shop_buyer_tag(struct cx *, struct shop_buyer *, const char *)
	    MUSTCHECK;
size_t	 shop_buyer_count(void);
struct shop_buyer *shop_buyer_at(size_t);

#endif
