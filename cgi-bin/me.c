/*
 * me - who you are, and that you are here
 *
 * The first thing a studio asks.  Whoever sends no pass is given one.
 */
#include "config.h"
#include "mina.h"

/* GET /me */
static enum err
profile(struct cx *cx, struct req *rq, struct resp *rs)
{
	const char *pass = req_pass(rq);
	struct customer who;
	struct json *js;
	enum err er;

	if (strcmp(pass, IDENT_ANONYMOUS) == 0)
		pass = ident_mint(cx);
	if ((er = ident_customer(cx, pass, &who)) != E_OK)
		return er;

	js = resp_json(rs, 200);
	json_str(js, "passId", who.pass);
	json_str(js, "email", who.email);
	json_int(js, "credits", who.credits);
	json_int(js, "held", who.held);
	json_int(js, "available", who.credits - who.held);
	json_time(js, "expiresAt", who.expires);
	json_time(js, "lastActive", who.last_active);
	return resp_done(rs);
}

static const struct app me = {
	.needs = APP_DB,
	.routes = {
		{ M_GET, "/me", profile, R_IDENT },
	},
};

MINA_MAIN(me)
