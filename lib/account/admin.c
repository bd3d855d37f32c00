/*
 * admin - recognises administrators by key or allowlist, and audits them
 */
#include "config.h"

#include <string.h>

#include "account/admin.h"
#include "base/conf.h"
#include "base/crypto.h"
#include "base/cx.h"
#include "base/str.h"
#include "pg/pg.h"
#include "web/req.h"

#define KEY_MIN	32	/* characters; a shorter key is not accepted */

bool
admin_key(struct cx *cx, struct req *rq)
{
	const char *sent = req_header(rq, "Authorization");
	unsigned char want[SHA256_LEN], got[SHA256_LEN];
	const char *key = conf_str(C_ADMIN_KEY);

	if (key == NULL || strlen(key) < KEY_MIN || sent == NULL ||
	    strlen(sent) < 8 || !str_ieq(cx_dupn(cx, sent, 7), "Bearer "))
		return false;
	/* Digests have one length, so the time taken tells nothing. */
	crypto_sha256(key, strlen(key), want);
	crypto_sha256(sent + 7, strlen(sent + 7), got);
	return crypto_eq(want, got, sizeof want);
}

static const struct stmt S_LISTED = STMT_READ("admin_user",
    "select coalesce((select mg_admin_allowlist from mega_customers "
    "where mg_pass_id = $1), false)");

coroutine_fn enum err
admin_user(struct cx *cx, struct req *rq, bool *yes)
{
	*yes = false;
	if (rq->token == NULL && strcmp(conf_str(C_AUTH), "trusted") != 0)
		return E_OK;
	return pg_ask(cx, &S_LISTED, yes, pg_text(req_pass(rq)));
}

static const struct stmt S_AUDIT = STMT("admin_audit",
    "insert into mega_admin (mg_id, mg_record_type, mg_actor_pass_id, mg_ip, "
    "mg_user_agent, mg_action, mg_route, mg_method, mg_detail, "
    "mg_source_system, mg_created_at, mg_updated_at) "
    "values ('admin_audit:' || gen_random_uuid(), 'admin_audit', $1, $2, "
    "left($3, 300), $4, $5, $6, jsonb_build_object('about', $7::text, "
    "'request_id', $8::text), 'mina', mina_now(), mina_now())");

coroutine_fn enum err
admin_audit(struct cx *cx, struct req *rq, const char *action,
    const char *about)
{
	return pg_none(cx, &S_AUDIT, pg_text(rq->admin ? NULL :
	    req_pass(rq)), pg_text(req_remote(rq)),
	    pg_text(req_header(rq, "User-Agent")), pg_text(action),
	    pg_text(rq->path), pg_text(method_name(rq->method)),
	    pg_text(about), pg_text(cx->reqid));
}
