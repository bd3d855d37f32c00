/* session_routes - POST /token, GET /user, POST /logout */
#include "config.h"

#include "auth/auth.h"
#include "auth/state.h"
#include "auth/access_token.h"
#include "core/service.h"

/* --- POST /token: a session for a refresh token or for a code */

static enum err
refresh(struct cx *cx, struct req *rq, struct resp *rs)
{
	const char *token = text_of(rq->json, "refresh_token");
	struct auth_session *s = NULL;

	if (*token == '\0')
		return json_reply(rs, 400, j_str("error", "invalid_request"),
		    j_str("error_description", "refresh_token required"));
	switch (auth_session_refresh(token, &s)) {
	case REFRESH_OK:
		return auth_send_session(cx, rs, s);
	case REFRESH_UNKNOWN:
		return auth_error(rq, rs, 400, "refresh_token_not_found",
		    "Invalid Refresh Token: Refresh Token Not Found");
	case REFRESH_REUSED:
		return auth_error(rq, rs, 400,
		    "refresh_token_already_used",
		    "Invalid Refresh Token: Already Used");
	case REFRESH_FAILED:
		break;
	}
	return auth_failure(rq, rs);
}

static enum err
exchange(struct cx *cx, struct req *rq, struct resp *rs)
{
	const char *code = text_of(rq->json, "auth_code");
	const char *verifier = text_of(rq->json, "code_verifier");
	struct auth_flow *f;
	struct auth_session *s;

	if (*code == '\0' || *verifier == '\0')
		return auth_invalid(rq, rs, "invalid request: both auth "
		    "code and code verifier should be non-empty");
	if ((f = auth_flow_by_code(code)) == NULL)
		return auth_error(rq, rs, 404, "flow_state_not_found",
		    "invalid flow state, no valid flow state found");
	if (auth_flow_expired(f))
		return auth_error(rq, rs, 422, "flow_state_expired",
		    "invalid flow state, flow state has expired");
	if (!auth_flow_verify(cx, f, verifier))
		return auth_error(rq, rs, 400, "bad_code_verifier",
		    "code challenge does not match previously saved code "
		    "verifier");
	if ((s = auth_session_new(f->user, f->amr)) == NULL)
		return auth_failure(rq, rs);
	auth_flow_end(f);
	return auth_send_session(cx, rs, s);
}

/* No user has a password, so none is right. */
static enum err
password(struct req *rq, struct resp *rs)
{
	bool email = *text_of(rq->json, "email") != '\0';
	bool phone = *text_of(rq->json, "phone") != '\0';

	if (email == phone)
		return auth_invalid(rq, rs, email ? "Only an email address or "
		    "phone number should be provided on login." :
		    "missing email or phone");
	return auth_error(rq, rs, 400, "invalid_credentials",
	    "Invalid login credentials");
}

/* POST /auth/v1/token?grant_type= */
enum err
auth_token(struct cx *cx, struct req *rq, struct resp *rs)
{
	const char *grant = auth_query(cx, rq, "grant_type");
	enum err er;

	if (!word_in("refresh_token pkce password", grant))
		return auth_error(rq, rs, 400, "invalid_credentials",
		    "unsupported_grant_type");
	if (!auth_body(cx, rq, rs, &er))
		return er;
	if (str_eq(grant, "refresh_token"))
		return refresh(cx, rq, rs);
	if (str_eq(grant, "pkce"))
		return exchange(cx, rq, rs);
	return password(rq, rs);
}

/* --- with an access token: GET /user, POST /logout */

static const char *
bearer(struct req *rq)
{
	const char *h = req_header(rq, "Authorization");

	if (h == NULL || (!str_starts(h, "Bearer ") &&
	    !str_starts(h, "bearer ")))
		return NULL;
	h += strlen("Bearer ");
	return *h != '\0' && strpbrk(h, " \t") == NULL ? h : NULL;
}

/*
 * Unlike a look at the signature alone, this notices a sign-out.  NULL: it
 * has been answered.  *s is NULL when the token names no session.
 */
static struct auth_user *
identify(struct cx *cx, struct req *rq, struct resp *rs,
    struct auth_session **s, enum err *er)
{
	const char *token = bearer(rq), *code = "bad_jwt", *bad = NULL, *why;
	const char *id = "";
	struct auth_user *u = NULL;
	struct cJSON *claims = NULL;

	*s = NULL;
	if (token == NULL) {
		*er = auth_status(cx, rq, rs, 401);
		return NULL;
	}
	if (!access_token_read(cx, token, &claims, &why))
		bad = cx_fmt(cx, "invalid JWT: unable to parse or verify "
		    "signature, %s", why);
	else if (*text_of(claims, "sub") == '\0')
		bad = "invalid claim: missing sub claim";
	else if ((u = auth_user_find(text_of(claims, "sub"))) == NULL) {
		code = "user_not_found";
		bad = "User from sub claim in JWT does not exist";
	} else if (*(id = text_of(claims, "session_id")) != '\0' &&
	    ((*s = auth_session_find(id)) == NULL || (*s)->user != u)) {
		code = "session_not_found";
		bad = "Session from session_id claim in JWT does not exist";
	}
	if (bad != NULL)
		*er = auth_error(rq, rs, 403, code, bad);
	return bad == NULL ? u : NULL;
}

/* GET /auth/v1/user */
enum err
auth_user(struct cx *cx, struct req *rq, struct resp *rs)
{
	struct buf *b = buf_new(cx, 65536);
	struct auth_session *s;
	struct auth_user *u;
	struct json js;
	enum err er;

	if ((u = identify(cx, rq, rs, &s, &er)) == NULL)
		return er;
	/* The user is the root, which resp_json() would open by itself. */
	json_init(&js, b);
	auth_user_print(cx, &js, NULL, u);
	if (!json_ok(&js))
		return auth_failure(rq, rs);
	return resp_raw(rs, 200, "application/json", b->data, b->len);
}

/* POST /auth/v1/logout?scope= */
enum err
auth_logout(struct cx *cx, struct req *rq, struct resp *rs)
{
	const char *scope = auth_query(cx, rq, "scope");
	struct auth_session *s;
	struct auth_user *u;
	enum err er;
	bool ok;

	if ((u = identify(cx, rq, rs, &s, &er)) == NULL)
		return er;
	if (*scope != '\0' && !word_in("global local others", scope))
		return auth_invalid(rq, rs, cx_fmt(cx, "Unsupported logout "
		    "scope \"%.40s\"", scope));
	if (s != NULL && str_eq(scope, "local"))
		ok = auth_session_end(s);
	else
		ok = auth_session_end_all(u, str_eq(scope, "others") ? s :
		    NULL);
	return ok ? resp_raw(rs, 204, "text/plain", "", 0) :
	    auth_failure(rq, rs);
}
