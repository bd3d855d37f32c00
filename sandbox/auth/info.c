/*
 * authinfo - what is the same for everybody: settings, health, keys, CORS
 */
#include "config.h"

#include "auth/auth_request.h"
#include "auth/flow.h"
#include "auth/inbox.h"
#include "auth/mail.h"
#include "auth/auth.h"
#include "auth/signing_key.h"
#include "auth/state_log.h"
#include "core/sandbox.h"
#include "core/settings.h"

static bool
open_all(struct cx *cx, bool serving)
{
	(void)cx;
	if (!authkey_open() || !authlog_open())
		return false;
	authlog_load(serving);
	return true;
}

/* Mails, codes and flows are void; users and sessions stay. */
static bool
reset(void)
{
	authflow_forget_all();
	return authmail_forget_all();
}

/* GET /auth/v1/settings */
enum err
auth_settings(struct cx *cx, struct req *rq, struct resp *rs)
{
	static const char *const off[] = { "apple", "azure", "bitbucket",
		"discord", "facebook", "figma", "github", "gitlab",
		"keycloak", "kakao", "linkedin", "linkedin_oidc", "notion",
		"phone", "slack", "slack_oidc", "spotify", "twitch",
		"twitter", "workos", "zoom" };
	struct json *js = resp_json(rs, 200);

	(void)cx;
	(void)rq;
	json_obj(js, "external");
	json_bool(js, "anonymous_users", settings.anonymous);
	json_bool(js, "email", true);
	json_bool(js, "google", true);
	for (size_t i = 0; i < sizeof off / sizeof *off; i++)
		json_bool(js, off[i], false);
	json_end(js);
	json_bool(js, "disable_signup", !settings.signup);
	json_bool(js, "mailer_autoconfirm", false);
	json_bool(js, "phone_autoconfirm", false);
	json_str(js, "sms_provider", "");
	json_bool(js, "saml_enabled", false);
	return resp_done(rs);
}

/* GET /auth/v1/health */
enum err
auth_health(struct cx *cx, struct req *rq, struct resp *rs)
{
	struct json *js = resp_json(rs, 200);

	(void)cx;
	(void)rq;
	json_str(js, "version", "mina-sandbox-" PACKAGE_VERSION);
	json_str(js, "name", "GoTrue");
	json_str(js, "description", "GoTrue is a user registration and "
	    "authentication API");
	return resp_done(rs);
}

/* GET /auth/v1/.well-known/jwks.json */
enum err
auth_jwks(struct cx *cx, struct req *rq, struct resp *rs)
{
	(void)rq;
	resp_header(rs, "Cache-Control", "public, max-age=600");
	authkey_jwks(cx, resp_json(rs, 200));
	return resp_done(rs);
}

/*
 * OPTIONS /auth/v1/{path...}: what a browser may send, to an origin that the
 * frame has let in already (MINA_CORS_ORIGINS).
 */
enum err
auth_options(struct cx *cx, struct req *rq, struct resp *rs)
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
		{ M_POST, "/auth/v1/otp", EP_AUTH_OTP, .fn = auth_otp },
		{ M_POST, "/auth/v1/signup", EP_AUTH_SIGNUP,
		    .fn = auth_signup },
		{ M_POST, "/auth/v1/verify", EP_AUTH_VERIFY,
		    .fn = auth_verify },
		{ M_GET, "/auth/v1/verify", EP_AUTH_VERIFY,
		    .fn = auth_follow },
		{ M_POST, "/auth/v1/token", EP_AUTH_TOKEN, .fn = auth_token },
		{ M_GET, "/auth/v1/authorize", EP_AUTH_AUTHORIZE,
		    .fn = auth_authorize },
		{ M_GET, "/auth/v1/callback", EP_AUTH_AUTHORIZE,
		    .fn = auth_callback },
		{ M_GET, "/auth/v1/user", EP_AUTH_USER, .fn = auth_user },
		{ M_POST, "/auth/v1/logout", EP_AUTH_LOGOUT,
		    .fn = auth_logout },
		{ M_GET, "/auth/v1/settings", EP_AUTH_SETTINGS,
		    .fn = auth_settings },
		{ M_GET, "/auth/v1/health", EP_AUTH_HEALTH,
		    .fn = auth_health },
		{ M_GET, "/auth/v1/.well-known/jwks.json", EP_AUTH_JWKS,
		    .fn = auth_jwks },
		{ M_OPTIONS, "/auth/v1/{path...}", EP_NONE,
		    .fn = auth_options, .flags = R_RAW },
		{ M_GET, "/inbox", EP_NONE, .fn = inbox_page,
		    .flags = R_RAW | R_QUIET },
		{ M_GET, "/inbox.json", EP_NONE, .fn = inbox_json,
		    .flags = R_RAW | R_QUIET },
		{ M_POST, "/_sandbox/auth/rotate", EP_NONE,
		    .fn = auth_rotate },
		{ M_POST, "/_sandbox/auth/token", EP_NONE, .fn = auth_mint },
		{ M_POST, "/_sandbox/auth/remail", EP_NONE,
		    .fn = auth_remail },
		{ 0 }
	},
};
