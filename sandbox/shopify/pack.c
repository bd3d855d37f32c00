/*
 * shoppack - see shoppack.h
 */
#include "config.h"

#include "core/sandbox.h"
#include "shopify/pack.h"

const struct shop_pack shop_packs[SHOP_PACKS] = {
	{ "MINA-50", "50 matcha", 50, 4900,
	    53689413796171, 14887237878091 },
	{ "MINA-100", "100 matcha", 100, 8900,
	    53689413828939, 14887237910859 },
	{ "MINA-250", "250 matcha", 250, 19900,
	    53689413861707, 14887237943627 },
	{ "MINA-500", "500 matcha", 500, 34900,
	    53689413894475, 14887237976395 },
};

const struct shop_pack *
shop_pack_sku(const char *sku)
{
	for (size_t i = 0; i < SHOP_PACKS; i++)
		if (str_eq(shop_packs[i].sku, sku))
			return &shop_packs[i];
	return NULL;
}

const struct shop_pack *
shop_pack_variant(int64_t id)
{
	for (size_t i = 0; i < SHOP_PACKS; i++)
		if (shop_packs[i].variant == id)
			return &shop_packs[i];
	return NULL;
}

const char *
shop_money(struct cx *cx, int64_t cents)
{
	const char *minus = cents < 0 ? "-" : "";

	cents = cents < 0 ? -cents : cents;
	return cx_fmt(cx, "%s%lld.%02lld", minus, (long long)cents / 100,
	    (long long)cents % 100);
}
