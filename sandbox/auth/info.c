/*
 * authinfo - what is the same for everybody: settings, health, keys, CORS
 */
#include "config.h"

#include "auth/auth_request.h"
#include "auth/flow.h"
#include "auth/mail.h"
#include "auth/routes.h"
#include "auth/signing_key.h"
#include "auth/state_log.h"
#include "base/cx.h"
#include "base/json.h"
#include "core/knobs.h"
#include "web/req.h"
#include "web/resp.h"

bool
auth_open(const char *dir, bool tidy)
{
	if (!authkey_open(dir) || !authlog_open(dir))
		return false;
	authlog_load(tidy);
	return true;
}

bool
auth_reset(void)
{
	authflow_forget_all();
	return authmail_forget_all();
}

static enum err
settings(struct cx *cx, struct req *rq, struct resp *rs,
    const struct fault *f)
{
	static const char *const off[] = { "apple", "azure", "bitbucket",
		"discord", "facebook", "figma", "github", "gitlab",
		"keycloak", "kakao", "linkedin", "linkedin_oidc", "notion",
		"phone", "slack", "slack_oidc", "spotify", "twitch",
		"twitter", "workos", "zoom" };
	struct json *js = resp_json(rs, 200);

	(void)cx;
	(void)rq;
	(void)f;
	json_obj(js, "external");
	json_bool(js, "anonymous_users", knobs.anonymous);
	json_bool(js, "email", true);
	json_bool(js, "google", true);
	for (size_t i = 0; i < sizeof off / sizeof *off; i++)
		json_bool(js, off[i], false);
	json_end(js);
	json_bool(js, "disable_signup", !knobs.signup);
	json_bool(js, "mailer_autoconfirm", false);
	json_bool(js, "phone_autoconfirm", false);
	json_str(js, "sms_provider", "");
	json_bool(js, "saml_enabled", false);
	return resp_done(rs);
}

/* GET /auth/v1/settings */
enum err
auth_settings(struct cx *cx, struct req *rq, struct resp *rs)
{
	return auth_front(cx, rq, rs, P_AUTH_SETTINGS, settings);
}

static enum err
health(struct cx *cx, struct req *rq, struct resp *rs, const struct fault *f)
{
	struct json *js = resp_json(rs, 200);

	(void)cx;
	(void)rq;
	(void)f;
	json_str(js, "version", "mina-sandbox-" PACKAGE_VERSION);
	json_str(js, "name", "GoTrue");
	json_str(js, "description", "GoTrue is a user registration and "
	    "authentication API");
	return resp_done(rs);
}

/* GET /auth/v1/health */
enum err
auth_health(struct cx *cx, struct req *rq, struct resp *rs)
{
	return auth_front(cx, rq, rs, P_AUTH_HEALTH, health);
}

static enum err
jwks(struct cx *cx, struct req *rq, struct resp *rs, const struct fault *f)
{
	(void)rq;
	(void)f;
	resp_header(rs, "Cache-Control", "public, max-age=600");
	authkey_jwks(cx, resp_json(rs, 200));
	return resp_done(rs);
}

/* GET /auth/v1/.well-known/jwks.json */
enum err
auth_jwks(struct cx *cx, struct req *rq, struct resp *rs)
{
	return auth_front(cx, rq, rs, P_AUTH_JWKS, jwks);
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
