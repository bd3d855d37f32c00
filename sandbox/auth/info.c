/* info - settings, health, keys and CORS; the table of routes */
#include "config.h"

#include "auth/auth.h"
#include "auth/state.h"
#include "auth/access_token.h"
#include "core/service.h"

static bool
open_all(struct cx *cx, bool serving)
{
	(void)cx;
	if (!auth_key_open() || !state_log_open())
		return false;
	state_log_load(serving);
	return true;
}

/* Mails, codes and flows are void; users and sessions stay. */
static bool
reset(void)
{
	auth_flow_forget_all();
	return auth_mail_forget_all();
}

/* GET /auth/v1/settings */
static enum err
get_settings(struct cx *cx, struct req *rq, struct resp *rs)
{
	(void)cx;
	(void)rq;
	return json_reply(rs, 200, j_obj("external"),
	    j_bool("anonymous_users", settings.anonymous),
	    j_const("email:true google:true apple:false azure:false "
	    "bitbucket:false discord:false facebook:false figma:false "
	    "github:false gitlab:false keycloak:false kakao:false "
	    "linkedin:false linkedin_oidc:false notion:false phone:false "
	    "slack:false slack_oidc:false spotify:false twitch:false "
	    "twitter:false workos:false zoom:false"), j_end(),
	    j_bool("disable_signup", !settings.signup),
	    j_bool("mailer_autoconfirm", settings.autoconfirm),
	    j_const("phone_autoconfirm:false "
	    "sms_provider:'' saml_enabled:false"));
}

/* GET /auth/v1/health */
static enum err
get_health(struct cx *cx, struct req *rq, struct resp *rs)
{
	(void)cx;
	(void)rq;
	return json_reply(rs, 200,
	    j_str("version", "mina-sandbox-" PACKAGE_VERSION),
	    j_str("name", "GoTrue"),
	    j_str("description", "GoTrue is a user registration and "
	    "authentication API"));
}

/* GET /auth/v1/.well-known/jwks.json */
static enum err
get_jwks(struct cx *cx, struct req *rq, struct resp *rs)
{
	(void)rq;
	resp_header(rs, "Cache-Control", "public, max-age=600");
	auth_key_jwks(cx, resp_json(rs, 200));
	return resp_done(rs);
}

/*
 * OPTIONS /auth/v1/{path...}: what a browser may send, to an origin that the
 * frame has let in already (MINA_CORS_ORIGINS).
 */
static enum err
options(struct cx *cx, struct req *rq, struct resp *rs)
{
	(void)cx;
	if (req_header(rq, "Access-Control-Request-Method") != NULL) {
		resp_header(rs, "Access-Control-Allow-Methods",
		    "GET, POST, PUT, PATCH, DELETE");
		resp_header(rs, "Access-Control-Allow-Headers",
		    "Accept, Authorization, Content-Type, apikey, "
		    "X-Client-Info, X-Client-IP, X-JWT-AUD, "
		    "X-Supabase-Api-Version");
		resp_header(rs, "Access-Control-Max-Age", "600");
	}
	return resp_raw(rs, 204, "text/plain", "", 0);
}

const struct emulator auth_emulator = {
	.name = "auth",
	.error = auth_status,
	.headers = auth_headers,
	.open = open_all,
	.reset = reset,
	.route = (const struct emulated_route[]){
		ROUTE(POST, "/auth/v1/otp", AUTH_OTP, auth_otp),
		ROUTE(POST, "/auth/v1/signup", AUTH_SIGNUP, auth_signup),
		ROUTE(POST, "/auth/v1/verify", AUTH_VERIFY, auth_verify),
		ROUTE(GET, "/auth/v1/verify", AUTH_VERIFY, auth_follow),
		ROUTE(POST, "/auth/v1/token", AUTH_TOKEN, auth_token),
		ROUTE(GET, "/auth/v1/authorize", AUTH_AUTHORIZE,
		    auth_authorize),
		ROUTE(GET, "/auth/v1/callback", AUTH_AUTHORIZE, auth_callback),
		ROUTE(GET, "/auth/v1/user", AUTH_USER, auth_user),
		ROUTE(POST, "/auth/v1/logout", AUTH_LOGOUT, auth_logout),
		ROUTE(GET, "/auth/v1/settings", AUTH_SETTINGS, get_settings),
		ROUTE(GET, "/auth/v1/health", AUTH_HEALTH, get_health),
		ROUTE(GET, "/auth/v1/.well-known/jwks.json", AUTH_JWKS,
		    get_jwks),
		ROUTE(OPTIONS, "/auth/v1/{path...}", NONE, options,
		    .flags = R_RAW),
		ROUTE(GET, "/inbox", NONE, inbox_page,
		    .flags = R_RAW | R_QUIET),
		ROUTE(GET, "/inbox.json", NONE, inbox_json,
		    .flags = R_RAW | R_QUIET),
		ROUTE(POST, "/_sandbox/auth/rotate", NONE, auth_rotate),
		ROUTE(POST, "/_sandbox/auth/token", NONE, auth_mint),
		ROUTE(POST, "/_sandbox/auth/remail", NONE, auth_remail),
		{ 0 }
	},
};
