/*
 * me - profile; issues an anonymous pass; erasure of an account
 *
 * The studio's first request.  A client without a pass gets a new one, which
 * has no row until it is used for something that writes.  With a token, the
 * anonymous pass that comes along is merged into the account.
 */
#include "config.h"
#include "mina.h"

/* GET /me */
static coroutine_fn enum err
profile(struct cx *cx, struct req *rq, struct resp *rs)
{
	const char *pass = req_pass(rq), *claimed = "[]";
	struct customer who;
	struct json *js;
	enum err er;

	/* With a token, pass is the anonymous one to be claimed. */
	if (rq->token != NULL)
		er = ident_login(cx, rq->token, pass, &who, &claimed);
	else if (strcmp(pass, IDENT_ANONYMOUS) == 0)
		er = ident_unused(cx, ident_mint(cx), &who);
	else if (ident_is_unused(rq->who))
		er = ident_unused(cx, pass, &who);
	else
		er = ident_customer(cx, pass, &who);
	if (er != E_OK)
		return er;

	js = resp_json(rs, 200);
	json_str(js, "passId", who.pass);
	json_raw(js, "claimed", claimed);
	json_str(js, "email", who.email);
	json_bool(js, "verified", rq->token != NULL && rq->token->verified);
	json_int(js, "credits", who.credits);
	json_int(js, "held", who.held);
	json_int(js, "available", who.credits - who.held);
	json_time(js, "expiresAt", who.expires);
	json_time(js, "lastActive", who.last_active);
	json_str(js, "checkoutUrl", passref_checkout(cx, who.pass, who.email));
	return resp_done(rs);
}

/* DELETE /me?confirm=erase */
static coroutine_fn enum err
erase(struct cx *cx, struct req *rq, struct resp *rs)
{
	enum err er;

	if (!str_eq(req_query(cx, rq, "confirm"), "erase"))
		return err_field(cx, "confirm", "must be \"erase\": this "
		    "cannot be undone");
	if ((er = archive_erase(cx, req_pass(rq))) != E_OK)
		return er;
	json_bool(resp_json(rs, 200), "ok", true);
	return resp_done(rs);
}

static const struct app me = {
	.needs = APP_DB,
	.routes = {
		{ M_GET, "/me", profile, R_IDENT },
		{ M_DELETE, "/me", erase, R_OWNER },
	},
};

MINA_MAIN(me)
