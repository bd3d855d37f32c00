/*
 * pgrow - results as rows: their number is checked, their columns converted
 *
 * A row points into the PGresult, which lives as long as cx.
 */
#include "config.h"

#include <stdlib.h>

#include <libpq-fe.h>

#include "base/clock.h"
#include "base/cx.h"
#include "base/str.h"
#include "pg/pgconn.h"

struct row {
	const PGresult	*res;
	int		 n;
};

struct rows {
	size_t		 n;
	struct row	 row[];
};

enum err
pgrow_take(struct cx *cx, const struct stmt *st, void *result,
    enum pg_shape shape, const struct row **row, const struct rows **rows)
{
	const PGresult *res = result;
	int n = PQntuples(res);
	struct rows *all;

	switch (PQresultStatus(res)) {
	case PGRES_COMMAND_OK:
	case PGRES_TUPLES_OK:
		break;
	default:
		return err_set(cx, E_BUG, "%s: %s", st->name,
		    PQresStatus(PQresultStatus(res)));
	}
	if ((shape == PG_NONE && n > 0) || (shape == PG_ONE && n != 1) ||
	    (shape == PG_MAYBE && n > 1))
		return err_set(cx, E_BUG, "%s: %d rows", st->name, n);
	if (shape == PG_NONE)
		return E_OK;
	all = cx_alloc(cx, sizeof *all + (size_t)n * sizeof all->row[0]);
	if (all == NULL)
		return err_set(cx, E_NOMEM, "%s: %d rows", st->name, n);
	all->n = (size_t)n;
	for (int i = 0; i < n; i++) {
		all->row[i].res = res;
		all->row[i].n = i;
	}
	if (shape == PG_EACH)
		*rows = all;
	else
		*row = n > 0 ? &all->row[0] : NULL;
	return E_OK;
}

bool
row_null(const struct row *r, int col)
{
	AN(col < PQnfields(r->res));
	return PQgetisnull(r->res, r->n, col);
}

const char *
row_text(const struct row *r, int col)
{
	return row_null(r, col) ? NULL : PQgetvalue(r->res, r->n, col);
}

int64_t
row_int(const struct row *r, int col)
{
	int64_t v;

	AN(str_int(row_text(r, col), INT64_MIN, INT64_MAX, &v));
	return v;
}

bool
row_bool(const struct row *r, int col)
{
	AZ(row_null(r, col));
	return row_text(r, col)[0] == 't';
}

double
row_num(const struct row *r, int col)
{
	AZ(row_null(r, col));
	return strtod(row_text(r, col), NULL);
}

int64_t
row_time(const struct row *r, int col)
{
	int64_t ms;

	if (row_null(r, col))
		return 0;
	AN(clock_parse(row_text(r, col), &ms));
	return ms;
}

size_t
rows_n(const struct rows *rows)
{
	return rows->n;
}

const struct row *
rows_at(const struct rows *rows, size_t i)
{
	AN(i < rows->n);
	return &rows->row[i];
}
