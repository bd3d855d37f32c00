/*
 * page - see page.h
 */
#include "config.h"

#include <string.h>

#include "base/cx.h"
#include "base/hash.h"
#include "web/page.h"
#include "pg/pg.h"
#include "web/req.h"
#include "base/str.h"

#define FORM	1
#define HEAD	9		/* the version, and eight bytes of time */
#define CHECK_LEN	4

char *
page_cursor(struct cx *cx, int64_t us, const char *id)
{
	size_t n = HEAD + strlen(id);
	unsigned char *p = cx_alloc(cx, n + CHECK_LEN), md[HASH_LEN];

	if (p == NULL)
		return NULL;
	AN(us >= 0 && us <= PAGE_START && n > HEAD &&
	    n <= HEAD + PAGE_ID_MAX);
	p[0] = FORM;
	for (int i = 8; i > 0; i--, us >>= 8)
		p[i] = (unsigned char)(us & 255);
	memcpy(p + HEAD, id, n - HEAD);
	hash_sha256(p, n, md);
	memcpy(p + n, md, CHECK_LEN);
	return hash_base64url(cx, p, n + CHECK_LEN);
}

bool
page_parse(struct cx *cx, const char *cursor, int64_t *us, const char **id)
{
	unsigned char *p, md[HASH_LEN];
	uint64_t t = 0;
	size_t n;

	if (strlen(cursor) > (HEAD + PAGE_ID_MAX + CHECK_LEN) * 4 / 3 + 1 ||
	    (p = hash_unbase64url(cx, cursor, &n)) == NULL ||
	    n <= HEAD + CHECK_LEN || p[0] != FORM)
		return false;
	n -= CHECK_LEN;
	hash_sha256(p, n, md);
	if (memcmp(p + n, md, CHECK_LEN) != 0)
		return false;
	for (int i = 1; i < HEAD; i++)
		t = t << 8 | p[i];
	if (t > PAGE_START || n > HEAD + PAGE_ID_MAX ||
	    !str_is_utf8((char *)p + HEAD, n - HEAD))
		return false;
	*us = (int64_t)t;
	*id = cx_dupn(cx, (char *)p + HEAD, n - HEAD);
	return true;
}

enum err
page_of(struct cx *cx, struct req *rq, int64_t max, int64_t usual,
    struct page *out)
{
	const char *s;
	enum err er;

	out->limit = usual;
	out->us = PAGE_START;
	out->id = "";
	if ((er = req_int(cx, rq, "limit", 1, max, &out->limit)) != E_OK)
		return er;
	s = req_query(cx, rq, "cursor");
	if (s != NULL && !page_parse(cx, s, &out->us, &out->id))
		return err_field(cx, "cursor", "must be a nextCursor as it "
		    "was given here");
	return E_OK;
}

size_t
page_rows(struct cx *cx, const struct page *page, const struct rows *rows,
    int us, int id, const char **next)
{
	size_t max = (size_t)page->limit;
	const struct row *last;

	*next = NULL;
	if (rows_n(rows) <= max)
		return rows_n(rows);
	last = rows_at(rows, max - 1);
	*next = page_cursor(cx, row_int(last, us), row_text(last, id));
	return max;
}
