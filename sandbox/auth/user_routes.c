/*
 * authlive - with an access token: GET /user, POST /logout
 */
#include "config.h"

#include "auth/access_token.h"
#include "auth/auth_request.h"
#include "auth/refresh_token.h"
#include "auth/auth.h"
#include "auth/user.h"
#include "core/sandbox.h"

struct asker {
	struct authuser	*user;
	struct authsess	*session;	/* NULL: the token names none */
};

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

static bool
refuse(struct cx *cx, struct req *rq, struct resp *rs, const char *code,
    const char *message, enum err *er)
{
	*er = auth_error(cx, rq, rs, 403, code, message);
	return false;
}

/* Unlike a look at the signature alone, this notices a sign-out. */
static bool
identify(struct cx *cx, struct req *rq, struct resp *rs, struct asker *a,
    enum err *er)
{
	const char *token = bearer(rq), *why, *sub, *sid;
	struct cJSON *claims;

	memset(a, 0, sizeof *a);
	if (token == NULL) {
		*er = auth_error(cx, rq, rs, 401, "no_authorization",
		    "This endpoint requires a Bearer token");
		return false;
	}
	if (!authjwt_read(cx, token, &claims, &why))
		return refuse(cx, rq, rs, "bad_jwt", cx_fmt(cx,
		    "invalid JWT: unable to parse or verify signature, %s",
		    why), er);
	sub = json_text(json_get(claims, "sub"));
	if (sub == NULL || *sub == '\0')
		return refuse(cx, rq, rs, "bad_jwt", "invalid claim: missing "
		    "sub claim", er);
	if ((a->user = authuser_find(sub)) == NULL)
		return refuse(cx, rq, rs, "user_not_found", "User from sub "
		    "claim in JWT does not exist", er);
	sid = json_text(json_get(claims, "session_id"));
	if (sid != NULL && *sid != '\0' &&
	    ((a->session = authsess_find(sid)) == NULL ||
	    a->session->user != a->user))
		return refuse(cx, rq, rs, "session_not_found", "Session from "
		    "session_id claim in JWT does not exist", er);
	return true;
}

/* GET /auth/v1/user */
enum err
auth_user(struct cx *cx, struct req *rq, struct resp *rs)
{
	struct buf *b = buf_new(cx, 65536);
	struct asker a;
	struct json js;
	enum err er;

	if (!identify(cx, rq, rs, &a, &er))
		return er;
	/* The user is the root, which resp_json() would open by itself. */
	json_init(&js, b);
	authuser_print(cx, &js, NULL, a.user);
	if (!json_ok(&js))
		return auth_failure(cx, rq, rs);
	return resp_raw(rs, 200, "application/json", b->data, b->len);
}

/* POST /auth/v1/logout?scope= */
enum err
auth_logout(struct cx *cx, struct req *rq, struct resp *rs)
{
	const char *scope = auth_query(cx, rq, "scope");
	static const char *const scopes[] = { "", "global", "local", "others",
		NULL };
	struct asker a;
	enum err er;
	bool ok;

	if (!identify(cx, rq, rs, &a, &er))
		return er;
	if (!str_in(scope, scopes))
		return auth_error(cx, rq, rs, 400, "validation_failed",
		    cx_fmt(cx, "Unsupported logout scope \"%.40s\"", scope));
	if (a.session != NULL && str_eq(scope, "local"))
		ok = authsess_end(a.session);
	else
		ok = authsess_end_all(a.user, str_eq(scope, "others") ?
		    a.session : NULL);
	return ok ? resp_raw(rs, 204, "text/plain", "", 0) :
	    auth_failure(cx, rq, rs);
}
