/*
 * shopsecret - what the emulated shop signs with, and what it is called
 */
#include "config.h"

#include "core/sandbox.h"
#include "shopify/webhook_queue.h"

static char	*fresh;

void
shop_secret_set(const char *s)
{
	free(fresh);
	fresh = NULL;
	if (s != NULL)
		XXXAN(fresh = strdup(s));
}

const char *
shop_secret(void)
{
	return fresh != NULL ? fresh : conf_str(C_SHOPIFY_SECRET);
}

const char *
shop_secret_old(void)
{
	return conf_str(C_SHOPIFY_SECRET);
}

const char *
shop_domain(struct cx *cx)
{
	const char *s = conf_str(C_SHOPIFY_SHOP);

	return cx_dupn(cx, s, strcspn(s, ", "));
}
