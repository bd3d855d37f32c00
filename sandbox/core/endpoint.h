/*
 * place - where in the emulated world a request arrives, or sets out
 *
 * Fault orders, counters and the record of requests are kept per place; the
 * names ("replicate.create") are what orders and statistics use.
 */
#ifndef SANDBOX_ENDPOINT_H
#define SANDBOX_ENDPOINT_H

#include <stdbool.h>

enum place {
	P_OPENAI,
	P_CREATE,
	P_GET,
	P_CANCEL,
	P_LIST,
	P_ACCOUNT,
	P_SECRET,
	P_CALLBACK,
	P_ARK,
	P_KLING_CREATE,
	P_KLING_GET,
	P_KLING_LIST,
	P_KLING_CALLBACK,
	P_FAL_SUBMIT,
	P_FAL_STATUS,
	P_FAL_RESULT,
	P_FAL_CANCEL,
	P_FAL_JWKS,
	P_FAL_CALLBACK,
	P_S3_PUT,
	P_S3_GET,
	P_S3_HEAD,
	P_S3_DELETE,
	P_DELIVERY,
	P_SINK,
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
	P_SHOP_TOKEN,
	P_SHOP_ADMIN,
	P__MAX
};

/* Whose errors are given there. */
enum house {
	HOUSE_OPENAI,
	HOUSE_REPLICATE,
	HOUSE_ARK,
	HOUSE_KLING,
	HOUSE_FAL,
	HOUSE_S3,
	HOUSE_AUTH,
	HOUSE_SHOP,
	HOUSE_SANDBOX
};

/* What can be ordered there, beside what can be ordered anywhere. */
enum place_trait {
	PLACE_REFUSES	= 1,	/* moderation; a shop that is not ours */
	PLACE_FAILS	= 2,	/* a job may fail by itself */
	PLACE_EXPIRES	= 4,	/* an output, or a token, to be gone */
	PLACE_CALLS	= 8,	/* callbacks set out from there */
	PLACE_BYTES	= 16,	/* bodies are not kept: no text, or secret */
	PLACE_THROTTLES	= 32,	/* there are points to run out of */
	PLACE_DENIES	= 64,	/* leave is needed */
	PLACE_CREATES	= PLACE_REFUSES | PLACE_FAILS | PLACE_EXPIRES
};

const char	*place_name(enum place);
enum place	 place_find(const char *);	/* P__MAX: no such place */
enum house	 place_house(enum place);
bool		 place_has(enum place, enum place_trait);

#endif
