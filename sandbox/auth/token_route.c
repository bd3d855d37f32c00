/*
 * authtoken - POST /token: a session for a refresh token or for a code
 */
#include "config.h"

#include "auth/auth_request.h"
#include "auth/flow.h"
#include "auth/refresh_token.h"
#include "auth/auth.h"
#include "core/sandbox.h"

static enum err
refresh(struct cx *cx, struct req *rq, struct resp *rs)
{
	const char *token = auth_text(rq, "refresh_token");
	struct authsess *s = NULL;

	if (*token == '\0')
		return auth_oauth_error(rs, "invalid_request",
		    "refresh_token required");
	switch (authsess_refresh(token, &s)) {
	case AUTHSESS_OK:
		return auth_session(cx, rs, s);
	case AUTHSESS_UNKNOWN:
		return auth_error(cx, rq, rs, 400, "refresh_token_not_found",
		    "Invalid Refresh Token: Refresh Token Not Found");
	case AUTHSESS_REUSED:
		return auth_error(cx, rq, rs, 400,
		    "refresh_token_already_used",
		    "Invalid Refresh Token: Already Used");
	case AUTHSESS_FAILED:
		break;
	}
	return auth_failure(cx, rq, rs);
}

static enum err
exchange(struct cx *cx, struct req *rq, struct resp *rs)
{
	const char *code = auth_text(rq, "auth_code");
	const char *verifier = auth_text(rq, "code_verifier");
	struct authflow *f;
	struct authsess *s;

	if (*code == '\0' || *verifier == '\0')
		return auth_error(cx, rq, rs, 400, "validation_failed",
		    "invalid request: both auth code and code verifier "
		    "should be non-empty");
	if ((f = authflow_by_code(code)) == NULL)
		return auth_error(cx, rq, rs, 404, "flow_state_not_found",
		    "invalid flow state, no valid flow state found");
	if (authflow_expired(f))
		return auth_error(cx, rq, rs, 422, "flow_state_expired",
		    "invalid flow state, flow state has expired");
	if (!authflow_verify(cx, f, verifier))
		return auth_error(cx, rq, rs, 400, "bad_code_verifier",
		    "code challenge does not match previously saved code "
		    "verifier");
	if ((s = authsess_new(f->user, f->amr)) == NULL)
		return auth_failure(cx, rq, rs);
	authflow_end(f);
	return auth_session(cx, rs, s);
}

/* Nobody here has a password, so none is right. */
static enum err
password(struct cx *cx, struct req *rq, struct resp *rs)
{
	bool email = *auth_text(rq, "email") != '\0';
	bool phone = *auth_text(rq, "phone") != '\0';

	if (email == phone)
		return auth_error(cx, rq, rs, 400, "validation_failed",
		    email ? "Only an email address or phone number should be "
		    "provided on login." : "missing email or phone");
	return auth_error(cx, rq, rs, 400, "invalid_credentials",
	    "Invalid login credentials");
}

/* POST /auth/v1/token?grant_type= */
enum err
auth_token(struct cx *cx, struct req *rq, struct resp *rs)
{
	static const char *const known[] = { "refresh_token", "pkce",
		"password", NULL };
	const char *grant = auth_query(cx, rq, "grant_type");
	enum err er;

	if (!str_in(grant, known))
		return auth_error(cx, rq, rs, 400, "invalid_credentials",
		    "unsupported_grant_type");
	if (!auth_body(cx, rq, rs, &er))
		return er;
	if (str_eq(grant, "refresh_token"))
		return refresh(cx, rq, rs);
	if (str_eq(grant, "pkce"))
		return exchange(cx, rq, rs);
	return password(cx, rq, rs);
}
