/*
 * place - see place.h
 */
#include "config.h"

#include "place.h"
#include "str.h"

static const char *const names[P__MAX] = {
	[P_OPENAI] = "openai",
	[P_CREATE] = "replicate.create",
	[P_GET] = "replicate.get",
	[P_CANCEL] = "replicate.cancel",
	[P_LIST] = "replicate.list",
	[P_ACCOUNT] = "replicate.account",
	[P_S3_PUT] = "s3.put",
	[P_S3_GET] = "s3.get",
	[P_S3_HEAD] = "s3.head",
	[P_S3_DELETE] = "s3.delete",
	[P_DELIVERY] = "delivery",
	[P_SHOP_TOKEN] = "shop.token",
	[P_SHOP_ADMIN] = "shop.admin",
	[P_AUTH_OTP] = "auth.otp",
	[P_AUTH_VERIFY] = "auth.verify",
	[P_AUTH_TOKEN] = "auth.token",
	[P_AUTH_AUTHORIZE] = "auth.authorize",
	[P_AUTH_USER] = "auth.user",
	[P_AUTH_LOGOUT] = "auth.logout",
	[P_AUTH_SIGNUP] = "auth.signup",
	[P_AUTH_SETTINGS] = "auth.settings",
	[P_AUTH_HEALTH] = "auth.health",
	[P_AUTH_JWKS] = "auth.jwks",
};

const char *
place_name(enum place p)
{
	return names[p];
}

enum place
place_find(const char *s)
{
	for (int i = 0; i < P__MAX; i++)
		if (str_eq(s, names[i]))
			return (enum place)i;
	return P__MAX;
}
