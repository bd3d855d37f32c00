/*
 * once - see once.h
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

struct once {
	char	id[SHA256_HEX];		/* of customer, method, route, key */
	char	sha[SHA256_HEX];		/* of the request under it */
};

static const struct stmt S_BEGIN = STMT("idempotency_begin",
    "select verdict, status, answer->>'type', answer->>'location', "
    "answer->>'body' from mina_once($1, $2, $3::int)");
static const struct stmt S_KEEP = STMT("once_keep",
    "select mina_once_keep($1, $2::int, $3::jsonb)");
static const struct stmt S_DROP = STMT("once_drop",
    "select mina_once_drop($1)");
static const struct stmt S_SWEEP = STMT("idempotency_sweep",
    "select mina_once_sweep($1::int, $2::int)");

enum err
idempotency_key(struct cx *cx, struct req *rq, const char **key)
{
	*key = req_header(rq, "Idempotency-Key");
	if (*key != NULL && (**key == '\0' || strlen(*key) > ONCE_KEY_MAX))
		return err_field(cx, "Idempotency-Key",
		    "must have 1 to %d characters", ONCE_KEY_MAX);
	return E_OK;
}

/* Lengths in front, so that no two lists of parts run into one. */
static void
add(struct buf *b, const char *s, size_t n)
{
	buf_fmt(b, "%zu:", n);
	buf_put(b, s, n);
}

static struct once *
name(struct cx *cx, struct req *rq, const char *key)
{
	struct once *o = cx_alloc(cx, sizeof *o);
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
		BUG("an answer that was kept is too large");
	if (where != NULL)
		resp_header(rs, "Location", where);
	resp_header(rs, "Idempotent-Replayed", "true");
}

enum err
idempotency_begin(struct cx *cx, struct req *rq, struct resp *rs,
    bool *answered)
{
	const struct row *row;
	const char *key, *v;
	struct once *o;
	enum err er;

	*answered = false;
	if (rq->method != M_POST && rq->method != M_PUT &&
	    rq->method != M_DELETE)
		return E_OK;
	if ((er = idempotency_key(cx, rq, &key)) != E_OK || key == NULL)
		return er;
	if ((o = name(cx, rq, key)) == NULL)
		return err_set(cx, E_NOMEM, "naming a key");
	if ((er = pg_one(cx, &S_BEGIN, &row, pg_text(o->id), pg_text(o->sha),
	    pg_int(ONCE_STALE_MS))) != E_OK)
		return er;
	v = row_text(row, 0);
	if (strcmp(v, "new") == 0) {
		rq->once = o;
		return E_OK;
	}
	if (strcmp(v, "replay") == 0) {
		replay(rs, row);
		*answered = true;
		return E_OK;
	}
	if (strcmp(v, "mismatch") == 0)
		return err_set(cx, E_IDEM, "other request under this key");
	if (strcmp(v, "busy") != 0)
		return err_set(cx, E_BUG, "mina_once says %s", v);
	err_say(cx, E_CONFLICT, "The first request with this Idempotency-Key "
	    "is still under way. Please ask again in a moment.");
	cx->err.retry_after = 1;
	return E_CONFLICT;
}

static bool
worth_keeping(const struct resp *rs, enum err er)
{
	return er == E_OK && rs->done && !rs->streamed &&
	    rs->status >= 200 && rs->status < 300 &&
	    rs->body->len <= ONCE_BODY_MAX &&
	    str_is_utf8(rs->body->data, rs->body->len);
}

static const char *
answer(struct cx *cx, struct resp *rs)
{
	/* A byte of body takes six where it is escaped. */
	struct buf *b = buf_new(cx, 6 * ONCE_BODY_MAX + 16384);
	struct json js;

	json_init(&js, b);
	json_obj(&js, NULL);
	json_str(&js, "type", rs->type);
	json_str(&js, "location", resp_find(rs, "Location"));
	json_str(&js, "body", rs->body->data);
	json_end(&js);
	return json_ok(&js) && buf_ok(b) ? b->data : NULL;
}

void
idempotency_end(struct cx *cx, struct req *rq, struct resp *rs, enum err er)
{
	struct err_info said = cx->err;
	const struct row *row;
	const char *s = NULL;

	if (rq->once == NULL)
		return;
	cx->deadline = 0;		/* it was for the work */
	if (worth_keeping(rs, er))
		s = answer(cx, rs);
	er = s != NULL ? pg_one(cx, &S_KEEP, &row, pg_text(rq->once->id),
	    pg_int(rs->status), pg_json(s)) :
	    pg_one(cx, &S_DROP, &row, pg_text(rq->once->id));
	if (er != E_OK)
		log_warn(cx, "Idempotency-Key: %s", cx->err.detail);
	cx->err = said;
}

void
idempotency_uuid(struct req *rq, const char *what, char out[UUID_LEN])
{
	char s[2 * SHA256_HEX + 64];

	if (rq->once == NULL) {
		crypto_uuid(out);
		return;
	}
	AN(strlen(what) < 60);
	snprintf(s, sizeof s, "%s %s %s", rq->once->id, rq->once->sha, what);
	crypto_uuid_of(s, strlen(s), out);
}

enum err
idempotency_sweep(struct cx *cx, int64_t *n)
{
	const struct row *row;
	enum err er;

	if ((er = pg_one(cx, &S_SWEEP, &row, pg_int(ONCE_HOURS),
	    pg_int(ONCE_SWEEP))) == E_OK)
		*n = row_int(row, 0);
	return er;
}
