/*
 * idempotency - hashing a request, replaying and keeping its response
 *
 * The rows are those of sql/schema/084-idempotency.sql.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/crypto.h"
#include "base/cx.h"
#include "base/log.h"
#include "base/str.h"
#include "pg/pg.h"
#include "web/idempotency.h"
#include "web/req.h"
#include "web/resp.h"

struct idempotency {
	char	id[SHA256_HEX];		/* of pass, method, route and key */
	char	sha[SHA256_HEX];	/* of path, query and body */
};

static const struct stmt S_BEGIN = STMT("idempotency_begin",
    "select verdict, status, answer->>'type', answer->>'location', "
    "answer->>'body' from mina_once($1, $2, $3::int, $4)");
static const struct stmt S_KEEP = STMT("idempotency_keep",
    "select mina_once_keep($1, $2::int, $3::jsonb)");
static const struct stmt S_DROP = STMT("idempotency_drop",
    "select mina_once_drop($1)");
static const struct stmt S_SWEEP = STMT("idempotency_sweep",
    "select mina_once_sweep($1::int, $2::int)");

enum err
idempotency_key(struct cx *cx, struct req *rq, const char **key)
{
	*key = req_header(rq, "Idempotency-Key");
	if (*key != NULL && (**key == '\0' || strlen(*key) > IDEM_KEY_MAX))
		return err_field(cx, "Idempotency-Key",
		    "must have 1 to %d characters", IDEM_KEY_MAX);
	return E_OK;
}

/* With its length, so that different parts never give the same bytes. */
static void
add(struct buf *b, const char *s, size_t n)
{
	buf_fmt(b, "%zu:", n);
	buf_put(b, s, n);
}

static struct idempotency *
hash_request(struct cx *cx, struct req *rq, const char *key)
{
	struct idempotency *o = cx_alloc(cx, sizeof *o);
	struct buf *b = buf_new(cx, 65536);
	char body[SHA256_HEX];

	if (o == NULL)
		return NULL;
	add(b, rq->pass, strlen(rq->pass));
	add(b, method_name(rq->method), strlen(method_name(rq->method)));
	add(b, rq->route, strlen(rq->route));
	add(b, key, strlen(key));
	crypto_sha256_hex(b->data, b->len, o->id);
	buf_clear(b);
	crypto_sha256_hex(rq->body, rq->bodylen, body);
	add(b, rq->path, strlen(rq->path));
	add(b, rq->query, strlen(rq->query));
	add(b, body, strlen(body));
	crypto_sha256_hex(b->data, b->len, o->sha);
	return buf_ok(b) ? o : NULL;
}

static void
replay(struct resp *rs, const struct row *row)
{
	const char *body = row_text(row, 4), *where = row_text(row, 3);

	if (resp_raw(rs, (int)row_int(row, 1), row_text(row, 2), body,
	    strlen(body)) != E_OK)
		BUG("a kept response is too large");
	if (where != NULL)
		resp_header(rs, "Location", where);
	resp_header(rs, "Idempotent-Replayed", "true");
}

coroutine_fn enum err
idempotency_begin(struct cx *cx, struct req *rq, struct resp *rs,
    bool *answered)
{
	const struct row *row;
	const char *key, *v;
	struct idempotency *o;
	enum err er;

	*answered = false;
	if (rq->method != M_POST && rq->method != M_PUT &&
	    rq->method != M_DELETE)
		return E_OK;
	if ((er = idempotency_key(cx, rq, &key)) != E_OK || key == NULL)
		return er;
	if ((o = hash_request(cx, rq, key)) == NULL)
		return err_set(cx, E_NOMEM, "hashing the request");
	if ((er = pg_one(cx, &S_BEGIN, &row, pg_text(o->id), pg_text(o->sha),
	    pg_int(IDEM_STALE_MS), pg_text(rq->pass))) != E_OK)
		return er;
	v = row_text(row, 0);
	if (strcmp(v, "new") == 0) {
		rq->idem = o;
		return E_OK;
	}
	if (strcmp(v, "replay") == 0) {
		replay(rs, row);
		*answered = true;
		return E_OK;
	}
	if (strcmp(v, "mismatch") == 0)
		return err_set(cx, E_IDEM, "key of another request");
	if (strcmp(v, "busy") != 0)
		return err_set(cx, E_BUG, "mina_once says %s", v);
	err_say(cx, E_CONFLICT, "The first request with this Idempotency-Key "
	    "is still under way. Please ask again in a moment.");
	cx->err.retry_after = 1;
	return E_CONFLICT;
}

static bool
is_kept(const struct resp *rs, enum err er)
{
	return er == E_OK && rs->done && !rs->streamed &&
	    rs->status >= 200 && rs->status < 300 &&
	    rs->body->len <= IDEM_BODY_MAX &&
	    str_is_utf8(rs->body->data, rs->body->len);
}

static const char *
response_json(struct cx *cx, struct resp *rs)
{
	/* An escaped byte of the body takes up to six. */
	struct buf *b = buf_new(cx, 6 * IDEM_BODY_MAX + 16384);
	struct json js;

	json_init(&js, b);
	json_obj(&js, NULL);
	json_str(&js, "type", rs->type);
	json_str(&js, "location", resp_find(rs, "Location"));
	json_str(&js, "body", rs->body->data);
	json_end(&js);
	return json_ok(&js) && buf_ok(b) ? b->data : NULL;
}

coroutine_fn void
idempotency_end(struct cx *cx, struct req *rq, struct resp *rs, enum err er)
{
	struct err_info saved = cx->err;
	const struct row *row;
	const char *s = NULL;

	if (rq->idem == NULL)
		return;
	cx->deadline = 0;		/* it was the handler's */
	if (is_kept(rs, er))
		s = response_json(cx, rs);
	er = s != NULL ? pg_one(cx, &S_KEEP, &row, pg_text(rq->idem->id),
	    pg_int(rs->status), pg_json(s)) :
	    pg_one(cx, &S_DROP, &row, pg_text(rq->idem->id));
	if (er != E_OK)
		log_warn(cx, "Idempotency-Key: %s", cx->err.detail);
	cx->err = saved;
}

void
idempotency_uuid(struct req *rq, const char *what, char out[UUID_LEN])
{
	char s[2 * SHA256_HEX + 64];

	if (rq->idem == NULL) {
		crypto_uuid(out);
		return;
	}
	AN(strlen(what) < 60);
	snprintf(s, sizeof s, "%s %s %s", rq->idem->id, rq->idem->sha, what);
	crypto_uuid_of(s, strlen(s), out);
}

coroutine_fn enum err
idempotency_sweep(struct cx *cx, int64_t *n)
{
	const struct row *row;
	enum err er;

	if ((er = pg_one(cx, &S_SWEEP, &row, pg_int(IDEM_HOURS),
	    pg_int(IDEM_SWEEP))) == E_OK)
		*n = row_int(row, 0);
	return er;
}
