/*
 * cursor - encoding, decoding and checking of cursors, cutting rows to a page
 */
#include "config.h"

#include <string.h>

#include "base/crypto.h"
#include "base/cx.h"
#include "base/encode.h"
#include "base/str.h"
#include "pg/pg.h"
#include "web/cursor.h"
#include "web/req.h"

#define CURSOR_VERSION	1
#define HEAD	9		/* the version, and eight bytes of time */
#define CHECK_LEN	4

char *
cursor_text(struct cx *cx, int64_t us, const char *id)
{
	size_t n = HEAD + strlen(id);
	unsigned char *p = cx_alloc(cx, n + CHECK_LEN), md[SHA256_LEN];

	if (p == NULL)
		return NULL;
	AN(us >= 0 && us <= CURSOR_START && n > HEAD &&
	    n <= HEAD + CURSOR_ID_MAX);
	p[0] = CURSOR_VERSION;
	for (int i = 8; i > 0; i--, us >>= 8)
		p[i] = (unsigned char)(us & 255);
	memcpy(p + HEAD, id, n - HEAD);
	crypto_sha256(p, n, md);
	memcpy(p + n, md, CHECK_LEN);
	return encode_base64url(cx, p, n + CHECK_LEN);
}

bool
cursor_parse(struct cx *cx, const char *cursor, int64_t *us, const char **id)
{
	unsigned char *p, md[SHA256_LEN];
	uint64_t t = 0;
	size_t n;

	if (strlen(cursor) > (HEAD + CURSOR_ID_MAX + CHECK_LEN) * 4 / 3 + 1 ||
	    (p = decode_base64url(cx, cursor, &n)) == NULL ||
	    n <= HEAD + CHECK_LEN || p[0] != CURSOR_VERSION)
		return false;
	n -= CHECK_LEN;
	crypto_sha256(p, n, md);
	if (memcmp(p + n, md, CHECK_LEN) != 0)
		return false;
	for (int i = 1; i < HEAD; i++)
		t = t << 8 | p[i];
	if (t > CURSOR_START || n > HEAD + CURSOR_ID_MAX ||
	    !str_is_utf8((char *)p + HEAD, n - HEAD))
		return false;
	*us = (int64_t)t;
	*id = cx_dupn(cx, (char *)p + HEAD, n - HEAD);
	return true;
}

enum err
cursor_page(struct cx *cx, struct req *rq, int64_t max, int64_t limit,
    struct cursor *out)
{
	const char *s;
	enum err er;

	out->limit = limit;
	out->us = CURSOR_START;
	out->id = "";
	if ((er = req_int(cx, rq, "limit", 1, max, &out->limit)) != E_OK)
		return er;
	s = req_query(cx, rq, "cursor");
	if (s != NULL && !cursor_parse(cx, s, &out->us, &out->id))
		return err_field(cx, "cursor", "must be a nextCursor as it "
		    "was given here");
	return E_OK;
}

size_t
cursor_rows(struct cx *cx, const struct cursor *cur, const struct rows *rows,
    int us, int id, const char **next)
{
	size_t max = (size_t)cur->limit;
	const struct row *last;

	*next = NULL;
	if (rows_n(rows) <= max)
		return rows_n(rows);
	last = rows_at(rows, max - 1);
	*next = cursor_text(cx, row_int(last, us), row_text(last, id));
	return max;
}
