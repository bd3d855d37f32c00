/*
 * shoppack - what the emulated shop sells
 *
 * The SKUs are those of the seed (sql/seed/020-packs.sql); prices are made
 * up, and so are the ids, which are of the size that real ones have.
 */
#ifndef SANDBOX_PACK_H
#define SANDBOX_PACK_H

#include <stddef.h>
#include <stdint.h>

struct cx;

struct shop_pack {
	const char	*sku, *title;
	int		 matcha;
	int64_t		 price;		/* cents */
	int64_t		 variant, product;
};

#define SHOP_PACKS	4

extern const struct shop_pack shop_packs[SHOP_PACKS];

/* NULL when there is none. */
const struct shop_pack *shop_pack_sku(const char *sku);
const struct shop_pack *shop_pack_variant(int64_t);
/* "49.00" */
const char *shop_money(struct cx *, int64_t cents);

#endif
