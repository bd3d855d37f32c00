/*
 * session - writes the row that starts a studio session
 */
#include "config.h"

#include "account/ident.h"
#include "account/session.h"
#include "base/cx.h"
#include "pg/pg.h"

static const struct stmt S_START = STMT("session_start",
    "insert into mega_generations (mg_id, mg_record_type, mg_pass_id, "
    "mg_session_id, mg_platform, mg_client_version, mg_browser, mg_meta, "
    "mg_source_system, mg_created_at, mg_updated_at) "
    "values ('session:' || $1, 'session', $2, $1, $3, $4, $5, "
    "coalesce($6::jsonb, '{}'), 'mma', mina_now(), mina_now()) "
    "on conflict (mg_id) do nothing");

coroutine_fn enum err
session_start(struct cx *cx, const char *pass, const char *uuid,
    const struct session *s, const char **id)
{
	struct customer who;
	enum err er;

	if ((er = ident_customer(cx, pass, &who)) != E_OK)
		return er;
	*id = cx_fmt(cx, "sess_%s", uuid);
	return pg_none(cx, &S_START, pg_text(*id), pg_text(who.pass),
	    pg_text(s->platform), pg_text(s->version),
	    pg_text(s->user_agent), pg_json(s->meta));
}
