/*
 * cursor - keyset pagination of lists, newest first
 *
 * The order is by time descending, then by id ascending, as in the index
 * mega_generations_pass.  A cursor names the row after which to continue, not
 * a number of rows: so each page costs the same, and rows that are added
 * meanwhile neither repeat a row nor hide one.
 *
 *	if ((er = cursor_page(cx, rq, 100, 25, &cur)) != E_OK)
 *		return er;
 *	..select the cur.limit + 1 rows after (cur.us, cur.id)..
 *	n = cursor_rows(cx, &cur, rows, US, ID, &next);
 *	json_str(js, "nextCursor", next);
 *
 * Times are microseconds since 1970, the resolution of Postgres: in SQL
 * (extract(epoch from t) * 1000000)::bigint, and CURSOR_TIME for the reverse.
 * Clients treat a cursor as opaque.  It is base64url of a version byte, the
 * time in eight bytes, the id, and four bytes of the SHA-256 of these, so
 * that a truncated or damaged one is refused.  It is not secret and grants
 * nothing: the query itself selects the rows of a pass.
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

/* In the year 2255, newer than any row; 2^53 - 1, exact as a double. */
#define CURSOR_START	9007199254740991
#define CURSOR_TIME(p)	"(timestamptz 'epoch' + " p \
			"::bigint * interval '1 microsecond')"
#define CURSOR_ID_MAX	1000		/* bytes */

struct cursor {
	int64_t		 limit;		/* rows of a page */
	int64_t		 us;		/* continue after this row; .. */
	const char	*id;		/* ..first page: CURSOR_START, "" */
};

/* From the query's cursor= and limit= (1 to max, or as given); or E_FIELD. */
enum err cursor_page(struct cx *, struct req *, int64_t max, int64_t limit,
    struct cursor *) MUSTCHECK;
/*
 * How many of limit + 1 selected rows are on this page.  *next is the next
 * page's cursor, NULL when there is none.  us and id are column numbers.
 */
size_t	 cursor_rows(struct cx *, const struct cursor *, const struct rows *,
	    int us, int id, const char **next);
/* The cursor that continues after this row. */
char	*cursor_text(struct cx *, int64_t us, const char *id);
/* False for anything that cursor_text() does not make. */
bool	 cursor_parse(struct cx *, const char *cursor, int64_t *us,
    const char **id);

#endif
