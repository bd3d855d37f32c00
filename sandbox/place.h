/*
 * place - where in the emulated world a request arrives
 *
 * Fault orders, counters and the record of requests are kept per place; the
 * names ("replicate.create") are what orders and statistics use.
 */
#ifndef SANDBOX_PLACE_H
#define SANDBOX_PLACE_H

enum place {
	P_OPENAI,
	P_CREATE,
	P_GET,
	P_CANCEL,
	P_LIST,
	P_ACCOUNT,
	P_S3_PUT,
	P_S3_GET,
	P_S3_HEAD,
	P_S3_DELETE,
	P_DELIVERY,
	P_SHOP_TOKEN,
	P_SHOP_ADMIN,
	P_AUTH_OTP,
	P_AUTH_VERIFY,
	P_AUTH_TOKEN,
	P_AUTH_AUTHORIZE,
	P_AUTH_USER,
	P_AUTH_LOGOUT,
	P_AUTH_SIGNUP,
	P_AUTH_SETTINGS,
	P_AUTH_HEALTH,
	P_AUTH_JWKS,
	P__MAX
};

const char	*place_name(enum place);
enum place	 place_find(const char *);	/* P__MAX: no such place */

#endif
