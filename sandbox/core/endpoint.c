/*
 * place - see place.h
 */
#include "config.h"

#include "base/str.h"
#include "core/endpoint.h"

static const struct {
	const char	*name;
	enum house	 house;
	unsigned	 traits;
} places[P__MAX] = {
	[P_OPENAI] = { "openai", HOUSE_OPENAI, PLACE_REFUSES },
	[P_CREATE] = { "replicate.create", HOUSE_REPLICATE, PLACE_CREATES },
	[P_GET] = { "replicate.get", HOUSE_REPLICATE, 0 },
	[P_CANCEL] = { "replicate.cancel", HOUSE_REPLICATE, 0 },
	[P_LIST] = { "replicate.list", HOUSE_REPLICATE, 0 },
	[P_ACCOUNT] = { "replicate.account", HOUSE_REPLICATE, 0 },
	[P_SECRET] = { "replicate.secret", HOUSE_REPLICATE, 0 },
	[P_CALLBACK] = { "replicate.callback", HOUSE_REPLICATE, PLACE_CALLS },
	[P_ARK] = { "ark.create", HOUSE_ARK, PLACE_CREATES },
	[P_KLING_CREATE] = { "kling.create", HOUSE_KLING, PLACE_CREATES },
	[P_KLING_GET] = { "kling.get", HOUSE_KLING, 0 },
	[P_KLING_LIST] = { "kling.list", HOUSE_KLING, 0 },
	[P_KLING_CALLBACK] = { "kling.callback", HOUSE_KLING, PLACE_CALLS },
	[P_FAL_SUBMIT] = { "fal.submit", HOUSE_FAL, PLACE_CREATES },
	[P_FAL_STATUS] = { "fal.status", HOUSE_FAL, 0 },
	[P_FAL_RESULT] = { "fal.result", HOUSE_FAL, 0 },
	[P_FAL_CANCEL] = { "fal.cancel", HOUSE_FAL, 0 },
	[P_FAL_JWKS] = { "fal.jwks", HOUSE_FAL, 0 },
	[P_FAL_CALLBACK] = { "fal.callback", HOUSE_FAL, PLACE_CALLS },
	[P_S3_PUT] = { "s3.put", HOUSE_S3, PLACE_BYTES },
	[P_S3_GET] = { "s3.get", HOUSE_S3, PLACE_BYTES },
	[P_S3_HEAD] = { "s3.head", HOUSE_S3, PLACE_BYTES },
	[P_S3_DELETE] = { "s3.delete", HOUSE_S3, PLACE_BYTES },
	[P_DELIVERY] = { "delivery", HOUSE_SANDBOX, PLACE_EXPIRES |
	    PLACE_BYTES },
	[P_SINK] = { "sink", HOUSE_SANDBOX, 0 },
	[P_AUTH_OTP] = { "auth.otp", HOUSE_AUTH, PLACE_BYTES },
	[P_AUTH_VERIFY] = { "auth.verify", HOUSE_AUTH, PLACE_BYTES },
	[P_AUTH_TOKEN] = { "auth.token", HOUSE_AUTH, PLACE_BYTES },
	[P_AUTH_AUTHORIZE] = { "auth.authorize", HOUSE_AUTH, PLACE_BYTES },
	[P_AUTH_USER] = { "auth.user", HOUSE_AUTH, PLACE_BYTES },
	[P_AUTH_LOGOUT] = { "auth.logout", HOUSE_AUTH, PLACE_BYTES },
	[P_AUTH_SIGNUP] = { "auth.signup", HOUSE_AUTH, PLACE_BYTES },
	[P_AUTH_SETTINGS] = { "auth.settings", HOUSE_AUTH, PLACE_BYTES },
	[P_AUTH_HEALTH] = { "auth.health", HOUSE_AUTH, PLACE_BYTES },
	[P_AUTH_JWKS] = { "auth.jwks", HOUSE_AUTH, PLACE_BYTES },
	[P_SHOP_TOKEN] = { "shop.token", HOUSE_SHOP, PLACE_REFUSES |
	    PLACE_DENIES | PLACE_BYTES },
	[P_SHOP_ADMIN] = { "shop.admin", HOUSE_SHOP, PLACE_EXPIRES |
	    PLACE_THROTTLES | PLACE_DENIES },
};

const char *
place_name(enum place p)
{
	return places[p].name;
}

enum place
place_find(const char *s)
{
	for (int i = 0; i < P__MAX; i++)
		if (str_eq(s, places[i].name))
			return (enum place)i;
	return P__MAX;
}

enum house
place_house(enum place p)
{
	return places[p].house;
}

bool
place_has(enum place p, enum place_trait t)
{
	return (places[p].traits & t) != 0;
}
