/*
 * page - lists that are read a page at a time
 *
 * Newest first: by time, falling, then by id, rising, which is the order of
 * the index mega_generations_pass.  A cursor says after which row to go on,
 * not after how many rows; so a page costs the same however deep it is, and
 * what arrives meanwhile neither repeats a row nor hides one.
 *
 *	if ((er = cursor_page(cx, rq, 100, 25, &page)) != E_OK)
 *		return er;
 *	..the limit + 1 rows after (page.us, page.id)..
 *	n = cursor_rows(cx, &page, rows, US, ID, &next);
 *	json_str(js, "nextCursor", next);
 *
 * Times are microseconds since 1970, which is all that Postgres has: in SQL
 * (extract(epoch from t) * 1000000)::bigint, and CURSOR_TIME for the way back.
 * For people a cursor is opaque: base64url of a version byte, the time in
 * eight bytes, the id, and four bytes of the SHA-256 of all that, so that one
 * which was cut or mangled on its way is refused and not another place.  It
 * is no secret and proves nothing; whose rows they are is up to the query.
 */
#ifndef MINA_CURSOR_H
#define MINA_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct cx;
struct req;
struct rows;

/* In the year 2255: before the first row.  Doubles are exact up to here. */
#define CURSOR_START	9007199254740991
#define CURSOR_TIME(p)	"(timestamptz 'epoch' + " p \
			"::bigint * interval '1 microsecond')"
#define CURSOR_ID_MAX	1000		/* bytes */

struct cursor {
	int64_t		 limit;		/* rows on it, at most */
	int64_t		 us;		/* after this row; CURSOR_START.. */
	const char	*id;		/* ..and "" from the beginning */
};

/* What limit= (1 to max, or usual) and cursor= ask for; else E_FIELD. */
enum err cursor_page(struct cx *, struct req *, int64_t max, int64_t usual,
    struct cursor *) MUSTCHECK;
/*
 * How many of these rows are on the page; the one too many says that there is
 * another, and then *next is its cursor, else NULL.  us and id are columns.
 */
size_t	 cursor_rows(struct cx *, const struct cursor *, const struct rows *,
	    int us, int id, const char **next);
/* To go on after this row. */
char	*cursor_text(struct cx *, int64_t us, const char *id);
/* False for whatever cursor_text() does not make. */
bool	 cursor_parse(struct cx *, const char *cursor, int64_t *us,
    const char **id);

#endif
